"""Turbo, the real one: links, forms and frames that lead to an error show its page, and leave no trace of it behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect
from tests.browser.site import served
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from errorpages.wsgi import ErrorPagesMiddleware

pytestmark = pytest.mark.browser

TURBO = (Path(__file__).parent / "turbo" / "turbo.es2017-umd.js").read_text(encoding="utf-8")
DOCUMENT = (Path(__file__).parents[2] / "docs" / "htmx-and-turbo.md").read_text(encoding="utf-8")
LINES = re.findall(r"^```js\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)[0]
MAGENTA = "rgb(255, 0, 255)"
STRICT = "default-src 'self'"

HEAD = """\
<!doctype html><html lang="de"><head><title>Shop</title>
<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/site.css"{track}>
<script src="/turbo.js"></script>{script}</head>
"""
HOME = """
<body><h1>Laden</h1><ul><li>Brot</li></ul>
<a id="link" href="/404">Fehlt</a> <a id="failing link" href="/503">Ruht</a>
<form method="post" action="/403"><button id="form">Senden</button></form>
<form method="post" action="/500"><button id="failing form">Senden</button></form>
<turbo-frame id="frame"><a id="link in a frame" href="/404">Fehlt</a>
<form method="post" action="/422"><button id="form in a frame">Senden</button></form></turbo-frame></body>
"""
ASSETS = {
    "/turbo.js": (TURBO, "text/javascript"),
    "/lines.js": (LINES, "text/javascript"),
    "/site.css": (f"body {{ background: {MAGENTA} }}", "text/css"),
    "/icon.svg": ('<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
}
TITLES = {
    "link": "Page not found",
    "failing link": "The service isn't available right now",
    "form": "You don't have access to this page",
    "failing form": "There's a problem with the service",
    "link in a frame": "Page not found",
    "form in a frame": "Some details couldn't be accepted",
}
every_way = pytest.mark.parametrize("way", TITLES)


class Shop(NamedTuple):
    """A site that uses Turbo: its address, and the pages that were asked for, without assets."""

    address: str
    asked: list[str]

    def home(self, page: Page, **query: str) -> None:
        """Open its home page; ``track``, ``lines`` and ``policy`` say what it is like."""
        page.goto(self.address + "/?" + "&".join(f"{name}={value}" for name, value in query.items()))
        page.wait_for_function("window.Turbo")
        self.asked.clear()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    asked: list[str] = []
    likes: dict[str, str] = {}

    @Request.application
    def application(request: Request) -> Response:
        if request.path in ASSETS:
            text, media_type = ASSETS[request.path]
            return Response(text, mimetype=media_type)
        asked.append(f"{request.method} {request.path}")
        if request.args:
            likes.clear()
            likes.update(request.args.items())
        if request.path == "/":
            track = ' data-turbo-track="reload"' if "track" in likes else ""
            script = '<script src="/lines.js"></script>' if "lines" in likes else ""
            response = Response(HEAD.format(track=track, script=script) + HOME, mimetype="text/html")
        else:
            error = HTTPException()
            error.code = int(request.path[1:])
            response = Response.force_type(error.get_response(request.environ), request.environ)
        if "policy" in likes:
            response.headers["Content-Security-Policy"] = likes["policy"]
        return response

    with served(ErrorPagesMiddleware(application, site_name="Laden", home_url="/", languages=["en"])) as address:
        yield Shop(address, asked)


def go(page: Page, way: str) -> None:
    """Follow a link or send a form, and wait for its error."""
    page.click(f"[id='{way}']")
    expect(page.locator("h1")).to_have_text(TITLES[way])


def look(page: Page) -> dict[str, Any]:
    """See what the page looks like: the list's style is errorpages', the background the shop's."""
    found: dict[str, Any] = page.evaluate(
        "({list: getComputedStyle(document.querySelector('ul')).listStyleType,"
        " background: getComputedStyle(document.body).backgroundColor,"
        " language: document.querySelector('h1').closest('[lang]').lang})"
    )
    return found


@every_way
def test_an_error_is_shown_in_its_own_style_and_language_without_a_loop(shop: Shop, page: Page, way: str) -> None:
    shop.home(page, plain="yes")
    go(page, way)
    assert look(page) | {"background": ""} == {"list": "none", "background": "", "language": "en"}
    page.wait_for_load_state("networkidle")
    assert len(shop.asked) == 1, shop.asked


@every_way
@pytest.mark.parametrize("tracks", [pytest.param(False, id="plain"), pytest.param(True, id="with tracked assets")])
def test_leaving_an_error_leaves_no_style_behind(shop: Shop, page: Page, way: str, tracks: bool) -> None:
    shop.home(page, **({"track": "yes", "lines": "yes"} if tracks else {"plain": "yes"}))
    go(page, way)
    page.click("header a")
    expect(page.locator("h1")).to_have_text("Laden")
    page.wait_for_function("document.querySelectorAll('head style').length <= 1")  # Turbo's own, for its progress bar
    assert look(page) == {"list": "disc", "background": MAGENTA, "language": "de"}


def test_going_back_to_an_error_shows_it_again(shop: Shop, page: Page) -> None:
    shop.home(page, plain="yes")
    go(page, "link")
    with page.expect_event("load"):
        page.click("header a")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Page not found")
    expect(page.locator("ul")).to_have_css("list-style-type", "none")


@pytest.mark.parametrize("way", ["link", "form", "form in a frame"])
def test_an_error_is_readable_where_the_page_before_forbids_its_style(shop: Shop, page: Page, way: str) -> None:
    shop.home(page, policy=STRICT)
    go(page, way)
    assert look(page)["list"] == "disc"
    assert page.locator("main a").first.is_visible()
    if way != "form":  # whose address is still the form's
        page.reload()
        assert look(page)["list"] == "none", "a policy of its own lets it through"


@every_way
def test_with_the_documented_lines_an_error_is_shown_beside_tracked_assets(shop: Shop, page: Page, way: str) -> None:
    shop.home(page, track="yes", lines="yes")
    go(page, way)
    expect(page.locator("ul")).to_have_css("list-style-type", "none")


@pytest.mark.parametrize("way", ["link", "failing link"])
def test_with_the_documented_lines_a_link_leads_to_a_styled_error_under_a_strict_policy(
    shop: Shop, page: Page, way: str
) -> None:
    shop.home(page, lines="yes", policy=STRICT)
    go(page, way)
    expect(page.locator("ul")).to_have_css("list-style-type", "none")
