"""An application in FastAPI; app.add_middleware is the idiom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "FastAPI"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("fastapi", "starlette")
EXPECTED: dict[str, str] = {}
MADE: list[int] = []

router = APIRouter()


@router.get("/", response_class=PlainTextResponse)
async def home() -> str:
    return "ok"


@router.get("/invoice")
async def invoice() -> dict[str, int]:
    return {"invoice": 1}


@router.get("/message")
async def message() -> None:
    raise HTTPException(404, "No such <invoice>")


@router.get("/crash")
async def crash() -> None:
    raise RuntimeError("password=hunter2")


@router.post("/form", response_class=HTMLResponse, status_code=422)
async def form() -> str:
    return FORM_PAGE


@router.get("/styled", response_class=HTMLResponse, status_code=404)
async def styled() -> str:
    return STYLED_PAGE


@router.get("/api")
async def api() -> None:
    raise HTTPException(404, "No such invoice")


@router.get("/busy")
async def busy() -> None:
    raise HTTPException(503, headers=BUSY)


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


@router.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(chunks(), media_type="text/plain")


def make(*, debug: bool = False, **options: Any) -> Any:
    app = FastAPI(debug=debug)
    app.include_router(router)
    app.add_middleware(ErrorPagesMiddleware, **options)
    return app
