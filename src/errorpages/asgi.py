"""ErrorPagesMiddleware for ASGI: translates messages for the core, and forwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import lru_cache
from typing import Any, Final, Unpack

from .core import LOOK_LIMIT, ErrorPages, Pending, resolved
from .exceptions import OptionError
from .exchange import Headers, Kept, Page, Request, ResponseHead
from .options import OptionKeywords

__all__ = ["ErrorPagesMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_START: Final = "http.response.start"
_BODY: Final = "http.response.body"
_OWN_BODIES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend", "http.response.trailers"})


class ErrorPagesMiddleware:
    """Replaces an ASGI application's bare error responses with pages.

    It belongs inside CORS and security-header middleware, whose fields then reach its pages, and outside the
    framework's own error handling. An exception that is no answer becomes a page and is raised again, so that the
    server and error trackers see it once.

    Args:
        app: The application to wrap.
        pages: The pages to use, or a callable that chooses them for each request; instead of options.
        options: Any option of `errorpages.Options`.

    Raises:
        OptionError: An option can't work.

    Example::

        app = ErrorPagesMiddleware(app, site_name="Acme")
        app.add_middleware(ErrorPagesMiddleware, site_name="Acme")    # Starlette, FastAPI
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        pages: ErrorPages | Callable[[Request], ErrorPages] | None = None,
        **options: Unpack[OptionKeywords],
    ) -> None:
        if pages is not None and options:
            raise OptionError("pages", sorted(options), "either pages or options, not both")
        if pages is not None and not callable(pages) and not isinstance(pages, ErrorPages):
            raise OptionError("pages", pages, "an ErrorPages, or a callable Request -> ErrorPages")
        self.app = app
        self.pages = pages if pages is not None else ErrorPages(**options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        responder = _Responder(self.pages, scope, send)
        try:
            await self.app(scope, receive, responder.send)
        except Exception as error:
            if not await responder.catch(error):
                raise
        else:
            if responder.pending is not None:
                await responder.settle()


class _Responder:
    """One response: passes a success on, and holds an error's start until it is decided."""

    __slots__ = (
        "_chunks",
        "_is_passing",
        "_messages",
        "_page",
        "_pages",
        "_request",
        "_scope",
        "_send",
        "_size",
        "_start",
        "pending",
    )

    def __init__(self, pages: ErrorPages | Callable[[Request], ErrorPages], scope: Scope, send: Send) -> None:
        self._pages = pages
        self._scope = scope
        self._send = send
        self._is_passing = False
        self._page: Page | None = None
        self.pending: Pending | None = None

    def send(self, message: Message) -> Awaitable[None]:
        # No coroutine of our own: what a success pays is this comparison.
        if self._is_passing:
            return self._send(message)
        if message["type"] == _START and message["status"] < 400:
            self._is_passing = True
            return self._send(message)
        return self._send_error(message)

    async def _send_error(self, message: Message) -> None:
        kind = message["type"]
        if self._page is not None:
            if not kind.startswith("http.response."):
                await self._send(message)
        elif kind == _START:
            await self._hold(message)
        elif self.pending is None or not (kind == _BODY or kind in _OWN_BODIES):
            await self._send(message)
        else:
            await self._look(message)

    async def _hold(self, message: Message) -> None:
        headers = list(message.get("headers", ()))  # may be a one-shot iterable
        self._start = {**message, "headers": headers}
        self._messages: list[Message] = []
        self._chunks: list[bytes] = []
        self._size = 0
        self._request = _request(self._scope)
        head = ResponseHead(int(message["status"]), _decoded(headers))
        outcome = resolved(self._pages, self._request).consider(self._request, head)
        if isinstance(outcome, Pending):
            self.pending = outcome
        else:
            await self._keep(outcome)

    async def _look(self, message: Message) -> None:
        self._messages.append(message)
        if message["type"] in _OWN_BODIES:
            await self.settle(is_whole=False)
            return
        chunk = message.get("body", b"")
        self._chunks.append(chunk)
        self._size += len(chunk)
        if not message.get("more_body", False):
            await self.settle()
        elif self._size > LOOK_LIMIT:
            await self.settle(is_whole=False)

    async def settle(self, is_whole: bool = True) -> None:
        """Have the held response decided, and send what comes of it."""
        pending, self.pending = self.pending, None
        assert pending is not None
        outcome = pending.settle(b"".join(self._chunks), is_whole)
        if isinstance(outcome, Kept):
            await self._keep(outcome)
        else:
            await self._answer(outcome, pending.pages)

    async def _keep(self, kept: Kept) -> None:
        self._is_passing = True
        if kept.headers is not None:
            self._start["headers"] = [_encoded(*field) for field in kept.headers]
        await self._send(self._start)
        for message in self._messages:
            await self._send(message)

    async def _answer(self, page: Page, pages: ErrorPages) -> None:
        self._page = page  # first, so that a client who left does not cause a second page
        # New lists and messages each time: outer middleware writes into what it is handed.
        await self._send(
            {"type": _START, "status": page.status, "headers": [_encoded(*field) for field in page.headers]},
        )
        await self._send({"type": _BODY, "body": page.body, "more_body": False})
        pages.announce(page)

    async def catch(self, error: Exception) -> bool:
        """Answer an exception that escaped; False where it is to be raised again."""
        if not self._is_passing and self._page is None:
            self.pending = None
            request = _request(self._scope)
            pages = resolved(self._pages, request)
            caught = pages.catch(request, error)
            if caught is None:
                return False
            await self._answer(caught.page, pages)
            if not caught.is_accident:
                return True
        if self._page is not None and self._page.reference is not None:
            error.add_note(f"errorpages: the visitor's page has the reference {self._page.reference}")
        return False


def _request(scope: Scope) -> Request:
    path, root_path = scope["path"], scope.get("root_path", "").rstrip("/")
    # The path includes the mount (ASGI HTTP specification 2.4, root_path), but older servers leave it out.
    if root_path and (path == root_path or path.startswith(f"{root_path}/")):
        path = path[len(root_path) :] or "/"
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=path,
        root_path=root_path,
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=_decoded(scope["headers"]),
        client=client[0] if client else None,
        native=scope,
    )


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])


@lru_cache(maxsize=1024)
def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    # ASGI: header names must be lower-case.
    return name.lower().encode("latin-1"), value.encode("latin-1", "replace")
