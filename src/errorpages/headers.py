"""Which fields of the application's response survive, what caches may do with it, and when to come back."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from werkzeug.http import dump_header, parse_date, parse_dict_header, parse_options_header, parse_set_header

from .codes import StatusCode, is_server_error
from .exchange import Headers

__all__ = [
    "CONDITIONS",
    "DROPPED",
    "NOT_STORABLE",
    "PER_VISITOR",
    "first_values",
    "for_one_visitor",
    "has_cache_policy",
    "is_storable",
    "kept",
    "lets_store",
    "links",
    "merge_vary",
    "private",
    "retry_seconds",
    "spread",
    "without_cache_policy",
    "without_field",
]

DROPPED: Final = frozenset(
    {
        # RFC 9110, section 8: representation metadata; these described the body that is replaced.
        "content-type",
        "content-length",
        "content-encoding",
        "content-language",
        "content-disposition",
        "content-location",
        "content-md5",
        "etag",
        "last-modified",
        "accept-ranges",
        # RFC 3230 and RFC 9530: digests of that body.
        "digest",
        "content-digest",
        "repr-digest",
        # RFC 9111, section 5.1: the age of a stored response.
        "age",
        # HTML Standard, section 7.4.6: it would take the visitor away from the page.
        "refresh",
        # RFC 9112, sections 6.1 and 7.1.2: how that body was framed.
        "transfer-encoding",
        "trailer",
        # What every page sets itself.
        "x-content-type-options",
        "x-robots-tag",
        "x-error-pages",
    }
)
_OF_THE_RESOURCE: Final = frozenset({"etag", "last-modified", "accept-ranges"})
CONDITIONS: Final = frozenset({412, 416})
"""Answers to a condition or a range of the client's: these fields speak of the resource (RFC 9110, 13.1 and 14.4)."""

_LINK: Final = re.compile(r'<[^<>]*>(?:[^,"]|"(?:[^"\\]|\\.)*")*')
_LOADED_LINKS: Final = frozenset({"preload", "modulepreload", "stylesheet"})

NOT_STORABLE: Headers = (
    ("Cache-Control", "no-cache, no-store, must-revalidate"),
    ("Pragma", "no-cache"),
    ("Expires", "0"),
)
PER_VISITOR: Headers = (("Cache-Control", "private, no-store"),)
_POLICY_FIELDS: Final = frozenset(
    {"cache-control", "pragma", "expires", "surrogate-control", "x-accel-expires", "edge-control"}
)
_SHARED_DIRECTIVES: Final = frozenset({"public", "s-maxage", "proxy-revalidate"})
_CDN_SUFFIX: Final = "-cache-control"  # RFC 9213: targeted cache control, such as CDN-Cache-Control


LONGEST_LINKS: Final = 8192
"""Characters of a Link field that are read for what it links; servers refuse longer ones."""

LONGEST_DELAY: Final = 10**9
"""Seconds, about 30 years: longer delays are shown as this one, since no calendar may reach their end."""


def first_values(headers: Headers) -> dict[str, str]:
    """Index fields by their lower-case name; of a field that comes again, the first value counts."""
    values: dict[str, str] = {}
    for name, value in headers:
        values.setdefault(name.lower(), value)
    return values


def kept(headers: Headers, status: int) -> list[tuple[str, str]]:
    """Select the fields that outlive a replaced body, in their order.

    Args:
        headers: The fields of the response.
        status: Its status code.
    """
    dropped = DROPPED - _OF_THE_RESOURCE if status in CONDITIONS else DROPPED
    fields = []
    for name, value in headers:
        lower = name.lower()
        if lower == "link":
            value = _lasting_links(value)
        if lower not in dropped and (value or lower != "link"):
            fields.append((name, value))
    return fields


def links(value: str) -> list[tuple[str, str, list[str]]]:
    """Read a Link field (RFC 8288, section 3).

    Args:
        value: The field's value.

    Returns:
        Each link as it was written, its target, and its relation types in lower case.
    """
    found = []
    for link in _LINK.findall(value[:LONGEST_LINKS]):
        target, _, parameters = link.strip().partition(">")
        relations = parse_options_header(f"link{parameters}")[1].get("rel", "")
        found.append((link.strip(), target.removeprefix("<"), relations.lower().split()))
    return found


def _lasting_links(value: str) -> str:
    """Drop the links that ask the browser to load what only the old page needed."""
    found = links(value)
    lasting = [link for link, _, relations in found if _LOADED_LINKS.isdisjoint(relations)]
    return value if len(lasting) == len(found) else ", ".join(lasting)


def without_field(headers: Iterable[tuple[str, str]], field: str) -> list[tuple[str, str]]:
    """Drop every occurrence of one field, named in lower case."""
    return [(name, value) for name, value in headers if name.lower() != field]


