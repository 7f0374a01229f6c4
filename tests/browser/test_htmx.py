"""htmx, the real one in two versions: a failed request fills its target, and a whole page is asked for as one."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.site import served
from tests.pseudo_locales import RTL, installed
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from errorpages.wsgi import ErrorPagesMiddleware

pytestmark = pytest.mark.browser

DOCUMENT = (Path(__file__).parents[2] / "docs" / "htmx-and-turbo.md").read_text(encoding="utf-8")
CONFIGURATION = re.findall(r"^```html\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)[0]
PAGES = {
    "/": """
<h1>Shop</h1><div id="target">Empty</div>
<button id="404" hx-get="/404" hx-target="#target">Gone</button>
<button id="422" hx-post="/422" hx-target="#target">Send</button>
<button id="500" hx-get="/500" hx-target="#target">Fail</button>
<a id="boosted" hx-boost="true" href="/410">Removed</a>
<a id="first" hx-get="/parts/1" hx-target="#target" hx-push-url="/list/1" href="#">List</a>
<a id="second" hx-get="/parts/2" hx-target="#target" hx-push-url="/list/2" href="#">List</a>
""",
    "/parts/1": "<p>One</p>",
    "/parts/2": "<p>Two</p>",
}
TITLES = {
    "404": "Page not found",
    "422": "Some details couldn't be accepted",
    "500": "There's a problem with the service",
}
versions = pytest.mark.parametrize("version", [2, 4])


def library(version: int) -> str:
    """Read htmx as django-htmx ships it."""
    files = importlib.metadata.files("django-htmx") or []
    (found,) = [file for file in files if file.name == f"htmx-{version}.min.js"]
    return found.read_text()


@pytest.fixture(scope="module")
def shop(catalogues: Path) -> Iterator[str]:
    """Serve a site that uses htmx."""

    @Request.application
    def application(request: Request) -> Response:
        if request.path.startswith("/htmx-"):
            return Response(library(int(request.path[-1])), mimetype="text/javascript")
        if request.path.startswith("/parts/"):
            return Response(PAGES[request.path], mimetype="text/html")
        if request.path == "/":
            version = request.args.get("version", "2")
            head = f"<link rel=icon href='data:,'><script src='/htmx-{version}'></script>{CONFIGURATION}"
            page = f"<!doctype html><html lang=en><head><title>Shop</title>{head}</head><body>{PAGES[request.path]}"
            return Response(page, mimetype="text/html")
        error = HTTPException()
        error.code = 404 if request.path.startswith("/list/") else int(request.path[1:])
        return Response.force_type(error.get_response(request.environ), request.environ)

    with installed(catalogues), served(ErrorPagesMiddleware(application, site_name="Shop")) as address:
        yield address


def test_the_libraries_are_what_their_names_say() -> None:
    for version in (2, 4):
        assert re.search(rf"""version ?[:=] ?["']{version}\.""", library(version))


@versions
@pytest.mark.parametrize("status", TITLES)
def test_a_failed_request_fills_its_target_with_the_main_element_alone(
    shop: str, page: Page, version: int, status: str
) -> None:
    page.goto(f"{shop}/?version={version}")
    page.click(f"[id='{status}']")
    expect(page.locator("#target h1")).to_have_text(TITLES[status])
    assert page.locator("#target > main").count() == 1
    assert page.locator("#target > *").count() == 1, "neither style nor title"
    assert page.title() == "Shop"


@versions
def test_what_fills_a_target_has_a_language_and_direction_of_its_own(shop: str, page: Page, version: int) -> None:
    page.set_extra_http_headers({"Accept-Language": RTL})
    page.goto(f"{shop}/?version={version}")
    page.click("[id='404']")
    expect(page.locator("#target > main")).to_have_attribute("lang", RTL)
    assert page.evaluate("getComputedStyle(document.querySelector('#target h1')).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.body).direction") == "ltr"


@versions
def test_a_boosted_link_gets_the_whole_page(shop: str, page: Page, version: int) -> None:
    page.goto(f"{shop}/?version={version}")
    with page.expect_response("**/410") as answer:
        page.click("#boosted")
    expect(page.locator("h1")).to_have_text("This page has been removed")
    assert "hx-boosted" in answer.value.request.headers
    assert answer.value.text().startswith("<!doctype html>")
    assert page.url.endswith("/410")
    assert page.locator("main").count() == 1 and page.locator("header").count() == 1


@versions
def test_a_restored_page_that_is_gone_gets_the_whole_page(shop: str, page: Page, version: int) -> None:
    page.goto(f"{shop}/?version={version}")
    for name, text in (("first", "One"), ("second", "Two")):
        page.click(f"#{name}")
        expect(page.locator("#target p")).to_have_text(text)
    page.evaluate("sessionStorage.removeItem('htmx-history-cache')")
    with page.expect_response("**/list/1") as answer:
        page.go_back()
    assert answer.value.status == 404
    assert answer.value.request.headers["hx-history-restore-request"] == "true"
    assert answer.value.text().startswith("<!doctype html>")
    if version == 4:  # htmx 2 shows no failed page of its history
        expect(page.locator("h1")).to_have_text("Page not found")
        assert page.locator("header").count() == 1
