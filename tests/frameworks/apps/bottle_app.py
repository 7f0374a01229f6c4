"""An application in Bottle; wrapped from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bottle
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.wsgi import ErrorPagesMiddleware

NAME = "Bottle"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("bottle",)
EXPECTED: dict[str, str] = {
    "HEAD": "stays as Bottle sends it: only its length could tell what it is, and that depends on the address",
}
MADE: list[int] = []


def home() -> str:
    return "ok"


def invoice() -> str:
    return "an invoice"


def message() -> str:
    bottle.abort(404, "No such <invoice>")
    return ""


def crash() -> str:
    raise RuntimeError("password=hunter2")


def form() -> str:
    bottle.response.status = 422
    return FORM_PAGE


def styled() -> str:
    bottle.response.status = 404
    return STYLED_PAGE


def api() -> dict[str, str]:
    bottle.response.status = 404
    return {"message": "No such invoice"}


def busy() -> str:
    raise bottle.HTTPError(503, headers=BUSY)


def stream() -> Iterator[bytes]:
    bottle.response.content_type = "text/plain"
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number


def make(*, debug: bool = False, **options: Any) -> Any:
    bottle.debug(debug)  # the whole process
    app = bottle.Bottle()
    for view in (invoice, message, crash, styled, api, busy, stream):
        app.get(f"/{view.__name__}", callback=view)
    app.get("/", callback=home)
    app.post("/form", callback=form)
    return ErrorPagesMiddleware(app, **options)
