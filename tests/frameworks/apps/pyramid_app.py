"""An application in Pyramid; wrapped from outside, and in debug mode with pyramid_debugtoolbar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPServiceUnavailable
from pyramid.request import Request
from pyramid.response import Response
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.wsgi import ErrorPagesMiddleware

NAME = "Pyramid"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("pyramid", "WebOb")
EXPECTED: dict[str, str] = {
    "wrong method": "no view matches, so that Pyramid answers 404",
    "HEAD": "stays as Pyramid sends it: only its length could tell what it is, and that depends on the address",
}
MADE: list[int] = []


def home(request: Request) -> Response:
    return Response("ok")


def invoice(request: Request) -> Response:
    return Response("an invoice")


def message(request: Request) -> Response:
    raise HTTPNotFound("No such <invoice>")


def crash(request: Request) -> Response:
    raise RuntimeError("password=hunter2")


def form(request: Request) -> Response:
    return Response(FORM_PAGE, status=422)


def styled(request: Request) -> Response:
    return Response(STYLED_PAGE, status=404)


def api(request: Request) -> dict[str, str]:
    request.response.status_int = 404
    return {"message": "No such invoice"}


def busy(request: Request) -> Response:
    raise HTTPServiceUnavailable(headers=BUSY)


def chunks() -> Iterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number


def stream(request: Request) -> Response:
    return Response(app_iter=chunks(), content_type="text/plain")


def make(*, debug: bool = False, **options: Any) -> Any:
    config = Configurator(settings={"debugtoolbar.hosts": "0.0.0.0/0"})
    if debug:
        config.include("pyramid_debugtoolbar")
    for view in (home, invoice, message, crash, form, styled, api, busy, stream):
        name = view.__name__
        config.add_route(name, "/" if view is home else f"/{name}")
        config.add_view(
            view,
            route_name=name,
            request_method="POST" if view is form else "GET",
            renderer="json" if view is api else None,
        )
    return ErrorPagesMiddleware(config.make_wsgi_app(), **options)
