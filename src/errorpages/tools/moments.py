"""Moments and durations as operators write and read them: in their own time zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

__all__ = ["read_duration", "read_moment", "write_duration", "write_moment"]

MOMENTS: Final = "a time such as 14:30, or a date and time such as 2026-07-01T14:30 or 2026-07-01T14:30+02:00"
DURATIONS: Final = "a duration such as 45m, 2h, 1h30m or 3d"

_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DURATION: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def read_moment(text: str, after: datetime) -> datetime:
    """Read a moment; one without a zone is in the operator's.

    Args:
        text: A time of day, which stands for its next occurrence, or a date and time in the form of ISO 8601.
        after: What it has to come after, with a zone.

    Raises:
        ValueError: It can't be read, or has passed; the error says what is allowed.
    """
    text = text.strip()
    found = _TIME.fullmatch(text)
    moment = _next(found, after) if found else _absolute(text)
    if moment is None:
        raise ValueError(f"{text!r} can't be read; allowed: {MOMENTS}")
    if moment <= after:
        raise ValueError(f"{text!r} is not after {write_moment(after)}; allowed: a later moment")
    return moment


def _next(found: re.Match[str], after: datetime) -> datetime | None:
    try:
        clock = time(int(found[1]), int(found[2]), int(found[3] or 0))
    except ValueError:
        return None
    today = after.astimezone().date()
    # Each day's own offset counts: clocks may be changed in the night between.
    return next((moment for moment in (_local(today, clock), _local(_following(today), clock)) if moment > after), None)


def _local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock).astimezone()


def _following(day: date) -> date:
    return day + timedelta(days=1)


def _absolute(text: str) -> datetime | None:
    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d", text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        return None


def read_duration(text: str) -> timedelta:
    """Read a duration.

    Args:
        text: Days, hours, minutes and seconds, largest first.

    Raises:
        ValueError: It can't be read, or is zero; the error says what is allowed.
    """
    found = _DURATION.fullmatch(text.strip().lower())
    numbers = [int(number or 0) for number in found.groups()] if found and len(text) <= 20 else [0]
    if not any(numbers):
        raise ValueError(f"{text!r} can't be read; allowed: {DURATIONS}")
    days, hours, minutes, seconds = numbers
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise ValueError(f"{text!r} is too long; allowed: {DURATIONS}") from error


def write_moment(moment: datetime) -> str:
    """Write a moment in the operator's time and in UTC.

    Args:
        moment: The moment, with a zone.
    """
    utc = moment.astimezone(UTC)
    try:
        local = moment.astimezone()
    except (OverflowError, ValueError, OSError):  # beyond the operator's calendar
        local = utc
    zone = local.tzname()
    if local.utcoffset() == timedelta(0):
        return f"{utc:%Y-%m-%d %H:%M} UTC"
    universal = f"{utc:%H:%M}" if utc.date() == local.date() else f"{utc:%Y-%m-%d %H:%M}"
    return f"{local:%Y-%m-%d %H:%M} {zone} ({universal} UTC)"


def write_duration(seconds: int) -> str:
    """Write a duration as people say it, in at most two units.

    Args:
        seconds: Its length.
    """
    if seconds < 60:
        return _count(seconds, "second")
    minutes = -(-seconds // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [_count(number, unit) for number, unit in ((days, "day"), (hours, "hour"), (minutes, "minute")) if number]
    return " ".join(parts[:2])


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
