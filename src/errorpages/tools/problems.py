"""What stands in the way of a page in the gallery: a choice that can't be used, a template that is wrong, and where."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

from errorpages import OptionError
from errorpages.faults import find_faults
from errorpages.library import EXTENSIONS, Library

__all__ = ["Problem", "SourceLine"]

AROUND: Final = 2
"""Lines of source that are shown before and after the one that failed."""


class SourceLine(NamedTuple):
    """A line of a template, and whether it is the one that failed."""

    number: int
    text: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a page can't be shown as it was chosen.

    Attributes:
        kind: ``choice``, where a choice can't be used; ``templates``, where an application with them would not start;
            ``page``, where visitors would get the built-in page instead; ``status``, where it
            is sent with another one.
        message: What is wrong, with the value and what is allowed.
        choice: The choice that can't be used.
        file: The template that is wrong.
        line: The line in it, from 1.
        source: The lines around it.
    """

    kind: Literal["choice", "templates", "page", "status"]
    message: str
    choice: str | None = None
    file: str | None = None
    line: int | None = None
    source: tuple[SourceLine, ...] = ()

    @property
    def is_fatal(self) -> bool:
        """Whether there is no page at all."""
        return self.kind in ("choice", "templates")

    @property
    def place(self) -> str:
        """The file and the line, as far as they are known."""
        return ", line ".join(str(part) for part in (self.file, self.line) if part)

    @classmethod
    def of_refusal(cls, error: OptionError, folder: Path | None) -> tuple[Problem, ...]:
        """Describe why options are refused: a choice that can't be used, or everything that is wrong in a folder."""
        if error.option != "templates" or folder is None:
            return (cls("choice", str(error), choice=error.option),)
        problems = []
        for fault in find_faults(Library([folder])):
            wrong, allowed = fault.words
            problems.append(
                cls._in_file(
                    "templates", f"{wrong[:1].upper()}{wrong[1:]}. Allowed: {allowed}.", fault.file, fault.line
                )
            )
        return tuple(problems) or (cls("templates", str(error)),)

    @classmethod
    def of_failure(cls, kind: Literal["templates", "page"], error: BaseException) -> Problem:
        """Describe an exception of a template; the innermost frame in one tells where."""
        message = f"{type(error).__name__}: {error}"
        extensions = tuple(EXTENSIONS.values())
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(extensions)]
        if not frames:
            return cls(kind, message)
        return cls._in_file(kind, message, frames[-1].filename, frames[-1].lineno or 1)

    @classmethod
    def _in_file(cls, kind: Literal["templates", "page"], message: str, file: str, line: int | None) -> Problem:
        return cls(kind, message, file=file, line=line, source=tuple(_source(Path(file), line)) if line else ())


def _source(file: Path, line: int) -> Iterator[SourceLine]:
    """Read the lines around one, where the file still is there."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for number in range(max(1, line - AROUND), min(len(lines), line + AROUND) + 1):
        yield SourceLine(number, lines[number - 1], number == line)
