"""What errorpages raises itself. One root covers all::

Exception
└── ErrorPagesError
    └── OptionError        (also a ValueError) an option that can't work, found at construction
"""

from __future__ import annotations

__all__ = ["ErrorPagesError", "OptionError"]


class ErrorPagesError(Exception):
    """The root of every error that errorpages raises on purpose."""


class OptionError(ErrorPagesError, ValueError):
    """An option has a value that can't work.

    Args:
        option: The option's name.
        value: What was given.
        allowed: What would have been accepted, in words.
    """

    def __init__(self, option: str, value: object, allowed: str) -> None:
        super().__init__(f"{option}: {value!r} can't be used; allowed: {allowed}")
        self.option = option
        self.value = value
        self.allowed = allowed
