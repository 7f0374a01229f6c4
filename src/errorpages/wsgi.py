"""ErrorPagesMiddleware for WSGI: translates calls for the core, and forwards."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack

from werkzeug.wsgi import ClosingIterator

from . import signals
from .applications import check_wsgi
from .content import phrase
from .core import LOOK_LIMIT, REFERENCES, Caught, ErrorPages, Pending, is_private, pages_for, received, resolved
from .exchange import Headers, Kept, Page, Request, ResponseHead
from .frameworks import asks_to_keep, was_kept
from .headers import private
from .hooks import UNSET
from .log import logger
from .maintenance.gate import Closing, Gate
from .memory import Memo, Memory, size_of
from .negotiation import CONSULTED, NO_PREFERENCES, Preferences
from .options import OptionKeywords
from .replacement import METHODS
from .telemetry import Report, log_accident

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["ErrorPagesMiddleware"]

Write = Callable[[bytes], object]

_LONGEST_NAME: Final = 64
"""Characters of a field name beyond which its translation is not remembered."""

_PREFERENCES: Final = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in CONSULTED}
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
            ``maintenance``, ``maintenance_paths`` and ``trusted_proxies``.
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
        self._is_marking = signals.watch(self.pages, app)
        self._has_answered_an_error = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        watch = _Watch()
        watch.middleware = self
        watch.environ = environ
        watch.server = start_response
        watch.phase = _SILENT
        # As they are now: dispatchers change both in place, and neither is this middleware's afterwards.
        watch.mount = environ.get("SCRIPT_NAME", "")
        watch.path = environ.get("PATH_INFO", "")
        if self._is_marking:
            # Of text alone: a mark that led back to the environ would keep it until the garbage is collected.
            environ[signals.KEY] = signals.Mark(self, partial(_request_at, watch.mount, watch.path))
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
        if responder.is_holding and isinstance(iterable, list | tuple) and not hasattr(iterable, "close"):
            responder.settle_with(iterable)
        elif responder.is_holding and _is_file(environ, iterable):
            responder.settle(is_whole=False)
        if responder.is_passing:
            responder.is_returned = True
            return iterable
        return _HeldBody(responder, iterable)

    def look_again(self) -> None:
        """Look for a framework that logs once more, as the first request may have made the application."""
        if not self._has_answered_an_error:
            self._has_answered_an_error = True
            self._is_marking = signals.watch(self.pages, self.app)


class _Guard:
    """Stands before the application, and receives the visitors of a site that is closed for maintenance."""

    def __init__(self, middleware: ErrorPagesMiddleware, gate: Gate, app: WSGIApplication) -> None:
        self._middleware = middleware
        self._gate = gate
        self._state = gate.state
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        state = self._state()
        if not state.on or (closing := self._gate.closing(state, environ.get("QUERY_STRING", ""))) is None:
            return self._app(environ, start_response)
        return self._receive(closing, environ, start_response)

    def _receive(self, closing: Closing, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_https = environ.get("wsgi.url_scheme") == "https"
        request = _request(environ, environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", ""))
        reception = received(self._gate, self._middleware.pages, closing, request, is_https=is_https)
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

    __slots__ = ("environ", "middleware", "mount", "path", "phase", "server")

    middleware: ErrorPagesMiddleware
    environ: WSGIEnvironment
    server: StartResponse
    mount: str
    path: str
    phase: Literal["silent", "success", "returned"] | _Responder

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None) -> Write:
        if status < "4" and self.phase is _SILENT:
            self.phase = _SUCCESS
        elif self.phase is not _RETURNED:
            return self.responder().start_response(status, headers, exc_info)
        # As the application called it: some servers and test clients take two arguments only.
        return self.server(status, headers) if exc_info is None else self.server(status, headers, exc_info)

    def responder(self) -> _Responder:
        """Find or make what takes over where the response is no plain success."""
        if not isinstance(self.phase, _Responder):
            self.phase = _Responder(self, self.phase is not _SILENT)
        return self.phase

    def request(self) -> Request:
        """Describe the request, as it was when it entered."""
        return _request(self.environ, self.mount, self.path)


class _Responder:
    """A response that is no plain success: an error's start is held until it is decided what goes out."""

    def __init__(self, watch: _Watch, is_passing: bool) -> None:
        watch.middleware.look_again()
        self._watch = watch
        self._middleware = watch.middleware
        self._environ = watch.environ
        for_one = is_private(watch.middleware.gate, watch.request)
        self._start = _privately(watch.server, "4", ":") if for_one else watch.server
        self._exc_info: OptExcInfo | None = None
        self._memo: Memo[Page | Kept] | None = None
        self._preferences = NO_PREFERENCES  # not read where the response is left alone
        self._pending: Pending | None = None
        self._report: Report | None = None
        self._chunks: list[bytes] = []
        self._write: Write | None = None
        self._is_started = is_passing
        self.is_passing = is_passing
        self.is_holding = False
        self.is_returned = False
        self.body: list[bytes] | None = None

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None) -> Write:
        """Stand in for the server's ``start_response``."""
        self._status, self._headers, self._exc_info = status, headers, exc_info
        self._chunks, self._size, self._pending, self._memo, self._report = [], 0, None, None, None
        if status < "4" or self.is_returned or (self.is_passing and exc_info is None):
            # The body is in the server's hands; or a second call lacks exc_info, against PEP 3333: the server judges.
            return self._keep(Kept())
        self.is_passing, self.body = False, None
        outcome = self._guarded(self._by_head)
        if isinstance(outcome, Kept):
            return self._keep(outcome)
        self.is_holding = True
        return self._hold

    def _guarded(self, decide: Callable[[], Page | Kept | None]) -> Page | Kept | None:
        """Decide; where that fails, the application's own response goes out."""
        try:
            return decide()
        except Exception:
            logger.exception("The decision about a response failed; it goes out as it came")
            return Kept()

    def _by_head(self) -> Page | Kept | None:
        """Look at the head, in the memory first; None where the body decides."""
        self._fields = _fields(self._headers)
        if not (asks_to_keep(self._environ) or was_kept(self._environ)):
            self._preferences = _preferences(self._environ)
            self._key = self._head_key()
            self._memo = self._middleware.memory.get(self._key)
        if self._memo is None:
            return self._considered()
        if self._memo.by_head is None:
            self._begin_report()
        return self._memo.by_head

    def _head_key(self) -> Hashable:
        method = self._environ["REQUEST_METHOD"]
        return self._status[:3], self._fields, method if method in METHODS else "", self._watch.mount, self._preferences

    def _begin_report(self) -> None:
        """Begin to report on a response that is remembered, while the application's context is alive."""
        telemetry = self._middleware.telemetry
        if telemetry is not None and telemetry.listens(_code(self._status)):
            path = _decoded(self._watch.path) or "/"
            self._report = telemetry.report(self._environ["REQUEST_METHOD"], path, self._environ)
            self._report.pause()

    def _considered(self) -> Kept | None:
        """Have the head looked at; None where the body decides."""
        request = self._watch.request()
        pages, reference = self._noted() or (resolved(self._middleware.pages, request), UNSET)
        head = ResponseHead(_code(self._status), self._fields)
        outcome = pages.consider(request, head, reference=reference, report=self._report, preferences=self._preferences)
        if outcome.is_reusable:
            size = sum([len(name) + len(value) for name, value in self._fields])
            size += len(self._watch.mount) + self._preferences.size
            self._memo = self._middleware.memory.begin(self._key, size)
        if isinstance(outcome, Pending):
            self._pending, self._report = outcome, outcome.report
            return None
        if self._memo is not None:
            self._memo.by_head = outcome
        return outcome

    def _noted(self) -> signals.Noted | None:
        """Find what was settled when the framework logged an exception."""
        return signals.noted(self._environ, self._middleware)

    def _forward(self, headers: list[tuple[str, str]]) -> Write:
        self._is_started = True
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

    def settle_with(self, items: Sequence[bytes]) -> None:
        """Decide by a body that is all there; where it is kept, the server gets the very object that holds it."""
        written = len(self._chunks)
        for item in items:
            self._chunks.append(item)
            self._size += len(item)
            if self._size > LOOK_LIMIT:
                break
        self.settle(is_whole=self._size <= LOOK_LIMIT)
        if self.is_passing and self._write is not None:
            for chunk in self._chunks[:written]:
                self._write(chunk)

    def taken(self) -> list[bytes]:
        """Hand over what was taken of the application's body."""
        chunks, self._chunks = self._chunks, []
        return chunks

    def settle(self, is_whole: bool = True) -> None:
        """Have the held response decided, and start what comes of it."""
        outcome = self._guarded(lambda: self._by_body(is_whole))
        if isinstance(outcome, Page):
            self._answer(outcome, self._status)
        else:
            self._keep(outcome or Kept())

    def _by_body(self, is_whole: bool) -> Page | Kept:
        """Have the held response decided, by the memory first."""
        body = b"".join(self._chunks)
        known = self._memo.by_body(body) if self._memo is not None and is_whole else None
        if known is not None and (again := self._again(known)) is not None:
            return again
        if self._pending is None and (kept := self._considered()) is not None:
            return kept
        assert self._pending is not None
        outcome = self._pending.settle(body, is_whole)
        if self._memo is not None and outcome.is_reusable and is_whole:
            self._memo.learn(body, outcome, size_of(outcome))
        return outcome

    def _again(self, known: Page | Kept) -> Page | Kept | None:
        """Take what is remembered, or what its recipe makes; None where the response has to be decided anew."""
        if self._report is not None:
            self._report.resume()
        again: Page | Kept | None = known
        if isinstance(known, Page) and known.recipe is not None:
            pages = self._middleware.pages
            assert isinstance(pages, ErrorPages)  # pages that are chosen for each request are not remembered
            noted = self._noted()
            reference = UNSET if noted is None else noted.reference
            again = pages.remake(known.recipe, self._environ, _references(self._environ), reference)
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
        caught = self._caught(error)
        if caught is None:
            return False
        page = caught.page
        # PEP 3333: a server that was started already must hear why it is started again.
        self._exc_info = sys.exc_info() if self._is_started else None
        self._pending, self._report = None, caught.report
        self._answer(page, _status_line(page))
        return True

    def _caught(self, error: Exception) -> Caught | None:
        """Have an exception decided, and log an accident; where the decision fails, it is raised as it came."""
        try:
            request = self._watch.request()
            pages, reference = self._noted() or (resolved(self._middleware.pages, request), UNSET)
            caught = pages.catch(request, error, reference=reference)
            if caught is not None and caught.is_accident:
                log_accident(request.method, request.path, caught.page.reference, error)
            return caught
        except Exception:
            logger.exception("The decision about an exception failed; it is raised as it came")
            return None


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


