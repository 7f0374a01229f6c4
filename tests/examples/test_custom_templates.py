"""The example with templates of its own does what its docstring promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Get = Callable[..., httpx.Response]


@pytest.fixture
def app(load: Callable[[str], Any]) -> Any:
    return load("custom_templates/app.py").app


def test_404_extends_the_built_in_page_and_changes_two_blocks(app: Any, wsgi_get: Get, browser: str) -> None:
    response = wsgi_get(app, "/recipes/borscht", browser)
    assert response.status_code == 404
    assert "<h1>No such recipe</h1>" in response.text
    assert '<a href="/recipes/goulash">Goulash</a>' in response.text
    assert "Nobody has written down borscht yet." in response.text
    assert '<dl aria-label="Details">' in response.text


def test_404_has_a_text_of_its_own_for_terminals(app: Any, wsgi_get: Get) -> None:
    response = wsgi_get(app, "/recipes/borscht", "text/plain")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("No such recipe.\n\nNobody has written down borscht yet.\n\nTry one of these:\n")
    assert "- /recipes/ramen\n" in response.text


def test_every_other_error_is_the_sites_own_whole_page(app: Any, wsgi_get: Get, browser: str) -> None:
    response = wsgi_get(app, "/recipes/ramen/edit", browser)
    assert response.status_code == 403
    assert "Georgia,serif" in response.text
    assert "Only its author can change a recipe." in response.text


def test_what_is_no_error_is_left_alone(app: Any, wsgi_get: Get, browser: str) -> None:
    assert wsgi_get(app, "/recipes/ramen", browser).text == "Broth, noodles, an egg."
