"""Serves every sample over ASGI, by its number: once plain, once with the middleware around it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from tests.transparency.samples import SAMPLES, Sample

from errorpages.asgi import ErrorPagesMiddleware

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LIST = list(SAMPLES.values())


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        raise RuntimeError("only HTTP is spoken here")
    number = scope["path"].strip("/")
    if not number.isdigit():
        sample = Sample(404, (("Content-Type", "text/plain"),), (b"Not Found",))
    else:
        sample = LIST[int(number)]
    await WAYS[sample.way](sample, scope, send)


application = ErrorPagesMiddleware(plain, site_name="Acme")


def encoded(sample: Sample) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sample.headers]


def start_of(sample: Sample, headers: Iterable[Iterable[bytes]] | None = None) -> Message:
    return {
        "type": "http.response.start",
        "status": sample.status,
        "headers": encoded(sample) if headers is None else headers,
    }


def body_of(piece: bytes, more_body: bool) -> Message:
    return {"type": "http.response.body", "body": piece, "more_body": more_body}


async def at_once(sample: Sample, scope: Scope, send: Send) -> None:
    await send(start_of(sample))
    await send(body_of(b"".join(sample.pieces), False))


async def in_pieces(sample: Sample, scope: Scope, send: Send) -> None:
    await send(start_of(sample))
    for piece in sample.pieces:
        await send(body_of(piece, True))
    await send(body_of(b"", False))


async def late(sample: Sample, scope: Scope, send: Send) -> None:
    await asyncio.sleep(0)
    await send(start_of(sample))
    for piece in sample.pieces:
        await asyncio.sleep(0.001)
        await send(body_of(piece, True))
    await asyncio.sleep(0)
    await send(body_of(b"", False))


async def with_empty_pieces(sample: Sample, scope: Scope, send: Send) -> None:
    await send(start_of(sample))
    for piece in sample.pieces:
        await send(body_of(b"", True))
        await send(body_of(piece, True))
    await send(body_of(b"", True))
    await send(body_of(b"", False))


async def with_missing_keys(sample: Sample, scope: Scope, send: Send) -> None:
    await send(start_of(sample))
    for piece in sample.pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "more_body": True})
    await send({"type": "http.response.body"})


async def read_once(sample: Sample, scope: Scope, send: Send) -> None:
    """Give the fields as something that can be read only once."""
    await send(start_of(sample, ([name, value] for name, value in encoded(sample))))
    await send(body_of(b"".join(sample.pieces), False))


async def file(sample: Sample, scope: Scope, send: Send) -> None:
    if "http.response.pathsend" not in scope.get("extensions", {}):
        await in_pieces(sample, scope, send)
        return
    with tempfile.NamedTemporaryFile() as content:
        content.write(b"".join(sample.pieces))
        content.flush()
        await send(start_of(sample))
        await send({"type": "http.response.pathsend", "path": content.name})


async def early_hints(sample: Sample, scope: Scope, send: Send) -> None:
    if "http.response.early_hint" in scope.get("extensions", {}):
        await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload; as=style"]})
    await at_once(sample, scope, send)


async def trailers(sample: Sample, scope: Scope, send: Send) -> None:
    if "http.response.trailers" not in scope.get("extensions", {}):
        await in_pieces(sample, scope, send)
        return
    await send({**start_of(sample), "trailers": True})
    await send(body_of(b"".join(sample.pieces), False))
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")], "more_trailers": False})


WAYS: dict[str, Callable[[Sample, Scope, Send], Awaitable[None]]] = {
    "at once": at_once,
    "in pieces": in_pieces,
    "a generator that starts late": late,
    "with empty pieces in between": with_empty_pieces,
    "with every key or none": with_missing_keys,
    "written or read once": read_once,
    "a file": file,
    "early hints": early_hints,
    "trailers": trailers,
}
