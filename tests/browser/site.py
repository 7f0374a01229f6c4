"""The site that the browser visits: an application that answers with any error, in many coats of pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

import errorpages
from errorpages import ErrorPages
from errorpages.library import THEMES
from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAME: Final = "Acme Billing"
DRESSED: Final[dict[str, Any]] = {
    "site_name": NAME,
    "support_url": "/help",
    "status_url": "https://status.acme.example/",
    "logo": '<svg viewBox="0 0 16 16" aria-hidden="true"><path fill="currentColor" d="M8 1l7 14H1z"/></svg>',
    "accent": "#0A6B2D",
}
HOSTILE: Final = "<script>document.title='taken'</script> \u202ereversed " + "W" * 300
SHOWN_AS: Final = {407: 400}
"""Chromium shows a 407 only if it comes from a proxy, so that page is sent with another status code."""

NONCE: Final = "bm9uY2UtMTIzNDU2"
_FIELDS: Final = {
    "retry_after": "Retry-After",
    "csp": "Content-Security-Policy",
    "report_only": "Content-Security-Policy-Report-Only",
    "reference": "X-Request-ID",
    "link": "Link",
}
_OWN_TEMPLATE: Final = """\
{% extends "plain.html" %}
{% block detail %}<p>Nobody wrote <bdi id="path">{{ request.path }}</bdi> down.</p>{% endblock %}
"""

Query = dict[str, str]


@Request.application
def _application(request: Request) -> Response:
    """Answer /404 with a 404, and so on, in Werkzeug's own words; other fields of the query become the response's."""
    error = HTTPException(request.args.get("message"))
    error.code = int(request.path.split("/")[1])
    response = Response.force_type(error.get_response(request.environ), request.environ)
    for argument, name in _FIELDS.items():
        for value in request.args.getlist(argument):
            response.headers.add(name, value)
    return response


def coats(own_templates: Path) -> dict[str, ErrorPages]:
    """Make the pages that a visitor may ask for by name.

    Args:
        own_templates: An empty folder.
    """
    (own_templates / "404.html").write_text(_OWN_TEMPLATE, encoding="utf-8")
    made = {theme: ErrorPages(theme=theme, site_name=NAME, support_url="/help") for theme in THEMES}
    made |= {f"{theme} dressed": ErrorPages(theme=theme, **DRESSED) for theme in THEMES}
    made |= {f"{theme} hostile": ErrorPages(theme=theme, site_name=HOSTILE, support_url="/help") for theme in THEMES}
    made |= {f"{theme} untouched policy": ErrorPages(theme=theme, site_name=NAME, csp=None) for theme in THEMES}
    made["own policy"] = ErrorPages(site_name=NAME, csp="default-src 'self'; style-src 'unsafe-inline'; img-src data:")
    made["nonce"] = ErrorPages(site_name=NAME, csp=lambda request: NONCE)
    made["own templates"] = ErrorPages(site_name=NAME, templates=own_templates)
    return made


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, *args: object) -> None:
        pass


@contextmanager
def served(application: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port of this machine, and give its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_QuietHandler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wrapped(made: dict[str, ErrorPages]) -> WSGIApplication:
    """Put the application behind the coat that each request's query names."""

    def chosen(request: errorpages.Request) -> ErrorPages:
        return made[dict(parse_qsl(request.query)).get("coat", "plain")]

    inner = ErrorPagesMiddleware(_application, pages=chosen)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            code = int(status[:3])
            return start_response(f"{SHOWN_AS.get(code, code)} {status[4:]}", headers, *more)

        return inner(environ, start)

    return application
