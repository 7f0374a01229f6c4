"""What can't work in own templates, found at start rather than in front of a visitor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import jinja2

from .content import Content
from .exceptions import OptionError
from .library import BUILT_IN, Closure, Library

__all__ = ["Fault", "find_faults"]

_PAGE: Final = re.compile(r"(?:\d{3}|[45]xx|error)\.(?:html|txt|md)")
_VARIABLES: Final = frozenset({*Content._fields, "request"})
_BREAKS: Final = (jinja2.TemplateSyntaxError, UnicodeDecodeError, OSError, RecursionError)
"""What reading and compiling a template may raise."""


class Fault(NamedTuple):
    """Something that can't work.

    Attributes:
        kind: The template can't be parsed, is not in UTF-8 or can't be read; or it names a template or variable that
            there is not, or a template that leads back to it.
        file: Its path.
        line: The line in it, counted from 1, where that is known.
        subject: The name that there is not, the templates of the circle, or what the parser or the system says.
        page: The template of a page that needs the variable, where that is another one.
    """

    kind: Literal["syntax", "encoding", "unreadable", "reference", "circle", "variable"]
    file: str
    line: int | None
    subject: str
    page: str | None = None

    @property
    def error(self) -> OptionError:
        """What the option ``templates`` is refused with."""
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        problem, allowed = self.words
        return OptionError("templates", self.file, allowed, f"{place}: {problem}")

    @property
    def words(self) -> tuple[str, str]:
        """What is wrong, and what is allowed."""
        match self.kind:
            case "syntax":
                return self.subject, "templates without syntax errors"
            case "encoding":
                return self.subject, "templates in UTF-8"
            case "unreadable":
                return self.subject, "templates that can be read"
            case "reference":
                return (
                    f"it refers to {self.subject}, which there is not",
                    f"its own templates and {', '.join(BUILT_IN)}",
                )
            case "circle":
                return self.subject, "templates that don't refer to each other in a circle"
            case "variable":
                problem = f"it reads {self.subject}, which nobody supplies"
                known = ", ".join(sorted(_VARIABLES))
                return (
                    f"{problem}, as a part of {self.page}" if self.page else problem,
                    f"the variables {known}; context adds others",
                )


def find_faults(library: Library, has_context: bool = False) -> Iterator[Fault]:
    """Find what would fail in front of a visitor, each fault once.

    Args:
        library: The own templates, with the built-in ones.
        has_context: Whether a ``context`` callable supplies more variables.
    """
    names = sorted(library.own)
    for name in names:  # which grows: a page may include files whose names are not those of templates
        try:
            library.environment.get_template(name)  # compiled, for the compiler finds more than the parser
            references = library.part(name).references
        except _BREAKS as error:
            yield _broken(library.file_of(name), error)
            continue
        for reference in references:
            if reference.name not in library:
                if not reference.is_optional:
                    yield Fault("reference", library.file_of(name), reference.line, reference.name)
            elif reference.name not in names:
                names.append(reference.name)
    yield from _between_templates(library, has_context)


def _broken(file: str, error: Exception) -> Fault:
    match error:
        case jinja2.TemplateSyntaxError():
            return Fault("syntax", error.filename or file, error.lineno, error.message or "")
        case UnicodeDecodeError():
            return Fault("encoding", file, error.object[: error.start].count(b"\n") + 1, str(error))
        case jinja2.TemplateNotFound():
            return Fault("unreadable", file, None, "it is not there")
        case RecursionError():
            return Fault("syntax", file, None, "it is nested too deeply")
    return Fault("unreadable", file, None, str(error))


def _between_templates(library: Library, has_context: bool) -> Iterator[Fault]:
    """Find what shows only where a template is taken together with those that it refers to."""
    circles, variables = set(), set()
    for name in sorted(library.own):
        try:
            closure = Closure(library, name)
        except _BREAKS:
            continue  # one of them is broken, and was named as such
        if closure.circle:
            if frozenset(closure.circle) not in circles:
                circles.add(frozenset(closure.circle))
                yield _circle(closure.circle, library)
        elif not has_context and (_PAGE.fullmatch(name) or name in BUILT_IN):
            for variable in sorted(closure.reads.keys() - _VARIABLES):
                file, line = closure.reads[variable]
                if (file, variable) not in variables:
                    variables.add((file, variable))
                    yield Fault("variable", file, line, variable, name if file != library.file_of(name) else None)


def _circle(circle: tuple[str, ...], library: Library) -> Fault:
    part = library.part(circle[0])
    line = next(reference.line for reference in part.references if reference.name == circle[1])
    return Fault("circle", part.file, line, " → ".join(circle))
