"""A Starlette application with error pages, added as its middleware and wrapped from outside."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from errorpages.asgi import ErrorPagesMiddleware

RELEASES = Path(os.environ.get("ERRORPAGES_TEST_RELEASES", "."))
PUBLIC = {"Cache-Control": "public, max-age=3600"}


async def released(name: str) -> None:
    """Wait until the test has seen what was sent so far."""
    deadline = time.monotonic() + 60
    while not (RELEASES / name).exists() and time.monotonic() < deadline:
        await anyio.sleep(0.01)


async def fine(request: Request) -> Response:
    return PlainTextResponse("fine")


async def fails(request: Request) -> Response:
    raise RuntimeError(f"boom-{request.query_params['mark']}")


async def away(request: Request) -> Response:
    raise HTTPException(503, headers=PUBLIC)


async def lasting(request: Request) -> Response:
    raise HTTPException(404, headers=PUBLIC)


async def slow(request: Request) -> Response:
    await released(request.query_params["mark"])
    raise HTTPException(404)


async def pieces(mark: str, size: int, breaks: bool = False) -> AsyncIterator[bytes]:
    yield b"<p>first</p>" + b" " * size
    if breaks:
        raise RuntimeError(f"boom-{mark}")
    await released(mark)
    yield b"<p>last</p>"


async def stream(request: Request) -> Response:
    return StreamingResponse(pieces(request.query_params["mark"], 0), media_type="text/html")


async def own_page(request: Request) -> Response:
    return StreamingResponse(pieces(request.query_params["mark"], 9000), 404, media_type="text/html")


async def breaks(request: Request) -> Response:
    return StreamingResponse(pieces(request.query_params["mark"], 0, breaks=True), media_type="text/html")


async def own_page_breaks(request: Request) -> Response:
    return StreamingResponse(pieces(request.query_params["mark"], 9000, breaks=True), 500, media_type="text/html")


async def form(request: Request) -> Response:
    await request.body()
    raise HTTPException(409)


ROUTES = [
    Route("/fine", fine),
    Route("/fails", fails),
    Route("/away", away),
    Route("/lasting", lasting),
    Route("/slow", slow),
    Route("/stream", stream),
    Route("/own-page", own_page),
    Route("/breaks", breaks),
    Route("/own-page-breaks", own_page_breaks),
    Route("/form", form, methods=["POST"]),
]

added = Starlette(routes=ROUTES, middleware=[Middleware(ErrorPagesMiddleware, site_name="Acme")])
wrapped = ErrorPagesMiddleware(Starlette(routes=ROUTES), site_name="Acme")
