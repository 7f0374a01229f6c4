"""Prints for people what the commands about templates and policies come to."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from errorpages.library import THEMES
from errorpages.translation import SOURCE

from .checking import SITUATIONS, Finding, Report
from .policies import Policy
from .templates import USES

__all__ = ["print_copies", "print_policies", "print_report", "print_uses"]

_STYLES = {"error": "bold red", "warning": "yellow"}
_NAMED = 6
"""How many status codes or languages are named before they are counted."""


def _print(console: Console, line: Text | str = "") -> None:
    """Print a line; only a terminal breaks it."""
    console.print(line if isinstance(line, Text) else Text(line), soft_wrap=not console.is_terminal)


def _print_whole(console: Console, line: str) -> None:
    """Print a line that is copied from here, and so never broken."""
    console.print(Text(line, style="cyan"), soft_wrap=True)


# -- templates ---------------------------------------------------------------------------------------------------------


def print_uses(console: Console, names: Iterable[str]) -> None:
    """Print what built-in templates are used for.

    Args:
        console: Where to.
        names: The templates.
    """
    for name in names:
        _print(console, Text.assemble("  ", (f"{name:<18}", "bold"), USES[name]))


def print_copies(console: Console, folder: Path, files: Sequence[Path]) -> None:
    """Print which templates were copied, and what to do with them.

    Args:
        console: Where to.
        folder: Where they are.
        files: The copies.
    """
    names = [path.name for path in files]
    themes = [theme for theme in THEMES if f"{theme}.html" in names]
    theme = f'theme="{themes[0]}", ' if themes and "plain" not in themes else ""
    checked = "".join(f" --theme {theme}" for theme in themes if themes != ["plain"])
    _print(console, f"Written to {folder}, each with what it changes:\n")
    print_uses(console, names)
    _print(console, "\n1. Name the folder among the options; a file stands in for the built-in one of its name:\n")
    _print_whole(console, f"     {theme}templates={json.dumps(str(folder), ensure_ascii=False)}")
    _print(
        console,
        "\n2. Change what you want to, and delete the other files: a copy does not follow later versions.\n"
        "   A part of the page needs no copy: write an error.html that begins with\n"
        '   {% extends "plain.html" %} and overrides blocks. It is used for every page in HTML,\n'
        "   a 4xx.html, 5xx.html or 404.html only for those.\n"
        "\n3. Check the result:\n",
    )
    _print_whole(console, f"     errorpages check --templates {shlex.quote(str(folder))}{checked}")
    _print(
        console,
        "\nPages of own templates come in one language unless the option languages names more, and no\n"
        "Content-Security-Policy is added to them.",
    )


# -- a check -----------------------------------------------------------------------------------------------------------


def print_report(console: Console, report: Report) -> None:
    """Print what a check found, a line for each finding, and how much was looked at.

    Args:
        console: Where to.
        report: What it came to.
    """
    for finding in report.findings:
        place = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
        where = " ".join(_where(finding, report))
        text = f": {finding.problem}{f' ({where})' if where else ''}. {finding.remedy}"
        _print(console, Text.assemble((place, "bold"), ": ", (finding.level, _STYLES[finding.level]), text))
    if report.findings:
        _print(console)
    _print(console, f"{_counted(report)} {_looked_at(report)}")


def _where(finding: Finding, report: Report) -> Iterator[str]:
    """Say on which pages, as far as it is not on all."""
    if finding.statuses:
        yield f"for {_statuses(finding.statuses, report.statuses)}"
    if finding.formats and finding.formats != report.formats:
        yield f"as {_listed(finding.formats)}"
    if finding.situations and len(finding.situations) < len(SITUATIONS):
        yield f"with {_listed(finding.situations)}"
    if finding.languages and SOURCE not in finding.languages:
        few = len(finding.languages) <= _NAMED
        yield f"in {_listed(finding.languages) if few else f'{len(finding.languages)} other languages'}"


def _statuses(statuses: Sequence[int], among: Sequence[int]) -> str:
    others = [status for status in among if status not in statuses]
    if len(others) < len(statuses) and len(others) <= _NAMED and len(among) > 1:
        return f"every status but {_listed(map(str, others))}" if others else "every status"
    if len(statuses) <= _NAMED:
        return _listed(map(str, statuses))
    return f"{', '.join(map(str, statuses[: _NAMED - 1]))} and {len(statuses) - _NAMED + 1} more"


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _counted(report: Report) -> str:
    errors, warnings = report.count("error"), report.count("warning")
    counts = [_number(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count]
    return f"{_listed(counts)}." if counts else "Nothing to mend."


def _looked_at(report: Report) -> str:
    if not report.pages:
        return "No page was rendered: with these templates an application does not start."
    few = len(report.statuses) <= _NAMED
    statuses = _listed(map(str, report.statuses)) if few else f"{len(report.statuses)} statuses"
    return (
        f"{_number(report.pages, 'page')} rendered: {statuses}, as {_listed(report.formats)},"
        f" in {_number(len(report.languages), 'language')}."
    )


# -- policies ----------------------------------------------------------------------------------------------------------


def print_policies(console: Console, policies: Iterable[Policy]) -> None:
    """Print policies so that they can be pasted.

    Args:
        console: Where to.
        policies: One for each theme.
    """
    for policy in policies:
        _print(console, f"The theme {policy.theme} needs, in a policy that you have:\n")
        _print_directives(console, policy.sources)
        _print(console, "\nor as a policy of its own:\n")
        _print_whole(console, f"  Content-Security-Policy: {policy.value}")
        _print(console)
    _print(
        console,
        "It holds for every status and language, and changes with the theme, the accent and the version.\n"
        "With the option csp=None the pages carry no policy of their own beside it.",
    )


def _print_directives(console: Console, directives: Mapping[str, Iterable[str]]) -> None:
    for name, sources in directives.items():
        _print_whole(console, f"  {' '.join((name, *sources))}")
