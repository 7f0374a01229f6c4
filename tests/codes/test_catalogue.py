"""The catalogue against the facts it was made from, against the standard library, and its look-ups."""

from __future__ import annotations

import csv
from dataclasses import FrozenInstanceError
from http import HTTPStatus
from pathlib import Path

import pytest

from errorpages.codes import Catalogue, StatusCode, catalogue

FACTS = Path(__file__).parents[1] / "facts"
ANSWERS = {"yes": True, "no": False, "depends": None}


def rows(name: str) -> list[dict[str, str]]:
    with (FACTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parts(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def codes(statuses: tuple[StatusCode, ...]) -> list[int]:
    return [status.code for status in statuses]


CODE_ROWS = rows("status-codes.csv")
RULE_ROWS = rows("status-rules.csv")
NAME_ROWS = rows("seed-names.csv")


def by_code(row: dict[str, str]) -> str:
    return row["code"]


@pytest.mark.parametrize("row", CODE_ROWS, ids=by_code)
def test_a_code_has_the_names_kind_and_source_of_the_facts(row: dict[str, str]) -> None:
    status = catalogue[int(row["code"])]
    kinds = parts(row["kind"])
    assert {
        "code": str(status.code),
        "name": status.name,
        "class": status.status_class or "none",
        "kind": kinds if status.kind == "vendor" else (status.kind,),
        "vendors": tuple(f"vendor:{vendor}" for vendor in status.vendors),
        "spec": status.spec,
        "section": status.section,
        "spec_url": status.spec_url,
        "other_names": status.other_names,
    } == {
        "code": row["code"],
        "name": row["name"],
        "class": row["class"],
        "kind": kinds,
        "vendors": kinds if row["kind"].startswith("vendor:") else (),
        "spec": row["spec"],
        "section": row["section"],
        "spec_url": row["spec_url"],
        "other_names": parts(row["other_names"]),
    }


@pytest.mark.parametrize("row", RULE_ROWS, ids=by_code)
def test_a_code_has_the_rules_of_the_facts(row: dict[str, str]) -> None:
    status = catalogue[int(row["code"])]
    assert {
        "temporary": status.temporary,
        "cacheable_by_default": status.cacheable_by_default,
        "must_not_store": status.must_not_store,
        "retry_after": status.retry_after,
        "required_headers": status.required_headers,
        "expected_headers": status.expected_headers,
        "never_for_methods": status.never_for_methods,
        "sent_by": status.sent_by,
        "confused_with": status.confused_with,
    } == {
        "temporary": ANSWERS[row["temporary"]],
        "cacheable_by_default": ANSWERS[row["heuristically_cacheable"]],
        "must_not_store": ANSWERS[row["must_not_store"]],
        "retry_after": row["retry_after"],
        "required_headers": parts(row["required_headers"]),
        "expected_headers": parts(row["expected_headers"]),
        "never_for_methods": parts(row["never_for_methods"]),
        "sent_by": row["sent_by"],
        "confused_with": tuple(int(code) for code in parts(row["often_confused_with"])),
    }


def test_the_catalogue_holds_exactly_the_codes_of_the_facts_in_ascending_order() -> None:
    assert [status.code for status in catalogue] == sorted(int(row["code"]) for row in CODE_ROWS)
    assert len(catalogue) == len(CODE_ROWS) == 99


def test_only_the_codes_that_rfc_9110_and_rfc_7725_name_are_cacheable_by_default() -> None:
    named = {200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 451, 501}
    assert {status.code for status in catalogue if status.cacheable_by_default} == named


def test_only_the_four_codes_of_rfc_6585_must_not_be_stored() -> None:
    assert [status.code for status in catalogue if status.must_not_store] == [428, 429, 431, 511]


def test_neighbours_are_codes_of_the_catalogue_and_never_the_code_itself() -> None:
    for status in catalogue:
        assert all(code in catalogue and code != status.code for code in status.confused_with), status.code


def test_vendors_are_named_for_vendor_codes_and_for_no_others() -> None:
    for status in catalogue:
        assert (status.kind == "vendor") == bool(status.vendors), status.code


@pytest.mark.parametrize("row", NAME_ROWS, ids=lambda row: f"{row['code']}-{row['name']}")
def test_every_name_that_was_ever_printed_finds_its_code(row: dict[str, str]) -> None:
    assert int(row["code"]) in codes(catalogue.named(row["name"]))


@pytest.mark.parametrize("member", HTTPStatus, ids=lambda member: str(member.value))
def test_a_name_in_the_standard_library_is_a_name_of_the_same_code(member: HTTPStatus) -> None:
    status = catalogue[member]
    assert member.phrase in (status.name, *status.other_names)


@pytest.mark.parametrize(
    "phrase, code",
    [
        pytest.param("Request Entity Too Large", 413, id="413 before Python 3.13"),
        pytest.param("Content Too Large", 413, id="413 since Python 3.13"),
        pytest.param("Request-URI Too Long", 414, id="414 before Python 3.13"),
        pytest.param("URI Too Long", 414, id="414 since Python 3.13"),
        pytest.param("Requested Range Not Satisfiable", 416, id="416 before Python 3.13"),
        pytest.param("Range Not Satisfiable", 416, id="416 since Python 3.13"),
        pytest.param("I'm a Teapot", 418, id="418 in Python"),
        pytest.param("Unprocessable Entity", 422, id="422 before Python 3.13"),
        pytest.param("Unprocessable Content", 422, id="422 since Python 3.13"),
    ],
)
def test_the_names_of_every_python_version_are_known(phrase: str, code: int) -> None:
    assert phrase in (catalogue[code].name, *catalogue[code].other_names)


@pytest.mark.parametrize(
    "name, expected",
    [
        pytest.param("Unauthorized", [401, 561], id="a name of two codes"),
        pytest.param("Gateway timeout", [503, 504], id="an old name of one code and the present name of another"),
        pytest.param("Request Header Fields Too Large", [430, 431], id="a name that a vendor took as well"),
        pytest.param("No Response", [204, 444], id="an old name that a vendor took"),
        pytest.param("(Unused)", [306, 418], id="a name in parentheses"),
        pytest.param("I’m a teapot", [418], id="a typographic apostrophe"),
        pytest.param("im a teapot", [418], id="no apostrophe"),
        pytest.param("  NOT-FOUND ", [404], id="case, spaces and punctuation aside"),
        pytest.param("not_found", [404], id="an underscore for the space"),
        pytest.param("Request Timeout", [408], id="written as one word"),
        pytest.param("Request Time-out", [408], id="written with a hyphen"),
        pytest.param("Not Found At All", [], id="more than a name"),
        pytest.param("Found", [302], id="a name inside of another name"),
        pytest.param("", [], id="nothing"),
        pytest.param("()", [], id="punctuation alone"),
    ],
)
def test_a_name_finds_all_codes_that_have_it(name: str, expected: list[int]) -> None:
    assert codes(catalogue.named(name)) == expected


@pytest.mark.parametrize(
    "query, first",
    [
        pytest.param("rate limit", [429, 420], id="two words of a text"),
        pytest.param("rate-limiting", [429, 420], id="another form of the same words"),
        pytest.param("limited rate", [429, 420], id="in another order and form"),
        pytest.param("Teapot", [418], id="an old name, whatever the case"),
        pytest.param("i’m a teapot", [418], id="an old name with a typographic apostrophe"),
        pytest.param("404", [404], id="a code"),
        pytest.param("404 not found", [404], id="a code and its name"),
        pytest.param("http error 404", [404], id="a code among words that say nothing"),
        pytest.param("50", [500, 501, 502, 503, 504, 505, 506, 507, 508, 509], id="the beginning of a code"),
        pytest.param("1xx", [100, 101, 102, 103, 104], id="a class"),
        pytest.param("not found", [404], id="a name"),
        pytest.param("notfound", [404], id="a name without its space"),
        pytest.param("gateway timeout", [504, 503], id="a present name before an old one"),
        pytest.param("unauthorized", [401, 561], id="a registered code before a vendor's"),
        pytest.param("validation", [422, 400], id="a meaning before advice"),
        pytest.param("throttling", [429], id="a word of the meaning in another form"),
        pytest.param("Retry-After", [413, 429, 503], id="a header field"),
        pytest.param("www-authenticate", [401], id="a required header field"),
        pytest.param("rfc 6585", [428, 429, 431, 511], id="a specification"),
        pytest.param("RFC6585", [428, 429, 431, 511], id="a specification without its space"),
        pytest.param("csrf", [403, 419], id="a meaning that a registered code shares with a vendor's"),
        pytest.param("nginx", [444, 494, 495, 496, 497, 498, 499], id="a vendor, whether or not it is the source"),
        pytest.param("maintenance", [503], id="a word of the advice"),
    ],
)
def test_a_search_lists_the_best_matches_first(query: str, first: list[int]) -> None:
    assert codes(catalogue.search(query))[: len(first)] == first


def test_a_search_for_a_vendor_lists_all_its_codes_before_any_other() -> None:
    cloudflare = [status.code for status in catalogue if "Cloudflare" in status.vendors]
    assert codes(catalogue.search("cloudflare"))[: len(cloudflare)] == cloudflare


def test_a_search_for_a_class_lists_that_class_and_registered_codes_first() -> None:
    found = catalogue.search("5XX")
    assert {status.code for status in found} == {status.code for status in catalogue if status.status_class == "5xx"}
    vendors = [status.kind == "vendor" for status in found]
    assert vendors == sorted(vendors)


def test_a_search_for_a_code_does_not_list_codes_that_only_mention_it() -> None:
    assert codes(catalogue.search("409")) == [409]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="empty"),
        pytest.param("  \t", id="blank"),
        pytest.param("?!…", id="no words"),
        pytest.param("teapot cloudflare", id="words that never meet"),
        pytest.param("299", id="a code that nobody defined"),
        pytest.param("zzz", id="a word that no text has"),
    ],
)
def test_a_search_that_matches_nothing_gives_an_empty_tuple(query: str) -> None:
    assert catalogue.search(query) == ()


