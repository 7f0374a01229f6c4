"""The page of the theme ``plain`` as a visitor sees it."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = pytest.mark.browser

SIZES = [
    pytest.param({"width": 320, "height": 256}, id="narrow"),
    pytest.param({"width": 390, "height": 844}, id="telephone"),
    pytest.param({"width": 1280, "height": 720}, id="desk"),
]
SCHEMES = [pytest.param("light", id="light"), pytest.param("dark", id="dark")]

LONG = "W" * 300 + " <script>alert(1)</script> \u202eabc"


def opened(page: Page, site: str, status: int, **query: str) -> list[str]:
    """Open a page, and collect what the console says beyond the status itself."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if f"status of {status}" not in message.text:
            said.append(message.text)

    page.on("console", note)
    answer = page.goto(f"{site}/{status}?{urlencode(query)}")
    assert answer is not None and answer.status == status
    return said


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("status", [404, 503])
def test_the_page_is_styled_and_fits_the_window(
    browser: Browser, site: str, status: int, size: Any, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        said = opened(page, site, status, message=LONG, **{"Retry-After": "120"})
        assert said == []
        assert [url for url in requests if not url.startswith("data:")] == [page.url]
        assert page.locator("h1").count() == page.locator("main").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(21, 24, 28)")


def test_a_message_is_shown_as_text(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        said = opened(page, site, 404, message="<script>document.title = 'taken'</script>No such invoice")
        assert said == []
        assert page.title() == "Page not found – Acme Billing"
        assert "<script>" in page.locator("blockquote").inner_text()


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("default-src 'self'", id="only default-src"),
        pytest.param("default-src 'none'; style-src 'self'", id="style-src"),
        pytest.param("style-src-elem 'none'; img-src 'self'", id="style-src-elem and img-src"),
        pytest.param("default-src 'self'; style-src 'self' 'nonce-abc'", id="a nonce"),
    ],
)
def test_the_page_is_styled_under_the_sites_own_policy(browser: Browser, site: str, policy: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        said = opened(page, site, 404, **{"Content-Security-Policy": policy})
        assert said == []
        assert page.evaluate("getComputedStyle(document.querySelector('.actions')).listStyleType") == "none"


def test_every_link_can_be_reached_by_the_keyboard_and_shows_it(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        opened(page, site, 503)
        reached = []
        for _ in range(page.locator("a").count()):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.textContent"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        assert reached == ["Acme Billing", "Try again", "Go to the home page", "Get help"]


def test_a_large_target_is_offered_for_each_link(browser: Browser, site: str) -> None:
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        opened(page, site, 503)
        heights = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getBoundingClientRect().height)")
        assert min(heights) >= 44


def test_the_page_reads_the_same_without_its_style(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        opened(page, site, 404)
        styled = page.locator("main").inner_text().split()
        page.evaluate("document.querySelector('style').remove()")
        assert page.locator("main").inner_text().split() == styled
