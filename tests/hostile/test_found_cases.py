"""What the fuzzer found once, and must never find again: each file of `cases` is one exchange."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hostile.exchanges import Exchange, check

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_what_was_found_once_keeps_every_promise(case: Path) -> None:
    check(Exchange.from_json(case.read_text()))


def test_an_exchange_can_be_written_down_and_read_again() -> None:
    exchange = Exchange("POST", b"/\xff", b"/m", b"a=b", (("Accept", b"\0"),), 503, (("Link", b"<"),), (b"a", b"\xfe"))
    assert Exchange.from_json(exchange.to_json()) == exchange
