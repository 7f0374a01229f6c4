"""The words that developers read are there, and point to codes that exist."""

from __future__ import annotations

import re

import pytest

from errorpages.codes import StatusCode, catalogue

CODE = re.compile(r"\b([1-5]\d\d|783|999)\b")
by_code = pytest.mark.parametrize("status", catalogue, ids=lambda status: str(status.code))


def mentioned(text: str) -> set[int]:
    return {int(code) for code in CODE.findall(text)}


@by_code
def test_every_code_has_a_meaning_and_advice_in_whole_sentences(status: StatusCode) -> None:
    for text in (status.meaning, status.use_when):
        assert text.endswith(".")
        assert text == " ".join(text.split())
        assert 10 < len(text) <= 320


@by_code
def test_texts_only_mention_codes_that_exist_and_advice_never_its_own_code(status: StatusCode) -> None:
    assert all(code in catalogue for code in mentioned(status.meaning + status.use_when))
    assert status.code not in mentioned(status.use_when)


@pytest.mark.parametrize(
    "status", [status for status in catalogue if status.code >= 400], ids=lambda status: str(status.code)
)
def test_advice_on_an_error_names_a_neighbour(status: StatusCode) -> None:
    assert mentioned(status.use_when)


@pytest.mark.parametrize(
    "status", [status for status in catalogue if status.kind == "vendor"], ids=lambda status: str(status.code)
)
def test_advice_on_a_vendor_code_names_a_registered_code_to_send_instead(status: StatusCode) -> None:
    assert any(catalogue[code].kind == "standard" for code in mentioned(status.use_when))


@pytest.mark.parametrize(
    "status", [status for status in catalogue if status.required_headers], ids=lambda status: str(status.code)
)
def test_a_field_that_a_code_must_have_is_named_in_its_texts(status: StatusCode) -> None:
    for field in status.required_headers:
        assert field in status.meaning + status.use_when


@pytest.mark.parametrize(
    "code, neighbours",
    [
        (400, {422, 415, 409}),
        (401, {403, 407, 511}),
        (403, {401, 404, 451}),
        (404, {410, 301, 405}),
        (409, {412, 422, 423}),
        (422, {400, 409, 415}),
        (429, {503}),
        (500, {502, 503, 504}),
        (502, {500, 503, 504}),
        (503, {429, 500, 502, 504}),
        (504, {408, 502}),
    ],
)
def test_advice_tells_a_code_from_those_it_is_mixed_up_with(code: int, neighbours: set[int]) -> None:
    assert neighbours <= mentioned(catalogue[code].use_when)
