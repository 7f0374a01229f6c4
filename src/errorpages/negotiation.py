"""Which format and which language a client gets, and which of its fields decided (RFC 9110, section 12).

Every choice says which request fields it consulted: they go into Vary, and exactly they.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from .exchange import Headers

__all__ = [
    "CONSULTED",
    "MEDIA_TYPES",
    "Family",
    "FormatChoice",
    "Preferences",
    "accepts_gzip",
    "choose_format",
    "choose_language",
    "match_language",
]

Family = Literal["html", "text", "json", "xml", "none"]
"""What the application's own response is, whatever its label says."""

MEDIA_TYPES: Final = {
    "html": "text/html",
    "json": "application/problem+json",
    "text": "text/plain",
    "markdown": "text/markdown",
    "xml": "application/problem+xml",
}
_ALSO_ACCEPTED: Final = {"json": ("application/json",), "xml": ("application/xml", "text/xml")}
_OWN_FORMAT: Final[dict[Family, str]] = {"html": "html", "text": "text", "json": "json", "xml": "xml", "none": "text"}
_FAMILY_TYPES: Final[dict[Family, tuple[str, ...]]] = {
    "html": ("text/html",),
    "text": ("text/plain",),
    "json": ("application/json",),
    "xml": ("application/xml", "text/xml"),
    "none": (),
}

LONGEST_FIELD: Final = 2048
"""Characters of a preference that are read; browsers send fewer than 200."""

_SUBRESOURCES: Final = frozenset({"image", "script", "style", "font", "audio", "video", "track", "manifest", "worker"})
CONSULTED: Final = (
    "accept",
    "accept-language",
    "sec-fetch-dest",
    "hx-request",
    "hx-boosted",
    "hx-history-restore-request",
    "x-requested-with",
    "accept-encoding",
    "turbo-frame",
)
"""The request fields that can decide anything; the order is that of `Preferences`."""
_CONSULTED_SET: Final = frozenset(CONSULTED)


class Preferences(NamedTuple):
    """The request fields that can decide anything, each shortened to what is read of it."""

    accept: str | None = None
    accept_language: str | None = None
    sec_fetch_dest: str | None = None
    hx_request: str | None = None
    hx_boosted: str | None = None
    hx_history_restore: str | None = None
    x_requested_with: str | None = None
    accept_encoding: str | None = None
    turbo_frame: str | None = None

    @classmethod
    def of(cls, headers: Headers) -> Preferences:
        """Pick them from a request's fields; a list field that comes again is joined (RFC 9110, section 5.3)."""
        found: dict[str, str] = {}
        for name, value in headers:
            lower = name.lower()
            if lower in _CONSULTED_SET:
                found[lower] = f"{found[lower]}, {value}" if lower in found else value
        return cls(*[_shortened(found.get(name)) for name in CONSULTED]) if found else _NO_PREFERENCES

    @property
    def ranges(self) -> dict[str, float]:
        """The media ranges of Accept with their quality values; empty where the field is absent or unreadable."""
        return _ranges(self.accept or "")

    @property
    def navigates(self) -> tuple[bool, tuple[str, ...]]:
        """Whether a person's browser navigates, with the fields that were consulted."""
        if not self.ranges.get("text/html"):
            return False, ("Accept",)
        if _is_true(self.hx_request):
            return False, ("Accept", "HX-Request")
        if self.x_requested_with:
            return False, ("Accept", "HX-Request", "X-Requested-With")
        consulted = ("Accept", "HX-Request", "X-Requested-With", "Sec-Fetch-Dest")
        return (self.sec_fetch_dest or "").lower() != "empty", consulted

    def prefers_page(self, family: Family, media_type: str) -> bool:
        """Tell whether the client strictly prefers text/html to what the application sent."""
        own = max(_quality(self.ranges, name) for name in (*_FAMILY_TYPES[family], media_type) if name)
        return bool(self.ranges) and _quality(self.ranges, "text/html") > own

    def rules_out(self, media_type: str, offered: Sequence[str]) -> bool:
        """Tell whether Accept excludes the type that was sent and names one of the offered formats."""
        ranges = self.ranges
        if not ranges or not media_type or _quality(ranges, media_type) > 0:
            return False
        return any(ranges.get(name, 0) > 0 for format in offered for name in _accepted_as(format))


