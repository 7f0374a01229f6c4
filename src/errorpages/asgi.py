"""ErrorPagesMiddleware for ASGI: translates messages for the core, and forwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import lru_cache
from typing import Any, Final, Unpack

from .applications import check_asgi
from .core import LOOK_LIMIT, REFERENCES, ErrorPages, Pending, Reception, is_private, pages_for, received, resolved
from .exchange import Headers, Kept, Page, Request, ResponseHead
from .frameworks import asks_to_keep
from .headers import private
from .maintenance.gate import Closing, Gate
from .memory import Memo, Memory
from .negotiation import CONSULTED
from .options import OptionKeywords
from .telemetry import Report

__all__ = ["ErrorPagesMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Field = tuple[bytes, bytes]
_Outcome = tuple[Page | Kept, list[Field] | None]  # with the headers as they are sent
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

_START: Final = "http.response.start"
_BODY: Final = "http.response.body"
_GUARDED: Final = frozenset({"http", "websocket"})
_DENIAL: Final = "websocket.http.response"
_TRY_AGAIN_LATER: Final = 1013  # IANA's registry of WebSocket close codes
_PREFERENCES: Final = frozenset(name.encode() for name in CONSULTED)
_REFERENCES: Final = frozenset(name.encode() for name in REFERENCES)

_OWN_BODIES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend", "http.response.trailers"})


class ErrorPagesMiddleware:
    """Replaces an ASGI application's bare error responses with pages.

    It belongs inside CORS and security-header middleware, whose fields then reach its pages, and outside the
    framework's own error handling. An exception that is no answer becomes a page and is raised again, so that the
    server and error trackers see it once.

    Args:
        app: The application to wrap.
        pages: The pages to use, or a callable that chooses them for each request; instead of options, but for
            ``maintenance`` and ``trusted_proxies``.
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
        self.pages, self.gate = pages_for(pages, options)
        check_asgi(app)
        # The gate stands before the application, so that who has none pays nothing for it.
        self.app = app if self.gate is None else _Guard(self, self.gate, app)
        # Pages that are chosen for each request are not remembered, and report for themselves.
        self.telemetry = self.pages.telemetry if isinstance(self.pages, ErrorPages) else None
        self.memory: Memory[_Outcome] = Memory()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        responder: _Responder | None = None
        is_success = False

        def watch(message: Message) -> Awaitable[None]:
            # A plain function, no coroutine of our own: what a success pays is this call and one comparison.
            nonlocal is_success, responder
            if is_success:
                return send(message)
            if responder is None:
                if message["type"] != _START:
                    return send(message)
                if message["status"] < 400:
                    is_success = True
                    return send(message)
                responder = _Responder(self, scope, send)
                return responder.hold(message)
            return responder.send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if is_success or not await (responder or _Responder(self, scope, send)).catch(error):
                raise
        else:
            if responder is not None:
                await responder.finish()


class _Guard:
    """Stands before the application, and receives the visitors of a site that is closed for maintenance."""

    def __init__(self, middleware: ErrorPagesMiddleware, gate: Gate, app: ASGIApp) -> None:
        self._middleware = middleware
        self._gate = gate
        self._state = gate.state
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # A plain function, no coroutine of its own: an open site pays this call and a look at the switch.
        state = self._state()  # at the lifespan's begin too, so that no visitor is the first to look
        if not state.on or scope["type"] not in _GUARDED or (closing := self._gate.closing(state)) is None:
            return self._app(scope, receive, send)
        return self._receive(closing, scope, receive, send)

    async def _receive(self, closing: Closing, scope: Scope, receive: Receive, send: Send) -> None:
        is_https = scope.get("scheme") in ("https", "wss")
        reception = received(self._gate, self._middleware.pages, closing, _request(scope), is_https=is_https)
        if reception.page is None:
            await self._app(scope, receive, _privately(send, 100, 399) if reception.is_private else send)
        elif scope["type"] == "http":
            await _send_page(reception, reception.page, "http.response", send)
        else:
            await _refuse(reception, reception.page, scope, receive, send)