def is_storable(status: int, known: StatusCode | None, retry_after: bool) -> bool:
    """Decide whether caches may store a response with this status code.

    Args:
        status: The status code.
        known: What the catalogue says of it, or None.
        retry_after: Whether the response carries a Retry-After: then its condition is temporary, whatever the code.
    """
    if retry_after:
        return False
    if known is None or known.temporary is None:
        return not is_server_error(status) and not (known and known.must_not_store)
    return not known.temporary and not known.must_not_store


def for_one_visitor(headers: Headers) -> Headers:
    """Let nobody store a response, whatever its policy said, since it was decided for one visitor."""
    return (*without_cache_policy(headers), *PER_VISITOR)


def has_cache_policy(fields: Iterable[str]) -> bool:
    """Tell whether any of these lower-case field names sets a cache policy."""
    return any(_sets_policy(name) for name in fields)


def without_cache_policy(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Drop every field that tells a cache what it may do, those that only one vendor's cache reads included."""
    return [(name, value) for name, value in headers if not _sets_policy(name.lower())]


def private(headers: Iterable[tuple[str, str]]) -> Headers:
    """Let no shared cache keep a response, whatever its policy says (RFC 9111, section 5.2.2).

    Args:
        headers: The response's fields.

    Returns:
        The fields with ``private`` in Cache-Control, unless that forbids all storing anyway, and without what only
        shared caches read.
    """
    fields = tuple(headers)
    policy = ", ".join(value for name, value in fields if name.lower() == "cache-control")
    directives = {name.lower(): value for name, value in parse_dict_header(policy).items()}
    kept = {name: value for name, value in directives.items() if name not in _SHARED_DIRECTIVES}
    if "no-store" not in kept:
        kept["private"] = None  # without a list of fields, which would cover these alone
    others = [(name, value) for name, value in fields if not _is_read_by_shared_caches(name.lower())]
    return (*others, ("Cache-Control", dump_header(kept)))


def _is_read_by_shared_caches(name: str) -> bool:
    return _sets_policy(name) and name not in ("pragma", "expires")


def _sets_policy(name: str) -> bool:
    return name in _POLICY_FIELDS or name.endswith(_CDN_SUFFIX)


def merge_vary(headers: list[tuple[str, str]], consulted: Iterable[str]) -> list[tuple[str, str]]:
    """Add request fields to Vary (RFC 9110, section 12.5.5).

    Args:
        headers: The response's fields.
        consulted: The names of the request fields that the response depends on.

    Returns:
        The fields with one Vary that names each once, at the place of the first; unchanged where nothing is new.
    """
    values = [value for name, value in headers if name.lower() == "vary"]
    if not values:
        names = ", ".join(consulted)
        return [*headers, ("Vary", names)] if names else headers
    present = parse_set_header(", ".join(values))
    new = [name for name in consulted if name not in present]
    if "*" in present or not new:
        return headers
    merged = ("Vary", ", ".join([*(value for value in values if value.strip()), *new]))
    at = next(index for index, (name, _) in enumerate(headers) if name.lower() == "vary")
    return [*headers[:at], merged, *without_field(headers[at:], "vary")]


def retry_seconds(value: str | None, now: datetime) -> int | None:
    """Read a Retry-After value (RFC 9110, section 10.2.3).

    Args:
        value: Delay in seconds, or an HTTP date.
        now: The present time, with a zone.

    Returns:
        Seconds from now, at least 0, or None where there is no value or it can't be read.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(LONGEST_DELAY, int(text[:10]))
    try:
        date = parse_date(text)
    except (ValueError, OverflowError):  # a year that no calendar has
        return None
    return None if date is None else min(LONGEST_DELAY, max(0, math.ceil((date - now).total_seconds())))


def spread(seconds: int) -> int:
    """Lengthen a delay by up to a tenth, so that clients who got the same one don't all return together."""
    return seconds + random.randint(0, max(1, seconds // 10)) if seconds else 0


def seconds_until(moment: datetime, now: datetime) -> int:
    """Count the seconds until a moment; one without a zone is in the operator's local time."""
    return math.ceil((moment.astimezone(UTC) - now).total_seconds())


def lets_store(policy: str) -> bool:
    """Tell whether a Cache-Control value lets any cache store the response (RFC 9111, section 5.2.2.5)."""
    return "no-store" not in parse_dict_header(policy.lower())


def own_policies(policies: Mapping[int, str]) -> dict[int, Headers]:
    """Turn the ``cache_control`` option into fields by status."""
    return {status: (("Cache-Control", policy),) for status, policy in policies.items()}
