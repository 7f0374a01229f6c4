"""Changes one module in many small ways, and lists the changes that no test noticed.

``python -m tests.mutants headers`` (`make mutants MODULE=headers`) tries every change of ``src/errorpages/headers.py``
against the tests that are named after the module and the table of exchanges, or against the tests that are given.

cosmic-ray knows the changes; the loop around them is ours. Its own one writes each change into the working tree, where
a stopped run leaves it, and starts Python anew for every one; mutmut moves the sources into a tree of its own, in which
the package `errorpages.templates`, which lies elsewhere, is missing. Here a change lives in one forked process only.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import hypothesis
import jinja2  # noqa: F401  # once, before the forks
import pytest
import werkzeug  # noqa: F401
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "errorpages"
TABLE = "tests/test_exchange_table.py"
ADAPTERS = ("asgi", "wsgi", "memory", "responding")
"""Modules that need the whole table; the others are seen through the core alone."""

_SWAPPED = {
    "Binary": ["Add_Sub", "Sub_Add", "Mul_FloorDiv", "FloorDiv_Mul", "Mod_Mul", "BitOr_BitAnd", "BitAnd_BitOr"],
    "Comparison": [
        *("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt"),
        *("Is_IsNot", "IsNot_Is"),
    ],
    "Unary": ["Delete_Not"],
}
OPERATORS = [
    *(f"Replace{kind}Operator_{swap}" for kind, swaps in _SWAPPED.items() for swap in swaps),
    *("AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "NumberReplacer", "ZeroIterationForLoop"),
]


# -- changes that cosmic-ray does not know, in its own form ------------------------------------------------------------


class DropItem:
    """Leave out an element of a tuple, list, set or dict, or an argument that has a name."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        for item in self._items(node):
            yield item[0].start_pos, item[-1].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        items = self._items(node)
        dropped = items[index]
        after = node.children.index(dropped[-1]) + 1
        if after < len(node.children):
            dropped = [*dropped, node.children[after]]
        elif (before := node.children.index(dropped[0])) > 1:
            dropped = [node.children[before - 1], *dropped] if len(items) > 2 else dropped
        node.children = [child for child in node.children if not any(child is gone for gone in dropped)]
        return node

    def _items(self, node: Any) -> list[list[Any]]:
        if node.type not in ("testlist_comp", "testlist_star_expr", "dictorsetmaker", "arglist"):
            return []
        items: list[list[Any]] = [[]]
        for child in node.children:
            if getattr(child, "value", None) == ",":
                items.append([])
            else:
                items[-1].append(child)
        items = [item for item in items if item]
        if node.type == "arglist":
            return [item for item in items if item[0].type == "argument" and item[0].children[1:2] == ["="]]
        is_comprehension = any(child.type in ("sync_comp_for", "comp_for") for child in node.children)
        return [] if is_comprehension or len(items) < 2 else items


class ChangeString:
    """Put other letters before what a string says."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        if node.type == "string" and node.parent is not None and node.parent.type not in ("simple_stmt", "file_input"):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        start = min(node.value.index(quote) for quote in "'\"" if quote in node.value)
        quotes = 3 if node.value[start : start + 3] in ("'''", '"""') else 1
        node.value = f"{node.value[: start + quotes]}XX{node.value[start + quotes :]}"
        return node


class ReturnNone:
    """Return nothing."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        if node.type == "return_stmt" and node.children[1].get_code().strip() != "None":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        instead = get_ast("return None").children[0]
        instead.get_first_leaf().prefix = node.get_first_leaf().prefix
        return instead


class DropStatement:
    """Do nothing instead of an assignment, a call or a raise inside of a function."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        if node.type in ("expr_stmt", "atom_expr", "raise_stmt") and node.parent.type == "simple_stmt":
            around = node.parent.parent
            if around.type == "suite" and around.parent.type != "classdef":
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        instead = get_ast("pass").children[0]
        instead.prefix = node.get_first_leaf().prefix
        instead.parent = node.parent
        return instead


OWN: list[type[Any]] = [DropItem, ChangeString, ReturnNone, DropStatement]