async def _refuse(reception: Reception, page: Page, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket: with the page where the server can send it instead of the handshake's answer."""
    message = await receive()
    if message["type"] != "websocket.connect":
        return
    if _DENIAL in (scope.get("extensions") or {}):  # ASGI, WebSocket Denial Response
        await _send_page(reception, page, _DENIAL, send)
    else:
        await send({"type": "websocket.close", "code": _TRY_AGAIN_LATER, "reason": "maintenance"})


async def _send_page(reception: Reception, page: Page, kind: str, send: Send) -> None:
    report = reception.report
    await send({"type": f"{kind}.start", "status": page.status, "headers": _encoded(page.headers)})
    if report is not None:
        report.page_started()
    await send({"type": f"{kind}.body", "body": page.body, "more_body": False})
    if report is not None:
        report.page_handed_over()


def _privately(send: Send, lowest: int, highest: int) -> Send:
    """Mark responses with these status codes as being for one visitor alone."""

    def mark(message: Message) -> Awaitable[None]:
        if message["type"] == _START and lowest <= message["status"] <= highest:
            fields = private(_decoded(message.get("headers", ())))
            message = {**message, "headers": _encoded(fields)}
        return send(message)

    return mark


class _Responder:
    """An error response: its start is held until it is decided what goes out."""

    def __init__(self, middleware: ErrorPagesMiddleware, scope: Scope, send: Send) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = _privately(send, 400, 999) if is_private(middleware.gate, lambda: _request(scope)) else send
        self._messages: list[Message] = []
        self._size = 0
        self._memo: Memo[_Outcome] | None = None
        self._pending: Pending | None = None
        self._is_passing = False
        self._page: Page | None = None
        self._report: Report | None = None

    async def send(self, message: Message) -> None:
        """Take a message of the application's."""
        kind = message["type"]
        if self._is_passing:
            await self._send(message)
        elif self._page is not None:
            if not kind.startswith("http.response."):
                await self._send(message)
        elif kind == _BODY:
            await self._take(message)
        elif kind in _OWN_BODIES:
            self._messages.append(message)
            await self._settle(is_whole=False)
        else:
            await self._send(message)

    async def hold(self, message: Message) -> None:
        """Take the start of an error response."""
        self._start = message
        self._headers = [(name, value) for name, value in message.get("headers", ())]  # may be a one-shot iterable
        if not asks_to_keep(self._scope):
            self._key = _key(message["status"], self._headers, self._scope)
            self._memo = self._middleware.memory.get(self._key)
        if self._memo is None:
            await self._consider()
        elif self._memo.by_head is not None:
            await self._send_outcome(*self._memo.by_head)
        elif (telemetry := self._middleware.telemetry) is not None and telemetry.listens(message["status"]):
            self._report = telemetry.report(self._scope["method"], _path(self._scope), self._scope)
            self._report.pause()

    async def _consider(self) -> None:
        """Have the head looked at; what is kept goes on at once."""
        request = _request(self._scope)
        headers = _decoded(self._headers)
        pages = resolved(self._middleware.pages, request)
        outcome = pages.consider(request, ResponseHead(int(self._start["status"]), headers), report=self._report)
        if outcome.is_reusable:
            size = sum(len(name) + len(value) for fields in self._key[1:3] for name, value in fields)
            self._memo = self._middleware.memory.begin(self._key, size)
        if isinstance(outcome, Pending):
            self._pending, self._report = outcome, outcome.report
            return
        kept = _encoded(outcome.headers)
        if self._memo is not None:
            self._memo.by_head = outcome, kept
        await self._keep(kept)

    async def _take(self, message: Message) -> None:
        """Look at a piece of the body."""
        self._messages.append(message)
        if message.get("more_body", False):
            self._size += len(message.get("body", b""))
            if self._size > LOOK_LIMIT:
                await self._settle(is_whole=False)
        elif len(self._messages) == 1 and self._memo and (known := self._memo.by_body(message.get("body", b""))):
            await self._send_known(*known)
        else:
            await self._settle()

    async def _send_known(self, outcome: Page | Kept, headers: list[Field] | None) -> None:
        """Send what is remembered, or what its recipe makes."""
        if self._report is not None:
            self._report.resume()
        if isinstance(outcome, Page) and outcome.recipe is not None:
            pages = self._middleware.pages
            assert isinstance(pages, ErrorPages)  # pages that are chosen for each request are not remembered
            again = pages.remake(outcome.recipe, self._scope, _references(self._scope))
            if again is None:
                await self._settle()
                return
            outcome, headers = again, _encoded(again.headers)
        if self._report is not None and isinstance(outcome, Page):
            self._report.page_made(outcome)
        await self._send_outcome(outcome, headers)

    async def _settle(self, is_whole: bool = True) -> None:
        """Have the held response decided, and send what comes of it."""
        if self._pending is None:
            await self._consider()
        pending = self._pending
        if pending is None:
            return
        body = b"".join([message.get("body", b"") for message in self._messages])
        outcome = pending.settle(body, is_whole)
        headers = _encoded(outcome.headers)
        if self._memo is not None and outcome.is_reusable and is_whole:
            self._memo.learn(body, (outcome, headers))
        await self._send_outcome(outcome, headers)

    async def _send_outcome(self, outcome: Page | Kept, headers: list[Field] | None) -> None:
        if isinstance(outcome, Page):
            await self._answer(outcome, headers)
        else:
            await self._keep(headers)

    async def _keep(self, headers: list[Field] | None) -> None:
        self._is_passing = True
        # A copy: the message is the application's.
        await self._send({**self._start, "headers": self._headers if headers is None else list(headers)})
        for message in self._messages:
            await self._send(message)

    async def _answer(self, page: Page, headers: list[Field] | None) -> None:
        self._page = page  # first, so that a client who left does not cause a second page
        # New lists and messages each time: outer middleware writes into what it is handed.
        await self._send({"type": _START, "status": page.status, "headers": list(headers or ())})
        if self._report is not None:
            self._report.page_started()
        await self._send({"type": _BODY, "body": page.body, "more_body": False})
        if self._report is not None:
            self._report.page_handed_over()

    async def finish(self) -> None:
        """Decide a response that the application left without its last message."""
        if not self._is_passing and self._page is None:
            await self._settle()

    async def catch(self, error: Exception) -> bool:
        """Answer an exception that escaped; False where it is to be raised again."""
        if not self._is_passing and self._page is None:
            request = _request(self._scope)
            pages = resolved(self._middleware.pages, request)
            caught = pages.catch(request, error)
            if caught is None:
                return False
            self._report = caught.report
            try:
                await self._answer(caught.page, _encoded(caught.page.headers))
            except Exception:
                if not caught.is_accident:
                    raise
                return False  # the client left; the accident is what the server has to hear of
            if not caught.is_accident:
                return True
        if self._page is not None and self._page.reference is not None:
            error.add_note(f"errorpages: the visitor's page has the reference {self._page.reference}")
        return False


def _key(status: int, headers: list[Field], scope: Scope) -> tuple[int, tuple[Field, ...], tuple[Field, ...], str, str]:
    preferences = tuple([(name, value) for name, value in scope["headers"] if name.lower() in _PREFERENCES])
    return status, tuple(headers), preferences, scope["method"], scope.get("root_path", "")


def _references(scope: Scope) -> dict[str, str]:
    """Find the first of each field that a reference is read from."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if (lower := name.lower()) in _REFERENCES:
            found.setdefault(lower.decode(), value.decode("latin-1"))
    return found


def _request(scope: Scope) -> Request:
    client = scope.get("client")
    return Request(
        method=scope.get("method", "GET"),  # a WebSocket's handshake has none
        path=_path(scope),
        root_path=scope.get("root_path", "").rstrip("/"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=_decoded(scope["headers"]),
        client=client[0] if client else None,
        native=scope,
    )


def _path(scope: Scope) -> str:
    """Find the path below the mount, which it includes (ASGI HTTP specification 2.4), but for older servers."""
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "").rstrip("/")
    if root_path and (path == root_path or path.startswith(f"{root_path}/")):
        return path[len(root_path) :] or "/"
    return path


def _decoded(headers: Iterable[Field]) -> Headers:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])


def _encoded(headers: Headers | None) -> list[Field] | None:
    return None if headers is None else [_encoded_field(*field) for field in headers]


@lru_cache(maxsize=1024)
def _encoded_field(name: str, value: str) -> Field:
    # ASGI HTTP specification, response start: header names must be lower-case.
    return name.lower().encode("latin-1"), value.encode("latin-1", "replace")
