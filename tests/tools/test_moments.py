"""Times as operators write them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from errorpages.tools.moments import read_duration, read_moment, write_duration, write_moment

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)  # 14:00 in Berlin
BEFORE_THE_CLOCKS_CHANGE = datetime(2026, 10, 24, 21, 0, tzinfo=UTC)  # 23:00 in Berlin, a night of 25 hours ahead


pytestmark = pytest.mark.usefixtures("berlin")


@pytest.mark.parametrize(
    ("text", "after", "moment"),
    [
        pytest.param("14:30", NOON, "2026-07-01T12:30Z", id="today"),
        pytest.param("9:05", NOON, "2026-07-02T07:05Z", id="passed today, so tomorrow"),
        pytest.param("14:00", NOON, "2026-07-02T12:00Z", id="just now, so tomorrow"),
        pytest.param("14:00:01", NOON, "2026-07-01T12:00:01Z", id="with seconds"),
        pytest.param(" 14:30 ", NOON, "2026-07-01T12:30Z", id="with blanks"),
        pytest.param("0:30", NOON, "2026-07-01T22:30Z", id="after midnight here, not yet in UTC"),
        pytest.param("03:00", BEFORE_THE_CLOCKS_CHANGE, "2026-10-25T02:00Z", id="after the clocks were changed"),
        pytest.param("2026-07-01 14:30", NOON, "2026-07-01T12:30Z", id="a date and a blank"),
        pytest.param("2026-07-01T14:30", NOON, "2026-07-01T12:30Z", id="a date without a zone"),
        pytest.param("2026-07-01T14:30Z", NOON, "2026-07-01T14:30Z", id="a date in UTC"),
        pytest.param("2026-07-01T14:30+05:30", NOON - timedelta(hours=4), "2026-07-01T09:00Z", id="another zone"),
        pytest.param("2027-01-01T00:00", NOON, "2026-12-31T23:00Z", id="in winter"),
    ],
)
def test_a_moment_is_read(text: str, after: datetime, moment: str) -> None:
    assert read_moment(text, after) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "can't be read", id="nothing"),
        pytest.param("soon", "can't be read", id="a word"),
        pytest.param("25:00", "can't be read", id="an hour that is none"),
        pytest.param("14:60", "can't be read", id="a minute that is none"),
        pytest.param("14", "can't be read", id="an hour alone"),
        pytest.param("14.30", "can't be read", id="with a point"),
        pytest.param("2:30pm", "can't be read", id="in twelve hours"),
        pytest.param("2026-07-02", "can't be read", id="a date alone"),
        pytest.param("2026-02-30T12:00", "can't be read", id="a date that is none"),
        pytest.param("20260702T120000", "can't be read", id="a date without its signs"),
        pytest.param("1751371200", "can't be read", id="seconds since 1970"),
        pytest.param("2026-07-01T12:00", "is not after 2026-07-01 14:00 CEST (12:00 UTC)", id="passed"),
    ],
)
def test_what_is_no_moment_to_come_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_moment(text, NOON)
    assert repr(text) in str(caught.value) and problem in str(caught.value) and "allowed: " in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45m", 2700),
        ("2h", 7200),
        ("1h30m", 5400),
        ("90s", 90),
        ("3d", 259_200),
        ("1d2h3m4s", 93_784),
        (" 5M ", 300),
    ],
)
def test_a_duration_is_read(text: str, seconds: int) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "0m", "45", "-5m", "5 m", "30m1h", "1.5h", "PT45M", "m", "9" * 19 + "d", "9" * 30]
)
def test_what_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_duration(text)
    assert repr(text) in str(caught.value) and "45m" in str(caught.value)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        pytest.param(NOON, "2026-07-01 14:00 CEST (12:00 UTC)", id="in summer"),
        pytest.param(
            datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "2027-01-01 00:30 CET (2026-12-31 23:30 UTC)", id="another day"
        ),
    ],
)
def test_a_moment_is_written_here_and_in_utc(moment: datetime, text: str) -> None:
    assert write_moment(moment) == text


def test_where_it_is_utc_anyway_it_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert write_moment(NOON) == "2026-07-01 12:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (5400, "1 hour 30 minutes"),
        (43_200, "12 hours"),
        (90_000, "1 day 1 hour"),
        (172_860, "2 days 1 minute"),
    ],
)
def test_a_duration_is_written(seconds: int, text: str) -> None:
    assert write_duration(seconds) == text
