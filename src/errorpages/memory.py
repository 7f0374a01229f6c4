"""What became of recent error responses, so that an adapter need not translate the same one again.

The core says which outcomes depend on nothing but the head, the body and the client's preferences (`is_reusable`); an
adapter makes the key of them in its own protocol's words, and remembers the outcome as it sends it. The room is bounded
in bytes.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

from .cache import OVERHEAD, Cache
from .exchange import Headers, Kept, Page

__all__ = ["LONGEST", "Memo", "Memory", "size_of"]

ROOM: Final = 1 << 19
"""Bytes of all that one middleware remembers."""

LONGEST: Final = 2048
"""Bytes of a head, with the client's preferences, and of a body, beyond which nothing is remembered."""

T = TypeVar("T")


class Memo(Generic[T]):
    """What became of the responses with one head.

    Attributes:
        by_head: What goes out whatever the body is, where the head settles it.
    """

    __slots__ = ("_outcomes", "by_head")

    def __init__(self, outcomes: Cache[T]) -> None:
        self._outcomes = outcomes
        self.by_head: T | None = None

    def by_body(self, body: bytes) -> T | None:
        """Look up what goes out in place of this body.

        Args:
            body: Any bytes-like object; those that can change are never found.
        """
        return self._outcomes.get((self, body)) if type(body) is bytes else None

    def learn(self, body: bytes, outcome: T, size: int) -> None:
        """Remember what went out in place of a body, if it is short.

        Args:
            body: The body.
            outcome: What went out.
            size: The bytes that it takes.
        """
        if len(body) <= LONGEST:
            self._outcomes.put((self, body), outcome, size + len(body))


class Memory(Generic[T]):
    """The memos of one middleware, by head."""

    def __init__(self) -> None:
        self._memos: Cache[Memo[T]] = Cache(ROOM // 4)
        self._outcomes: Cache[T] = Cache(ROOM - ROOM // 4)

    def get(self, key: Hashable) -> Memo[T] | None:
        """Look up a head."""
        return self._memos.get(key)

    def begin(self, key: Hashable, size: int) -> Memo[T] | None:
        """Begin to remember a head, or go on where it is known.

        Args:
            key: All that the outcome depends on, but the body.
            size: Its length in bytes.

        Returns:
            Its memo, or None where it is too long.
        """
        if size > LONGEST:
            return None
        memo = self._memos.get(key)
        if memo is None:
            memo = Memo(self._outcomes)
            # Twice, as what the head alone settles is about as long.
            self._memos.put(key, memo, 2 * size + OVERHEAD)
        return memo


def size_of(outcome: Page | Kept) -> int:
    """Count the bytes that an outcome takes."""
    fields: Headers = outcome.headers or ()
    length = sum(len(name) + len(value) for name, value in fields)
    return length + len(outcome.body) + OVERHEAD if isinstance(outcome, Page) else length
