"""Applications behind a maintenance switch, for real servers; every answer tells which process gave it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

import errorpages.maintenance.switch
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SWITCH = os.environ["ERRORPAGES_SWITCH"]
FINE = b"fine " * 200
errorpages.maintenance.switch._FIRST_ANSWER = 60.0  # type: ignore[misc]  # a busy machine may need longer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def plain(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(FINE)))])
    return [FINE]


maintained = WSGIMiddleware(plain, site_name="Acme", maintenance=SWITCH)


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    def start(status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /) -> Any:
        return start_response(status, [*headers, ("X-Worker", str(os.getpid()))])

    return maintained(environ, start)


async def plain_asgi(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "fine"})
        await send({"type": "websocket.close"})
    elif scope["type"] == "http":
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(FINE)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": FINE})


maintained_asgi = ASGIMiddleware(plain_asgi, site_name="Acme", maintenance=SWITCH)


async def asgi(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        raise RuntimeError("no lifespan here")  # then nobody looks at the switch before the first visitor

    async def mark(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"x-worker", str(os.getpid()).encode())]}
        await send(message)

    await maintained_asgi(scope, receive, mark)


async def without_denials(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Serve as on a server that can't send a page instead of a handshake's answer."""
    await asgi({**scope, "extensions": {}}, receive, send)
