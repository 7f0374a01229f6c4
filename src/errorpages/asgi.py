"""ErrorPagesMiddleware for ASGI: translates messages for the core, and forwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, MutableMapping
from functools import partial
from typing import Any, Final, Unpack

from . import signals
from .applications import check_asgi
from .core import (
    LOOK_LIMIT,
    REFERENCES,
    Caught,
    ErrorPages,
    Pending,
    Reception,
    is_private,
    pages_for,
    received,
    resolved,
)
from .exchange import Headers, Kept, Page, Request, ResponseHead
from .frameworks import asks_to_keep, was_kept
from .headers import private
from .hooks import UNSET
from .log import logger
from .maintenance.gate import Closing, Gate
from .memory import Memo, Memory, size_of
from .negotiation import CONSULTED, LONGEST_FIELD, NO_PREFERENCES, Preferences
from .options import OptionKeywords
from .replacement import METHODS
from .telemetry import Report, note_reference

__all__ = ["ErrorPagesMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Field = tuple[bytes, bytes]
Entry = tuple[str, str]
"""A request's ``root_path`` and ``path``, as they were when it entered."""

_Outcome = tuple[Page | Kept, list[Field] | None]  # with the headers as they are sent
_AS_IT_CAME: _Outcome = (Kept(), None)
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[Any]]

_START: Final = "http.response.start"
_BODY: Final = "http.response.body"
_GUARDED: Final = frozenset({"http", "websocket"})
_DENIAL: Final = "websocket.http.response"
_TRY_AGAIN_LATER: Final = 1013  # IANA's registry of WebSocket close codes
_PREFERENCES: Final = {name.encode(): name for name in CONSULTED}
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
            ``maintenance``, ``maintenance_paths`` and ``trusted_proxies``.
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
        self._is_marking = signals.watch(self.pages, app)
        self._has_answered_an_error = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if not isinstance(scope.get("headers"), list):
            scope = _readable(scope)
        # As they are now: routers change both in place, and neither is this middleware's afterwards.
        entry = (scope.get("root_path", ""), scope.get("path", ""))
        if self._is_marking and "app" not in scope:
            scope = self._marked(scope, entry)
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
                responder = _Responder(self, scope, entry, send)
                return responder.hold(message)
            return responder.send(message)

        try:
            answer = await self.app(scope, receive, watch)
        except Exception as error:
            if is_success or not await (responder or _Responder(self, scope, entry, send)).catch(error):
                raise
            return None
        if responder is not None:
            await responder.finish()
        return answer

    def _marked(self, scope: Scope, entry: Entry) -> Scope:
        """Let what the framework logs have the reference of the page, whose request is described as it came.

        Within Starlette, whose middleware finds the route in the very scope that it handed on, no scope is copied.
        """
        return {**scope, signals.KEY: signals.Mark(self, partial(_request_at, entry))}

    def look_again(self) -> None:
        """Look for a framework that logs once more, as the first request may have made the application."""
        if not self._has_answered_an_error:
            self._has_answered_an_error = True
            self._is_marking = signals.watch(self.pages, self.app)


