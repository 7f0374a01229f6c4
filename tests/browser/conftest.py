"""The system's Chromium, driven by Playwright, and a site whose pages it opens in English and two made-up languages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.browser.site import coats, served, wrapped
from tests.browser.visitor import Visitor
from tests.pseudo_locales import installed, write_catalogues

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FONTS = Path(__file__).parents[2] / "docs" / "pictures" / "fonts.conf"
"""The same letters on every machine: how many of them fit a line depends on the font."""
LIBERATION = Path("/usr/share/fonts/truetype/liberation")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium with the fonts of the pictures; skip without either, but fail where nothing may be skipped.

    For one module: as long as Playwright runs, the thread has a running event loop.
    """
    chromium = shutil.which("chromium")
    if chromium is None or not LIBERATION.is_dir():
        message = f"Debian's {'chromium' if chromium is None else 'fonts-liberation'} is not installed"
        if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=ARGUMENTS, env={**os.environ, "FONTCONFIG_FILE": str(FONTS)}
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the made-up languages."""
    folder = tmp_path_factory.mktemp("locale")
    write_catalogues(folder)
    return folder


@pytest.fixture(scope="module")
def site(catalogues: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the site in every coat, and give its address."""
    with installed(catalogues), served(wrapped(coats(tmp_path_factory.mktemp("templates")))) as address:
        yield address


@pytest.fixture(scope="module")
def window(browser: Browser, site: str) -> Iterator[Visitor]:
    """One window on the site; opening one for each test would take longer than the tests."""
    with browser.new_context() as context:
        yield Visitor(context.new_page(), site)


@pytest.fixture
def visitor(window: Visitor) -> Visitor:
    """The window as it came, whatever a test before did to it."""
    window.reset()
    return window


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile for the tests that bring a site of their own."""
    with browser.new_context() as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A fresh window."""
    page = context.new_page()
    yield page
    page.close()
