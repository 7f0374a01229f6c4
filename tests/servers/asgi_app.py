"""A plain ASGI application with error pages: what wsgi_app serves, in the other protocol."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from errorpages.asgi import ErrorPagesMiddleware

RELEASES = Path(os.environ.get("ERRORPAGES_TEST_RELEASES", "."))
HTML = (b"content-type", b"text/html; charset=utf-8")
TEXT = (b"content-type", b"text/plain; charset=utf-8")
ODD = [
    (b"content-type", b"application/x-odd"),
    (b"set-cookie", b"a=1"),
    (b"set-cookie", b"b=2"),
    (b"etag", b'W/"odd"'),
]
LARGE = {410: {"message": "gone " * 1_600_000}}  # 8 MB: more than the buffers between server and client hold

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def released(name: str) -> None:
    """Wait until the test has seen what was sent so far."""
    deadline = time.monotonic() + 60
    while not (RELEASES / name).exists() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


async def whole(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def pieces(mark: str, breaks: bool = False) -> AsyncIterator[bytes]:
    yield b"<p>first</p>"
    if breaks:
        raise RuntimeError(f"boom-{mark}")
    await released(mark)
    yield b"<p>last</p>"


async def slow(mark: str) -> AsyncIterator[bytes]:
    await released(mark)
    yield b"Not Found"


def odd_bytes(mark: str) -> AsyncIterator[bytes]:
    return whole(*[bytes(range(256)) * 300] * 4)


PATHS: dict[str, tuple[int, list[tuple[bytes, bytes]], Callable[[str], AsyncIterator[bytes]]]] = {
    "/fine": (200, [TEXT, (b"content-length", b"4")], lambda mark: whole(b"fine")),
    "/slow": (404, [TEXT], slow),
    "/stream": (200, [HTML], pieces),
    "/breaks": (200, [HTML], lambda mark: pieces(mark, breaks=True)),
    "/breaks-announced": (200, [HTML, (b"content-length", b"1000")], lambda mark: pieces(mark, breaks=True)),
    "/odd": (200, ODD, odd_bytes),
    "/odd-announced": (200, [*ODD, (b"content-length", b"307200")], odd_bytes),
    "/elsewhere": (302, [(b"location", b"/fine"), (b"content-length", b"0")], lambda mark: whole()),
    "/large": (410, [TEXT], lambda mark: whole()),
    "/form": (409, [TEXT], lambda mark: whole()),
}


async def lifespan(receive: Receive, send: Send) -> None:
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    mark = parse_qs(scope["query_string"].decode()).get("mark", [""])[0]
    if scope["path"] == "/fails":
        raise RuntimeError(f"boom-{mark}")
    while (await receive()).get("more_body"):
        pass
    status, headers, body = PATHS.get(scope["path"], (404, [TEXT], lambda mark: whole(b"Not Found")))
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    async for piece in whole() if scope["method"] == "HEAD" and status < 400 else body(mark):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


application = ErrorPagesMiddleware(plain, site_name="Acme")
large = ErrorPagesMiddleware(plain, site_name="Acme", wording=LARGE)


async def subject(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve with error pages, under /bare without; with ``tell`` leave signs of the request's begin and end."""
    if scope["type"] == "http" and scope["path"].startswith("/bare/"):
        await plain({**scope, "path": scope["path"].removeprefix("/bare")}, receive, send)
        return
    tell = parse_qs(scope.get("query_string", b"").decode()).get("tell")
    if tell:
        (RELEASES / f"{tell[0]}-begun").touch()
    try:
        await (large if scope.get("path") == "/large" else application)(scope, receive, send)
    finally:
        if tell:
            (RELEASES / f"{tell[0]}-over").touch()
