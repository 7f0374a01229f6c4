"""Finds what fails or is missing on the pages of own templates, by making them as the middleware would.

Every page that an own template has a part in is made by an `ErrorPages`: each status code in each format, with all that
such a page can show in every language, and in every other situation in the source language. `rules` says what is
looked for.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from errorpages import ErrorPages, Options, Page, Request
from errorpages.codes import catalogue
from errorpages.content import Author, is_worth_retrying
from errorpages.exchange import Headers
from errorpages.faults import Fault, find_faults
from errorpages.library import Library
from errorpages.rendering import Choice, Renderer
from errorpages.translation import SOURCE, available_languages

from .failures import collected_failures
from .rules import RULES, Level, Sight, look, marked

__all__ = ["FORMATS", "SITUATIONS", "STATUSES", "Finding", "Report", "check"]

Folders = Sequence[str | os.PathLike[str]]

STATUSES: Final = (
    *(status.code for status in catalogue if status.code >= 400),
    *(next(code for code in range(first, first + 100) if catalogue.get(code) is None) for first in (400, 500)),
)
"""Every error of the catalogue, and of each class one that nobody defined."""

FORMATS: Final[Mapping[str, Headers]] = {
    "html": (("Accept", "text/html"),),
    "fragment": (("Accept", "text/html"), ("HX-Request", "true")),
    "text": (("Accept", "text/plain"),),
    "markdown": (("Accept", "text/markdown"),),
}
"""What is rendered, with the fields that ask for it."""


class Situation(NamedTuple):
    """What may be known when a page is made.

    Attributes:
        name: It in words.
        site: Whether the site has no options, the full ones with references, or these and the control to check again.
        method: The request method.
        message: The application's own message.
        fields: The fields of its response.
    """

    name: str
    site: Literal["bare", "full", "retrying"] = "bare"
    method: str = "GET"
    message: str | None = None
    fields: Headers = ()


_MESSAGE: Final = marked("message", "No invoice has this number.\nLook at the list: ")
_WAIT: Final = ("Retry-After", "120")
_BLOCKED: Final = ("Link", '<https://example.org/court>; rel="blocked-by"')

SITUATIONS: Final = (
    Situation("everything", "full", "GET", _MESSAGE, (_WAIT, _BLOCKED)),
    Situation("nothing but the status"),
    Situation("a message", message=_MESSAGE),
    Situation("Retry-After", fields=(_WAIT,)),
    Situation("links with a reference", "full", fields=(_BLOCKED,)),
    Situation("a failed POST", method="POST"),
    Situation("a failed POST with everything", "full", "POST", _MESSAGE, (_WAIT, _BLOCKED)),
)
"""The first one is rendered in every language, the others in the source language."""

RETRYING: Final = SITUATIONS[0]._replace(name="auto_retry", site="retrying")
"""Rendered too where own templates shape the control that checks again; told where a fault shows in no other."""

_FULL_SITE: Final[Mapping[str, Any]] = {
    "site_name": "Example",
    "support_url": "/help",
    "status_url": "https://status.example.org/",
    "logo": '<svg viewBox="0 0 8 8" aria-hidden="true"><path d="M0 0h8v8z"/></svg>',
    "accent": "#0b5c4a",
}
_SITES: Final[Mapping[str, Mapping[str, Any]]] = {
    "bare": {"reference": False},
    "full": _FULL_SITE,
    "retrying": {**_FULL_SITE, "auto_retry": True},
}
_VISITOR_FIELDS: Final = tuple(
    (name, marked("header")) for name in ("Host", "Referer", "User-Agent", "Cookie", "Forwarded")
)
_REQUEST_IDS: Final = {"bare": marked("header"), "full": "check-4f1c", "retrying": "check-4f1c"}
_RETRY_BLOCKS: Final = {"retry", "script"}
_TURNS_ESCAPING_OFF: Final = re.compile(r"\|\s*safe\b|\bautoescape\s+false\b")
_VARIABLES: Final = {"message": "detail", "path": "path", "query": "query", "header": "header"}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend, and where it shows.

    Attributes:
        rule: The name of the rule.
        level: Whether it must be mended, or should be looked at.
        file: The template.
        line: The line in it, counted from 1, where that is known.
        problem: What is wrong.
        remedy: How to mend it.
        statuses: On the pages for which status codes; empty for what is wrong whatever the page.
        formats: In which formats.
        languages: In which languages.
        situations: In which situations, by name.
    """

    rule: str
    level: Level
    file: str
    line: int | None
    problem: str
    remedy: str
    statuses: tuple[int, ...] = ()
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    situations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a check came to.

    Attributes:
        findings: What there is to mend, errors first.
        pages: How many pages were rendered: those that an own template has a part in.
        statuses: For which status codes.
        formats: In which formats.
        languages: In which languages.
    """

    findings: tuple[Finding, ...]
    pages: int = 0
    statuses: tuple[int, ...] = ()
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def count(self, level: Level) -> int:
        """Count the findings of a level."""
        return sum(finding.level == level for finding in self.findings)


def check(folders: Folders, themes: Sequence[str] = ("plain",), context: Mapping[str, Any] | None = None) -> Report:
    """Check own templates.

    Args:
        folders: Their folders, searched in this order, as the option ``templates`` does.
        themes: The built-in themes to search after them, one after the other.
        context: The variables that the option ``context`` supplies, where it does.

    Raises:
        OptionError: A folder or theme can't be used.
    """
    library = Library(folders)
    faults = tuple(_faults(library, context))
    if any(finding.level == "error" for finding in faults):
        return Report(_sorted(faults))
    inspection = _Inspection(folders, library, context)
    for theme in dict.fromkeys(themes):
        inspection.look_at(theme)
    found = tuple(inspection.findings())
    failed = {(finding.file, finding.line) for finding in found}
    guesses = [finding for finding in faults if (finding.file, finding.line) not in failed]
    return inspection.report([*found, *guesses, *inspection.unused()])


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda found: (found.level, found.file, found.line or 0, found.rule)))


def _finding(rule: str, file: str, line: int | None, subject: str = "", size: int = 0, **places: Any) -> Finding:
    level, problem, remedy = RULES[rule]
    filled = {"subject": subject, "size": f"{size:,}"}
    return Finding(rule, level, file, line, problem.format(**filled), remedy.format(**filled), **places)


def _faults(library: Library, context: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Report what can be seen without rendering anything."""
    for fault in find_faults(library):
        if fault.kind != "variable" or context is None:
            yield _of_fault(fault, fault.kind)
        elif fault.subject not in context:
            yield _of_fault(fault, "not-in-context")


