"""The accent's contrast, and its tint for dark pages."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from errorpages.colour import WHITE, contrast, is_colour, tint_for

DARK = "#15181c"
COLOURS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    "text, expected",
    [
        pytest.param("#0b4f9c", True, id="six digits"),
        pytest.param("#0B4F9C", True, id="six digits in capitals"),
        pytest.param("#abc", True, id="three digits"),
        pytest.param("", False, id="nothing"),
        pytest.param("#", False, id="no digits"),
        pytest.param("#abcd", False, id="four digits"),
        pytest.param("#0b4f9c80", False, id="eight digits"),
        pytest.param("0b4f9c", False, id="no number sign"),
        pytest.param("#0b4f9g", False, id="a letter that is no digit"),
        pytest.param("#0b4f9c\n", False, id="a newline at the end"),
        pytest.param("#١٢٣", False, id="digits that are not ASCII"),
        pytest.param("red", False, id="a name"),
        pytest.param("rgb(0,0,0)", False, id="a function"),
    ],
)
def test_a_colour_is_written_as_three_or_six_hexadecimal_digits(text: str, expected: bool) -> None:
    assert is_colour(text) is expected


@pytest.mark.parametrize(
    "one, other, ratio",
    [
        pytest.param("#000000", "#ffffff", 21, id="black on white"),
        pytest.param("#fff", "#ffffff", 1, id="white on white, in short and at length"),
        pytest.param("#767676", "#fff", 4.54, id="the lightest grey that passes"),
        pytest.param("#777777", "#fff", 4.48, id="the next one"),
        pytest.param("#ff0000", "#fff", 4.00, id="red"),
        pytest.param("#0000ff", "#fff", 8.59, id="blue"),
        pytest.param("#008000", "#fff", 5.14, id="green"),
        pytest.param("#595959", "#fff", 7.00, id="a grey that is dark enough for body text"),
        pytest.param("#333", "#fff", 12.63, id="a dark grey"),
        pytest.param("#080808", "#000", 1.05, id="where the curve is a line"),
        pytest.param("#ffff00", "#000", 19.56, id="yellow on black"),
    ],
)
def test_contrast_is_the_ratio_that_wcag_defines(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.006)
    assert contrast(other, one) == contrast(one, other)


@given(COLOURS, COLOURS)
def test_contrast_lies_between_1_and_21(one: str, other: str) -> None:
    assert 1 <= contrast(one, other) <= 21.000001


def test_a_colour_that_stands_out_already_stays() -> None:
    assert tint_for(DARK, "#9cc7ff", 7) == "#9cc7ff"


def test_where_no_tint_is_enough_it_is_white() -> None:
    assert tint_for("#808080", "#000000", 7) == WHITE


@given(COLOURS)
def test_the_tint_of_every_accent_can_be_read_on_a_dark_page(accent: str) -> None:
    assume(contrast(accent, WHITE) >= 4.5)
    tint = tint_for(DARK, accent, 7)
    assert is_colour(tint)
    assert contrast(DARK, tint) >= 7


@given(COLOURS)
def test_a_tint_is_never_darker_than_its_colour(accent: str) -> None:
    tint = tint_for(DARK, accent, 7)
    for at in (1, 3, 5):
        assert int(tint[at : at + 2], 16) >= int(accent[at : at + 2], 16)
