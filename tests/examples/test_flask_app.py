"""The Flask example does what its docstring promises."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

Get = Callable[..., httpx.Response]


@pytest.fixture
def app(load: Callable[[str], Any]) -> Any:
    return load("flask_app.py").app


def test_an_invoice_that_exists_is_shown(app: Any, wsgi_get: Get, browser: str) -> None:
    assert wsgi_get(app, "/invoices/1041", browser).text == "Invoice 1041: 120.00 EUR"


def test_a_missing_invoice_becomes_a_page_with_the_applications_own_words(
    app: Any, wsgi_get: Get, browser: str
) -> None:
    response = wsgi_get(app, "/invoices/9", browser)
    assert response.status_code == 404
    assert response.headers["X-Error-Pages"] == "page"
    assert "<title>Page not found – Acme Invoices</title>" in response.text
    assert "There is no invoice 9. Cancelled invoices keep their number for two years." in response.text
    assert "#7a1f5c" in response.text


def test_an_exception_becomes_a_page_with_a_reference_and_without_its_words(
    app: Any, wsgi_get: Get, browser: str
) -> None:
    response = wsgi_get(app, "/invoices/1043", browser)
    assert response.status_code == 500
    assert "<dt>Reference</dt>" in response.text
    assert "ledger" not in response.text


def test_a_script_gets_its_json_untouched(app: Any, wsgi_get: Get) -> None:
    response = wsgi_get(app, "/api/invoices/9", "application/json")
    assert (response.status_code, response.json()) == (404, {"error": "No such invoice"})


def test_a_page_says_when_to_try_again(app: Any, wsgi_get: Get, browser: str) -> None:
    response = wsgi_get(app, "/export", browser)
    assert 600 <= int(response.headers["Retry-After"]) <= 660  # spread, so that not everybody returns at once
    assert re.search(r"Please try again in about 1[01] minutes\.", response.text)
