"""The choices of the gallery, as they stand in its URL, and the site, request and response that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal, NamedTuple

from errorpages import OptionError, Request, catalogue
from errorpages.library import THEMES
from errorpages.translation import available_languages, load_language

from .demo import FIELDS

__all__ = ["DEFAULTS", "FORMATS", "HEIGHTS", "PSEUDO_LOCALES", "SCHEMES", "STATUSES", "Choices", "Site"]

STATUSES: Final = tuple(status.code for status in catalogue if status.code >= 400)
FORMATS: Final[Mapping[str, Mapping[str, str]]] = {
    "html": {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
    "text": {"Accept": "text/plain"},
    "markdown": {"Accept": "text/markdown"},
    "json": {"Accept": "application/json"},
    "xml": {"Accept": "application/xml"},
    "fragment": {"Accept": "text/html", "HX-Request": "true"},
}
"""The fields with which a client asks for each format."""

Direction = Literal["ltr", "rtl"]
PSEUDO_LOCALES: Final[Mapping[str, str]] = {"ltr": "en-XA", "rtl": "ar-XB"}
"""The tags that CLDR keeps for trying a layout; no catalogue has them, so their words are English."""

SCHEMES: Final = ("light", "dark")
HEIGHTS: Final = {"320": 640, "390": 844, "768": 1024, "1280": 800, "full": 560}
"""The frame's widths in CSS pixels, with the height that goes with each; for ``full``, the least."""

REFERENCE: Final = "3f2b8c1e-5d0a-4b7e-9c46-1a2f0d7e8b55"
PATH: Final = "/invoices/2026-0417"


class Site(NamedTuple):
    """The options that the choices make a site of."""

    theme: str
    languages: tuple[str, ...]
    site_name: str
    accent: str | None
    has_logo: bool
    has_reference: bool
    auto_retry: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen in the gallery; every field is a query parameter of the same name.

    Attributes:
        status: The status code.
        theme: A built-in theme.
        language: A language that pages are written in.
        direction: The direction to write in, or None for the language's own.
        format: One of `FORMATS`.
        scheme: Whether the frame is light or dark.
        width: The frame's width in CSS pixels, or ``full``.
        message: The application's own message; empty for none.
        reference: ``on`` where the visitor gets something to quote, otherwise ``off``.
        retry_after: Seconds; empty for none.
        site_name: The site's name; empty for none.
        accent: A colour; empty for the theme's own.
        logo: ``on`` or ``off``.
        auto_retry: ``on`` where pages about temporary conditions offer to check automatically, otherwise ``off``.
    """

    status: int = 404
    theme: str = THEMES[0]
    language: str = "en"
    direction: Direction | None = None
    format: str = "html"
    scheme: str = SCHEMES[0]
    width: str = "full"
    message: str = ""
    reference: str = "on"
    retry_after: str = ""
    site_name: str = "Acme"
    accent: str = ""
    logo: str = "off"
    auto_retry: str = "off"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Choices:
        """Read the choices from a query.

        Args:
            query: The query's parameters.

        Raises:
            OptionError: A parameter is unknown, or its value is not among those allowed.
        """
        allowed = _allowed()
        for name, value in query.items():
            _one_of("choice", name, tuple(DEFAULTS))
            if name in allowed:
                _one_of(name, value, allowed[name])
        status, wait = query.get("status", DEFAULTS["status"]), query.get("retry_after", "")
        if status not in map(str, STATUSES):
            raise OptionError("status", status, "a code from 400 up that the catalogue knows, such as 404 or 503")
        if not re.fullmatch(r"[0-9]{0,8}", wait):
            raise OptionError("retry_after", wait, "whole seconds, in up to 8 digits, or nothing")
        return cls(**{**query, "status": int(status)})  # type: ignore[arg-type]

    @classmethod
    def nearest(cls, query: Mapping[str, str]) -> Choices:
        """Read the choices from a query, each that can't be used replaced by its default."""
        rest = dict(query)
        while True:
            try:
                return cls.of(rest)
            except OptionError as error:
                del rest[str(error.value) if error.option == "choice" else error.option]

    @property
    def tag(self) -> str:
        """The language to ask for: the one chosen, or the pseudo-locale for a direction that is not its own."""
        if self.direction in (None, load_language(self.language).direction):
            return self.language
        return PSEUDO_LOCALES[self.direction]

    @property
    def site(self) -> Site:
        """The site's options."""
        languages = dict.fromkeys((*available_languages(), self.tag))
        return Site(
            self.theme,
            tuple(languages),
            self.site_name,
            self.accent or None,
            self.logo == "on",
            self.reference == "on",
            self.auto_retry == "on",
        )

    def request(self, accept_encoding: str | None) -> Request:
        """Make the request of a client that asks for the format and language.

        Args:
            accept_encoding: The content codings that it takes, if it says so.
        """
        asked = {**FORMATS[self.format], "Accept-Language": self.tag, "Accept-Encoding": accept_encoding}
        return Request(path=PATH, headers=tuple((name, value) for name, value in asked.items() if value is not None))

    @property
    def response_fields(self) -> tuple[tuple[str, str], ...]:
        """The fields of the application's own response: those that belong to its status, and those chosen."""
        chosen = {**FIELDS.get(self.status, {}), "Retry-After": self.retry_after}
        if self.reference == "on":
            chosen["X-Request-ID"] = REFERENCE
        return tuple((name, value) for name, value in chosen.items() if value)


DEFAULTS: Final = {field.name: "" if field.default is None else str(field.default) for field in fields(Choices)}


def _allowed() -> dict[str, tuple[str, ...]]:
    """List what each choice is made from; the theme and the accent are left to `ErrorPages`."""
    return {
        "language": available_languages(),
        "direction": tuple(PSEUDO_LOCALES),
        "format": tuple(FORMATS),
        "scheme": SCHEMES,
        "width": tuple(HEIGHTS),
        "reference": ("on", "off"),
        "logo": ("on", "off"),
        "auto_retry": ("on", "off"),
    }


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise OptionError(name, value, f"one of {', '.join(allowed)}")
