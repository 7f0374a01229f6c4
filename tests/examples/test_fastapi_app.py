"""The FastAPI example does what its docstring promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Get = Callable[..., httpx.Response]
DETAIL = "Parcel 7 is not ours, or was delivered over a year ago."


@pytest.fixture
def app(load: Callable[[str], Any]) -> Any:
    return load("fastapi_app.py").app


@pytest.mark.parametrize(
    "accept", [pytest.param("application/json", id="asks for JSON"), pytest.param("*/*", id="asks for nothing")]
)
def test_a_program_gets_its_json_untouched(app: Any, asgi_get: Get, accept: str) -> None:
    response = asgi_get(app, "/parcels/7", accept)
    assert response.headers["Content-Type"] == "application/json"
    assert (response.status_code, response.json()) == (404, {"detail": DETAIL})


def test_a_browser_gets_a_page_with_the_same_words(app: Any, asgi_get: Get, browser: str) -> None:
    response = asgi_get(app, "/parcels/7", browser)
    assert response.status_code == 404
    assert response.headers["X-Error-Pages"] == "page"
    assert DETAIL in response.text


def test_validation_errors_stay_even_in_a_browser(app: Any, asgi_get: Get, browser: str) -> None:
    response = asgi_get(app, "/parcels/seven", browser)
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == "int_parsing"


def test_an_exception_becomes_a_page_with_a_reference_and_without_its_words(
    app: Any, asgi_get: Get, browser: str
) -> None:
    response = asgi_get(app, "/parcels/1/signature", browser)
    assert response.status_code == 500
    assert "<dt>Reference</dt>" in response.text
    assert "/mnt/signatures" not in response.text
