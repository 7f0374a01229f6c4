"""Tells whether work grows no faster than what it is done on, on any machine, however busy.

Time is that of this thread alone, the best of several runs, and only ever compared with other work on the same machine.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import cache

Run = Callable[[], object]

ROUNDS = 6
IS_MEASURED = sys.gettrace() is not None or "coverage" in sys.modules
"""Whether each line is counted, which slows ours and not what it is compared with."""


def best(prepare: Callable[[], Run], tries: int = 2) -> float:
    """Take the best of several runs, in seconds; each is prepared anew, which is not timed."""
    found = float("inf")
    for _ in range(tries):
        run = prepare()
        started = time.thread_time()
        run()
        found = min(found, time.thread_time() - started)
    return found


@cache
def trivial() -> float:
    """Measure what it takes to look at 64 KB letter by letter in Python; nobody waits for that."""
    return best(lambda: lambda: sum(letter == "<" for letter in "x" * 65_536), 6)


def assert_linear(prepare: Callable[[int], Run], size: int, what: object = "it") -> None:
    """Fail where 16 times as much takes more than 64 times as long; quadratic work takes 256 times.

    What takes no longer than a plain loop over 64 KB passes at once, and what takes more than twenty never does.

    Args:
        prepare: Makes what is timed, for a size; called anew for each run, so that it need not repeat itself.
        size: The larger of the two sizes.
        what: What is told where it fails.
    """
    if best(lambda: prepare(size)) <= trivial():
        return
    small = large = 0.0
    for _ in range(ROUNDS):
        small, large = best(lambda: prepare(size // 16)), best(lambda: prepare(size))
        if large < 64 * small and large < (200 if IS_MEASURED else 20) * trivial():
            return
    raise AssertionError(
        f"{what}: {small * 1000:.2f} ms for {size // 16:,}, {large * 1000:.2f} ms for {size:,};"
        f" a plain loop takes {trivial() * 1000:.2f} ms"
    )
