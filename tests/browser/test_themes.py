"""Every theme in Chromium, with axe: accessible, readable, and still itself in every mode."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from errorpages import catalogue
from errorpages.rendering import THEMES

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
FULL = {"message": "No invoice with the number 2026-0417.", "Retry-After": "120"}
STATUSES = [status.code for status in catalogue if status.title]
SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""  # WCAG 2.2, success criterion 1.4.12
themes = pytest.mark.parametrize("theme", THEMES)


def visit(page: Page, site: str, theme: str, status: int, **query: str) -> None:
    page.goto(f"{site}/{status}?{urlencode({'theme': theme, **query})}")


def is_as_wide_as_the_window(page: Page) -> bool:
    fits: bool = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return fits


@themes
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_axe_finds_nothing(
    browser: Browser, site: str, theme: str, status: int, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        visit(page, site, theme, status, **FULL)
        assert Axe().run(page, options=RULES).response["violations"] == []


@themes
def test_axe_finds_nothing_on_any_status(browser: Browser, site: str, theme: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        for status in STATUSES[THEMES.index(theme) :: len(THEMES)]:
            visit(page, site, theme, status)
            assert Axe().run(page, options=RULES).response["violations"] == [], status


@themes
@pytest.mark.parametrize("size", [(320, 256), (390, 844), (1280, 720)], ids=lambda size: f"{size[0]} pixels")
def test_nothing_is_wider_than_the_window(browser: Browser, site: str, theme: str, size: tuple[int, int]) -> None:
    viewport: Any = {"width": size[0], "height": size[1]}
    with browser.new_context(viewport=viewport, bypass_csp=True) as context:
        page = context.new_page()
        visit(page, site, theme, 503, **{**FULL, "message": "W" * 300})
        assert is_as_wide_as_the_window(page)
        page.add_style_tag(content="html { font-size: 200% !important }")
        assert is_as_wide_as_the_window(page)
        page.add_style_tag(content=SPACING)
        assert is_as_wide_as_the_window(page)


@themes
def test_the_heading_and_links_show_in_print_and_forced_colours(browser: Browser, site: str, theme: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        visit(page, site, theme, 503)
        page.emulate_media(forced_colors="active")
        assert page.locator("h1").is_visible() and page.locator(".actions a").first.is_visible()
        page.emulate_media(media="print", forced_colors="none")
        assert page.locator("h1").is_visible()
        assert page.evaluate("getComputedStyle(document.body).color") in ("rgb(0, 0, 0)", "rgb(27, 31, 36)")


@themes
def test_nothing_moves(browser: Browser, site: str, theme: str) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        visit(page, site, theme, 503)
        assert page.evaluate("document.getAnimations().length") == 0


def test_the_themes_look_different_from_one_another(browser: Browser, site: str) -> None:
    pictures = set()
    with browser.new_context() as context:
        page = context.new_page()
        for theme in THEMES:
            visit(page, site, theme, 404)
            pictures.add(page.screenshot())
    assert len(pictures) == len(THEMES)
