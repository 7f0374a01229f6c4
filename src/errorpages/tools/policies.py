"""The Content-Security-Policy that a theme's pages need, read from the pages themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from errorpages import ErrorPages, Request
from errorpages.codes import catalogue
from errorpages.csp import FIELDS

__all__ = ["Policy", "policy_of"]

_BROWSER: Final = (("Accept", "text/html"),)
_WAITS: Final = ((), (("Retry-After", "120"),))


@dataclass(frozen=True, slots=True)
class Policy:
    """What every page of a theme is allowed to do.

    Attributes:
        theme: The theme.
        directives: The sources of each directive, in the policy's order.
    """

    theme: str
    directives: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, theme: str, values: Iterable[str]) -> Policy:
        """Join policies into the one that allows whatever any of them allows.

        Args:
            theme: The theme whose pages carry them.
            values: Their values.
        """
        joined: dict[str, dict[str, None]] = {}
        for value in values:
            for name, *sources in (directive.split() for directive in value.split(";")):
                joined.setdefault(name, {}).update(dict.fromkeys(sources))
        return cls(theme, {name: _allowing(tuple(sources)) for name, sources in joined.items()})

    @property
    def value(self) -> str:
        """The value of the field ``Content-Security-Policy``."""
        return "; ".join(" ".join((name, *sources)) for name, sources in self.directives.items())

    @property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """The directives that allow something: what to add to a policy that one has."""
        return {name: sources for name, sources in self.directives.items() if sources != ("'none'",)}


def policy_of(theme: str, **options: Any) -> Policy:
    """Find the one policy that lets every page of a theme through.

    Args:
        theme: The theme.
        options: Other options that shape pages.

    Raises:
        OptionError: An option can't be used.
    """
    return Policy.of(theme, _policies(ErrorPages(theme=theme, **options)))


def _policies(pages: ErrorPages) -> Iterator[str]:
    """Go through the policies of every page that a browser may get."""
    statuses = [status.code for status in catalogue if status.code >= 400]
    for status, method, fields in product(statuses, ("GET", "POST"), _WAITS):
        page = pages.page(Request(method=method, headers=_BROWSER), status, headers=fields)
        yield from (value for name, value in page.headers if name.lower() in FIELDS)


def _allowing(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Leave 'none' out where anything stands beside it, for it counts only alone (CSP Level 3, section 6.7.2.4)."""
    return tuple(source for source in sources if source != "'none'") or sources
