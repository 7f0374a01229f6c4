"""The Starlette example does what its docstring promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Get = Callable[..., httpx.Response]


@pytest.fixture
def app(load: Callable[[str], Any]) -> Any:
    return load("starlette_app.py").app


def test_a_missing_show_becomes_a_page_in_the_shops_words(app: Any, asgi_get: Get, browser: str) -> None:
    response = asgi_get(app, "/shows/musical", browser)
    assert response.status_code == 404
    assert "<h1>No such show</h1>" in response.text
    assert "No show is called musical." in response.text


def test_a_page_that_is_marked_stays_and_the_mark_goes(app: Any, asgi_get: Get, browser: str) -> None:
    response = asgi_get(app, "/shows/cinema", browser)
    assert response.status_code == 409
    assert response.text.startswith("<h1>Sold out</h1>")
    assert "X-Error-Pages" not in response.headers


def test_a_timeout_becomes_504_without_its_words(app: Any, asgi_get: Get, browser: str) -> None:
    response = asgi_get(app, "/pay", browser)
    assert response.status_code == 504
    assert "<h1>This took too long</h1>" in response.text
    assert "<dt>Reference</dt>" in response.text
    assert "10.0.0.7" not in response.text