def _of_fault(fault: Fault, rule: str) -> Finding:
    return _finding(rule, fault.file, fault.line, fault.subject)


@dataclass(slots=True)
class _Places:
    """Where a fault shows, and how large it is there."""

    sizes: set[int] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    situations: set[str] = field(default_factory=set)


class _Inspection:
    """Renders pages, and notes what the rules see on them."""

    def __init__(self, folders: Folders, library: Library, context: Mapping[str, Any] | None) -> None:
        self._library = library
        self._paths = {name: library.file_of(name) for name in library.own}
        self._languages = available_languages()
        self._options: dict[str, Any] = {
            "templates": list(folders),
            "languages": self._languages,
            "default_language": SOURCE,
            "show_message": "4xx 5xx",
            "compress": False,
            "context": None if context is None else lambda request: context,
        }
        self._seen: dict[Sight, _Places] = {}
        self._pages = 0
        self._looked_at: set[tuple[int, str, str | None, tuple[str, ...]]] = set()
        self._parts: set[str] = set()
        self._is_dynamic = False

    def look_at(self, theme: str) -> None:
        """Look at every page that an own template has a part in, unless it is one of another theme already seen."""
        options = Options(theme=theme, **self._options)
        renderer = Renderer(Author(options), theme, options.template_folders, options.context is not None)
        sites = {name: ErrorPages(theme=theme, **self._options, **more) for name, more in _SITES.items()}
        with collected_failures() as failures:
            for format in FORMATS:
                for status in STATUSES:
                    choice = renderer.choice(status, "html" if format == "fragment" else format)
                    key = (status, format, choice.template.name, choice.own_parts)
                    if choice.is_own and key not in self._looked_at:
                        self._looked_at.add(key)
                        self._parts.update(choice.own_parts)
                        self._is_dynamic |= choice.is_dynamic
                        self._look_at_pages(sites, status, format, choice, failures)

    def _look_at_pages(
        self,
        sites: Mapping[str, ErrorPages],
        status: int,
        format: str,
        choice: Choice,
        failures: list[BaseException],
    ) -> None:
        retries = is_worth_retrying(status) and self._shapes_retrying(choice)
        for situation in (*SITUATIONS, RETRYING) if retries else SITUATIONS:
            is_fullest = situation in (SITUATIONS[0], RETRYING)
            for language in self._languages if situation is SITUATIONS[0] else (SOURCE,):
                failures.clear()
                page = _page(sites[situation.site], status, format, language, situation)
                self._pages += 1
                sights = [self._failure(failures[0])] if failures else look(page.body, format, language, is_fullest)
                for sight in sights:
                    places = self._seen.setdefault(self._located(sight, choice)._replace(size=0), _Places())
                    places.sizes.add(sight.size)
                    places.statuses.add(status)
                    places.formats.add(format)
                    places.languages.add(language)
                    places.situations.add(situation.name)

    def _shapes_retrying(self, choice: Choice) -> bool:
        """Tell whether own templates have a part in the control that checks again, or may have one."""
        return choice.is_dynamic or any(
            name == "retry.html"
            or "auto_retry" in self._library.part(name).reads
            or _RETRY_BLOCKS & self._library.environment.get_template(name).blocks.keys()
            for name in choice.own_parts
        )

    def _failure(self, error: BaseException) -> Sight:
        """Find the last line of an own template that an exception passed."""
        subject = f"{type(error).__name__}: {error}"
        own = set(self._paths.values())
        for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
            file = os.path.normpath(frame.f_code.co_filename)
            if file in own:
                return Sight("failure", subject, file=file, line=line)
        return Sight("failure", subject)

    def _located(self, sight: Sight, choice: Choice) -> Sight:
        """Say in which template a fault is; where that can't be told, in the one that the page starts from."""
        if sight.file:
            return sight
        if sight.rule == "unescaped" and (place := self._place_without_escaping(choice, sight.subject)):
            return sight._replace(file=place[0], line=place[1])
        first = choice.template.name if choice.template.name in choice.own_parts else choice.own_parts[0]
        return sight._replace(file=self._paths[str(first)])

    def _place_without_escaping(self, choice: Choice, source: str) -> tuple[str, int] | None:
        """Find where escaping is turned off, at best for what has the value."""
        places = [
            (self._paths[name], number, text)
            for name in choice.own_parts
            for number, text in enumerate(Path(self._paths[name]).read_text(encoding="utf-8").splitlines(), 1)
            if _TURNS_ESCAPING_OFF.search(text)
        ]
        places.sort(key=lambda place: _VARIABLES[source] not in place[2])
        return places[0][:2] if places else None

    def findings(self) -> Iterator[Finding]:
        """Report what was seen, each fault once."""
        for sight, places in self._seen.items():
            situations = places.situations - {RETRYING.name} or places.situations
            yield _finding(
                sight.rule,
                sight.file,
                sight.line,
                sight.subject,
                min(places.sizes) if sight.rule == "small" else max(places.sizes),
                statuses=tuple(sorted(places.statuses)),
                formats=tuple(format for format in FORMATS if format in places.formats),
                languages=tuple(tag for tag in self._languages if tag in places.languages),
                situations=tuple(each.name for each in (*SITUATIONS, RETRYING) if each.name in situations),
            )

    def unused(self) -> Iterator[Finding]:
        """Report the templates that no page needs, unless they may be named only when one is rendered."""
        if not self._is_dynamic:
            yield from (_finding("unused", path, None) for name, path in self._paths.items() if name not in self._parts)

    def report(self, findings: Iterable[Finding]) -> Report:
        """Sum up, with these findings."""
        formats = {format for _, format, *_ in self._looked_at}
        return Report(
            _sorted(findings),
            self._pages,
            tuple(sorted({status for status, *_ in self._looked_at})),
            tuple(format for format in FORMATS if format in formats),
            self._languages,
        )


def _page(site: ErrorPages, status: int, format: str, language: str, situation: Situation) -> Page:
    request = Request(
        method=situation.method,
        path=f"/{marked('path')}",
        query=marked("query", "q="),
        headers=(
            *FORMATS[format],
            ("Accept-Language", language),
            ("X-Request-ID", _REQUEST_IDS[situation.site]),
            *_VISITOR_FIELDS,
        ),
        client="192.0.2.7",
    )
    return site.page(request, status, message=situation.message, headers=situation.fields)
