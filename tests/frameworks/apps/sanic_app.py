"""An application in Sanic, served over ASGI; wrapped from outside."""

from __future__ import annotations

import itertools
from typing import Any

from sanic import HTTPResponse, NotFound, Request, Sanic, html, json, text
from sanic.application.constants import Mode
from sanic.exceptions import ServiceUnavailable
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "Sanic"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("sanic",)
EXPECTED: dict[str, str] = {}
MADE: list[int] = []

_numbers = itertools.count(1)


async def home(request: Request) -> HTTPResponse:
    return text("ok")


async def invoice(request: Request) -> HTTPResponse:
    return json({"invoice": 1})


async def message(request: Request) -> HTTPResponse:
    raise NotFound("No such <invoice>")


async def crash(request: Request) -> HTTPResponse:
    raise RuntimeError("password=hunter2")


async def form(request: Request) -> HTTPResponse:
    return html(FORM_PAGE, status=422)


async def styled(request: Request) -> HTTPResponse:
    return html(STYLED_PAGE, status=404)


async def api(request: Request) -> HTTPResponse:
    raise NotFound("No such invoice")


async def busy(request: Request) -> HTTPResponse:
    raise ServiceUnavailable(headers=BUSY)


async def stream(request: Request) -> None:
    response = await request.respond(content_type="text/plain")
    for number in range(3):
        MADE.append(number)
        await response.send(f"chunk {number}\n")
    await response.eof()


def make(*, debug: bool = False, **options: Any) -> Any:
    # A name can be taken once in a process.
    app: Any = Sanic(f"shop-{next(_numbers)}", configure_logging=False)
    app.config.TOUCHUP = False  # it rewrites Sanic's own methods, once in a process
    if debug:
        app.state.mode = Mode.DEBUG  # which only Sanic's own server offers to set
    for handler in (invoice, message, crash, styled, busy, stream):
        app.add_route(handler, f"/{handler.__name__}")
    app.add_route(home, "/")
    app.add_route(form, "/form", methods=["POST"])
    app.add_route(api, "/api", error_format="json")
    return ErrorPagesMiddleware(app, **options)