class _Guard:
    """Stands before the application, and receives the visitors of a site that is closed for maintenance."""

    def __init__(self, middleware: ErrorPagesMiddleware, gate: Gate, app: ASGIApp) -> None:
        self._middleware = middleware
        self._gate = gate
        self._state = gate.state
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[Any]:
        # A plain function, no coroutine of its own: an open site pays this call and a look at the switch.
        state = self._state()  # at the lifespan's begin too, so that no visitor is the first to look
        if not state.on or scope["type"] not in _GUARDED:
            return self._app(scope, receive, send)
        query = scope.get("query_string", b"") if scope["type"] == "http" else b""
        if (closing := self._gate.closing(state, query.decode("latin-1"))) is None:
            return self._app(scope, receive, send)
        return self._receive(closing, scope, receive, send)

    async def _receive(self, closing: Closing, scope: Scope, receive: Receive, send: Send) -> None:
        is_https = scope.get("scheme") in ("https", "wss")
        request = _request(scope, scope.get("root_path", ""), scope["path"])
        reception = received(self._gate, self._middleware.pages, closing, request, is_https=is_https)
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

    def __init__(self, middleware: ErrorPagesMiddleware, scope: Scope, entry: Entry, send: Send) -> None:
        middleware.look_again()
        self._middleware = middleware
        self._scope = scope
        self._entry = entry
        self._send = _privately(send, 400, 999) if is_private(middleware.gate, self._request) else send
        self._messages: list[Message] = []
        self._size = 0
        self._memo: Memo[_Outcome] | None = None
        self._preferences = NO_PREFERENCES  # not read where the response is left alone
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
        headers = message.get("headers", ())
        if not isinstance(headers, list | tuple):  # one-shot: it is read here, and sent later
            headers = list(headers)
            message = {**message, "headers": headers}
        self._start = message
        outcome = self._guarded(self._by_head)
        if outcome is not None:
            await self._send_outcome(*outcome)

    def _guarded(self, decide: Callable[[], _Outcome | None]) -> _Outcome | None:
        """Decide; where that fails, the application's own response goes out."""
        try:
            return decide()
        except Exception:
            logger.exception("The decision about a response failed; it goes out as it came")
            return _AS_IT_CAME

    def _by_head(self) -> _Outcome | None:
        """Look at the head, in the memory first; None where the body decides."""
        self._fields = _fields(self._start.get("headers", ()))
        if not (asks_to_keep(self._scope) or was_kept(self._scope)):
            self._preferences = _preferences(self._scope)
            self._key = self._head_key()
            self._memo = self._middleware.memory.get(self._key)
        if self._memo is None:
            return self._considered()
        if self._memo.by_head is None:
            self._begin_report()
        return self._memo.by_head

    def _begin_report(self) -> None:
        """Begin to report on a response that is remembered, while the application's context is alive."""
        telemetry = self._middleware.telemetry
        if telemetry is not None and telemetry.listens(self._start["status"]):
            self._report = telemetry.report(self._scope["method"], _path(*self._entry), self._scope)
            self._report.pause()

    def _head_key(self) -> Hashable:
        method = self._scope["method"]
        return (
            self._start["status"],
            self._fields,
            method if method in METHODS else "",
            self._entry[0],
            self._preferences,
        )

    def _request(self) -> Request:
        """Describe the request, as it was when it entered."""
        return _request(self._scope, *self._entry)

    def _considered(self) -> _Outcome | None:
        """Have the head looked at; None where the body decides."""
        request = self._request()
        pages, reference = self._noted() or (resolved(self._middleware.pages, request), UNSET)
        head = ResponseHead(int(self._start["status"]), _decoded(self._fields))
        outcome = pages.consider(request, head, reference=reference, report=self._report, preferences=self._preferences)
        if outcome.is_reusable:
            size = sum([len(name) + len(value) for name, value in self._fields])
            size += len(self._entry[0]) + self._preferences.size
            self._memo = self._middleware.memory.begin(self._key, size)
        if isinstance(outcome, Pending):
            self._pending, self._report = outcome, outcome.report
            return None
        kept = outcome, _encoded(outcome.headers)
        if self._memo is not None:
            self._memo.by_head = kept
        return kept

    def _noted(self) -> signals.Noted | None:
        """Find what was settled when the framework logged an exception."""
        return signals.noted(self._scope, self._middleware)

    async def _take(self, message: Message) -> None:
        """Look at a piece of the body."""
        self._messages.append(message)
        is_whole = not message.get("more_body", False)
        if not is_whole:
            self._size += len(message.get("body", b""))
            if self._size <= LOOK_LIMIT:
                return
        await self._settle(is_whole)

    async def _settle(self, is_whole: bool = True) -> None:
        """Decide by the body, and send what comes of it."""
        outcome = self._guarded(lambda: self._by_body(is_whole))
        assert outcome is not None
        await self._send_outcome(*outcome)

    def _by_body(self, is_whole: bool) -> _Outcome:
        """Have the held response decided, by the memory first."""
        body = b"".join([message.get("body", b"") for message in self._messages])
        known = self._memo.by_body(body) if self._memo is not None and is_whole else None
        if known is not None and (again := self._again(*known)) is not None:
            return again
        if self._pending is None and (kept := self._considered()) is not None:
            return kept
        assert self._pending is not None
        settled = self._pending.settle(body, is_whole)
        outcome = settled, _encoded(settled.headers)
        if self._memo is not None and settled.is_reusable and is_whole:
            self._memo.learn(body, outcome, 2 * size_of(settled))
        return outcome

    def _again(self, outcome: Page | Kept, headers: list[Field] | None) -> _Outcome | None:
        """Take what is remembered, or what its recipe makes; None where the response has to be decided anew."""
        if self._report is not None:
            self._report.resume()
        if isinstance(outcome, Page) and outcome.recipe is not None:
            pages = self._middleware.pages
            assert isinstance(pages, ErrorPages)  # pages that are chosen for each request are not remembered
            noted = self._noted()
            reference = UNSET if noted is None else noted.reference
            again = pages.remake(outcome.recipe, self._scope, _references(self._scope), reference)
            if again is None:
                return None
            outcome, headers = again, _encoded(again.headers)
        if self._report is not None and isinstance(outcome, Page):
            self._report.page_made(outcome)
        return outcome, headers

    async def _send_outcome(self, outcome: Page | Kept, headers: list[Field] | None) -> None:
        if isinstance(outcome, Page):
            await self._answer(outcome, headers)
        else:
            await self._keep(headers)

    async def _keep(self, headers: list[Field] | None) -> None:
        self._is_passing = True
        # Changed, it is a copy: the message is the application's.
        await self._send(self._start if headers is None else {**self._start, "headers": list(headers)})
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
            caught = self._caught(error)
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
        if self._page is not None:
            note_reference(error, self._page.reference)
        return False

    def _caught(self, error: Exception) -> Caught | None:
        """Have an exception decided; where that fails, it is raised as it came."""
        try:
            request = self._request()
            pages, reference = self._noted() or (resolved(self._middleware.pages, request), UNSET)
            return pages.catch(request, error, reference=reference)
        except Exception:
            logger.exception("The decision about an exception failed; it is raised as it came")
            return None


