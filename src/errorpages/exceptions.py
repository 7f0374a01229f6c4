"""What errorpages raises itself. One root covers all::

Exception
└── ErrorPagesError
    ├── MissingExtraError  (also an ImportError) a part that needs packages which are not installed
    ├── OptionError        (also a ValueError) an option that can't work, found at construction
    └── SwitchError        a maintenance switch that can't be read or written
"""

from __future__ import annotations

__all__ = ["ErrorPagesError", "MissingExtraError", "OptionError", "SwitchError"]


class ErrorPagesError(Exception):
    """The root of every error that errorpages raises on purpose."""


class MissingExtraError(ErrorPagesError, ImportError):
    """A part of errorpages needs packages that are not installed.

    Args:
        part: What was to be used.
        extra: The extra that installs what it needs.
    """

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f'{part} needs the extra {extra}; install it with: pip install "errorpages[{extra}]"')
        self.part = part
        self.extra = extra


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


class SwitchError(ErrorPagesError):
    """A maintenance switch can't be read or written.

    Args:
        switch: Where it is: a path, or an address without its password.
        problem: What is wrong.
    """

    def __init__(self, switch: str, problem: str) -> None:
        super().__init__(f"{switch}: {problem}")
        self.switch = switch
        self.problem = problem
