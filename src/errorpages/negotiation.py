"""Which format and which language a client gets, and which of its fields decided (RFC 9110, section 12).

Every choice says which request fields it consulted: they go into Vary, and exactly they.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

__all__ = [
    "CONSULTED",
    "LONGEST_FIELD",
    "MEDIA_TYPES",
    "NO_PREFERENCES",
    "Family",
    "FormatChoice",
    "Preferences",
    "accepts_gzip",
    "choose_format",
    "choose_language",
    "match_language",
    "types_of",
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

_XHTML: Final = "application/xhtml+xml"
_OTHER_DOCUMENTS: Final = ("text/html", _XHTML, "application/rss+xml", "application/atom+xml")
_JAVA_RANGES: Final = frozenset({"text/html", "image/gif", "image/jpeg"})
_NAMED_BY_KIND: Final = frozenset({"text", "json"})

LONGEST_FIELD: Final = 2048
"""Characters of a preference that are read; browsers send fewer than 200."""

_LONGEST_REMEMBERED: Final = 256
"""Characters of a preference beyond which nothing is remembered of it."""

_SUBRESOURCES: Final = frozenset({"image", "script", "style", "font", "audio", "video", "track", "manifest", "worker"})
_NAVIGATED: Final = frozenset({"document", "iframe", "frame", "embed", "object"})
_DESTINATIONS: Final = _SUBRESOURCES | _NAVIGATED | {"empty"}
CONSULTED: Final = (
    "accept",
    "accept-language",
    "sec-fetch-mode",
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
    """The request fields that can decide anything, each reduced to what is read of it."""

    accept: str | None = None
    accept_language: str | None = None
    sec_fetch_mode: str | None = None
    sec_fetch_dest: str | None = None
    hx_request: str | None = None
    hx_boosted: str | None = None
    hx_history_restore: str | None = None
    x_requested_with: str | None = None
    accept_encoding: str | None = None
    turbo_frame: str | None = None

    @classmethod
    def of(cls, headers: Iterable[tuple[str, str]]) -> Preferences:
        """Pick them from a request's fields; a list field that comes again is joined (RFC 9110, section 5.3)."""
        found: dict[str, list[str]] = {}
        for name, value in headers:
            lower = name.lower()
            if lower in _CONSULTED_SET:
                found.setdefault(lower, []).append(value)
        return cls.of_values(found) if found else NO_PREFERENCES

    @classmethod
    def of_values(cls, found: Mapping[str, Sequence[str]]) -> Preferences:
        """Reduce the values of these fields.

        Args:
            found: The values of each field that is there, by its lower-case name.
        """
        return cls(*[_REDUCED[name](_joined(found[name])) if name in found else None for name in CONSULTED])

    @property
    def size(self) -> int:
        """The length of what a client wrote into them."""
        return len(self.accept or "") + len(self.accept_language or "")

    @property
    def ranges(self) -> Mapping[str, float]:
        """The media ranges of Accept with their quality values; empty where the field is absent or unreadable."""
        return _ranges(self.accept or "")

    def names(self, media_type: str) -> bool:
        """Tell whether Accept asks for a media type by its name."""
        return self.ranges.get(media_type, 0) > 0

    @property
    def is_htmx(self) -> bool:
        """Whether htmx asks, which swaps the answer into a page."""
        return _is_true(self.hx_request)

    @property
    def navigates(self) -> tuple[bool, tuple[str, ...]]:
        """Whether a person's browser navigates, with the fields that were consulted.

        Browsers say so by Sec-Fetch-Mode and Sec-Fetch-Dest (W3C, Fetch Metadata), but send neither over plain http;
        there all of them, and no programs, name both HTML and XHTML.
        """
        consulted = ["Sec-Fetch-Mode"]
        navigates = self.sec_fetch_mode == "navigate"
        if not navigates:
            consulted.append("Sec-Fetch-Dest")
            navigates = self.sec_fetch_dest in _NAVIGATED
        if not navigates and self.sec_fetch_mode is None and self.sec_fetch_dest is None:
            consulted.append("Accept")
            navigates = self.names("text/html") and self.names(_XHTML)
        if navigates:
            consulted.append("HX-Request")
            navigates = not self.is_htmx
        if navigates:
            consulted.append("X-Requested-With")
            navigates = not self.x_requested_with
        return navigates, tuple(consulted)

    def prefers_page(self, own: Collection[str]) -> bool:
        """Tell whether the client strictly prefers text/html to each of the types that the application's answer has."""
        return bool(self.ranges) and _quality(self.ranges, "text/html") > self.quality_of(own)

    def quality_of(self, types: Collection[str]) -> float:
        """Find the best quality value that Accept gives any of these types."""
        return max((_quality(self.ranges, name) for name in types), default=0)

    def rules_out(self, own: Collection[str], offered: Sequence[str]) -> bool:
        """Tell whether Accept excludes each type that the answer has, and names one of the offered formats."""
        if not self.ranges or not own or self.quality_of(own) > 0:
            return False
        return any(_named_quality(format, self) > 0 for format in offered)


