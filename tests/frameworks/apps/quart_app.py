"""An application in Quart; app.asgi_app is the idiom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from quart import Blueprint, Quart, Response, abort
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "Quart"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("Quart", "Werkzeug")
EXPECTED: dict[str, str] = {}
MADE: list[int] = []

shop = Blueprint("shop", __name__)


@shop.get("/")
async def home() -> str:
    return "ok"


@shop.get("/invoice")
async def invoice() -> str:
    return "an invoice"


@shop.get("/message")
async def message() -> str:
    abort(404, "No such <invoice>")


@shop.get("/crash")
async def crash() -> str:
    raise RuntimeError("password=hunter2")


@shop.post("/form")
async def form() -> tuple[str, int]:
    return FORM_PAGE, 422


@shop.get("/styled")
async def styled() -> tuple[str, int]:
    return STYLED_PAGE, 404


@shop.get("/api")
async def api() -> tuple[dict[str, str], int]:
    return {"message": "No such invoice"}, 404


@shop.get("/busy")
async def busy() -> tuple[str, int, dict[str, str]]:
    return "", 503, BUSY


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


@shop.get("/stream")
async def stream() -> Response:
    return Response(chunks(), mimetype="text/plain")


def make(*, debug: bool = False, **options: Any) -> Any:
    app: Any = Quart(__name__)
    app.debug = debug
    app.register_blueprint(shop)
    app.asgi_app = ErrorPagesMiddleware(app.asgi_app, **options)
    return app
