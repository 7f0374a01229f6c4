"""What callables of an application may answer, and nobody can use: each fails in a way of its own when it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest


class Broken(Exception):
    """What an answer raises when it is read."""


def _raise(*arguments: object, **keywords: object) -> Any:
    raise Broken


class BrokenZone(tzinfo):
    utcoffset = dst = tzname = _raise


class NoOffset(tzinfo):
    """A zone that does not know its offset."""

    def utcoffset(self, moment: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


class BrokenMapping(Mapping[str, Any]):
    """Says that it is a mapping, and fails when it is read."""

    __getitem__ = __iter__ = __len__ = keys = items = values = _raise
    __repr__ = _raise


class BrokenValues(Mapping[str, Any]):
    """Has keys, but no values for them."""

    __getitem__ = _raise

    def __iter__(self) -> Iterator[str]:
        return iter(("one", "two"))

    def __len__(self) -> int:
        return 2


class BrokenDict(dict[str, Any]):
    __iter__ = keys = items = values = __getitem__ = _raise
    __repr__ = __len__ = _raise


class BrokenText(str):
    __slots__ = ()
    __str__ = __repr__ = __eq__ = __ne__ = __hash__ = __len__ = __iter__ = __format__ = _raise
    __getitem__ = __contains__ = lower = upper = replace = strip = encode = split = partition = _raise


class BrokenInt(int):
    __neg__ = __floordiv__ = __le__ = __lt__ = __ge__ = __gt__ = __eq__ = __hash__ = __repr__ = __str__ = _raise
    __index__ = __int__ = __float__ = __bool__ = __ceil__ = _raise


class BrokenFloat(float):
    __neg__ = __floordiv__ = __le__ = __lt__ = __ge__ = __gt__ = __eq__ = __hash__ = __repr__ = __str__ = _raise
    __int__ = __float__ = __bool__ = __ceil__ = _raise


class BrokenDelta(timedelta):
    __repr__ = __str__ = total_seconds = _raise


class BrokenMoment(datetime):
    __repr__ = __str__ = astimezone = __sub__ = _raise


class BrokenObject:
    """Nothing can be learned of it."""

    __repr__ = __str__ = __bool__ = __eq__ = __hash__ = __len__ = __call__ = _raise

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise Broken


MOMENT = datetime(2026, 7, 1, 12, 0)

UNUSABLE: Mapping[str, Mapping[str, object]] = {
    "retry_after": {
        "the last moment": datetime.max,
        "the last moment of UTC": datetime.max.replace(tzinfo=UTC),
        "the first moment": datetime.min,
        "the first moment of UTC": datetime.min.replace(tzinfo=UTC),
        "a moment of a broken zone": MOMENT.replace(tzinfo=BrokenZone()),
        "the last moment of a zone without an offset": datetime.max.replace(tzinfo=NoOffset()),
        "a broken moment": BrokenMoment(2099, 1, 1),
        "no number": float("nan"),
        "infinity": float("inf"),
        "less than infinity": float("-inf"),
        "a number beyond all floats": 10**400,
        "a number below all floats": -(10**400),
        "a number that is too long to print": 10**5000,
        "the longest delta": timedelta.max,
        "the shortest delta": timedelta.min,
        "a broken delta": BrokenDelta(seconds=5),
        "a broken int": BrokenInt(5),
        "a broken float": BrokenFloat(5),
        "true": True,
        "a text": "soon",
        "a broken text": BrokenText("5"),
        "a broken object": BrokenObject(),
    },
    "context": {
        "a broken mapping": BrokenMapping(),
        "a mapping without its values": BrokenValues(),
        "a broken dict": BrokenDict(one=1),
        "a list": [1],
        "a broken text": BrokenText("one"),
        "a broken object": BrokenObject(),
    },
    "language": {
        "a broken object": BrokenObject(),
        "a broken mapping": BrokenMapping(),
    },
    "reference": {
        "a broken object": BrokenObject(),
        "a number": 5,
    },
    "csp": {
        "a broken text": BrokenText("<>"),
        "a broken object": BrokenObject(),
        "a number": 5,
        "no nonce": "'none'",
    },
    "pages": {
        "a broken object": BrokenObject(),
        "a broken text": BrokenText("pages"),
        "none": None,
    },
}
"""Answers by option."""


def answering(option: str, answer: object) -> dict[str, Any]:
    """Make the keyword of an option whose callable gives this answer."""
    return {option: lambda *arguments: answer}


every_unusable_answer = pytest.mark.parametrize(
    ("option", "answer"),
    [
        pytest.param(option, answer, id=f"{option}: {name}")
        for option, answers in UNUSABLE.items()
        for name, answer in answers.items()
    ],
)
