"""The two applications of the demonstration: the same errors from Starlette and Werkzeug, behind the same pages."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from werkzeug.exceptions import HTTPException as WerkzeugHTTPException
from werkzeug.exceptions import abort, default_exceptions
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response

from errorpages import ErrorPages, asgi, catalogue, wsgi
from errorpages.content import phrase

from .templates import tool_template

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["STATUSES", "starlette_app", "werkzeug_app"]

STATUSES: Final = (400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 418, 422, 429, 451, 500, 501, 502, 503, 504)
FIELDS: Final = {
    401: {"WWW-Authenticate": 'Bearer realm="demo"'},  # not Basic, for which a browser asks instead of showing a page
    405: {"Allow": "POST"},
    408: {"Connection": "close"},
    429: {"Retry-After": "60"},
    451: {"Link": '<https://example.org/court>; rel="blocked-by"'},
}
BUSY_FIELDS: Final = {"Retry-After": "120"}
CACHED_FIELDS: Final = {"Cache-Control": "public, max-age=3600"}
BUSY_SECONDS: Final = 2.0
NO_INVOICE: Final = "No such invoice"
SECRET: Final = "Visitors never read this"

PAGES: Final = ErrorPages(site_name="errorpages demo", support_url="mailto:help@example.org")
_TEMPLATE: Final = tool_template("demo.html")


def _index(half: str, url: str, other_port: int) -> str:
    return _TEMPLATE.render(
        view="index",
        half=half,
        here=str(URL(url).replace(path="/", query="")),
        other=str(URL(url).replace(port=other_port, path="/", query="")),
        statuses=[(status, phrase(status), catalogue[status].title) for status in STATUSES],
    )


def _form(copies: str = "", is_wrong: bool = False) -> str:
    return _TEMPLATE.render(view="form", copies=copies, is_wrong=is_wrong)


def _answer_to_form(body: bytes) -> tuple[str, int]:
    """Accept 1 to 9 copies; otherwise show the form again, as it was filled in."""
    copies = parse_qs(body.decode(errors="replace")).get("copies", [""])[0].strip()
    if len(copies) == 1 and copies in "123456789":
        return _TEMPLATE.render(view="done", copies=copies), 200
    return _form(copies, is_wrong=True), 422


def _listed(code: int) -> int:
    return code if code in STATUSES else 404


# -- Starlette ---------------------------------------------------------------------------------------------------------


def starlette_app(other_port: int) -> Starlette:
    """Make the ASGI half.

    Args:
        other_port: Where the WSGI half listens on the same host.
    """
    app = Starlette(
        routes=[
            Route("/", _asgi_index),
            Route("/status/{code:int}", _asgi_status),
            Route("/cached/{code:int}", _asgi_cached),
            Route("/invoices/1042", _asgi_invoice),
            Route("/api/invoices/1042", _asgi_api_invoice),
            Route("/crash", _asgi_crash),
            Route("/busy", _asgi_busy),
            Route("/form", _asgi_form, methods=["GET", "POST"]),
        ],
        middleware=[Middleware(asgi.ErrorPagesMiddleware, pages=PAGES)],
    )
    app.state.other_port = other_port
    return app


async def _asgi_index(request: Request) -> HTMLResponse:
    return HTMLResponse(_index("Starlette", str(request.url), request.app.state.other_port))


async def _asgi_status(request: Request) -> NoReturn:
    code = _listed(request.path_params["code"])
    raise HTTPException(code, headers=FIELDS.get(code))


async def _asgi_cached(request: Request) -> NoReturn:
    raise HTTPException(_listed(request.path_params["code"]), headers=CACHED_FIELDS)


async def _asgi_invoice(request: Request) -> NoReturn:
    raise HTTPException(404, NO_INVOICE)


async def _asgi_api_invoice(request: Request) -> JSONResponse:
    return JSONResponse({"detail": NO_INVOICE}, 404)


async def _asgi_crash(request: Request) -> NoReturn:
    raise RuntimeError(SECRET)


async def _asgi_busy(request: Request) -> NoReturn:
    await asyncio.sleep(BUSY_SECONDS)
    raise HTTPException(503, headers=BUSY_FIELDS)


async def _asgi_form(request: Request) -> HTMLResponse:
    if request.method == "POST":
        return HTMLResponse(*_answer_to_form(await request.body()))
    return HTMLResponse(_form())


# -- Werkzeug ----------------------------------------------------------------------------------------------------------


def werkzeug_app(other_port: int) -> WSGIApplication:
    """Make the WSGI half.

    Args:
        other_port: Where the ASGI half listens on the same host.
    """
    routes = Map([Rule(path, endpoint=handler) for path, handler in _HANDLERS.items()])

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = WerkzeugRequest(environ)
        try:
            handler, arguments = routes.bind_to_environ(environ).match()
            response: Response = handler(request, **arguments)
        except WerkzeugHTTPException as error:
            response = error.get_response(environ)
        return response(environ, start_response)

    def index(request: WerkzeugRequest) -> Response:
        return _html(_index("Werkzeug", request.url, other_port))

    routes.add(Rule("/", endpoint=index))
    return wsgi.ErrorPagesMiddleware(application, pages=PAGES)


def _html(page: str, status: int = 200) -> Response:
    return Response(page, status, mimetype="text/html")


def _stock(code: int, fields: Mapping[str, str]) -> Response:
    response = default_exceptions[code]().get_response()
    response.headers.update(fields)
    return response


def _wsgi_status(request: WerkzeugRequest, code: int) -> Response:
    return _stock(_listed(code), FIELDS.get(code, {}))


def _wsgi_cached(request: WerkzeugRequest, code: int) -> Response:
    return _stock(_listed(code), CACHED_FIELDS)


def _wsgi_invoice(request: WerkzeugRequest) -> NoReturn:
    abort(404, NO_INVOICE)


def _wsgi_api_invoice(request: WerkzeugRequest) -> Response:
    return Response(json.dumps({"detail": NO_INVOICE}), 404, mimetype="application/json")


def _wsgi_crash(request: WerkzeugRequest) -> NoReturn:
    raise RuntimeError(SECRET)


def _wsgi_busy(request: WerkzeugRequest) -> Response:
    time.sleep(BUSY_SECONDS)
    return _stock(503, BUSY_FIELDS)


def _wsgi_form(request: WerkzeugRequest) -> Response:
    if request.method == "POST":
        return _html(*_answer_to_form(request.get_data()))
    return _html(_form())


_HANDLERS: Final[Mapping[str, Callable[..., Response]]] = {
    "/status/<int:code>": _wsgi_status,
    "/cached/<int:code>": _wsgi_cached,
    "/invoices/1042": _wsgi_invoice,
    "/api/invoices/1042": _wsgi_api_invoice,
    "/crash": _wsgi_crash,
    "/busy": _wsgi_busy,
    "/form": _wsgi_form,
}
