"""A Flask application in a Starlette one, through a2wsgi; each has error pages of its own, and each error gets one.

It is mounted twice: under ``/flask``, and at the root for what the matrix asks of every application.
"""

from __future__ import annotations

from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from tests.frameworks.apps.flask_app import MADE, shop

from errorpages.asgi import ErrorPagesMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIErrorPagesMiddleware

__all__ = ["MADE"]

NAME = "Flask in Starlette (a2wsgi)"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("a2wsgi", "Flask", "starlette")
EXPECTED: dict[str, str] = {}


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