def _readable(scope: Scope) -> Scope:
    """Read what can be read only once, for the application and for us; test helpers send iterators."""
    parts = {name: scope[name] for name in ("headers", "client") if scope.get(name) is not None}
    read = {name: list(part) for name, part in parts.items() if not isinstance(part, list | tuple)}
    return {**scope, **read} if read else scope


def _fields(headers: Iterable[Field]) -> tuple[Field, ...]:
    """Read a response's fields; servers take pairs that are lists, and bytearrays."""
    fields = tuple([(name, value) for name, value in headers])
    if all([type(name) is bytes and type(value) is bytes for name, value in fields]):
        return fields
    return tuple([(_bytes(name), _bytes(value)) for name, value in fields])


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value).encode("latin-1", "replace")


def _preferences(scope: Scope) -> Preferences:
    found: dict[str, list[str]] = {}
    for name, value in scope.get("headers", ()):
        known = _PREFERENCES.get(bytes(name).lower())
        if known is None:
            continue
        if known not in found:
            found[known] = [value.decode("latin-1")]
        elif len(found[known]) < LONGEST_FIELD:  # each line adds a comma at least
            found[known].append(value.decode("latin-1"))
    return Preferences.of_values(found) if found else NO_PREFERENCES


def _references(scope: Scope) -> dict[str, str]:
    """Find the first of each field that a reference is read from."""
    found: dict[str, str] = {}
    for name, value in scope.get("headers", ()):
        if (lower := name.lower()) in _REFERENCES:
            found.setdefault(lower.decode(), value.decode("latin-1"))
    return found


def _request(scope: Scope, root_path: str, path: str) -> Request:
    client = scope.get("client")
    return Request(
        method=scope.get("method", "GET"),  # a WebSocket's handshake has none
        path=_path(root_path, path),
        root_path=root_path.rstrip("/"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=_decoded(scope.get("headers", ())),
        client=client[0] if client else None,
        native=scope,
    )


def _request_at(entry: Entry, scope: Scope) -> Request:
    """Describe a request by where it came to, whatever routers have made of its scope since."""
    return _request(scope, *entry)


def _path(root_path: str, path: str) -> str:
    """Find the path below the mount, which it includes (ASGI HTTP specification 2.4), but for older servers."""
    root_path = root_path.rstrip("/")
    if root_path and (path == root_path or path.startswith(f"{root_path}/")):
        return path[len(root_path) :] or "/"
    return path


def _decoded(headers: Iterable[Field]) -> Headers:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])


def _encoded(headers: Headers | None) -> list[Field] | None:
    if headers is None:
        return None
    # ASGI HTTP specification, response start: header names must be lower-case.
    return [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