_NO_PREFERENCES: Final = Preferences()


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """The format to send.

    Attributes:
        format: One of the offered formats.
        shape: A whole document, the fragment that htmx swaps in, or the one line that a subresource gets.
        consulted: The request fields that decided.
    """

    format: str
    shape: Literal["document", "fragment", "line"] = "document"
    consulted: tuple[str, ...] = ()


def choose_format(offered: Sequence[str], family: Family, preferences: Preferences) -> FormatChoice:
    """Choose the format that the client prefers, by quality value; ties go to the application's own family.

    Args:
        offered: The formats that may be sent, in the application's order of preference.
        family: What the application's own response is.
        preferences: What the client asked for.
    """
    consulted: list[str] = []
    destination = ""
    if "text" in offered:
        consulted.append("Sec-Fetch-Dest")
        destination = (preferences.sec_fetch_dest or "").lower()
        if destination in _SUBRESOURCES:
            return FormatChoice("text", "line", tuple(consulted))
    if len(offered) == 1:
        format = offered[0]
    else:
        consulted.insert(0, "Accept")
        format = _preferred(offered, family, preferences.ranges)
    if format != "html":
        return FormatChoice(format, "document", tuple(consulted))
    consulted.append("HX-Request")
    if _is_true(preferences.hx_request):
        fragment = _wants_fragment(preferences, consulted)
        return FormatChoice(format, "fragment" if fragment else "document", tuple(consulted))
    if destination == "empty" and not preferences.ranges.get("text/html"):
        # htmx 4 restores its history with this field alone, and puts the answer in the page's place.
        consulted.append("HX-History-Restore-Request")
        if not _is_true(preferences.hx_history_restore):
            format = "text"
    return FormatChoice(format, "document", tuple(consulted))


def _preferred(offered: Sequence[str], family: Family, ranges: dict[str, float]) -> str:
    own = _OWN_FORMAT[family]
    qualities = {format: _format_quality(ranges, format) for format in offered}
    best = max(qualities.values())
    if best <= 0:
        return _closest(offered, own, ranges)
    tied = [format for format in offered if qualities[format] == best]
    if "markdown" in tied:  # nobody gets it by a wildcard: who names it means it
        return "markdown"
    named = (format for format in tied if any(name in ranges for name in _accepted_as(format)))
    return own if own in tied else next(named, tied[0])


def _closest(offered: Sequence[str], own: str, ranges: dict[str, float]) -> str:
    """Pick what comes nearest to a client that accepts none of the offered formats: it gets something all the same."""
    by_quality = sorted(ranges, key=lambda name: -ranges[name])
    for name in by_quality:
        kind, _, subtype = name.partition("/")
        if not ranges[name]:
            continue
        near = "html" if "xhtml" in subtype else subtype.rpartition("+")[2] if "+" in subtype else kind
        if near in offered:
            return near
    return next((format for format in (own, "text") if format in offered), offered[0])


def _wants_fragment(preferences: Preferences, consulted: list[str]) -> bool:
    """Tell whether htmx swaps the answer into a page, and does not put it in the page's place."""
    consulted.append("HX-Boosted")
    if _is_true(preferences.hx_boosted):
        return False
    consulted.append("HX-History-Restore-Request")
    return not _is_true(preferences.hx_history_restore)


def _is_true(value: str | None) -> bool:
    return value is not None and value.strip().lower() == "true"


def _shortened(value: str | None) -> str | None:
    """Cut a field at the last whole list member that is read of it."""
    if value is None or len(value) <= LONGEST_FIELD:
        return value
    return value[:LONGEST_FIELD].rpartition(",")[0]