@dataclass(frozen=True)
class Mutant:
    """A change of a module: what it is called, in which line it is, and the source with it."""

    name: str
    line: int
    source: str

    def told(self, path: Path, source: str) -> str:
        """Write down the lines that differ, as ``path:line`` and a difference."""
        changed = difflib.unified_diff(source.splitlines(), self.source.splitlines(), n=0, lineterm="")
        lines = [f"    {line}" for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        return "\n".join([f"{path.relative_to(ROOT)}:{self.line}: {self.name}", *lines])


def mutants(source: str) -> list[Mutant]:
    """Find every change of a source that Python can read, in the order of its lines."""
    found = list[Mutant]()
    for operator in [*(get_operator(f"core/{name}")() for name in OPERATORS), *(own() for own in OWN)]:
        positions = [
            (node, start) for node in ast_nodes(get_ast(source)) for start, _ in operator.mutation_positions(node)
        ]
        for occurrence, (node, start) in enumerate(positions):
            if _says_nothing(node):
                continue
            changed = mutate_code(source, operator, occurrence)
            if changed is not None and changed != source and _is_readable(changed):
                found.append(Mutant(type(operator).__name__, start[0], changed))
    return sorted(found, key=lambda mutant: mutant.line)


def _says_nothing(node: Any) -> bool:
    """Tell whether a node is in an annotation, or in what only type checkers and other modules read."""
    above, below = node.parent, node
    while above is not None:
        if (
            above.type in ("annassign", "tfpdef", "param")
            and below is above.children[1 if above.type != "tfpdef" else 2]
        ):
            return True
        if above.type == "funcdef" and above.annotation is below:
            return True
        if above.type == "expr_stmt" and above.children[0].get_code().strip() == "__all__":
            return True
        if above.type == "if_stmt" and above.children[1].get_code().strip() == "TYPE_CHECKING":
            return True
        above, below = above.parent, above
    return False


def _is_readable(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


# -- a process for each ------------------------------------------------------------------------------------------------


OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Hypothesis was imported before the fork, which pytest warns of."""


class Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from another source than that of its file."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._changed = compile(source, path, "exec")

    def get_code(self, fullname: str) -> CodeType:
        return self._changed


class Finder:
    """Finds one module, and hands out its changed source."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self._name, self._path, self._source = name, path, source

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, loader=Changed(name, str(self._path), self._source))


def start(name: str, path: Path, source: str, tests: list[str], timeout: int) -> int:
    """Fork a process that runs the tests against a source, and ends with 0 where all passed; gives its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.alarm(timeout)
        os.setpgid(0, 0)
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        sys.meta_path.insert(0, Finder(name, path, source))
        hypothesis.settings.register_profile(
            "mutants", database=None, derandomize=True, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate]
        )
        hypothesis.settings.load_profile("mutants")
        code = int(pytest.main([*OPTIONS, *tests]))
    finally:
        os._exit(code)


def finished() -> tuple[int, int]:
    """Wait for the next process to end; gives its id and its exit code, which is negative for a signal."""
    child, status = os.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what the tests of a mutant left behind
    return child, os.waitstatus_to_exitcode(status)


def survivors(name: str, path: Path, all_mutants: list[Mutant], tests: list[str], timeout: int) -> list[Mutant]:
    """Run the tests against each mutant, as many at once as there are cores; gives those that passed them."""
    running, passed, waiting = dict[int, Mutant](), list[Mutant](), list(reversed(all_mutants))
    jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    done = 0
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant = waiting.pop()
                running[start(name, path, mutant.source, tests, timeout)] = mutant
            child, code = finished()
            mutant = running.pop(child)
            done += 1
            if code == 0:
                passed.append(mutant)
            print(f"\r{done} of {len(all_mutants)}, {len(passed)} survived ", end="", file=sys.stderr, flush=True)
    finally:
        for child in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    print(file=sys.stderr)
    return sorted(passed, key=lambda mutant: mutant.line)


def tests_of(module: str) -> list[str]:
    """Find the tests that are named after a module, and what the table of exchanges says of it."""
    stem = module.rpartition(".")[2]
    own = {path for pattern in (f"test_{stem}.py", f"test_{stem}_*.py") for path in (ROOT / "tests").rglob(pattern)}
    named = [str(path.relative_to(ROOT)) for path in sorted(own)]
    return [*named, TABLE if module in ADAPTERS else f"{TABLE}::test_the_core_decides_as_the_table_says"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("module", help="its name below errorpages: headers, maintenance.gate")
    parser.add_argument("tests", nargs="*", help="tests to run instead of those that are named after the module")
    options = parser.parse_args()

    path = SOURCE.joinpath(*options.module.split(".")).with_suffix(".py")
    if not path.is_file():
        parser.error(f"there is no module {path.relative_to(ROOT)}")
    os.chdir(ROOT)
    name, source, tests = (
        f"errorpages.{options.module}",
        path.read_text("utf-8"),
        options.tests or tests_of(options.module),
    )
    began = time.monotonic()
    start(name, path, source, tests, 600)
    if finished()[1] != 0:
        print(f"The tests fail, or take longer than 10 minutes, without any change: {' '.join(tests)}", file=sys.stderr)
        return 2
    took = time.monotonic() - began
    found = mutants(source)
    print(f"{len(found)} changes of {path.relative_to(ROOT)}, against {' '.join(tests)}: {took:.0f} s at most for each")
    left = survivors(name, path, found, tests, int(10 * took) + 30)
    for mutant in left:
        print(mutant.told(path, source))
    print(f"{len(left)} of {len(found)} changes survived, after {(time.monotonic() - began) / 60:.0f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
