"""Which fields survive, what caches may do, and when to come back."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drivers import joined, names_in

from errorpages import catalogue
from errorpages.headers import (
    DROPPED,
    NOT_STORABLE,
    first_values,
    has_cache_policy,
    is_storable,
    kept,
    merge_vary,
    private,
    retry_seconds,
    spread,
    without_cache_policy,
)

Pairs = list[tuple[str, str]]

NAMES = st.sampled_from(
    ["A", "a", "Set-Cookie", "Vary", "vary", "Link", "Content-Type", "ETAG", "Cache-Control", "CDN-Cache-Control",
     "Surrogate-Control", "Expires", "Pragma", "X-Accel-Expires", "Edge-Control", "WWW-Authenticate", "Digest", "Age"]
)  # fmt: skip
VALUES = st.sampled_from(["", "1", "Cookie", "Accept, Cookie", "*", "</a>; rel=next", "no-store", "a, b"]) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255), max_size=20
)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=12)

# fmt: off
CONTRACT_DROPS = (
    "Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Disposition",
    "Content-Location", "Content-MD5", "Digest", "Content-Digest", "Repr-Digest", "ETag", "Last-Modified",
    "Accept-Ranges", "Age", "Transfer-Encoding", "Trailer", "Refresh",
)
CONTRACT_KEEPS = (
    "WWW-Authenticate", "Proxy-Authenticate", "Allow", "Retry-After", "Set-Cookie", "Access-Control-Allow-Origin",
    "Content-Range", "Strict-Transport-Security", "X-Frame-Options", "X-Request-ID", "Server", "Date", "Location",
    "Server-Timing", "Deprecation",
)
# fmt: on


@pytest.mark.parametrize("name", CONTRACT_DROPS)
def test_what_described_the_old_body_is_dropped(name: str) -> None:
    for spelling in (name, name.lower(), name.upper()):
        assert kept(((spelling, "x"), ("Allow", "GET")), 404) == [("Allow", "GET")]


@pytest.mark.parametrize("status", [412, 416])
def test_where_they_speak_of_the_resource_validators_and_ranges_stay(status: int) -> None:
    fields = (("ETag", '"a"'), ("Last-Modified", "x"), ("Accept-Ranges", "bytes"))
    assert kept((*fields, ("Age", "7"), ("Content-Length", "0")), status) == list(fields)


@pytest.mark.parametrize("name", CONTRACT_KEEPS)
def test_what_did_not_describe_it_is_kept(name: str) -> None:
    assert kept(((name, "x"), (name, "y")), 404) == [(name, "x"), (name, "y")]


@given(FIELDS)
def test_no_field_is_lost_that_is_not_dropped_and_the_order_stays(fields: Pairs) -> None:
    found = kept(tuple(fields), 404)
    survivors = [item for item in fields if item[0].lower() not in DROPPED and item[0] != "Link"]
    assert [item for item in found if item[0] != "Link"] == survivors
    assert [item for item in found if item[0] == "Link" and "next" in item[1]] == [
        item for item in fields if item[0] == "Link" and "next" in item[1]
    ]


@given(FIELDS)
def test_without_cache_policy_loses_exactly_the_policy(fields: Pairs) -> None:
    found = without_cache_policy(fields)
    lost = [item for item in fields if item not in found]
    assert [item for item in fields if item in found] == found
    assert not has_cache_policy(name.lower() for name, _ in found)
    assert all(has_cache_policy([name.lower()]) for name, _ in lost)


@pytest.mark.parametrize(
    ("name", "is_policy"),
    [
        ("cache-control", True),
        ("cdn-cache-control", True),
        ("cloudflare-cdn-cache-control", True),
        ("vercel-cdn-cache-control", True),
        ("surrogate-control", True),
        ("x-accel-expires", True),
        ("edge-control", True),
        ("expires", True),
        ("pragma", True),
        ("x-cache", False),
        ("age", False),
        ("vary", False),
        ("cache-status", False),
    ],
)
def test_a_cache_policy_is_recognised(name: str, is_policy: bool) -> None:
    assert has_cache_policy([name]) == is_policy


def test_of_a_field_that_comes_again_the_first_counts() -> None:
    assert first_values((("A", "1"), ("a", "2"), ("B", "3"))) == {"a": "1", "b": "3"}


# -- Vary --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "consulted", "after"),
    [
        pytest.param([], [], None, id="nothing to nothing"),
        pytest.param([], ["Accept"], "Accept", id="something to nothing"),
        pytest.param(["Cookie"], [], "Cookie", id="nothing to something"),
        pytest.param(["Cookie"], ["Accept"], "Cookie, Accept", id="something to something"),
        pytest.param(["accept"], ["Accept"], "accept", id="the same in another case"),
        pytest.param(["Cookie", "Origin"], ["Accept"], "Cookie, Origin, Accept", id="two fields become one"),
        pytest.param(["Cookie, Origin"], ["Origin", "Accept"], "Cookie, Origin, Accept", id="each once"),
        pytest.param(["*"], ["Accept"], "*", id="a star stays"),
        pytest.param(["Cookie, *"], ["Accept"], "Cookie, *", id="a star among others stays"),
        pytest.param([""], ["Accept"], "Accept", id="an empty field"),
        pytest.param([" , Cookie,"], ["Accept"], None, id="empty list members"),
    ],
)
def test_vary_is_merged(before: list[str], consulted: list[str], after: str | None) -> None:
    found = merge_vary([*(("Vary", value) for value in before), ("A", "1")], consulted)
    assert ("A", "1") in found
    if after is not None or not before:
        assert joined(found, "Vary") == after
    expected = names_in(", ".join(before))
    if "*" not in expected:
        expected |= {name.lower() for name in consulted}
    assert names_in(joined(found, "Vary")) == expected


@given(FIELDS, st.lists(st.sampled_from(["Accept", "HX-Request", "Sec-Fetch-Dest"]), unique=True))
def test_merging_vary_loses_no_field_and_no_name(fields: Pairs, consulted: list[str]) -> None:
    found = merge_vary(fields, consulted)
    assert [item for item in found if item[0].lower() != "vary"] == [
        item for item in fields if item[0].lower() != "vary"
    ]
    before, after = names_in(joined(fields, "Vary")), names_in(joined(found, "Vary"))
    assert before <= after
    assert "*" in after or {name.lower() for name in consulted} <= after
    assert after <= before | {name.lower() for name in consulted}


# -- caches ------------------------------------------------------------------------------------------------------------


def rules() -> list[dict[str, str]]:
    with (Path(__file__).parent / "facts" / "status-rules.csv").open(newline="") as file:
        return [rule for rule in csv.DictReader(file) if int(rule["code"]) >= 400]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["code"])
def test_a_code_is_storable_as_the_facts_say(rule: dict[str, str]) -> None:
    code = int(rule["code"])
    unsure = 500 <= code <= 599 and rule["temporary"] not in ("yes", "no")
    expected = rule["temporary"] != "yes" and rule["must_not_store"] != "yes" and not unsure
    assert is_storable(code, catalogue.get(code), False) == expected
    assert not is_storable(code, catalogue.get(code), True)


@pytest.mark.parametrize(("code", "expected"), [(499 - 28, True), (555, False), (999, True)])
def test_a_code_that_nobody_defined_is_storable_unless_it_is_a_5xx(code: int, expected: bool) -> None:
    assert is_storable(code, None, False) == expected


def test_what_is_not_storable_says_so_to_old_caches_too() -> None:
    assert NOT_STORABLE == (
        ("Cache-Control", "no-cache, no-store, must-revalidate"),
        ("Pragma", "no-cache"),
        ("Expires", "0"),
    )


# -- Retry-After -------------------------------------------------------------------------------------------------------

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0),
        ("Thursday, 01-Jan-26 00:02:00 GMT", 120),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u0661\u0662", None),
        ("", None),
    ],
)
def test_a_retry_after_is_read(value: str | None, seconds: int | None) -> None:
    assert retry_seconds(value, NOW) == seconds


def test_a_huge_retry_after_fails_nobody() -> None:
    found = retry_seconds("9" * 4000, NOW)
    assert found is None or timedelta(seconds=found)


@given(st.text(max_size=40))
def test_no_retry_after_fails(value: str) -> None:
    found = retry_seconds(value, NOW)
    assert found is None or found >= 0


@given(st.integers(0, 10**8))
def test_a_delay_is_spread_upward_by_a_tenth_at_most(seconds: int) -> None:
    assert seconds <= spread(seconds) <= seconds + max(1, seconds // 10)


def test_a_delay_is_really_spread() -> None:
    assert len({spread(1000) for _ in range(100)}) > 10


# -- for one visitor alone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "policy"),
    [
        pytest.param([], "private", id="no policy"),
        pytest.param([("Cache-Control", "")], "private", id="an empty policy"),
        pytest.param([("Cache-Control", "private")], "private", id="private already"),
        pytest.param([("Cache-Control", "private, max-age=60")], "private, max-age=60", id="private, with an age"),
        pytest.param([("Cache-Control", "no-store")], "no-store", id="nothing is stored"),
        pytest.param([("Cache-Control", "No-Store, Public")], "no-store", id="nothing is stored, in capitals"),
        pytest.param([("Cache-Control", "public")], "private", id="public"),
        pytest.param([("Cache-Control", "max-age=60")], "max-age=60, private", id="an age"),
        pytest.param(
            [("Cache-Control", "PUBLIC, max-age=60, S-MaxAge=600, proxy-revalidate")],
            "max-age=60, private",
            id="for shared caches",
        ),
        pytest.param(
            [("Cache-Control", "public"), ("X-Other", "1"), ("cache-control", "max-age=60")],
            "max-age=60, private",
            id="two fields",
        ),
        pytest.param(
            [("Cache-Control", 'private="set-cookie", max-age=60')], "private, max-age=60", id="some fields are private"
        ),
        pytest.param(
            [("Cache-Control", "no-cache, must-revalidate")], "no-cache, must-revalidate, private", id="no-cache"
        ),
    ],
)
def test_a_response_is_marked_as_one_visitors(fields: Pairs, policy: str) -> None:
    marked = private((*fields, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Expires", "0"), ("Pragma", "no-cache")))
    assert [value for name, value in marked if name.lower() == "cache-control"] == [policy]
    assert [value for name, value in marked if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert ("Expires", "0") in marked and ("Pragma", "no-cache") in marked


@pytest.mark.parametrize(
    "name",
    ["CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Surrogate-Control", "X-Accel-Expires", "Edge-Control"],
)
def test_what_only_shared_caches_read_is_dropped_from_one_visitors_response(name: str) -> None:
    assert private([(name, "max-age=600"), ("X-Other", "1")]) == (("X-Other", "1"), ("Cache-Control", "private"))


@given(FIELDS)
def test_no_shared_cache_keeps_what_is_marked(fields: Pairs) -> None:
    marked = private(fields)
    (policy,) = [value for name, value in marked if name == "Cache-Control"]
    assert {"private", "no-store"} & names_in(policy) and not {"public", "s-maxage"} & names_in(policy)
    assert private(marked) == marked
