"""An application in plain Werkzeug; wrapped from outside, and in debug mode inside of Werkzeug's debugger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE
from werkzeug.debug import DebuggedApplication
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from errorpages.wsgi import ErrorPagesMiddleware

NAME = "Werkzeug"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("Werkzeug",)
EXPECTED: dict[str, str] = {}
MADE: list[int] = []


def home() -> Response:
    return Response("ok")


def invoice() -> Response:
    return Response("an invoice")


def message() -> Response:
    raise NotFound("No such <invoice>")


def crash() -> Response:
    raise RuntimeError("password=hunter2")


def form() -> Response:
    return Response(FORM_PAGE, 422, mimetype="text/html")


def styled() -> Response:
    return Response(STYLED_PAGE, 404, mimetype="text/html")


def api() -> Response:
    return Response('{"message": "No such invoice"}\n', 404, mimetype="application/json")


def busy() -> Response:
    response = Response(status=503, headers=BUSY)
    raise ServiceUnavailable(response=response)


def chunks() -> Iterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number


def stream() -> Response:
    return Response(chunks(), mimetype="text/plain")


ROUTES = Map(
    [
        Rule("/", endpoint=home, methods=["GET"]),
        Rule("/form", endpoint=form, methods=["POST"]),
        *(
            Rule(f"/{view.__name__}", endpoint=view, methods=["GET"])
            for view in (invoice, message, crash, styled, api, busy, stream)
        ),
    ]
)


@Request.application
def shop(request: Request) -> Any:
    try:
        endpoint, values = ROUTES.bind_to_environ(request.environ).match()
        return endpoint(**values)
    except HTTPException as error:
        return error


def make(*, debug: bool = False, **options: Any) -> Any:
    app = ErrorPagesMiddleware(shop, **options)
    return DebuggedApplication(app, evalex=True) if debug else app