def _joined(values: Sequence[str]) -> str:
    """Join the lines of a field, as far as they are read."""
    if len(values) == 1:
        return values[0]
    some: list[str] = []
    length = 0
    for value in values:
        some.append(value)
        length += len(value) + 2
        if length > LONGEST_FIELD:
            break
    return ", ".join(some)


def _shortened(value: str) -> str:
    """Cut a field at the last whole list member that is read of it."""
    return value if len(value) <= LONGEST_FIELD else value[:LONGEST_FIELD].rpartition(",")[0]


def _true(value: str) -> str | None:
    return "true" if _is_true(value) else None


def _mode(value: str) -> str:
    return "navigate" if value[:16].strip().lower() == "navigate" else ""


def _destination(value: str) -> str:
    name = value[:16].strip().lower()
    return name if name in _DESTINATIONS else ""


def _coding(value: str) -> str | None:
    return "gzip" if accepts_gzip(_shortened(value)) else None


def _presence(value: str) -> str:
    return ""


_REDUCED: Final[Mapping[str, Callable[[str], str | None]]] = {
    "accept": _shortened,
    "accept-language": _shortened,
    "sec-fetch-mode": _mode,
    "sec-fetch-dest": _destination,
    "hx-request": _true,
    "hx-boosted": _true,
    "hx-history-restore-request": _true,
    "x-requested-with": lambda value: "yes" if value else None,
    "accept-encoding": _coding,
    "turbo-frame": _presence,
}
NO_PREFERENCES: Final = Preferences()


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


def choose_format(
    offered: Sequence[str], family: Family, preferences: Preferences, prefers_json: bool = False
) -> FormatChoice:
    """Choose the format that the client prefers, by quality value, among what it names.

    HTML goes only to who names it, navigates, or is htmx. Ties go to the application's own family.

    Args:
        offered: The formats that may be sent, in the application's order of preference.
        family: What the application's own response is.
        preferences: What the client asked for.
        prefers_json: Whether who accepts anything gets JSON, whatever the application sent.
    """
    consulted: list[str] = []
    if "text" in offered:
        consulted.append("Sec-Fetch-Dest")
        if preferences.sec_fetch_dest in _SUBRESOURCES:
            return FormatChoice("text", "line", tuple(consulted))
    if len(offered) == 1:
        format = offered[0]
    else:
        consulted.insert(0, "Accept")
        own = "json" if prefers_json else _OWN_FORMAT[family]
        format = _named(offered, own, preferences) or _unnamed(offered, own, preferences, consulted)
    if format != "html":
        return FormatChoice(format, "document", _once(consulted))
    consulted.append("HX-Request")
    if preferences.is_htmx and _wants_fragment(preferences, consulted):
        return FormatChoice(format, "fragment", _once(consulted))
    return FormatChoice(format, "document", _once(consulted))


def _once(consulted: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(consulted))


def _named(offered: Sequence[str], own: str, preferences: Preferences) -> str | None:
    """Pick what the client prefers among the formats that it names."""
    qualities = {format: _named_quality(format, preferences) for format in offered}
    best = max(qualities.values())
    if best <= 0:
        return None
    tied = [format for format in offered if qualities[format] == best]
    if "markdown" in tied:  # whoever names Markdown as gladly as HTML means it
        return "markdown"
    return own if own in tied else tied[0]


def _named_quality(format: str, preferences: Preferences) -> float:
    """Find the quality value of a format that the client names, be it as one of a kind; 0 where it does not."""
    ranges = preferences.ranges
    if MEDIA_TYPES[format] in ranges:
        return ranges[MEDIA_TYPES[format]]
    if format == "xml" and any(preferences.names(name) for name in _OTHER_DOCUMENTS):
        return 0  # browsers and feed readers accept any XML, but mean their own
    if named := [ranges[name] for name in _accepted_as(format) if name in ranges]:
        return max(named)
    kind = f"{MEDIA_TYPES[format].partition('/')[0]}/*"
    return ranges.get(kind, 0) if format in _NAMED_BY_KIND else 0


def _unnamed(offered: Sequence[str], own: str, preferences: Preferences, consulted: list[str]) -> str:
    """Pick for a client that names none of the offered formats: it gets something all the same."""
    if "html" in offered or "text" in offered:
        navigates, why = preferences.navigates
        consulted += why
        if "html" in offered and not _refuses(preferences, "html") and _gets_page(preferences, navigates, consulted):
            return "html"
        if navigates and "text" in offered:
            return "text"
    near = _nearest(preferences)
    choices = ("json" if own == "json" else "text", "text", "json", "markdown", "xml", "html")
    likely = [format for format in (near or choices[0], *choices) if format in offered]
    return next((format for format in likely if not _refuses(preferences, format)), likely[0])


def _gets_page(preferences: Preferences, navigates: bool, consulted: list[str]) -> bool:
    """Tell whether a client gets a page although it does not name HTML."""
    if navigates:
        return True
    consulted.append("HX-Request")
    if preferences.is_htmx:
        return True
    if preferences.sec_fetch_dest != "empty":
        return False
    # htmx 4 restores its history with this field alone, and puts the answer in the page's place.
    consulted.append("HX-History-Restore-Request")
    return _is_true(preferences.hx_history_restore)


