"""The page under every Content-Security-Policy: styled and silent where it may be, readable where it may not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.browser.site import NONCE
from tests.browser.visitor import Visitor

from errorpages.library import THEMES

pytestmark = pytest.mark.browser

TIME = re.compile(r"\d\d:\d\d")
NO_STYLE = "default-src 'self'; style-src 'none'"
POLICIES = [
    pytest.param({}, id="none but the page's own"),
    pytest.param({"csp": "default-src 'self'"}, id="default-src 'self'"),
    pytest.param({"csp": "default-src 'none'"}, id="default-src 'none'"),
    pytest.param({"csp": "style-src 'self'"}, id="style-src 'self'"),
    pytest.param({"csp": "default-src 'none'; style-src 'self'; img-src 'self'"}, id="a list for each kind"),
    pytest.param({"csp": "style-src-elem 'none'; style-src 'self'; img-src 'none'"}, id="style-src-elem"),
    pytest.param({"csp": "default-src 'self'; style-src 'self' 'nonce-abc'"}, id="a nonce for styles"),
    pytest.param({"csp": "default-src 'self' 'unsafe-inline'; img-src *"}, id="'unsafe-inline' and a wildcard"),
    pytest.param(
        {"csp": "script-src 'strict-dynamic' 'nonce-abc'; object-src 'none'; base-uri 'none'"}, id="'strict-dynamic'"
    ),
    pytest.param(
        {"csp": "default-src 'self' 'strict-dynamic' 'nonce-abc'; require-trusted-types-for 'script'"},
        id="'strict-dynamic' for everything",
    ),
    pytest.param({"csp": ["default-src 'self'", "style-src 'self'; frame-ancestors 'none'"]}, id="two fields"),
    pytest.param({"csp": "default-src 'self', img-src 'none'; style-src 'self'"}, id="two policies in one field"),
    pytest.param({"report_only": "default-src 'none'"}, id="one that only reports"),
    pytest.param({"csp": "style-src 'self'", "report_only": "style-src 'none', default-src 'self'"}, id="both kinds"),
    pytest.param({"csp": "default-src 'self'; sandbox"}, id="a sandbox"),
]


@pytest.mark.parametrize("policies", POLICIES)
def test_a_page_is_styled_and_violates_nothing(visitor: Visitor, policies: dict[str, Any]) -> None:
    visitor.open(404, **policies)
    assert visitor.is_styled()
    assert visitor.complaints == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_is_styled_under_its_own_policy_and_a_strict_one(visitor: Visitor, theme: str) -> None:
    for policies in ({}, {"csp": "default-src 'none'"}, {"csp": "default-src 'self'", "report_only": "img-src 'none'"}):
        visitor.open(503, coat=f"{theme} dressed", **policies)
        assert visitor.is_styled()
        assert visitor.complaints == []


def test_a_page_under_its_own_policy_can_load_and_run_nothing(visitor: Visitor) -> None:
    visitor.open(404)
    with visitor.page.expect_console_message(lambda message: "img-src (enforce)" in message.text):
        visitor.page.evaluate("new Image().src = '/picture.png'")
    with visitor.page.expect_console_message(lambda message: "script-src-elem (enforce)" in message.text):
        visitor.page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: '1'}))")


@pytest.mark.parametrize("theme", THEMES)
def test_a_policy_that_must_not_be_changed_and_forbids_style_leaves_the_same_text_in_the_same_order(
    visitor: Visitor, theme: str
) -> None:
    asked = {"coat": f"{theme} untouched policy", "retry_after": "120", "reference": "req-1"}
    visitor.open(503, **asked)
    styled = visitor.text("main")
    assert visitor.is_styled()
    visitor.open(503, csp=NO_STYLE, **asked)
    assert not visitor.is_styled()
    assert any("style-src" in complaint for complaint in visitor.complaints)
    assert TIME.sub("", visitor.text("main")) == TIME.sub("", styled)
    assert visitor.text("h1") and visitor.page.locator("main a").first.is_visible()
    assert visitor.overflows() == []


def test_without_a_policy_at_all_the_page_is_styled(visitor: Visitor) -> None:
    response = visitor.open(404, coat="plain untouched policy")
    assert "content-security-policy" not in response.headers
    assert visitor.is_styled()
    assert visitor.complaints == []


def test_a_policy_of_ones_own_is_sent_as_it_is(visitor: Visitor) -> None:
    response = visitor.open(404, coat="own policy", csp="default-src 'none'")
    assert response.headers["content-security-policy"] == "default-src 'self'; style-src 'unsafe-inline'; img-src data:"
    assert visitor.is_styled()
    assert visitor.complaints == []


def test_a_nonce_lets_the_page_through_a_policy_that_names_it(visitor: Visitor) -> None:
    visitor.open(404, coat="nonce", csp=f"default-src 'none'; style-src 'nonce-{NONCE}'; img-src data:")
    assert visitor.is_styled()
    assert visitor.complaints == []
    visitor.open(404, coat="nonce", csp="default-src 'none'; style-src 'nonce-another'; img-src data:")
    assert not visitor.is_styled()


def test_an_own_template_gets_no_policy_and_keeps_the_applications(visitor: Visitor) -> None:
    response = visitor.open(404, coat="own templates")
    assert "content-security-policy" not in response.headers
    assert visitor.is_styled()
    response = visitor.open(404, coat="own templates", csp=NO_STYLE)
    assert response.headers["content-security-policy"] == NO_STYLE
    assert not visitor.is_styled()
