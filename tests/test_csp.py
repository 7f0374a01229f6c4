"""The page's Content-Security-Policy: alone, merged into the application's, and on whole pages."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from tests import bodies
from tests.drivers import Answer, answer_of, ask, markup, through_core

from errorpages import ErrorPages, OptionError
from errorpages.csp import Needs, hash_source, merged, own_policy

HASH = "'sha256-abc='"
NEEDS = Needs(style=HASH, img="data:")
CSP = "Content-Security-Policy"
REPORT_ONLY = "Content-Security-Policy-Report-Only"


def test_a_page_alone_is_allowed_what_it_needs_and_nothing_else() -> None:
    expected = f"default-src 'none'; style-src {HASH}; img-src data:; base-uri 'none'; form-action 'none'"
    assert own_policy(NEEDS) == expected


def test_a_page_that_needs_nothing_is_allowed_nothing() -> None:
    assert own_policy(Needs()) == "default-src 'none'; base-uri 'none'; form-action 'none'"


def test_a_hash_source_is_that_of_the_specification() -> None:
    # CSP Level 2, section 7.17.2, has this script as its example.
    assert hash_source(b"alert('Hello, world.');") == "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


def unchanged(policy: str) -> tuple[str, str]:
    return policy, policy


MERGED = [
    pytest.param("style-src 'self'", f"style-src 'self' {HASH}", id="style-src"),
    pytest.param(
        "style-src-elem 'self'; style-src 'none'",
        f"style-src-elem 'self' {HASH}; style-src 'none'",
        id="style-src-elem is in force before style-src",
    ),
    pytest.param(
        "style-src 'none'; style-src-elem 'self'",
        f"style-src 'none'; style-src-elem 'self' {HASH}",
        id="style-src-elem is in force wherever it stands",
    ),
    pytest.param(
        "default-src 'self'; style-src 'self'",
        f"default-src 'self'; style-src 'self' {HASH}; img-src 'self' data:",
        id="style-src is in force before default-src",
    ),
    pytest.param(
        "default-src 'self'",
        f"default-src 'self'; style-src 'self' {HASH}; img-src 'self' data:",
        id="a copy of default-src",
    ),
    pytest.param(
        "default-src 'none'",
        f"default-src 'none'; style-src {HASH}; img-src data:",
        id="a copy of default-src without its 'none'",
    ),
    pytest.param("style-src 'none'", f"style-src {HASH}", id="'none' is replaced"),
    pytest.param("style-src 'NONE'", f"style-src {HASH}", id="'NONE' is replaced"),
    pytest.param("style-src", f"style-src {HASH}", id="an empty list allows nothing"),
    pytest.param("img-src 'self'", "img-src 'self' data:", id="img-src"),
    pytest.param("img-src *", "img-src * data:", id="a wildcard does not stand for data:"),
    pytest.param(*unchanged("img-src data: https:"), id="img-src that allows data: already"),
    pytest.param(*unchanged("style-src 'unsafe-inline'"), id="'unsafe-inline' allows it already"),
    pytest.param(*unchanged("style-src 'self' 'UNSAFE-INLINE'"), id="in any case"),
    pytest.param(
        "style-src 'unsafe-inline' 'nonce-abc'",
        f"style-src 'unsafe-inline' 'nonce-abc' {HASH}",
        id="'unsafe-inline' does not count beside a nonce",
    ),
    pytest.param(
        "style-src 'unsafe-inline' 'sha256-def='",
        f"style-src 'unsafe-inline' 'sha256-def=' {HASH}",
        id="'unsafe-inline' does not count beside a hash",
    ),
    pytest.param(
        "style-src 'unsafe-inline' 'sha512-def='",
        f"style-src 'unsafe-inline' 'sha512-def=' {HASH}",
        id="'unsafe-inline' does not count beside a longer hash",
    ),
    pytest.param(*unchanged(f"style-src {HASH}"), id="the very hash allows it already"),
    pytest.param(*unchanged("default-src 'unsafe-inline' data:"), id="default-src that allows everything already"),
    pytest.param(
        "default-src 'self' 'unsafe-inline'",
        "default-src 'self' 'unsafe-inline'; img-src 'self' 'unsafe-inline' data:",
        id="default-src that allows the style already",
    ),
    pytest.param(*unchanged("frame-ancestors 'none'; report-to x"), id="a policy that governs none of it"),
    pytest.param(*unchanged("script-src 'self'; connect-src 'self'"), id="a policy for scripts"),
    pytest.param(*unchanged("upgrade-insecure-requests"), id="a directive without sources"),
    pytest.param(*unchanged("style-src-attr 'none'"), id="style attributes, of which there are none"),
    pytest.param(*unchanged(""), id="an empty policy"),
    pytest.param(
        "style-src 'self'; frame-ancestors 'none'; report-uri /r; report-to x; sandbox allow-forms",
        f"style-src 'self' {HASH}; frame-ancestors 'none'; report-uri /r; report-to x; sandbox allow-forms",
        id="everything else stays",
    ),
    pytest.param(
        "style-src 'self'; style-src 'none'",
        f"style-src 'self' {HASH}; style-src 'none'",
        id="of a directive that comes again the first counts",
    ),
    pytest.param("Style-Src 'self'", f"Style-Src 'self' {HASH}", id="a directive's name in any case"),
    pytest.param("  style-src   'self'  ; ", f"style-src 'self' {HASH}", id="blanks and an empty directive"),
    pytest.param(
        "style-src 'self', style-src 'none'",
        f"style-src 'self' {HASH}, style-src {HASH}",
        id="every policy of one field",
    ),
    pytest.param(
        "frame-ancestors 'none', style-src 'none'",
        f"frame-ancestors 'none', style-src {HASH}",
        id="of several policies only those that govern it",
    ),
]


@pytest.mark.parametrize("field", [CSP, REPORT_ONLY, CSP.lower()])
@pytest.mark.parametrize(("policy", "expected"), MERGED)
def test_the_applications_policy_lets_the_page_through(field: str, policy: str, expected: str) -> None:
    assert merged(((field, policy),), NEEDS) == ((field, expected),)


def test_every_policy_field_lets_the_page_through_and_the_others_stay() -> None:
    headers = (("A", "style-src 'self'"), (CSP, "style-src 'self'"), (REPORT_ONLY, "img-src *"), (CSP, "img-src a"))
    assert merged(headers, NEEDS) == (
        ("A", "style-src 'self'"),
        (CSP, f"style-src 'self' {HASH}"),
        (REPORT_ONLY, "img-src * data:"),
        (CSP, "img-src a data:"),
    )


@pytest.mark.parametrize("policy", [str(case.values[0]) for case in MERGED])
def test_a_page_that_needs_nothing_changes_no_policy(policy: str) -> None:
    assert merged(((CSP, policy),), Needs()) == ((CSP, policy.strip()),)


@pytest.mark.parametrize("policy", [str(case.values[1]) for case in MERGED])
def test_a_policy_that_lets_the_page_through_is_left_alone(policy: str) -> None:
    assert merged(((CSP, policy),), NEEDS) == ((CSP, policy),)


# -- on pages ----------------------------------------------------------------------------------------------------------


def page(policy: str | None = None, *, field: str = CSP, accept: str = "text/html", **options: Any) -> Answer:
    headers = [] if policy is None else [(field, policy)]
    return answer_of(ErrorPages(**options).page(ask(accept), 404, headers=headers))


def style_hash(answer: Answer) -> str:
    (style,) = re.findall(rb"<style[^>]*>(.*?)</style>", answer.body, re.DOTALL)
    return f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"


def test_a_pages_policy_has_the_hash_of_the_style_that_is_sent() -> None:
    answer = page()
    expected = f"default-src 'none'; style-src {style_hash(answer)}; img-src data:; base-uri 'none'; form-action 'none'"
    assert answer.field(CSP) == expected


def test_the_hash_follows_the_accent() -> None:
    answer = page(accent="#004488")
    assert style_hash(answer) in str(answer.field(CSP))
    assert style_hash(answer) != style_hash(page())


def test_the_hash_is_the_same_for_every_page_of_a_site() -> None:
    site = ErrorPages(site_name="Acme")
    hashes = {style_hash(answer_of(site.page(ask("text/html"), status, message="No"))) for status in (400, 404, 503)}
    assert len(hashes) == 1


@pytest.mark.parametrize("field", [CSP, REPORT_ONLY])
def test_the_applications_policy_is_merged_on_a_page(field: str) -> None:
    answer = page("default-src 'self'; frame-ancestors 'none'", field=field)
    assert answer.field(field) == (
        f"default-src 'self'; frame-ancestors 'none'; style-src 'self' {style_hash(answer)}; img-src 'self' data:"
    )


def test_a_policy_that_governs_none_of_it_stays_alone() -> None:
    assert page("frame-ancestors 'none'").field(CSP) == "frame-ancestors 'none'"


@pytest.mark.parametrize("policy", [None, "default-src 'self'"])
def test_csp_none_adds_and_changes_nothing(policy: str | None) -> None:
    assert page(policy, csp=None).field(CSP) == policy


@pytest.mark.parametrize("policy", [None, "default-src 'self'"])
def test_a_policy_in_the_options_is_sent_as_it_is(policy: str | None) -> None:
    assert page(policy, csp="style-src 'unsafe-inline'").field(CSP) == "style-src 'unsafe-inline'"


@pytest.mark.parametrize("policy", [None, "style-src 'nonce-c2Vzc2lvbg=='"])
def test_a_nonce_stands_on_the_style_and_leaves_the_policy_alone(policy: str | None) -> None:
    answer = page(policy, csp=lambda request: "c2Vzc2lvbg==")
    assert '<style nonce="c2Vzc2lvbg==" ' in answer.text
    assert answer.field(CSP) == policy
    assert answer.field("Cache-Control") == "private, no-store"


def test_each_request_gets_its_own_nonce() -> None:
    nonces = iter(["Zmlyc3Q", "c2Vjb25k"])
    site = ErrorPages(csp=lambda request: next(nonces))
    assert 'nonce="Zmlyc3Q"' in answer_of(site.page(ask("text/html"), 404)).text
    second = answer_of(site.page(ask("text/html"), 404)).text
    assert 'nonce="c2Vjb25k"' in second and "Zmlyc3Q" not in second


@pytest.mark.parametrize("nonce", ['"><script>', "a b", "", "a\n", "'self'", 7])
def test_a_nonce_that_is_none_is_rejected(nonce: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = page(csp=lambda request: nonce)
    assert "nonce" not in answer.text and "<script>" not in answer.text
    assert "csp" in caplog.text


@pytest.mark.parametrize("accept", ["text/plain", "text/markdown", "application/json", "application/xml"])
def test_a_policy_is_for_html_only(accept: str) -> None:
    assert page(accept=accept).field(CSP) is None
    assert page("default-src 'self'", accept=accept).field(CSP) == "default-src 'self'"


def test_a_kept_response_keeps_its_policy() -> None:
    response = markup('<body class="shop">', 404, (CSP, "default-src 'self'"))
    assert through_core(ErrorPages(), ask(), response).headers == response.headers


def test_a_fragment_is_governed_by_the_page_that_it_is_put_into() -> None:
    request = ask("text/html", hx_request="true")
    assert through_core(ErrorPages(), request, markup(bodies.werkzeug())).field(CSP) is None


@pytest.mark.parametrize("csp", ["a\r\nb", "", " ", "caf\u00e9", 7, True])
def test_a_policy_that_can_not_be_sent_is_an_error(csp: Any) -> None:
    with pytest.raises(OptionError, match="csp"):
        ErrorPages(csp=csp)


SCRIPT = "'sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc='"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(
            "script-src 'none'; connect-src 'none'",
            f"script-src {SCRIPT}; connect-src 'self'",
            id="'none' gives way",
        ),
        pytest.param(
            "script-src-elem 'self'; script-src 'none'; connect-src https://api.example",
            f"script-src-elem 'self' {SCRIPT}; script-src 'none'; connect-src https://api.example 'self'",
            id="the directive in force",
        ),
        pytest.param(
            "default-src https:",
            f"default-src https:; script-src https: {SCRIPT}; connect-src https: 'self'",
            id="a copy of default-src",
        ),
        pytest.param(
            "script-src 'strict-dynamic' 'nonce-abc'",
            f"script-src 'strict-dynamic' 'nonce-abc' {SCRIPT}",
            id="a hash stands beside a nonce",
        ),
        pytest.param(*unchanged("script-src 'unsafe-inline'; connect-src 'SELF'"), id="what allows it already"),
        pytest.param(*unchanged("connect-src *"), id="any address is this one too"),
        pytest.param(*unchanged("style-src 'self'"), id="a policy for styles"),
    ],
)
def test_the_applications_policy_lets_the_retry_script_through(policy: str, expected: str) -> None:
    assert merged(((CSP, policy),), Needs(script=SCRIPT, connect="'self'")) == ((CSP, expected),)


def test_the_own_policy_allows_the_retry_script_and_its_probes() -> None:
    policy = own_policy(Needs(script=SCRIPT, connect="'self'"))
    assert policy == f"default-src 'none'; script-src {SCRIPT}; connect-src 'self'; base-uri 'none'; form-action 'none'"
