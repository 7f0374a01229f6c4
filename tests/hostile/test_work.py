"""What tells linear work from quadratic work does so."""

from __future__ import annotations

import pytest
from tests.hostile.work import assert_linear, trivial


def test_work_that_grows_with_the_square_is_found() -> None:
    with pytest.raises(AssertionError, match="looking again: .* ms for 125, .* ms for 2,000"):
        assert_linear(lambda size: lambda: [sum(range(end)) for end in range(size)], 2000, "looking again")


def test_work_that_grows_with_its_size_passes_however_long_it_takes() -> None:
    assert_linear(lambda size: lambda: sum(letter == "<" for letter in "x" * size), 4 * 65_536)


def test_what_no_loop_over_64_kb_takes_as_long_as_passes() -> None:
    assert trivial() > 0
    assert_linear(lambda size: lambda: None, 65_536)
