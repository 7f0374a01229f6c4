"""The requests that are measured, and the servers' side of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from errorpages.asgi import ASGIApp, Message
from errorpages.asgi import Scope as ASGIScope

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
SCRIPT = "application/json"


def scope(path: str, accept: str) -> ASGIScope:
    """Make the scope that uvicorn makes for a browser's request."""
    fields = {
        "host": "127.0.0.1:8000",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "accept": accept,
        "accept-language": "en-GB,en;q=0.7,de;q=0.3",
        "accept-encoding": "gzip, deflate, br, zstd",
        "connection": "keep-alive",
        "sec-fetch-dest": "document" if accept == BROWSER else "empty",
        "sec-fetch-mode": "navigate",
        "sec-fetch-site": "none",
    }
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


def asgi_call(app: ASGIApp, path: str = "/", accept: str = BROWSER) -> Callable[[], Awaitable[None]]:
    """Make a coroutine function that runs one request through an ASGI application."""
    template = scope(path, accept)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        pass

    async def call() -> None:
        await app(dict(template), receive, send)

    return call


def environ(path: str, accept: str) -> dict[str, Any]:
    """Make the environ that a WSGI server makes for the same request."""
    asgi = scope(path, accept)
    fields = {f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode() for name, value in asgi["headers"]}
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": None,
        "wsgi.errors": None,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **fields,
    }


def wsgi_call(app: WSGIApplication, path: str = "/", accept: str = BROWSER) -> Callable[[], None]:
    """Make a function that runs one request through a WSGI application."""
    template = environ(path, accept)

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        return len

    def call() -> None:
        body = app(dict(template), start_response)
        for _ in body:
            pass
        close = getattr(body, "close", None)
        if close is not None:
            close()

    return call
