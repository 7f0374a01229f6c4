"""What every test shares."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.drivers")


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put this process into a time zone that is not UTC, and whose clocks are changed twice a year."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
