"""A cache that is bounded in bytes: a limit on entries whose size a client or an application chooses is no limit."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

__all__ = ["OVERHEAD", "Cache"]

OVERHEAD: Final = 512
"""Bytes that an entry is charged beside the text and bytes in it: its objects, and its place in a dict."""

V = TypeVar("V")


class Cache(Generic[V]):
    """Two generations of entries; once the young one holds half of the room it becomes the old one.

    What is looked up in the old generation is young again, so entries in use stay. No entry is ever evicted alone, so
    threads need no lock: the worst that two of them can do is to forget early.

    Args:
        room: Bytes that all entries take at most, by their charges.
    """

    __slots__ = ("_half", "_old", "_spent", "_young")

    def __init__(self, room: int) -> None:
        self._half = room // 2
        self._young: dict[Hashable, tuple[V, int]] = {}
        self._old: dict[Hashable, tuple[V, int]] = {}
        self._spent = 0

    def get(self, key: Hashable) -> V | None:
        """Look up an entry."""
        entry = self._young.get(key)
        if entry is None:
            entry = self._old.get(key)
            if entry is None:
                return None
            self.put(key, *entry)
        return entry[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep an entry, unless it would crowd out many others.

        Args:
            key: What it is looked up by.
            value: The entry.
            size: The length of all text and bytes in key and value that only this entry holds.
        """
        if size > self._half // 2:
            return
        if self._spent >= self._half:
            self._old, self._young, self._spent = self._young, {}, 0
        self._young[key] = value, size
        self._spent += size + OVERHEAD
