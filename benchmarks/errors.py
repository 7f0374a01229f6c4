"""What an error pays: compared with the framework's stock answer, and with a handler written by hand."""

from __future__ import annotations

from collections.abc import Iterator

import jinja2
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from benchmarks.exchanges import BROWSER, SCRIPT, asgi_call, wsgi_call
from benchmarks.timing import compare, compare_async
from errorpages import ErrorPages, asgi, wsgi
from errorpages import Request as PageRequest

Result = tuple[str, float, float, dict[str, float]]


async def _refuse(request: Request) -> Response:
    return JSONResponse({"error": "quota", "limits": [1, 2, 3]}, 403)


async def _dressed(request: Request) -> Response:
    return HTMLResponse("<!doctype html><title>Acme</title><body class=error><h1>We looked everywhere</h1>" * 3, 404)


async def _busy(request: Request) -> Response:
    return PlainTextResponse("Service Unavailable", 503, {"Retry-After": "120"})


ROUTES = [Route("/json", _refuse), Route("/dressed", _dressed), Route("/busy", _busy)]


def _starlette(wrapped: bool) -> Starlette:
    app = Starlette(routes=ROUTES)
    if wrapped:
        app.add_middleware(asgi.ErrorPagesMiddleware, site_name="Acme", support_url="/help")
    return app


def _by_hand() -> Starlette:
    """Write the same page by hand, as a Starlette exception handler with a Jinja template."""
    page = ErrorPages(site_name="Acme", support_url="/help").page(PageRequest(headers=(("Accept", "text/html"),)), 404)
    source = (
        page.body.decode().replace("Page not found", "{{ title }}").replace("404 Not Found", "{{ status }} {{ name }}")
    )
    environment = jinja2.Environment(loader=jinja2.DictLoader({"404.html": source}), autoescape=True)
    templates = Jinja2Templates(env=environment)

    async def handler(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        words = {"title": "Page not found", "status": error.status_code, "name": error.detail}
        return templates.TemplateResponse(request, "404.html", words, status_code=404)

    return Starlette(routes=ROUTES, exception_handlers={404: handler})


def starlette_404() -> Iterator[Result]:
    """Measure Starlette's 404, replaced by the full page."""
    times = compare_async(
        {
            "stock": asgi_call(_starlette(False), "/none"),
            "by hand": asgi_call(_by_hand(), "/none"),
            "errorpages": asgi_call(_starlette(True), "/none"),
        },
        1_000,
    )
    yield "Starlette 404 as a page, to the stock 404", times["errorpages"] / times["stock"], 1.5, times
    yield "Starlette 404 as a page, to a handler by hand", times["errorpages"] / times["by hand"], 0.7, times


def kept() -> Iterator[Result]:
    """Measure errors that stay: JSON for a program, a page that the application dressed."""
    for name, path, accept, target in (
        ("JSON error kept for a program, to without", "/json", SCRIPT, 1.6),
        ("dressed page kept, to without", "/dressed", BROWSER, 1.6),
        ("503 with a reference, to the stock 503", "/busy", BROWSER, 2.0),
    ):
        times = compare_async(
            {
                "stock": asgi_call(_starlette(False), path, accept),
                "errorpages": asgi_call(_starlette(True), path, accept),
            },
            1_000,
        )
        yield name, times["errorpages"] / times["stock"], target, times


def fastapi_404() -> Iterator[Result]:
    """Measure FastAPI's JSON 404, kept for a program."""
    plain, wrapped = FastAPI(), FastAPI()
    wrapped.add_middleware(asgi.ErrorPagesMiddleware)
    times = compare_async(
        {"stock": asgi_call(plain, "/none", SCRIPT), "errorpages": asgi_call(wrapped, "/none", SCRIPT)}, 500
    )
    yield "FastAPI 404 kept for a program, to without", times["errorpages"] / times["stock"], 1.6, times


def flask_404() -> Iterator[Result]:
    """Measure Flask's 404, replaced by the full page."""
    plain, wrapped = Flask("plain"), Flask("wrapped")
    wrapped.wsgi_app = wsgi.ErrorPagesMiddleware(wrapped.wsgi_app)  # type: ignore[method-assign]
    times = compare({"stock": wsgi_call(plain, "/none"), "errorpages": wsgi_call(wrapped, "/none")}, 300)
    yield "Flask 404 as a page, to the stock 404", times["errorpages"] / times["stock"], 1.5, times


MEASUREMENTS = (starlette_404, kept, fastapi_404, flask_404)
