"""What a switch says: whether the site is closed, since and until when, in what words, and who passes."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ..exceptions import OptionError
from ..paths import DEFAULT_PATHS, are_patterns
from .networks import parsed_networks

__all__ = ["ANY_LANGUAGE", "DEFAULT_PATHS", "LARGEST", "State"]

LARGEST: Final = 1 << 20
"""Bytes of a state that was written down that are read."""

BYPASS_WINDOW: Final = 12 * 60 * 60
"""Seconds that a bypass link, and the cookie that it sets, are good for."""

SHORTEST_KEY: Final = 16
"""Characters of a key that nobody guesses; the command line makes longer ones."""

ANY_LANGUAGE: Final = ""
"""The key of a message that is for every language that has none of its own."""

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LANGUAGE: Final = re.compile(r"(?:[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)?")


@dataclasses.dataclass(frozen=True, kw_only=True)
class State:
    """What a maintenance switch says.

    A moment without a zone is in the local time of this machine; all are kept in UTC.

    Attributes:
        on: Whether the site is closed, or is planned to be from ``start`` on.
        since: When it was switched on.
        start: When it begins; None: at once.
        end: When it is planned to end; once that has passed the site is still closed, but no time is promised.
        message: The site's own words by language tag, ``""`` for every other language.
        networks: Whose visitors pass: networks such as ``10.0.0.0/8``, or single addresses.
        paths: What everyone may reach, beside what the site's option ``maintenance_paths`` keeps open: case-sensitive
            globs on the path below the mount.
        bypass_key: The secret that bypass links and cookies are signed with; None: there are none.
        bypass_window: Seconds that a link, and the cookie that it sets, are good for.

    Raises:
        OptionError: A value can't be used; the error names it and what is allowed.

    Example::

        State(on=True, end=datetime(2026, 7, 1, 14, 30), message={"": "We move house.", "de": "Wir ziehen um."})
    """

    on: bool = False
    since: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    message: Mapping[str, str] = dataclasses.field(default_factory=dict)
    networks: Sequence[str] = ()
    paths: Sequence[str] = ()
    bypass_key: str | None = dataclasses.field(default=None, repr=False)
    bypass_window: int = BYPASS_WINDOW

    def __post_init__(self) -> None:
        if not isinstance(self.on, bool):
            raise OptionError("on", self.on, "True or False")
        for name in ("since", "start", "end"):
            object.__setattr__(self, name, _in_utc(name, getattr(self, name)))
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise OptionError("end", self.end.isoformat(), f"a moment after the start, {self.start.isoformat()}")
        object.__setattr__(self, "message", _messages(self.message))
        object.__setattr__(self, "networks", _texts("networks", self.networks))
        object.__setattr__(self, "paths", _texts("paths", self.paths))
        parsed_networks("networks", tuple(self.networks))
        for path in self.paths:
            if not are_patterns([path]) or _LONE_SURROGATE.search(path):
                raise OptionError("paths", path, 'path patterns in UTF-8 that start with "/" or "*", such as "/api/*"')
        _check_key(self.bypass_key)
        if type(self.bypass_window) is not int or self.bypass_window <= 0:
            raise OptionError("bypass_window", self.bypass_window, "seconds, a whole number above 0")

    def is_closed(self, now: datetime) -> bool:
        """Tell whether the site is closed; before its planned start it is not yet.

        Args:
            now: The present time, with a zone.
        """
        return self.on and (self.start is None or self.start <= now)

    def seconds_left(self, now: datetime) -> int | None:
        """Count the seconds to the planned end; None where there is none, or it has passed.

        Args:
            now: The present time, with a zone.
        """
        if self.end is None or self.end <= now:
            return None
        return math.ceil((self.end - now).total_seconds())

    def to_json(self) -> bytes:
        """Write the state down, for a switch to keep."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        for name in ("since", "start", "end"):
            values[name] = values[name] and values[name].isoformat()
        return json.dumps(values, ensure_ascii=False, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> State:
        """Read a state that was written down; members that this version does not know are left alone.

        Args:
            content: What `to_json` made, or a person wrote.

        Raises:
            ValueError: It can't be read; the error says what is wrong.
        """
        try:
            values: Any = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"no JSON ({error})") from error
        if not isinstance(values, dict) or "on" not in values:
            raise ValueError('no JSON object with a member "on"')
        known = {field.name: values[field.name] for field in dataclasses.fields(cls) if field.name in values}
        for name in ("since", "start", "end"):
            known[name] = _moment(name, known.get(name))
        return cls(**known)


def _moment(name: str, value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]  # a TypeError says the same
    except (ValueError, TypeError) as error:
        raise OptionError(name, value, 'null, or a moment such as "2026-07-01T14:30:00+02:00"') from error


def _in_utc(name: str, value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise OptionError(name, value, "None, or a datetime")
    try:
        return value.astimezone(UTC)  # one without a zone is in local time
    except (OverflowError, ValueError, OSError) as error:
        raise OptionError(name, value, "a moment between the years 2 and 9998") from error


def _messages(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise OptionError("message", value, 'texts by language tag, such as {"": "Moving house.", "de": "Umzug."}')
    for tag, text in value.items():
        if not isinstance(tag, str) or not _LANGUAGE.fullmatch(tag):
            raise OptionError("message", tag, 'language tags such as "en" or "pt-BR", or "" for every other language')
        if not isinstance(text, str) or not text.strip() or _LONE_SURROGATE.search(text):
            raise OptionError("message", text, "texts of whole characters that are not blank")
    return {tag.replace("_", "-"): text for tag, text in value.items()}


def _check_key(value: object) -> None:
    if value is not None and (not isinstance(value, str) or len(value) < SHORTEST_KEY):
        # The value stays out of the error: it may be a secret.
        raise OptionError("bypass_key", "…", f"None, or a string of {SHORTEST_KEY} characters or more")


def _texts(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Sequence) or not all(isinstance(text, str) for text in value):
        raise OptionError(name, value, "a list of strings")
    return tuple(value)
