"""ErrorPagesMiddleware for WSGI: translates calls for the core, and forwards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack
from urllib.parse import quote

from werkzeug.wsgi import ClosingIterator

from .applications import check_wsgi
from .content import phrase
from .core import LOOK_LIMIT, REFERENCES, ErrorPages, Pending, is_private, pages_for, received, resolved
from .exchange import Headers, Kept, Page, Request, ResponseHead
from .frameworks import asks_to_keep
from .headers import private
from .maintenance.gate import Closing, Gate
from .memory import Memo, Memory
from .negotiation import CONSULTED
from .options import OptionKeywords
from .telemetry import Report

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["ErrorPagesMiddleware"]

logger = logging.getLogger("errorpages")

Write = Callable[[bytes], object]

_PREFERENCES: Final = tuple(f"HTTP_{name.upper().replace('-', '_')}" for name in CONSULTED)
_REFERENCES: Final = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in REFERENCES}
_SILENT: Final = "silent"
_SUCCESS: Final = "success"
_RETURNED: Final = "returned"  # a success, whose body is in the server's hands


class ErrorPagesMiddleware:
    """Replaces a WSGI application's bare error responses with pages.

    It belongs inside CORS and security-header middleware, whose fields then reach its pages. An exception that escapes
    the application and is no answer becomes a page, and is logged once with its traceback and the page's reference.

    Args:
        app: The application to wrap.
        pages: The pages to use, or a callable that chooses them for each request; instead of options, but for
            ``maintenance`` and ``trusted_proxies``.
        options: Any option of `errorpages.Options`.

    Raises:
        OptionError: An option can't work.

    Example::

        app.wsgi_app = ErrorPagesMiddleware(app.wsgi_app, site_name="Acme")    # Flask
        application = ErrorPagesMiddleware(application, site_name="Acme")
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        pages: ErrorPages | Callable[[Request], ErrorPages] | None = None,
        **options: Unpack[OptionKeywords],
    ) -> None:
        self.pages, self.gate = pages_for(pages, options)
        check_wsgi(app)
        # The gate stands before the application, so that who has none pays nothing for it.
        self.app = app if self.gate is None else _Guard(self, self.gate, app)
        # Pages that are chosen for each request are not remembered, and report for themselves.
        self.telemetry = self.pages.telemetry if isinstance(self.pages, ErrorPages) else None
        self.memory: Memory[Page | Kept] = Memory()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        watch = _Watch()
        watch.middleware = self
        watch.environ = environ
        watch.server = start_response
        watch.phase = _SILENT
        try:
            iterable = self.app(environ, watch.start_response)
        except Exception as error:
            if not watch.responder().catch(error):
                raise
            return _HeldBody(watch.responder(), ())
        if watch.phase is _SUCCESS:  # type: ignore[comparison-overlap]  # start_response has changed it
            watch.phase = _RETURNED
            return iterable
        responder = watch.responder()
        if responder.is_passing:
            responder.is_returned = True
            return iterable
        return _HeldBody(responder, iterable)


