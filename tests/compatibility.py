"""Writes docs/compatibility.md from a test run: framework by behaviour, and server by behaviour.

``python -m tests.compatibility`` runs the tests marked ``matrix`` and writes the page; with ``--check`` it runs them
and fails where the page is stale. A cell is ``@pytest.mark.matrix(kind="framework", behaviour="route miss")``, its row
the parameter ``subject``. A test may tell with ``record_property`` which ``distributions`` its row is about, joined by
commas, and, where it is skipped, the ``reason``.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.metadata
import os
import platform
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "compatibility.md"
FOLDERS = ("tests/frameworks", "tests/servers")

INTRODUCTION = """\
# Compatibility

Every row is a real application behind `ErrorPagesMiddleware`, every ✓ a test that passed: frameworks are driven
in-process (`tests/frameworks/`), servers as processes over sockets (`tests/servers/`). Where something can't be shown
there is the reason instead. `python -m tests.compatibility` runs the tests and writes this page; with `--check` it
fails where the page is stale. New releases come every week, so a version number that differs is reported and doesn't
make the page stale. What each framework sends is in [frameworks.md](frameworks.md).

Run with CPython {python}.
"""
TITLES = {"framework": "Frameworks", "server": "Servers"}

State = Literal["passed", "limited", "failed"]
_RANK: dict[State, int] = {"passed": 0, "limited": 1, "failed": 2}


@dataclass
class Cell:
    """What the tests of one behaviour said about one subject."""

    state: State = "passed"
    reason: str = ""

    def add(self, state: State, reason: str) -> None:
        if _RANK[state] > _RANK[self.state]:
            self.state, self.reason = state, reason

    def __str__(self) -> str:
        return {"passed": "✓", "limited": _escaped(self.reason), "failed": "✗"}[self.state]


@dataclass
class Table:
    """One kind's rows and columns, in the order of the tests."""

    cells: dict[str, dict[str, Cell]] = field(default_factory=dict)
    distributions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def behaviours(self) -> list[str]:
        return list(dict.fromkeys(behaviour for row in self.cells.values() for behaviour in row))

    def markdown(self, title: str) -> str:
        behaviours = self.behaviours
        lines = [_line([title[:-1], "Versions", *behaviours]), _line(["---", "---", *[":-:"] * len(behaviours)])]
        for subject, row in self.cells.items():
            versions = ", ".join(_versions(self.distributions.get(subject, [])))
            lines.append(
                _line([_escaped(subject), versions, *(str(row.get(behaviour, "–")) for behaviour in behaviours)])
            )
        return "\n".join(lines)


class Collector:
    """The pytest plugin that fills the tables."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self._places: dict[str, tuple[str, str, str]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            marker = item.get_closest_marker("matrix")
            if marker is None:
                continue
            place = (marker.kwargs["kind"], subject_of(item), marker.kwargs["behaviour"])
            self._places[item.nodeid] = place
            self._row(place).setdefault(place[2], Cell())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        place = self._places.get(report.nodeid)
        if place is None:
            return
        told = {name: str(value) for name, value in report.user_properties}
        if names := told.get("distributions"):
            self.tables[place[0]].distributions[place[1]] = names.split(",")
        if report.failed:
            self._row(place)[place[2]].add("failed", "")
        elif report.skipped:
            reason = told.get("reason") or getattr(report, "wasxfail", "") or _skip_reason(report)
            self._row(place)[place[2]].add("limited", reason)

    def _row(self, place: tuple[str, str, str]) -> dict[str, Cell]:
        return self.tables.setdefault(place[0], Table()).cells.setdefault(place[1], {})

    def page(self) -> str:
        parts = [INTRODUCTION.format(python=platform.python_version())]
        for kind, title in TITLES.items():
            if kind in self.tables:
                parts.append(f"## {title}\n\n{self.tables[kind].markdown(title)}\n")
        return "\n".join(parts)


def subject_of(item: pytest.Item) -> str:
    """Read a test's row from its parameter ``subject``: the parameter's name, or the id it was given."""
    callspec: Any = getattr(item, "callspec", None)
    assert callspec is not None and "subject" in callspec.params, f"{item.nodeid} has no parameter named subject"
    name = getattr(callspec.params["subject"], "name", None)
    return str(name or callspec.id)


def _skip_reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _versions(distributions: list[str]) -> list[str]:
    found = []
    for name in distributions:
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        found.append(f"{metadata['Name']} {metadata['Version']}")
    return found


# -- staleness ---------------------------------------------------------------------------------------------------------

_VERSION = re.compile(r"\b\d+(?:\.\d+)+[\w.+-]*")


def compare(old: str, new: str) -> tuple[bool, list[str]]:
    """Tell whether a page is stale, and give the lines that differ: without its versions where only those do."""
    before, after = old.splitlines(), new.splitlines()
    is_stale = _VERSION.sub("…", old) != _VERSION.sub("…", new)
    return is_stale, list(difflib.unified_diff(before, after, "docs/compatibility.md", "this run", n=0, lineterm=""))


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.compatibility", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where the page is stale")
    options = parser.parse_args()

    os.chdir(ROOT)
    os.environ["ERRORPAGES_REQUIRE_ALL"] = "1"
    collector = Collector()
    outcome = pytest.main(["-q", "--no-header", "-m", "matrix", *FOLDERS], plugins=[collector])
    if outcome not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return int(outcome)
    page = collector.page()
    is_stale, difference = compare(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "", page)
    if not options.check:
        PAGE.write_text(page, encoding="utf-8")
        print(f"{PAGE.relative_to(ROOT)} is written")
    elif difference:
        print(*difference, sep="\n")
        print(
            "docs/compatibility.md is stale" if is_stale else "Only versions differ, which doesn't make the page stale"
        )
    else:
        print("docs/compatibility.md is up to date")
    return int(outcome) or int(options.check and is_stale)


if __name__ == "__main__":
    sys.exit(main())
