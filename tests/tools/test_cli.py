"""`errorpages codes` and `errorpages explain`: for people, for pipes and for programs."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from click.testing import Result

from errorpages import catalogue
from errorpages.codes import StatusCode

Run = Callable[..., Result]

FIELDS = [field.name for field in dataclasses.fields(StatusCode)]


def plain(output: str) -> str:
    """Take the colours and links of a terminal away."""
    return re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;.*?\x1b\\", "", output)


def words(output: str) -> str:
    return " ".join(plain(output).split())


def listed(output: str) -> list[int]:
    return [int(code) for code in re.findall(r"^(\d{3}) ", plain(output), re.MULTILINE)]


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").output == f"errorpages {version('errorpages')}\n"


# -- codes -------------------------------------------------------------------------------------------------------------


def test_codes_lists_every_code_in_order(run: Run) -> None:
    assert listed(run("codes").output) == [status.code for status in catalogue]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(["404"], [404], id="a code"),
        pytest.param(["41"], range(410, 420), id="its first digits"),
        pytest.param(["5xx"], range(500, 600), id="a class"),
        pytest.param(["rate limit"], [429, 420], id="words as one argument"),
        pytest.param(["rate", "limit"], [429, 420], id="words as several arguments"),
    ],
)
def test_codes_lists_what_the_query_describes(run: Run, query: list[str], expected: Any) -> None:
    result = run("codes", *query)
    assert result.exit_code == 0
    codes = listed(result.output)
    assert codes and set(codes) <= set(expected)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        pytest.param("200", "200 OK standard - default not used", id="a success"),
        pytest.param("404", "404 Not Found standard depends default not used", id="one that depends"),
        pytest.param("429", "429 Too Many Requests standard yes never defined", id="one that no cache may store"),
        pytest.param("418", "418 (Unused) historic no if told not used", id="a historic one"),
        pytest.param("498", "498 Invalid Token Esri, nginx no if told not used", id="one of two vendors"),
    ],
)
def test_a_line_tells_the_facts(run: Run, code: str, line: str) -> None:
    assert line in words(run("codes", code).output)


def test_a_query_that_finds_nothing_is_named_on_stderr(run: Run) -> None:
    result = run("codes", "flux", "capacitor")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        result.stderr
        == 'Error: No status code is described by "flux capacitor". "errorpages codes" lists all there are.\n'
    )


def test_a_pipe_gets_one_line_a_code_without_colours(run: Run) -> None:
    lines = [line for line in run("codes").output.splitlines() if line.strip()]
    assert len(lines) == len(catalogue) + 1
    assert "\x1b" not in "".join(lines)
    assert any("Blocked by Windows Parental Controls" in line for line in lines)


@pytest.mark.parametrize("columns", [30, 72, 80, 120])
def test_no_line_is_wider_than_the_terminal(run: Run, columns: int) -> None:
    output = plain(run("codes", columns=columns).output)
    assert max(map(len, output.splitlines())) <= columns
    assert listed(output) == [status.code for status in catalogue]


def test_a_terminal_of_80_columns_breaks_no_common_name(run: Run) -> None:
    output = plain(run("codes", columns=80).output)
    for name in ("Internal Server Error", "HTTP Version Not Supported", "Unsupported Media Type"):
        assert name in output


def test_a_narrow_terminal_gets_a_paragraph_a_code(run: Run) -> None:
    output = words(run("codes", "429", columns=40).output)
    assert output == "429 Too Many Requests standard; temporary: yes; cached: never; Retry-After: defined"


def test_a_terminal_has_colours(run: Run) -> None:
    assert "\x1b[" in run("codes", "404", columns=80).output


def test_codes_as_json_has_the_fields_of_the_catalogue(run: Run) -> None:
    rows = json.loads(run("codes", "--json").output)
    assert [row["code"] for row in rows] == [status.code for status in catalogue]
    assert all(list(row) == FIELDS for row in rows)


def test_codes_as_json_follows_the_query(run: Run) -> None:
    rows = json.loads(run("codes", "--json", "teapot").output)
    assert [row["code"] for row in rows] == [418]
    assert "I’m a Teapot" in rows[0]["other_names"]


# -- explain -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        pytest.param(["503"], [503], id="a code"),
        pytest.param(["too many requests"], [429], id="a name"),
        pytest.param(["too", "many", "requests"], [429], id="a name without quotes"),
        pytest.param(["request-uri too long"], [414], id="a former name"),
        pytest.param(["unauthorized"], [401, 561], id="a name of two codes"),
    ],
)
def test_explain_finds_codes_by_code_and_by_name(run: Run, asked: list[str], codes: list[int]) -> None:
    output = run("explain", *asked).output
    assert listed(output) == codes
    assert [row["code"] for row in json.loads(run("explain", "--json", *asked).output)] == codes


def test_an_ambiguous_name_says_so_first(run: Run) -> None:
    assert run("explain", "unauthorized").output.startswith("2 codes have the name unauthorized: 401, 561\n")


@pytest.mark.parametrize("status", catalogue, ids=lambda status: str(status.code))
def test_explain_tells_all_there_is(run: Run, status: StatusCode) -> None:
    output = words(run("explain", str(status.code)).output)
    told = [status.name, status.spec, status.spec_url, status.meaning, status.use_when, *status.vendors]
    told += [*status.other_names, *status.required_headers, *status.expected_headers, *status.never_for_methods]
    told += [f"{code} {catalogue[code].name}" for code in status.confused_with]
    told += [text for text in (status.title, status.message, status.next_step) if text]
    for text in told:
        assert text in output


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        pytest.param("503", "Temporary: the same request may get another answer later.", id="temporary"),
        pytest.param("410", "Lasting: the same request gets the same answer until", id="lasting"),
        pytest.param("403", "It depends on the case.", id="depends"),
        pytest.param("404", "May keep it, unless the response says otherwise.", id="cacheable"),
        pytest.param("500", "May keep it only where the response says so.", id="not cacheable by default"),
        pytest.param("431", "Must not keep it.", id="must not be stored"),
        pytest.param("413", "Defined for it: tells when to try again.", id="Retry-After is defined"),
        pytest.param("301", "Defined for it: tells how long to wait before following", id="Retry-After of a redirect"),
        pytest.param("504", "Not used with it.", id="no Retry-After"),
        pytest.param("407", "A proxy or gateway in front of the application.", id="sent by a proxy"),
        pytest.param("404", "Standard. RFC 9110, section 15.5.5", id="a standard"),
        pytest.param("520", "Vendor's own: Cloudflare. Cloudflare 5xx errors, Error 520", id="a vendor"),
        pytest.param("427", "Not assigned. IANA registry", id="unassigned"),
    ],
)
def test_explain_tells_facts_in_plain_words(run: Run, code: str, sentence: str) -> None:
    assert sentence in words(run("explain", code).output)


@pytest.mark.parametrize("code", ["100", "204"])
def test_a_success_is_neither_temporary_nor_lasting_and_has_no_page(run: Run, code: str) -> None:
    output = run("explain", code).output
    assert "Lasts" not in output
    assert "Visitors read" not in output


def test_a_specifications_address_is_never_broken(run: Run) -> None:
    assert catalogue[560].spec_url in plain(run("explain", "560", columns=40).output)


def test_a_terminal_can_follow_the_specifications_address(run: Run) -> None:
    assert f";{catalogue[404].spec_url}\x1b\\" in run("explain", "404", columns=80).output


def test_explain_as_json_has_the_facts_of_the_catalogue(run: Run) -> None:
    (row,) = json.loads(run("explain", "--json", "429").output)
    assert row == json.loads(json.dumps(dataclasses.asdict(catalogue[429])))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        pytest.param("299", 'Nobody defined a status code 299. "errorpages codes" lists all there are.', id="a code"),
        pytest.param("9" * 5000, f'No status code is called "{"9" * 5000}".', id="a number beyond all codes"),
        pytest.param("flux", 'No status code is called "flux". "errorpages codes" lists all there are.', id="a name"),
        pytest.param("teapots", "Did you mean 418 I'm a teapot?", id="a name that is nearly one"),
        pytest.param("", 'No status code is called "".', id="nothing"),
    ],
)
def test_what_nobody_defined_is_named_on_stderr(run: Run, asked: str, message: str) -> None:
    result = run("explain", asked)
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr


def test_explain_wants_a_code(run: Run) -> None:
    assert run("explain").exit_code == 2
