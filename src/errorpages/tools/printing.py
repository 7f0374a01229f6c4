"""Prints status codes for people: a table of many, and all that is known of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import Console, Group
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from errorpages.codes import StatusCode, catalogue

__all__ = ["print_explanation", "print_table"]

NARROW = 72
"""Columns; where there are fewer, a table would break every other name."""
KIND_WIDTH = 12
"""Columns for the kind where space is short: the long ones are lists of vendors."""

_STYLES = {"1xx": "cyan", "2xx": "green", "3xx": "blue", "4xx": "yellow", "5xx": "red"}
_COLUMNS = ("Code", "Name", "Kind", "Temporary", "Cached", "Retry-After")

_TEMPORARY = {True: "yes", False: "no", None: "depends"}
_RETRY_AFTER = {"defined": "defined", "may": "may be sent", "no": "not used"}

_LASTS = {
    True: "Temporary: the same request may get another answer later.",
    False: "Lasting: the same request gets the same answer until something is changed.",
    None: "It depends on the case.",
}
_WAITS = {
    "defined": "Defined for it: tells when to try again.",
    "may": "May be sent, but only some clients follow it.",
    "no": "Not used with it.",
}
_REDIRECT_WAITS = "Defined for it: tells how long to wait before following the redirect."  # RFC 9110, section 10.2.3
_KINDS = {
    "standard": "Standard",
    "obsolete": "Obsolete",
    "unassigned": "Not assigned",
    "historic": "Historic, no longer used",
    "draft": "A draft, not yet a standard",
}
_SENDERS = {
    "any": "Any server on the way.",
    "origin": "The application, or the server it runs on.",
    "proxy/gateway": "A proxy or gateway in front of the application.",
    "intercepting proxy": "A network that stands between people and the internet until they sign in.",
}


def print_table(console: Console, statuses: Iterable[StatusCode], *, grouped: bool) -> None:
    """Print one line a code; on a narrow terminal, a small paragraph.

    Args:
        console: Where to.
        statuses: The codes, in the order to print them.
        grouped: Whether codes of one class stand apart from the next.
    """
    groups = [list(group) for _, group in groupby(statuses, _class_of)] if grouped else [list(statuses)]
    if console.is_terminal and console.width < NARROW:
        console.print(Group(*(_paragraph(status) for group in groups for status in group)))
        return
    table = _table(groups)
    natural = Measurement.get(console, console.options.update(max_width=1000), table).maximum
    if not console.is_terminal:
        # What reads a pipe reads lines: none is broken.
        console.width = max(console.width, natural)
    elif console.width < natural:
        table = _table(groups, kind_width=KIND_WIDTH)
    console.print(table)


def _class_of(status: StatusCode) -> str | None:
    return status.status_class


def _style(status: StatusCode) -> str:
    return _STYLES.get(status.status_class or "", "magenta")


def _table(groups: Iterable[Iterable[StatusCode]], kind_width: int | None = None) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in _COLUMNS:
        table.add_column(name, no_wrap=name not in ("Name", "Kind"), max_width=kind_width if name == "Kind" else None)
    for number, group in enumerate(groups):
        if number:
            table.add_row()
        for status in group:
            code, *cells = _row(status)
            table.add_row(Text(code, style=f"bold {_style(status)}"), *map(Text, cells))
    return table


def _row(status: StatusCode) -> tuple[str, ...]:
    return (
        str(status.code),
        status.name,
        ", ".join(status.vendors) or status.kind,
        "-" if _is_no_trouble(status) else _TEMPORARY[status.temporary],
        _cached(status),
        _RETRY_AFTER[status.retry_after],
    )


def _is_no_trouble(status: StatusCode) -> bool:
    return 100 <= status.code <= 299


def _cached(status: StatusCode) -> str:
    if status.must_not_store:
        return "never"
    return "default" if status.cacheable_by_default else "if told"


def _paragraph(status: StatusCode) -> Padding:
    code, name, *facts = _row(status)
    text = Text.assemble((f"{code} {name}", f"bold {_style(status)}"), "\n")
    labels = ("", "temporary: ", "cached: ", "Retry-After: ")
    text.append("; ".join(label + fact for label, fact in zip(labels, facts, strict=True)))
    return Padding(text, (0, 0, 1, 0))


def print_explanation(console: Console, status: StatusCode) -> None:
    """Print all that is known of a code.

    Args:
        console: Where to.
        status: The code.
    """
    console.print(Text(f"{status.code} {status.name}", style=f"bold {_style(status)}"))
    console.print(Text(_source(status)))
    # Never broken or cut, so that it can be followed from any terminal.
    console.print(Text(status.spec_url, style=f"underline link {status.spec_url}"), soft_wrap=True)
    console.print()
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for label, text in _facts(status):
        grid.add_row(Text(label, style="bold"), Text(text))
    console.print(grid)


def _source(status: StatusCode) -> str:
    kind = f"Vendor's own: {', '.join(status.vendors)}" if status.kind == "vendor" else _KINDS[status.kind]
    section = f", section {status.section}" if status.section[:1].isdigit() else f", {status.section}"
    return f"{kind}. {status.spec}{section if status.section else ''}"


def _facts(status: StatusCode) -> Iterator[tuple[str, str]]:
    if status.other_names:
        yield "Also called", ", ".join(status.other_names)
    yield "Meaning", status.meaning
    yield "Use when", status.use_when
    if not _is_no_trouble(status):
        yield "Lasts", _LASTS[status.temporary]
    yield "Caches", _caches(status)
    yield "Retry-After", _waits(status)
    if status.required_headers:
        yield "Must carry", ", ".join(status.required_headers)
    if status.expected_headers:
        yield "Often carries", ", ".join(status.expected_headers)
    if status.never_for_methods:
        yield "Never for", ", ".join(status.never_for_methods)
    yield "Sent by", _SENDERS[status.sent_by]
    yield "Confused with", ", ".join(f"{code} {catalogue[code].name}" for code in status.confused_with)
    if status.title:
        yield "Visitors read", f"{status.title}\n{status.message}\n{status.next_step}"


def _caches(status: StatusCode) -> str:
    if status.must_not_store:
        return "Must not keep it."
    if status.cacheable_by_default:
        return "May keep it, unless the response says otherwise."
    return "May keep it only where the response says so."


def _waits(status: StatusCode) -> str:
    if status.retry_after == "defined" and status.status_class == "3xx":
        return _REDIRECT_WAITS
    return _WAITS[status.retry_after]
