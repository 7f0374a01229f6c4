"""An application in CherryPy; its WSGI pipeline is the idiom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cherrypy
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.wsgi import ErrorPagesMiddleware

NAME = "CherryPy"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("CherryPy",)
EXPECTED: dict[str, str] = {
    "debug mode": "CherryPy has none: it shows tracebacks to everyone unless told not to",
    "HEAD": "stays as CherryPy sends it: only its length could tell what it is, and that depends on the address",
}
MADE: list[int] = []


def chunks() -> Iterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number


# mypy: disable-error-code="untyped-decorator"


class Shop:
    @cherrypy.expose
    def index(self) -> str:
        return "ok"

    @cherrypy.expose
    @cherrypy.tools.allow(methods=["GET"])
    def invoice(self) -> str:
        return "an invoice"

    @cherrypy.expose
    def message(self) -> str:
        raise cherrypy.HTTPError(404, "No such <invoice>")

    @cherrypy.expose
    def crash(self) -> str:
        raise RuntimeError("password=hunter2")

    @cherrypy.expose
    def form(self) -> str:
        cherrypy.response.status = 422
        return FORM_PAGE

    @cherrypy.expose
    def styled(self) -> str:
        cherrypy.response.status = 404
        return STYLED_PAGE

    @cherrypy.expose
    @cherrypy.tools.json_out()
    def api(self) -> dict[str, str]:
        cherrypy.response.status = 404
        return {"message": "No such invoice"}

    @cherrypy.expose
    def busy(self) -> str:
        cherrypy.response.status = 503  # an HTTPError would lose the Retry-After
        cherrypy.response.headers.update(BUSY)
        return ""

    @cherrypy.expose
    @cherrypy.config(**{"response.stream": True})
    def stream(self) -> Iterator[bytes]:
        cherrypy.response.headers["Content-Type"] = "text/plain"
        return chunks()


def make(*, debug: bool = False, **options: Any) -> Any:
    app = cherrypy.Application(Shop(), "", {"/": {"request.show_tracebacks": debug}})
    app.log.screen = False
    app.wsgiapp.pipeline.append(("errorpages", ErrorPagesMiddleware))
    app.wsgiapp.config["errorpages"] = options
    return app
