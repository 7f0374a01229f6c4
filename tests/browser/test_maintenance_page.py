"""The page of a site that is closed for maintenance, in every theme."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext
from tests.browser.site import DRESSED, served
from tests.browser.visitor import Visitor

from errorpages import ErrorPages, Request
from errorpages.library import THEMES
from errorpages.maintenance import State
from errorpages.wsgi import ErrorPagesMiddleware

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def end() -> datetime:
    """When the site opens again, counted from the first of these tests: others may run for long before."""
    return datetime.now(UTC) + timedelta(hours=3)


def _application(environ: Any, start_response: Any) -> Any:
    raise AssertionError("the application is not called")


@pytest.fixture(scope="module")
def closed(context: BrowserContext, end: datetime) -> Iterator[Visitor]:
    """Open a window on a site that is closed; its query chooses the theme."""
    state = State(on=True, end=end, message={"": "We are moving our ledgers to a new building."})
    themes = {theme: ErrorPages(theme=theme, auto_retry=True, **DRESSED) for theme in THEMES}

    def chosen(request: Request) -> ErrorPages:
        return themes[request.query.partition("theme=")[2]]

    with served(ErrorPagesMiddleware(_application, pages=chosen, maintenance=lambda: state)) as address:
        yield Visitor(context.new_page(), address)


@pytest.mark.parametrize("theme", THEMES)
def test_it_says_why_and_until_when_and_is_accessible(closed: Visitor, end: datetime, theme: str) -> None:
    for scheme in ("light", "dark"):
        closed.reset()
        closed.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        response = closed.page.goto(f"{closed.site}/invoices?{urlencode({'theme': theme})}")
        assert response is not None
        assert (response.status, response.headers["x-error-pages"]) == (503, "maintenance")
        assert closed.text("h1") == "The service is closed for maintenance"
        assert "We are moving our ledgers to a new building." in closed.text("main")
        assert "Please try again in about 3 hours." in closed.text("main")
        assert closed.page.locator("time").first.get_attribute("datetime") == end.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert closed.axe().violations == []
        assert closed.overflows() == []
