"""The system's Chromium, driven by Playwright, and a site whose pages it opens."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.exceptions import HTTPException, abort
from werkzeug.wrappers import Request, Response

import errorpages
from errorpages import ErrorPages
from errorpages.rendering import THEMES
from errorpages.wsgi import ErrorPagesMiddleware

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; skip without it, but fail where nothing may be skipped.

    For one module: as long as Playwright runs, the thread has a running event loop.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        message = "Debian's chromium is not installed"
        if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@Request.application
def _site(request: Request) -> Response:
    """Answer /404 with a 404, and so on; the query's fields become the response's."""
    try:
        abort(int(request.path.strip("/") or 404), request.args.get("message"))
    except HTTPException as error:
        response = Response.force_type(error.get_response(request.environ), request.environ)
        for name in ("Retry-After", "Content-Security-Policy"):
            if name in request.args:
                response.headers[name] = request.args[name]
        return response


def _query(request: errorpages.Request) -> dict[str, str]:
    return dict(parse_qsl(request.query))


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the site, wrapped, on a free port, and give its address."""
    themes = {theme: ErrorPages(theme=theme, site_name="Acme Billing", support_url="/help") for theme in THEMES}
    application = ErrorPagesMiddleware(_site, pages=lambda request: themes[_query(request).get("theme", "plain")])
    with make_server("127.0.0.1", 0, application, handler_class=_QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
