"""The rows of the table by their numbers, and what must hold for any response."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import bodies
from tests.drivers import BROWSER, HTML, JSON, TEXT, XML

from errorpages.negotiation import Preferences
from errorpages.replacement import Case, Rules, Verdict, judge
from errorpages.stock import LOOK_LIMIT

RULES = Rules("stock", ("html", "json", "text", "markdown", "xml"), False)
NAVIGATING = Preferences(accept=BROWSER)
ANYTHING = Preferences(accept="*/*")
DATA = Preferences(accept="application/json")
SCRIPT = Preferences(accept=BROWSER, sec_fetch_dest="empty")

KEEP, REPLACE, CONVERT, LOOK, ASK = Verdict.KEEP, Verdict.REPLACE, Verdict.CONVERT, Verdict.LOOK, Verdict.ASK


def case(
    type: str,
    body: str | bytes | None,
    preferences: Preferences = NAVIGATING,
    status: int = 404,
    method: str = "GET",
    **fields: str,
) -> Case:
    content = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-"): value for name, value in fields.items()} | {"content-type": type}
    return Case.of(status, named, method, preferences)._replace(body=content)


@pytest.mark.parametrize(
    ("given_", "verdict", "row"),
    [
        pytest.param(case(TEXT, "no", content_disposition="attachment"), KEEP, 4, id="an attachment"),
        pytest.param(case(TEXT, "no", content_encoding="br"), KEEP, 4, id="encoded"),
        pytest.param(case("image/png", "no"), KEEP, 4, id="an image"),
        pytest.param(case("text/event-stream", "no"), KEEP, 4, id="a stream"),
        pytest.param(case("application/grpc", ""), KEEP, 4, id="gRPC"),
        pytest.param(case("multipart/form-data; boundary=x", ""), KEEP, 4, id="several parts"),
        pytest.param(case(JSON, '{"detail":"no"}', ANYTHING), KEEP, 5, id="JSON for anyone"),
        pytest.param(case(JSON, '{"detail":"no","x":1}'), KEEP, 5, id="rich JSON for a browser"),
        pytest.param(case(JSON, "", ANYTHING), KEEP, 5, id="empty JSON for anyone"),
        pytest.param(case(XML, "<e><x>1</x></e>"), KEEP, 5, id="rich XML for a browser"),
        pytest.param(case(JSON, '{"detail":"no"}'), REPLACE, 6, id="plain JSON for a browser"),
        pytest.param(case(JSON, ""), REPLACE, 6, id="empty JSON for a browser"),
        pytest.param(case(XML, bodies.FALCON_XML_404), REPLACE, 6, id="plain XML for a browser"),
        pytest.param(case(TEXT, bodies.LITESTAR_404), REPLACE, 6, id="JSON as text for a browser"),
        pytest.param(case(TEXT, "", ANYTHING), REPLACE, 7, id="nothing"),
        pytest.param(case("", "", ANYTHING), REPLACE, 7, id="nothing at all"),
        pytest.param(case(HTML, bodies.werkzeug(), DATA), REPLACE, 7, id="a frame"),
        pytest.param(case(HTML, bodies.werkzeug(404, "own words"), SCRIPT), REPLACE, 7, id="a frame with own words"),
        pytest.param(case(TEXT, "Not Found", SCRIPT), REPLACE, 7, id="a stock sentence"),
        pytest.param(case(TEXT, "own words"), REPLACE, 8, id="bare words for a browser"),
        pytest.param(case(HTML, "<p>own words</p>"), REPLACE, 8, id="bare HTML for a browser"),
        pytest.param(case(TEXT, "own words", DATA), REPLACE, 8, id="bare words for who can't read them"),
        pytest.param(case(TEXT, "own words", ANYTHING), KEEP, 9, id="bare words for anyone"),
        pytest.param(case(TEXT, "own words", SCRIPT), KEEP, 9, id="bare words for a script"),
        pytest.param(case(HTML, '<p class="x">own</p>'), KEEP, 9, id="an own page"),
        pytest.param(case(TEXT, "x" * 2049), KEEP, 9, id="a long text"),
        pytest.param(case(HTML, bodies.STARLETTE_DEBUGGER, status=500), KEEP, 3, id="a debugger's page"),
    ],
)
def test_the_first_row_that_matches_decides(given_: Case, verdict: Verdict, row: int) -> None:
    judgement = judge(RULES, given_)
    assert (judgement.verdict, judgement.row) == (verdict, row)


@pytest.mark.parametrize(
    ("given_", "verdict"),
    [
        pytest.param(case(TEXT, None), LOOK, id="text"),
        pytest.param(case(HTML, None), LOOK, id="HTML"),
        pytest.param(case("", None), LOOK, id="no type"),
        pytest.param(case(JSON, None), LOOK, id="JSON for a browser"),
        pytest.param(case(JSON, None, ANYTHING), KEEP, id="JSON for anyone"),
        pytest.param(case("image/png", None), KEEP, id="an image"),
        pytest.param(case(HTML, None, content_length=str(LOOK_LIMIT)), LOOK, id="a length within the look"),
        pytest.param(case(HTML, None, content_length=str(LOOK_LIMIT + 1)), KEEP, id="a length beyond the look"),
        pytest.param(case(HTML, None, content_length="many"), LOOK, id="a length that is no number"),
        pytest.param(case(HTML, None, content_length="9" * 40), LOOK, id="a length beyond measure"),
        pytest.param(case(HTML, None, content_length="\u0669"), LOOK, id="a length in other digits"),
    ],
)
def test_the_head_settles_what_it_can(given_: Case, verdict: Verdict) -> None:
    assert judge(RULES, given_).verdict is verdict


@pytest.mark.parametrize("preferences", [NAVIGATING, ANYTHING, DATA])
def test_simple_json_is_converted_only_where_it_is_asked_for(preferences: Preferences) -> None:
    converting = RULES._replace(convert=True)
    simple = case(JSON, '{"detail":"no"}', preferences)
    expected = REPLACE if preferences is NAVIGATING else CONVERT
    assert judge(converting, simple).verdict is expected
    assert judge(RULES, simple).verdict is (REPLACE if preferences is NAVIGATING else KEEP)


BODIES = st.binary(max_size=200) | st.sampled_from(
    [
        b"",
        b"Not Found",
        b"own words",
        bodies.werkzeug().encode(),
        bodies.bottle().encode(),
        bodies.FASTAPI_404.encode(),
        bodies.FALCON_XML_404.encode(),
        b"<p>own</p>",
        b'<p class="x">own</p>',
        b"{",
        b"[]",
        b"x" * 5000,
    ]
)
TYPES = st.sampled_from(
    [TEXT, HTML, JSON, XML, "", "image/png", "application/problem+json", "text/plain; charset=\xff"]
) | st.text(max_size=30)
PREFERENCES = st.sampled_from([NAVIGATING, ANYTHING, DATA, SCRIPT, Preferences(), Preferences(accept="text/html")])
ALL_RULES = st.builds(
    Rules,
    st.sampled_from(["stock", "empty", "all", "none", "ask"]),
    st.sampled_from([("html", "json", "text", "markdown", "xml"), ("html",), ("json",), ("text", "html")]),
    st.booleans(),
)
STATUSES = st.sampled_from([400, 401, 403, 404, 405, 409, 422, 429, 500, 503, 599, 783, 999])


@settings(max_examples=500, deadline=None)
@given(ALL_RULES, STATUSES, TYPES, BODIES, PREFERENCES, st.sampled_from(["GET", "HEAD"]), st.booleans())
def test_the_head_never_contradicts_the_body(
    rules: Rules, status: int, type: str, body: bytes, preferences: Preferences, method: str, has_length: bool
) -> None:
    fields: dict[str, Any] = {"content_length": str(len(body))} if has_length else {}
    by_head = judge(rules, case(type, None, preferences, status, method, **fields))
    by_body = judge(rules, case(type, body, preferences, status, method, **fields))
    assert by_body.verdict is not LOOK
    assert by_head.verdict in (LOOK, KEEP)
    if by_head.verdict is KEEP:
        assert by_body.verdict in (KEEP, ASK)


@settings(max_examples=300, deadline=None)
@given(STATUSES, TYPES, BODIES, PREFERENCES)
def test_each_step_from_empty_to_all_replaces_no_less(
    status: int, type: str, body: bytes, preferences: Preferences
) -> None:
    replaced = [
        judge(RULES._replace(replace=choice), case(type, body, preferences, status)).verdict is REPLACE
        for choice in ("none", "empty", "stock", "all")
    ]
    assert replaced == sorted(replaced)