def _is_file(environ: WSGIEnvironment, iterable: Iterable[bytes]) -> bool:
    """Tell whether a body is a file in the server's own wrapper, which the server knows how to send (PEP 3333)."""
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(iterable, wrapper)


def _fields(headers: Iterable[tuple[str, str]]) -> Headers:
    """Read a response's fields; servers take pairs that are lists, and some take values that are no text."""
    fields = tuple([(name, value) for name, value in headers])
    if all([type(name) is str and type(value) is str for name, value in fields]):
        return fields
    return tuple([(_text(name), _text(value)) for name, value in fields])


def _text(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | bytearray) else str(value)


def _preferences(environ: WSGIEnvironment) -> Preferences:
    found = {name: (environ[key],) for name, key in _PREFERENCES.items() if key in environ}
    return Preferences.of_values(found) if found else NO_PREFERENCES


def _references(environ: WSGIEnvironment) -> dict[str, str]:
    """Find the fields that a reference is read from."""
    return {name: environ[key] for name, key in _REFERENCES.items() if key in environ}


def _request(environ: WSGIEnvironment, mount: str, path: str) -> Request:
    return Request(
        method=environ["REQUEST_METHOD"],
        path=_decoded(path) or "/",
        root_path=_decoded(mount).rstrip("/"),
        query=environ.get("QUERY_STRING", ""),
        headers=_headers(environ),
        client=environ.get("REMOTE_ADDR") or None,
        native=environ,
    )


def _request_at(mount: str, path: str, environ: WSGIEnvironment) -> Request:
    """Describe a request by where it came to, whatever dispatchers have made of its environ since."""
    return _request(environ, mount, path)


def _status_line(page: Page) -> str:
    return f"{page.status} {phrase(page.status) or 'Error'}"


def _decoded(text: str) -> str:
    # PEP 3333: native strings hold bytes as ISO-8859-1.
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")


def _headers(environ: dict[str, Any]) -> Headers:
    return tuple([(name, environ[key]) for key in environ if (name := _field_name(key))])


def _field_name(key: str) -> str | None:
    """Translate an environ key to the name of the request field it holds, if it holds one."""
    if key.startswith("HTTP_"):
        return _short_title(key[5:]) if len(key) <= _LONGEST_NAME else _title(key[5:])
    return _short_title(key) if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else None


def _title(key: str) -> str:
    return key.replace("_", "-").title()


_short_title = lru_cache(maxsize=256)(_title)


def _code(status: str) -> int:
    """Read a status line's code; 0, which no option looks at, where there is none."""
    return int(status[:3]) if status[:3].isdecimal() else 0