@pytest.mark.parametrize("status", catalogue, ids=lambda status: str(status.code))
def test_every_code_is_found_by_its_digits_and_by_each_of_its_names(status: StatusCode) -> None:
    assert catalogue.search(str(status.code)) == (status,)
    for name in (status.name, *status.other_names):
        assert status in catalogue.named(name)
        assert status in catalogue.search(name), name


def test_a_code_that_nobody_defined_is_a_key_error_that_names_it_and_the_way_round() -> None:
    with pytest.raises(KeyError, match=r"299 is no status code .* catalogue\.get\(299\)"):
        catalogue[299]


def test_a_code_that_nobody_defined_is_absent() -> None:
    assert catalogue.get(299) is None
    assert 299 not in catalogue
    assert catalogue.get(404) is catalogue[404]
    assert 404 in catalogue


@pytest.mark.parametrize(
    "code, expected",
    [(100, "1xx"), (204, "2xx"), (308, "3xx"), (499, "4xx"), (599, "5xx"), (783, None), (999, None)],
)
def test_the_class_of_a_code_is_one_of_five_or_none(code: int, expected: str | None) -> None:
    assert catalogue[code].status_class == expected


def test_a_catalogue_sorts_what_it_is_given() -> None:
    small = Catalogue([catalogue[500], catalogue[404]])
    assert [status.code for status in small] == [404, 500]
    assert repr(small) == "<Catalogue of 2 status codes>"


def test_a_status_code_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        catalogue[404].name = "Lost"  # type: ignore[misc]
