"""What became of recent error responses, so that an adapter need not translate the same one again.

The core says which outcomes depend on nothing but the head, the body and the client's preferences (`is_reusable`); an
adapter makes the key of them in its own protocol's words, and remembers the outcome as it sends it. The room is
bounded: where it is full, all of it is forgotten at once, which no two threads can get wrong.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

__all__ = ["LONGEST", "Memo", "Memory"]

HEADS: Final = 256
BODIES: Final = 16
LONGEST: Final = 2048
"""Bytes of a head, with the client's preferences, and of a body, beyond which nothing is remembered."""

T = TypeVar("T")


class Memo(Generic[T]):
    """What became of the responses with one head.

    Attributes:
        by_head: What goes out whatever the body is, where the head settles it.
    """

    __slots__ = ("_by_body", "by_head")

    def __init__(self) -> None:
        self.by_head: T | None = None
        self._by_body: dict[bytes, T] = {}

    def by_body(self, body: bytes) -> T | None:
        """Look up what goes out in place of this body.

        Args:
            body: Any bytes-like object; those that can change are never found.
        """
        return self._by_body.get(body) if type(body) is bytes else None

    def learn(self, body: bytes, outcome: T) -> None:
        """Remember what went out in place of a body, if it is short, and there is room."""
        if len(body) <= LONGEST and len(self._by_body) < BODIES:
            self._by_body[body] = outcome


class Memory(Generic[T]):
    """The memos of one middleware, by head."""

    def __init__(self) -> None:
        self._memos: dict[Hashable, Memo[T]] = {}

    def get(self, key: Hashable) -> Memo[T] | None:
        """Look up a head."""
        return self._memos.get(key)

    def begin(self, key: Hashable, size: int) -> Memo[T] | None:
        """Begin to remember a head.

        Args:
            key: All that the outcome depends on, but the body.
            size: Its length in bytes.

        Returns:
            Its memo, or None where it is too long.
        """
        if size > LONGEST:
            return None
        if len(self._memos) >= HEADS:
            self._memos.clear()
        return self._memos.setdefault(key, Memo())