class _Guard:
    """Stands before the application, and receives the visitors of a site that is closed for maintenance."""

    def __init__(self, middleware: ErrorPagesMiddleware, gate: Gate, app: WSGIApplication) -> None:
        self._middleware = middleware
        self._gate = gate
        self._state = gate.state
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        state = self._state()
        if not state.on or (closing := self._gate.closing(state)) is None:
            return self._app(environ, start_response)
        return self._receive(closing, environ, start_response)

    def _receive(self, closing: Closing, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_https = environ.get("wsgi.url_scheme") == "https"
        reception = received(self._gate, self._middleware.pages, closing, _request(environ), is_https=is_https)
        page = reception.page
        if page is None:
            return self._app(environ, _privately(start_response, "1", "4") if reception.is_private else start_response)
        start_response(_status_line(page), list(page.headers))
        report = reception.report
        if report is None:
            return [page.body]
        report.page_started()
        return ClosingIterator([page.body], report.page_handed_over)


def _privately(start_response: StartResponse, lowest: str, limit: str) -> StartResponse:
    """Mark responses with these classes of status codes as being for one visitor alone."""

    def mark(status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /) -> Write:
        if lowest <= status < limit:
            headers = list(private(headers))
        return start_response(status, headers) if exc_info is None else start_response(status, headers, exc_info)

    return mark


class _Watch:
    """Stands in for the server's ``start_response``.

    What a success pays is this object, one call and one comparison; so it has no ``__init__``, whose call would cost as
    much as all of that.
    """

    __slots__ = ("environ", "middleware", "phase", "server")

    middleware: ErrorPagesMiddleware
    environ: WSGIEnvironment
    server: StartResponse
    phase: Literal["silent", "success", "returned"] | _Responder

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Write:
        if status < "4" and self.phase is _SILENT:
            self.phase = _SUCCESS
            return self.server(status, headers, exc_info)
        if self.phase is _RETURNED:
            return self.server(status, headers, exc_info)
        return self.responder().start_response(status, headers, exc_info)

    def responder(self) -> _Responder:
        """Find or make what takes over where the response is no plain success."""
        if not isinstance(self.phase, _Responder):
            self.phase = _Responder(self.middleware, self.environ, self.server, self.phase is not _SILENT)
        return self.phase


class _Responder:
    """A response that is no plain success: an error's start is held until it is decided what goes out."""

    def __init__(
        self,
        middleware: ErrorPagesMiddleware,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        is_passing: bool,
    ) -> None:
        self._middleware = middleware
        self._environ = environ
        for_one = is_private(middleware.gate, lambda: _request(environ))
        self._start = _privately(start_response, "4", ":") if for_one else start_response
        self._exc_info: OptExcInfo | None = None
        self._memo: Memo[Page | Kept] | None = None
        self._pending: Pending | None = None
        self._report: Report | None = None
        self._chunks: list[bytes] = []
        self._write: Write | None = None
        self.is_passing = is_passing
        self.is_holding = False
        self.is_returned = False
        self.body: list[bytes] | None = None

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Write:
        """Stand in for the server's ``start_response``."""
        self._status, self._headers, self._exc_info = status, headers, exc_info
        self._chunks, self._size, self._pending, self._memo, self._report = [], 0, None, None, None
        if status < "4" or self.is_returned or (self.is_passing and exc_info is None):
            # The body is in the server's hands; or a second call lacks exc_info, against PEP 3333: the server judges.
            return self._keep(Kept())
        self.is_passing, self.body = False, None
        if not asks_to_keep(self._environ):
            self._key = _key(status, headers, self._environ)
            self._memo = self._middleware.memory.get(self._key)
        kept = self._consider() if self._memo is None else self._memo.by_head
        if isinstance(kept, Kept):
            return self._keep(kept)
        if self._memo is not None and self._pending is None:
            self._begin_report()
        self.is_holding = True
        return self._hold

    def _begin_report(self) -> None:
        """Begin to report on a response that is remembered, while the application's context is alive."""
        telemetry = self._middleware.telemetry
        if telemetry is not None and telemetry.listens(_code(self._status)):
            self._report = telemetry.report(self._environ["REQUEST_METHOD"], _path(self._environ), self._environ)
            self._report.pause()

    def _consider(self) -> Kept | None:
        """Have the head looked at; None where the body decides."""
        request = _request(self._environ)
        pages = resolved(self._middleware.pages, request)
        head = ResponseHead(_code(self._status), tuple(self._headers))
        outcome = pages.consider(request, head, report=self._report)
        if outcome.is_reusable:
            size = sum(len(name) + len(value) for name, value in self._headers)
            size += sum(len(value) for value in self._key[4] if value is not None)
            self._memo = self._middleware.memory.begin(self._key, size)
        if isinstance(outcome, Pending):
            self._pending, self._report = outcome, outcome.report
            return None
        if self._memo is not None:
            self._memo.by_head = outcome
        return outcome

    def _forward(self, headers: list[tuple[str, str]]) -> Write:
        if self._exc_info is None:
            return self._start(self._status, headers)
        try:
            return self._start(self._status, headers, self._exc_info)
        finally:
            self._exc_info = None  # PEP 3333: no circular reference to the traceback

    def _keep(self, kept: Kept) -> Write:
        self.is_passing, self.is_holding = True, False
        self._write = self._forward(self._headers if kept.headers is None else list(kept.headers))
        return self._write

    def _hold(self, data: bytes) -> None:
        """Stand in for the ``write`` callable while the response is held."""
        if self.is_holding:
            self.look(data)
            chunks = self.taken() if self.is_passing else []
        else:
            chunks = [data]
        if self._write is not None:
            for chunk in chunks:
                self._write(chunk)

    def look(self, chunk: bytes) -> None:
        """Take a piece of the held body, and decide once there is enough."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > LOOK_LIMIT:
            self.settle(is_whole=False)

    def taken(self) -> list[bytes]:
        """Hand over what was taken of the application's body."""
        chunks, self._chunks = self._chunks, []
        return chunks

    def settle(self, is_whole: bool = True) -> None:
        """Have the held response decided, and start what comes of it."""
        body = b"".join(self._chunks)
        outcome = self._outcome(body, is_whole)
        if isinstance(outcome, Kept):
            self._keep(outcome)
        else:
            self._answer(outcome, self._status)

    def _outcome(self, body: bytes, is_whole: bool) -> Page | Kept:
        known = self._memo.by_body(body) if self._memo is not None and is_whole else None
        if known is not None and (again := self._again(known)) is not None:
            return again
        if self._pending is None and (kept := self._consider()) is not None:
            return kept
        assert self._pending is not None
        outcome = self._pending.settle(body, is_whole)
        if self._memo is not None and outcome.is_reusable and is_whole:
            self._memo.learn(body, outcome)
        return outcome

    def _again(self, known: Page | Kept) -> Page | Kept | None:
        """Take what is remembered, or what its recipe makes; None where the response has to be decided anew."""
        if self._report is not None:
            self._report.resume()
        again: Page | Kept | None = known
        if isinstance(known, Page) and known.recipe is not None:
            pages = self._middleware.pages
            assert isinstance(pages, ErrorPages)  # pages that are chosen for each request are not remembered
            again = pages.remake(known.recipe, self._environ, _references(self._environ))
        if self._report is not None and isinstance(again, Page):
            self._report.page_made(again)
        return again

    def _answer(self, page: Page, status: str) -> None:
        self.body, self.is_holding = [page.body], False
        self._status = status
        report, self._report = self._report, None
        self._forward(list(page.headers))
        if report is not None:
            report.page_started()
            self._report = report  # only now: a page whose start the server refused is not handed over

    def handed_over(self) -> None:
        """Report that the server has taken all of the body."""
        if self._report is not None:
            self._report.page_handed_over()

    def catch(self, error: Exception) -> bool:
        """Answer an exception that escaped; False where it is to be raised again."""
        if self.is_passing or self.body is not None:
            return False
        request = _request(self._environ)
        pages = resolved(self._middleware.pages, request)
        caught = pages.catch(request, error)
        if caught is None:
            return False
        page = caught.page
        if caught.is_accident:
            logger.error(
                "%s %s failed; the page has the reference %s",
                request.method,
                quote(request.path),
                page.reference,
                exc_info=error,
            )
        self._exc_info = None
        self._pending, self._report = None, caught.report
        self._answer(page, _status_line(page))
        return True


class _HeldBody:
    """The body of a response that was not announced as a success when the application returned.

    Until the response is decided the application's items are taken, not yielded; one that the application yields before
    it calls ``start_response`` is passed on as it came.
    """

    def __init__(self, responder: _Responder, iterable: Iterable[bytes]) -> None:
        self._responder = responder
        self._close: Callable[[], object] | None = getattr(iterable, "close", None)
        self._has_yielded = False
        self._rest: Iterator[bytes] | None = None
        try:
            self._items = iter(iterable)
            if responder.is_holding or responder.body is not None:
                self._settle()
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._rest is None:
            early = self._settle()
            if early is not None:
                self._has_yielded = True
                return early
        assert self._rest is not None
        try:
            return next(self._rest)
        except StopIteration:
            self._responder.handed_over()
            raise

    def _settle(self) -> bytes | None:
        """Take items until it is clear what goes out; returns an item that came before ``start_response``."""
        responder = self._responder
        try:
            while responder.body is None and not responder.is_passing:
                item = next(self._items, None)
                if item is None:
                    if not responder.is_holding:
                        self._rest = iter(())
                        return None
                    responder.settle()
                elif responder.is_holding:
                    responder.look(item)
                elif not responder.is_passing:
                    return item
                else:
                    responder.is_returned = True
                    self._rest = chain((item,), self._items)
                    return None
        except Exception as error:
            if self._has_yielded or not responder.catch(error):
                raise
        if responder.body is not None:
            self._rest = iter(responder.body)
        else:
            responder.is_returned = True
            self._rest = chain(responder.taken(), self._items)
        return None

    def close(self) -> None:
        close, self._close = self._close, None
        try:
            self._responder.handed_over()  # also where the server left the end of the body out
        finally:
            if close is not None:
                close()


def _key(
    status: str, headers: list[tuple[str, str]], environ: WSGIEnvironment
) -> tuple[str, tuple[tuple[str, str], ...], str, str, tuple[str | None, ...]]:
    preferences = tuple([environ.get(key) for key in _PREFERENCES])
    return status, tuple(headers), environ["REQUEST_METHOD"], environ.get("SCRIPT_NAME", ""), preferences


def _references(environ: WSGIEnvironment) -> dict[str, str]:
    """Find the fields that a reference is read from."""
    return {name: environ[key] for name, key in _REFERENCES.items() if key in environ}


def _request(environ: WSGIEnvironment) -> Request:
    return Request(
        method=environ["REQUEST_METHOD"],
        path=_path(environ),
        root_path=_decoded(environ.get("SCRIPT_NAME", "")).rstrip("/"),
        query=environ.get("QUERY_STRING", ""),
        headers=_headers(environ),
        client=environ.get("REMOTE_ADDR") or None,
        native=environ,
    )


def _status_line(page: Page) -> str:
    return f"{page.status} {phrase(page.status) or 'Error'}"


def _path(environ: WSGIEnvironment) -> str:
    return _decoded(environ.get("PATH_INFO", "")) or "/"


def _decoded(text: str) -> str:
    # PEP 3333: native strings hold bytes as ISO-8859-1.
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")


def _headers(environ: dict[str, Any]) -> Headers:
    return tuple([(name, environ[key]) for key in environ if (name := _field_name(key))])


@lru_cache(maxsize=1024)
def _field_name(key: str) -> str | None:
    """Translate an environ key to the name of the request field it holds, if it holds one."""
    if key.startswith("HTTP_"):
        return key[5:].replace("_", "-").title()
    return key.replace("_", "-").title() if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else None


def _code(status: str) -> int:
    """Read a status line's code; 0, which no option looks at, where there is none."""
    return int(status[:3]) if status[:3].isdecimal() else 0
