"""What errorpages raises itself. One root covers all::

Exception
└── ErrorPagesError
    ├── MissingExtraError  (also an ImportError) a part that needs packages which are not installed
    ├── OptionError        (also a ValueError) an option that can't work, found at construction
    └── SwitchError        a maintenance switch that can't be read or written
"""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Sequence
from typing import Final

__all__ = ["ErrorPagesError", "MissingExtraError", "OptionError", "SwitchError", "any_of", "beginning"]

_SHOWN: Final = 80
"""How many characters of a value a message shows."""


class ErrorPagesError(Exception):
    """The root of every error that errorpages raises on purpose."""


class MissingExtraError(ErrorPagesError, ImportError):
    """A part of errorpages needs packages that are not installed.

    Args:
        part: What was to be used.
        extra: The extra that installs what it needs.
    """

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f'{part} needs the extra {extra}; install it with: pip install "errorpages[{extra}]"')
        self.part = part
        self.extra = extra


class OptionError(ErrorPagesError, ValueError):
    """An option has a value that can't work.

    The message shows the beginning of the value; `value` is all of it.

    Args:
        option: The option's name.
        value: What was given.
        allowed: What would have been accepted, in words.
        problem: What is wrong, in words that the message has in place of the value.
    """

    def __init__(self, option: str, value: object, allowed: str, problem: str | None = None) -> None:
        wrong = problem or f"{beginning(value)} can't be used"
        super().__init__(f"{option}: {wrong}; allowed: {allowed}")
        self.option = option
        self.value = value
        self.allowed = allowed
        self.problem = problem

    def __reduce__(self) -> tuple[type[OptionError], tuple[str, object, str, str | None]]:
        return type(self), (self.option, self.value, self.allowed, self.problem)


class SwitchError(ErrorPagesError):
    """A maintenance switch can't be read or written.

    Args:
        switch: Where it is: a path, or an address without its password.
        problem: What is wrong.
    """

    def __init__(self, switch: str, problem: str) -> None:
        super().__init__(f"{switch}: {problem}")
        self.switch = switch
        self.problem = problem


def any_of(known: Sequence[str], given: object) -> str:
    """Say in words what is allowed, the word first that is closest to what was given.

    Args:
        known: The words that are allowed.
        given: What was given instead.
    """
    close = difflib.get_close_matches(given, known, n=1) if isinstance(given, str) else []
    return f"{close[0]} (did you mean that?), or any of {', '.join(known)}" if close else f"any of {', '.join(known)}"


def beginning(value: object) -> str:
    """Write the beginning of a value in one line, however large it is and whatever its own repr does."""
    writer = reprlib.Repr()
    # A string that is too long loses its middle, which then lies beyond what is shown.
    writer.maxstring = writer.maxother = writer.maxlong = 3 * _SHOWN
    writer.maxlist = writer.maxtuple = writer.maxset = writer.maxfrozenset = writer.maxdict = _SHOWN // 8
    try:
        text = writer.repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    line = "".join(character if character.isprintable() else " " for character in text[: _SHOWN + 1])
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
