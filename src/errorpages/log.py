"""The log of errorpages: what it writes is short and harmless, and what fails in writing it hurts no response.

Every module logs through `logger`. A site's own filters, handlers and record factory run inside of each call; where
one of them raises, the line goes to standard error, with what was raised.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

__all__ = ["LONGEST_METHOD", "LONGEST_PATH", "excerpt", "harmless", "logger"]

LONGEST_PATH: Final = 1024
"""Characters of a path, and of any other text of a client's, that are told."""

LONGEST_METHOD: Final = 32
"""Characters of a method; the longest registered one, UPDATEREDIRECTREF, has 17."""

LONGEST_EXCERPT: Final = 200


def harmless(text: str, longest: int = LONGEST_PATH) -> str:
    """Cut a client's text and percent-encode it, so that it can't end a line, look like another or move a terminal.

    Args:
        text: Any text.
        longest: How many characters of it count.
    """
    return quote(text[:longest], errors="replace")


def excerpt(value: object) -> str:
    """Describe an application's value in a line of bounded length, its characters that don't print escaped.

    Args:
        value: Anything, also what fails to describe itself.
    """
    try:
        text = repr(value)
        if len(text) > LONGEST_EXCERPT:
            text = f"{text[: LONGEST_EXCERPT - 1]}…"
        return "".join(_printable(character) for character in text)
    except Exception:
        return f"<{type(value).__qualname__} whose repr() raises>"


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


class _Logger(logging.LoggerAdapter[logging.Logger]):
    """A logger that never raises."""

    def log(self, level: int, msg: object, *args: object, **keywords: Any) -> None:
        """Write a line; like `logging.Logger.log`."""
        try:
            # The caller's place in the code, not this one.
            self.logger.log(level, msg, *args, **{"stacklevel": 2, **keywords})
        except Exception as failure:
            error = keywords.get("exc_info")
            with suppress(Exception):
                _write_to_stderr(str(msg) % args, error if isinstance(error, BaseException) else None, failure)


def _write_to_stderr(line: str, error: BaseException | None, failure: Exception) -> None:
    if sys.stderr is None:  # a process without a console
        return
    problem = f"errorpages: the log of this process raised, so this line comes here: {line}\n"
    accident = traceback.format_exception(error) if error is not None else ()
    sys.stderr.write("".join((problem, *accident, *traceback.format_exception(failure))))


logger: Final = _Logger(logging.getLogger("errorpages"), {})