def _refuses(preferences: Preferences, format: str) -> bool:
    """Tell whether Accept gives a format the quality 0 by name or by kind."""
    ranges = preferences.ranges
    for name in (MEDIA_TYPES[format], f"{MEDIA_TYPES[format].partition('/')[0]}/*"):
        if name in ranges:
            return ranges[name] <= 0
    return False


def _nearest(preferences: Preferences) -> str | None:
    """Find the format that comes nearest to what the client accepts: by structured suffix, or by type."""
    ranges = preferences.ranges
    for name in sorted(ranges, key=lambda name: -ranges[name]):
        kind, _, subtype = name.partition("/")
        if not ranges[name]:
            continue
        if "xhtml" in subtype:
            return "html"
        if subtype.endswith("+json"):
            return "json"
        if kind == "text":
            return "text"
    return None


def _wants_fragment(preferences: Preferences, consulted: list[str]) -> bool:
    """Tell whether htmx swaps the answer into a page, and does not put it in the page's place."""
    consulted.append("HX-Boosted")
    if _is_true(preferences.hx_boosted):
        return False
    consulted.append("HX-History-Restore-Request")
    return not _is_true(preferences.hx_history_restore)


def _is_true(value: str | None) -> bool:
    return value is not None and value.strip().lower() == "true"


def _ranges(accept: str) -> Mapping[str, float]:
    return _short_ranges(accept) if len(accept) <= _LONGEST_REMEMBERED else _long_ranges(accept)


def _read_ranges(accept: str) -> Mapping[str, float]:
    """Read Accept into media ranges without parameters; a range with parameters stands for its type if alone."""
    ranges: dict[str, float] = {}
    with_parameters: dict[str, float] = {}
    for item, quality in parse_accept_header(accept, Accept):
        name, semicolon, _ = item.lower().partition(";")
        name = "*/*" if name.strip() == "*" else name.strip()
        (with_parameters if semicolon else ranges).setdefault(name, float(quality))
    read = with_parameters | ranges
    return _anything_but_java(read)


def _anything_but_java(ranges: dict[str, float]) -> dict[str, float]:
    """Read what a JDK sends for everything, `text/html, image/gif, image/jpeg, */*; q=0.2`, as `*/*`."""
    if not ranges.keys() >= _JAVA_RANGES or _XHTML in ranges:
        return ranges
    return {name: quality for name, quality in ranges.items() if name not in _JAVA_RANGES} | {"*/*": 1.0}


_short_ranges = lru_cache(maxsize=128)(_read_ranges)
_long_ranges = lru_cache(maxsize=4)(_read_ranges)  # they are asked several times for one request


def _quality(ranges: Mapping[str, float], media_type: str) -> float:
    """Look up a media type's quality value, the most specific range first (RFC 9110, section 12.5.1)."""
    if not ranges:
        return 1
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in ranges:
            return ranges[name]
    return 0


def types_of(family: Family, media_type: str) -> tuple[str, ...]:
    """List the types that a response is accepted as: what it is, and what its label says.

    Args:
        family: What it is.
        media_type: Its label, or an empty string.
    """
    return tuple(name for name in (*_FAMILY_TYPES[family], media_type) if name)


def _accepted_as(format: str) -> tuple[str, ...]:
    return (MEDIA_TYPES[format], *_ALSO_ACCEPTED.get(format, ()))


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes gzip at least as gladly as no coding at all (RFC 9110, section 12.5.3).

    Args:
        accept_encoding: The request's Accept-Encoding.
    """
    is_short = len(accept_encoding) <= _LONGEST_REMEMBERED
    return _short_accepts_gzip(accept_encoding) if is_short else _read_gzip(accept_encoding)


def _read_gzip(accept_encoding: str) -> bool:
    qualities: dict[str, float] = {}
    for coding, quality in parse_accept_header(accept_encoding, Accept):
        qualities.setdefault(coding.strip().lower(), float(quality))
    # RFC 9110, section 8.4.1.3: x-gzip is gzip.
    gzip = next((qualities[name] for name in ("gzip", "x-gzip", "*") if name in qualities), 0)
    return gzip > 0 and gzip >= qualities.get("identity", 0)


_short_accepts_gzip = lru_cache(maxsize=128)(_read_gzip)


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """The language to write in, and the request fields that decided."""

    language: str
    consulted: tuple[str, ...] = ()


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
    for tag, quality in _wanted_languages(accept_language or ""):
        if tag == "*" or quality <= 0:
            continue
        matched = match_language(offered, tag)
        if matched is not None:
            return LanguageChoice(matched, ("Accept-Language",))
    return LanguageChoice(default, ("Accept-Language",))


def _wanted_languages(accept_language: str) -> Sequence[tuple[str, float]]:
    is_short = len(accept_language) <= _LONGEST_REMEMBERED
    return _short_wanted_languages(accept_language) if is_short else _read_languages(accept_language)


def _read_languages(accept_language: str) -> Sequence[tuple[str, float]]:
    return tuple(parse_accept_header(accept_language, Accept))


_short_wanted_languages = lru_cache(maxsize=128)(_read_languages)


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
