"""An application in BlackSheep; wrapped from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from blacksheep import Application, Response, Router, StreamedContent
from blacksheep.server.responses import html, json, not_found, text
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "BlackSheep"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("blacksheep",)
EXPECTED: dict[str, str] = {"wrong method": "the router answers 404"}
MADE: list[int] = []


async def home() -> Response:
    return text("ok")


async def invoice() -> Response:
    return json({"invoice": 1})


async def message() -> Response:
    return not_found("No such <invoice>")  # the words of a raised NotFound are dropped


async def crash() -> Response:
    raise RuntimeError("password=hunter2")


async def form() -> Response:
    return html(FORM_PAGE, 422)


async def styled() -> Response:
    return html(STYLED_PAGE, 404)


async def api() -> Response:
    return not_found({"message": "No such invoice"})


async def busy() -> Response:
    return Response(503, [(name.encode(), value.encode()) for name, value in BUSY.items()])


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


async def stream() -> Response:
    return Response(200, content=StreamedContent(b"text/plain", chunks))


def make(*, debug: bool = False, **options: Any) -> Any:
    app = Application(router=Router(), show_error_details=debug)
    for handler in (invoice, message, crash, styled, api, busy, stream):
        app.router.add_get(f"/{handler.__name__}", handler)
    app.router.add_get("/", home)
    app.router.add_post("/form", form)
    return ErrorPagesMiddleware(app, **options)
