"""A Flask application in a Starlette one, through a2wsgi; each has error pages of its own, and each error gets one.

It is mounted twice: under ``/flask``, and at the root for what the matrix asks of every application.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Blueprint, Flask, Response, abort
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIErrorPagesMiddleware

NAME = "Flask in Starlette (a2wsgi)"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("a2wsgi", "Flask", "starlette")
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
        time.sleep(0.05)  # a2wsgi sends from another thread


@shop.get("/stream")
def stream() -> Response:
    return Response(chunks(), mimetype="text/plain")


def make(*, debug: bool = False, **options: Any) -> Any:
    inner: Any = Flask(__name__)
    inner.debug = debug
    inner.register_blueprint(shop)
    inner.wsgi_app = WSGIErrorPagesMiddleware(inner.wsgi_app, **options)
    mounted: Any = WSGIMiddleware(inner)
    return Starlette(
        debug=debug,
        routes=[Mount("/flask", mounted), Mount("/", mounted)],
        middleware=[Middleware(ErrorPagesMiddleware, **options)],
    )
