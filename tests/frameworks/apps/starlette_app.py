"""An application in Starlette; its middleware argument is the idiom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "Starlette"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("starlette",)
EXPECTED: dict[str, str] = {}
MADE: list[int] = []


async def home(request: Request) -> Response:
    return PlainTextResponse("ok")


async def invoice(request: Request) -> Response:
    return PlainTextResponse("an invoice")


async def message(request: Request) -> Response:
    raise HTTPException(404, "No such <invoice>")


async def crash(request: Request) -> Response:
    raise RuntimeError("password=hunter2")


async def form(request: Request) -> Response:
    return HTMLResponse(FORM_PAGE, 422)


async def styled(request: Request) -> Response:
    return HTMLResponse(STYLED_PAGE, 404)


async def api(request: Request) -> Response:
    return JSONResponse({"detail": "No such invoice"}, 404)


async def busy(request: Request) -> Response:
    raise HTTPException(503, headers=BUSY)


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


async def stream(request: Request) -> Response:
    return StreamingResponse(chunks(), media_type="text/plain")


def make(*, debug: bool = False, **options: Any) -> Any:
    return Starlette(
        debug=debug,
        routes=[
            Route("/", home),
            Route("/invoice", invoice, methods=["GET"]),
            Route("/message", message),
            Route("/crash", crash),
            Route("/form", form, methods=["POST"]),
            Route("/styled", styled),
            Route("/api", api),
            Route("/busy", busy),
            Route("/stream", stream),
        ],
        middleware=[Middleware(ErrorPagesMiddleware, **options)],
    )
