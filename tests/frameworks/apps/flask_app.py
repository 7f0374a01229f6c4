"""An application in Flask; app.wsgi_app is the idiom."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask, Response, abort
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.wsgi import ErrorPagesMiddleware

NAME = "Flask"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("Flask", "Werkzeug")
EXPECTED: dict[str, str] = {}
MADE: list[int] = []

shop = Blueprint("shop", __name__)


@shop.get("/")
def home() -> str:
    return "ok"


@shop.get("/invoice")
def invoice() -> str:
    return "an invoice"


@shop.get("/message")
def message() -> str:
    abort(404, "No such <invoice>")


@shop.get("/crash")
def crash() -> str:
    raise RuntimeError("password=hunter2")


@shop.post("/form")
def form() -> tuple[str, int]:
    return FORM_PAGE, 422


@shop.get("/styled")
def styled() -> tuple[str, int]:
    return STYLED_PAGE, 404


@shop.get("/api")
def api() -> tuple[dict[str, str], int]:
    return {"message": "No such invoice"}, 404


@shop.get("/busy")
def busy() -> tuple[str, int, dict[str, str]]:
    return "", 503, BUSY


def chunks() -> Iterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        time.sleep(0.05)  # for a2wsgi, which serves this shop too, and sends from another thread


@shop.get("/stream")
def stream() -> Response:
    return Response(chunks(), mimetype="text/plain")


def make(*, debug: bool = False, **options: Any) -> Any:
    app: Any = Flask(__name__)
    app.debug = debug
    app.register_blueprint(shop)
    app.wsgi_app = ErrorPagesMiddleware(app.wsgi_app, **options)
    return app
