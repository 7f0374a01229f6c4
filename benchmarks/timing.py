"""Times rivals side by side, so that a noisy machine disturbs all of them alike."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping

__all__ = ["compare", "compare_async"]

ROUNDS = 25


def compare(rivals: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Time callables in turns.

    Args:
        rivals: What to time, by name.
        repeats: How often each is called in a round.

    Returns:
        Microseconds a call, by name: the median of the rounds' fastest half.
    """
    rounds: dict[str, list[float]] = {name: [] for name in rivals}
    gc.disable()
    try:
        for _ in range(ROUNDS):
            for name, call in rivals.items():
                started = time.perf_counter()
                for _ in range(repeats):
                    call()
                rounds[name].append((time.perf_counter() - started) / repeats * 1e6)
    finally:
        gc.enable()
    return {name: _typical(times) for name, times in rounds.items()}


def compare_async(rivals: Mapping[str, Callable[[], Awaitable[object]]], repeats: int) -> dict[str, float]:
    """Time coroutine functions in turns, in one event loop; otherwise like `compare`."""

    async def measure() -> dict[str, list[float]]:
        rounds: dict[str, list[float]] = {name: [] for name in rivals}
        for _ in range(ROUNDS):
            for name, call in rivals.items():
                started = time.perf_counter()
                for _ in range(repeats):
                    await call()
                rounds[name].append((time.perf_counter() - started) / repeats * 1e6)
        return rounds

    gc.disable()
    try:
        rounds = asyncio.run(measure())
    finally:
        gc.enable()
    return {name: _typical(times) for name, times in rounds.items()}


def _typical(times: list[float]) -> float:
    return statistics.median(sorted(times)[: len(times) // 2])
