"""A form that Flask-WTF refuses for its token has expired, in words for who filled it in."""

from __future__ import annotations

from typing import Any

import pytest
from tests.drivers import framework

from errorpages.wsgi import ErrorPagesMiddleware

pytestmark = pytest.mark.frameworks

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def client() -> Any:
    flask, flask_wtf = framework("flask"), framework("flask_wtf")
    app = flask.Flask("shop")
    app.config["SECRET_KEY"] = "not a secret"
    flask_wtf.CSRFProtect(app)
    app.post("/order", endpoint="order")(lambda: "ordered")
    app.get("/form", endpoint="form")(lambda: flask_wtf.csrf.generate_csrf())
    app.wsgi_app = ErrorPagesMiddleware(app.wsgi_app)
    return app.test_client()


@pytest.mark.parametrize("token", [None, "forged"])
@pytest.mark.parametrize("has_session", [False, True])
def test_the_page_says_what_to_do(client: Any, token: str | None, has_session: bool) -> None:
    if has_session:
        client.get("/form")
    page = client.post("/order", data={"csrf_token": token} if token else {}, headers=BROWSER)
    assert page.status_code == 400
    assert "<h1>This form has expired</h1>" in page.text
    assert "reload that page" in page.text and "CSRF" not in page.text


def test_an_api_client_gets_the_same_words(client: Any) -> None:
    problem = client.post("/order", headers={"Accept": "application/json"}).get_json(force=True)
    assert problem["status"] == 400 and "Allow cookies for this site" in problem["detail"]


def test_a_form_with_its_token_passes(client: Any) -> None:
    token = client.get("/form").text
    assert client.post("/order", data={"csrf_token": token}).text == "ordered"
