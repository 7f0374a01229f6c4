"""An application in Litestar; wrapped from outside, as its own middleware sees no route miss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, MediaType, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.response import Stream
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "Litestar"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("litestar",)
EXPECTED: dict[str, str] = {}
MADE: list[int] = []


@get("/", media_type=MediaType.TEXT)
async def home() -> str:
    return "ok"


@get("/invoice")
async def invoice() -> dict[str, int]:
    return {"invoice": 1}


@get("/message", media_type=MediaType.HTML)
async def message() -> str:
    raise NotFoundException("No such <invoice>")


@get("/crash", media_type=MediaType.HTML)
async def crash() -> str:
    raise RuntimeError("password=hunter2")


@post("/form", media_type=MediaType.HTML, status_code=422)
async def form() -> str:
    return FORM_PAGE


@get("/styled", media_type=MediaType.HTML, status_code=404)
async def styled() -> str:
    return STYLED_PAGE


@get("/api")
async def api() -> dict[str, int]:
    raise NotFoundException("No such invoice")


@get("/busy", media_type=MediaType.TEXT)
async def busy() -> str:
    raise HTTPException(status_code=503, headers=BUSY)


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


@get("/stream", media_type=MediaType.TEXT)
async def stream() -> Stream:
    return Stream(chunks())


def make(*, debug: bool = False, **options: Any) -> Any:
    handlers = [home, invoice, message, crash, form, styled, api, busy, stream]
    app: Any = Litestar(handlers, debug=debug, openapi_config=None)
    return ErrorPagesMiddleware(app, **options)