@lru_cache(maxsize=1024)
def _ranges(accept: str) -> dict[str, float]:
    """Read Accept into media ranges without parameters; a range with parameters stands for its type if alone."""
    ranges: dict[str, float] = {}
    with_parameters: dict[str, float] = {}
    for item, quality in parse_accept_header(accept, Accept):
        name, semicolon, _ = item.lower().partition(";")
        name = "*/*" if name.strip() == "*" else name.strip()
        (with_parameters if semicolon else ranges).setdefault(name, float(quality))
    return with_parameters | ranges


def _quality(ranges: dict[str, float], media_type: str) -> float:
    """Look up a media type's quality value, the most specific range first (RFC 9110, section 12.5.1)."""
    if not ranges:
        return 1
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0


def _accepted_as(format: str) -> tuple[str, ...]:
    return (MEDIA_TYPES[format], *_ALSO_ACCEPTED.get(format, ()))


def _format_quality(ranges: dict[str, float], format: str) -> float:
    sent = MEDIA_TYPES[format]
    if format == "markdown" or sent in ranges:
        return ranges.get(sent, 0)
    return max(_quality(ranges, name) for name in _accepted_as(format))


@lru_cache(maxsize=1024)
def accepts_gzip(accept_encoding: str | None) -> bool:
    """Tell whether a client takes gzip at least as gladly as no coding at all (RFC 9110, section 12.5.3).

    Args:
        accept_encoding: The request's Accept-Encoding; a client that sends none gets no coding.
    """
    qualities: dict[str, float] = {}
    for coding, quality in parse_accept_header(accept_encoding or "", Accept):
        qualities.setdefault(coding.strip().lower(), float(quality))
    # RFC 9110, section 8.4.1.3: x-gzip is gzip.
    gzip = next((qualities[name] for name in ("gzip", "x-gzip", "*") if name in qualities), 0)
    return gzip > 0 and gzip >= qualities.get("identity", 0)


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """The language to write in, and the request fields that decided."""

    language: str
    consulted: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def choose_language(
    offered: tuple[str, ...], default: str, content_language: str | None, accept_language: str | None
) -> LanguageChoice:
    """Choose the page's language: the response's own first, then what the client asked for, then the default.

    Args:
        offered: The languages the site offers, as BCP 47 tags.
        default: The one of them to fall back to.
        content_language: The response's Content-Language.
        accept_language: The request's Accept-Language.
    """
    if len(offered) == 1:
        return LanguageChoice(offered[0])
    own = match_language(offered, (content_language or "").partition(",")[0].strip())
    if own is not None:
        return LanguageChoice(own)
    for tag, quality in parse_accept_header(accept_language or "", Accept):
        if tag == "*" or quality <= 0:
            continue
        matched = match_language(offered, tag)
        if matched is not None:
            return LanguageChoice(matched, ("Accept-Language",))
    return LanguageChoice(default, ("Accept-Language",))


LONGEST_TAG: Final = 64
"""Characters of a language tag that are read; RFC 5646, section 4.4.1, finds 35 enough."""

_LIKELY_SCRIPTS: Final = {
    # Unicode CLDR, likely subtags: which script a Chinese tag without one means.
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
    "zh": "zh-hans",
}
_LIKELY_REGIONS: Final = {"pt": "pt-br"}


def match_language(offered: Sequence[str], tag: str) -> str | None:
    """Look up a language tag among the offered ones (RFC 4647, section 3.4).

    Args:
        offered: The offered tags.
        tag: The tag that is asked for, with hyphens or underscores.

    Returns:
        The offered tag that fits it best, or None.
    """
    by_tag = {language.lower().replace("_", "-"): language for language in offered}
    wanted = tag[:LONGEST_TAG].lower().replace("_", "-")
    while wanted:
        for candidate in (wanted, _LIKELY_SCRIPTS.get(wanted), _LIKELY_REGIONS.get(wanted)):
            if candidate in by_tag:
                return by_tag[candidate]
        wanted = wanted.rpartition("-")[0]
    return None
