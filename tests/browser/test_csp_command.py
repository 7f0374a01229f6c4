"""What `errorpages csp` prints, set by an outer layer as a proxy would, in Chromium."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from errorpages.library import THEMES
from errorpages.tools.cli import cli
from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

pytestmark = pytest.mark.browser

LOGO = '<svg viewBox="0 0 8 8" aria-hidden="true"><path fill="#0b5c4a" d="M0 0h8v8z"/></svg>'
ACCENT = "#7a1f5c"
STATUSES = (403, 404, 429, 503)


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def _failing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer /404 with an empty 404, and so on."""
    start_response(f"{environ['PATH_INFO'].strip('/')} Trouble", [("Retry-After", "120")])
    return []


def _with_policy(application: WSGIApplication, policy: str) -> WSGIApplication:
    """Stand outside of an application, and set one policy on all that it sends."""

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def with_policy(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            assert "content-security-policy" not in {name.lower() for name, _ in headers}
            return start_response(status, [*headers, ("Content-Security-Policy", policy)], exc_info)

        return application(environ, with_policy)

    return outer


@contextmanager
def served(application: WSGIApplication) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, handler_class=_QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def visit(browser: Browser, application: WSGIApplication) -> tuple[list[str], set[str]]:
    """Open a page for each status; returns what the console says beside the status, and the list's styles."""
    said: list[str] = []
    styles: set[str] = set()
    with served(application) as address, browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for status in STATUSES:
            answer = page.goto(f"{address}/{status}")
            assert answer is not None and answer.status == status
            styles.add(page.evaluate("getComputedStyle(document.querySelector('.actions')).listStyleType"))
    return [text for text in said if "the server responded with a status of" not in text], styles


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "options",
    [pytest.param({}, id="as it comes"), pytest.param({"accent": ACCENT, "logo": LOGO}, id="an accent and a logo")],
)
def test_a_page_is_styled_under_the_printed_policy_alone(
    browser: Browser, tmp_path: Path, theme: str, options: dict[str, Any]
) -> None:
    (tmp_path / "logo.svg").write_text(LOGO)
    more = ["--accent", ACCENT, "--logo", str(tmp_path / "logo.svg")] if options else []
    (row,) = json.loads(CliRunner().invoke(cli, ["csp", "--theme", theme, *more, "--json"]).output)
    application = ErrorPagesMiddleware(
        _failing, theme=theme, csp=None, site_name="Acme", support_url="/help", **options
    )
    said, styles = visit(browser, _with_policy(application, row["value"]))
    assert (said, styles) == ([], {"none"})


def test_a_page_with_another_accent_is_not_styled_under_it(browser: Browser) -> None:
    (row,) = json.loads(CliRunner().invoke(cli, ["csp", "--json"]).output)
    application = ErrorPagesMiddleware(_failing, csp=None, accent=ACCENT)
    said, styles = visit(browser, _with_policy(application, row["value"]))
    assert any("Content Security Policy" in text for text in said)
    assert "none" not in styles
