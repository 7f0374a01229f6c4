"""What every test shares."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

pytest.register_assert_rewrite("tests.drivers")

# A busy machine makes any example slow, and any drawing of examples.
hypothesis.settings.register_profile(
    "errorpages", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("errorpages")

REST = {
    "browser": "in Chromium",
    "redis": "with a Redis server",
    "server": "of real servers",
    "frameworks": "of frameworks and other packages",
    "long": "that take long",
}
"""The marks of what `make test` leaves to `make test-rest`, each with what it is called."""

left_out = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--part",
        choices=("quick", "rest"),
        help=f"only the tests without one of the marks {', '.join(REST)}, or only those with one",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    part = config.getoption("--part")
    config.stash[left_out] = Counter()
    taken, others = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        if "redis" in getattr(item, "fixturenames", ()):
            item.add_marker("redis")
        mark = next((mark for mark in REST if item.get_closest_marker(mark)), None)
        is_taken = part is None or (part == "quick") == (mark is None)
        (taken if is_taken else others).append(item)
        if not is_taken and mark is not None:
            config.stash[left_out][mark] += 1
    if others:
        items[:] = taken
        config.hook.pytest_deselected(items=others)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["left_out"] = dict(session.config.stash.get(left_out, {}))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from a worker of pytest-xdist what it left out; each left out the same."""
    node.config.stash[left_out] = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    counted = config.stash.get(left_out, Counter[str]())
    if counted:
        kinds = ", ".join(f"{counted[mark]} {what}" for mark, what in REST.items() if counted[mark])
        terminalreporter.write_line(f"Not run: {kinds}. `make test-all` runs these too.")


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put this process into a time zone that is not UTC, and whose clocks are changed twice a year."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
