"""Which responses are replaced: the table of docs/replacement.md, row by row, the first that matches.

Rows 1 to 3 depend on the whole exchange and stand in `core`. Rows 4 to 9 are here: a pure function of the response
and of what the client asked for, so that its outcome can be remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, NamedTuple

from werkzeug.http import parse_options_header

from .codes import is_server_error
from .headers import CONDITIONS
from .negotiation import Family, Preferences, types_of
from .stock import LOOK_LIMIT, Reading, family_of, has_stock_length, is_debuggers_page, read, shows_debugger

__all__ = ["METHODS", "Case", "Judgement", "Rules", "Verdict", "judge"]

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"})
"""What browsers and HTTP APIs send; the other methods belong to protocols whose clients know their own errors."""


class Verdict(Enum):
    """What becomes of a response."""

    KEEP = auto()
    LOOK = auto()
    """The head does not settle it; the body has to be seen."""
    ASK = auto()
    """The application's own ``replace`` callable decides."""
    CONVERT = auto()
    """The error goes out as problem details."""
    REPLACE = auto()


class Rules(NamedTuple):
    """The options that these rows depend on.

    Attributes:
        replace: The option; "ask" where it is a callable, and "none" once that said no.
        formats: The formats that may be sent.
        convert: Whether simple JSON errors become problem details.
        preview: Whether ``debug=False`` has the pages shown in place of a debugger's.
    """

    replace: str
    formats: tuple[str, ...]
    convert: bool
    preview: bool = False

    @property
    def replaces_debuggers(self) -> bool:
        """Whether a debugger's page gives way, however long it is."""
        return self.preview and self.replace in ("stock", "all")


class Case(NamedTuple):
    """A response and its client, as far as rows 4 to 9 look at them.

    Attributes:
        status: The status code.
        content_type: Content-Type, or an empty string.
        length: Content-Length, or None where it is absent or no number.
        attachment: Whether Content-Disposition offers it for saving.
        encoded: Whether Content-Encoding names a coding.
        method: The request method; empty for one that neither browsers nor HTTP APIs send.
        shows_words: Whether the application's own words may be shown.
        preferences: What the client asked for.
        body: The content, or None where it was not looked at yet.
    """

    status: int
    content_type: str
    length: int | None
    attachment: bool
    encoded: bool
    method: str
    shows_words: bool
    preferences: Preferences
    body: bytes | None = None

    @classmethod
    def of(
        cls, status: int, fields: Mapping[str, str], method: str, preferences: Preferences, shows_words: bool = True
    ) -> Case:
        """Describe a response by the first values of its fields."""
        length = fields.get("content-length", "")
        return cls(
            status,
            fields.get("content-type", ""),
            int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None,
            fields.get("content-disposition", "").lstrip()[:10].lower() == "attachment",
            fields.get("content-encoding", "identity").strip().lower() not in ("", "identity"),
            method if method in METHODS else "",
            shows_words,
            preferences,
        )

    @property
    def size(self) -> int:
        """The bytes of all that a client or an application wrote into it."""
        return len(self.content_type) + self.preferences.size + len(self.body or b"")

    @property
    def is_head(self) -> bool:
        """Whether it answers HEAD."""
        return self.method == "HEAD"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and what was learned on the way.

    Attributes:
        verdict: What becomes of the response.
        row: The row of the table that matched.
        family: What the response is, whatever its label says.
        reading: What its body is, where it was looked at.
        consulted: The request fields that the verdict depends on.
    """

    verdict: Verdict
    row: int
    family: Family = "none"
    reading: Reading | None = None
    consulted: tuple[str, ...] = ()


def judge(rules: Rules, case: Case) -> Judgement:
    """Go down rows 4 to 9 of the table.

    Args:
        rules: The options.
        case: The response and its client.
    """
    media_type, parameters = parse_options_header(case.content_type)
    media_type = media_type.lower()
    label = family_of(media_type) if media_type or not case.content_type.strip() else None
    if not case.method or case.attachment or case.encoded or label is None:
        return Judgement(Verdict.KEEP, 4)
    if rules.replace == "ask":
        return _asked(case, label, parameters.get("charset", "utf-8"))
    if label in ("json", "xml"):
        early = _data_by_label(rules, case, label, media_type)
        if early is not None:
            return early
    elif case.body is None and rules.replace != "all" and _too_long(case) and not rules.replaces_debuggers:
        return Judgement(Verdict.KEEP, 9, label)
    if case.body is None:
        consulted = _may_replace_data(rules, label, media_type, case.preferences)[1] if label in ("json", "xml") else ()
        return Judgement(Verdict.LOOK, 0, label, None, consulted)
    reading = _read(case, label, parameters.get("charset", "utf-8"))
    if rules.replaces_debuggers and reading.family not in ("json", "xml") and is_debuggers_page(case.body):
        return Judgement(Verdict.REPLACE, 7, reading.family, replace(reading, kind="framework", message=None))
    if is_server_error(case.status) and shows_debugger(case.body):
        return Judgement(Verdict.KEEP, 3, reading.family, reading)
    if reading.family in ("json", "xml"):
        return _data(rules, case, reading, media_type)
    return _prose(rules, case, reading, media_type)


def _too_long(case: Case) -> bool:
    return case.length is not None and case.length > LOOK_LIMIT and not case.is_head


def _read(case: Case, label: Family, charset: str) -> Reading:
    body = case.body or b""
    if case.is_head and not body:
        return _read_head(case, label)
    return read(case.status, label, body, charset)


def _read_head(case: Case, label: Family) -> Reading:
    """Read the answer to HEAD, which says nothing by being empty: Content-Length is the GET's (RFC 9110, 8.6)."""
    if case.length is None:
        return Reading(label, "own" if case.content_type.strip() else "empty")
    if case.length == 0:
        return Reading(label, "empty")
    if not has_stock_length(case.status, label, case.length):
        return Reading(label, "own")
    return Reading(label, "plain" if label in ("json", "xml") else "framework")


def _asked(case: Case, label: Family, charset: str) -> Judgement:
    if case.body is None:
        return Judgement(Verdict.KEEP, 9, label) if _too_long(case) else Judgement(Verdict.LOOK, 0, label)
    reading = _read(case, label, charset)
    return Judgement(Verdict.ASK, 9, reading.family, reading)


def _data_by_label(rules: Rules, case: Case, label: Family, media_type: str) -> Judgement | None:
    """Settle row 5 without a look at the body, where the client does not want a page anyway."""
    if rules.convert and label == "json":
        return Judgement(Verdict.KEEP, 5, label) if _too_long(case) else None
    may_replace, consulted = _may_replace_data(rules, label, media_type, case.preferences)
    return Judgement(Verdict.KEEP, 5, label, None, consulted) if not may_replace or _too_long(case) else None


def _data(rules: Rules, case: Case, reading: Reading, media_type: str) -> Judgement:
    """Rows 5 and 6: errors as data."""
    own_type = media_type if family_of(media_type) == reading.family else ""  # a label that lies says nothing
    may_replace, consulted = _may_replace_data(rules, reading.family, own_type, case.preferences)
    if may_replace and reading.kind in _REPLACEABLE_DATA[rules.replace]:
        judgement = Judgement(Verdict.REPLACE, 6, reading.family, reading, consulted)
        return _unless_words_are_lost(case, _unless_empty_condition(case, judgement))
    verdict = Verdict.CONVERT if rules.convert and _is_convertible(reading, media_type) else Verdict.KEEP
    return Judgement(verdict, 5, reading.family, reading, consulted)


def _may_replace_data(
    rules: Rules, family: Family, media_type: str, preferences: Preferences
) -> tuple[bool, tuple[str, ...]]:
    """Tell whether a plain error as data becomes a page for this client, and which of its fields decided."""
    if "html" not in rules.formats or not _REPLACEABLE_DATA[rules.replace]:
        return False, ()
    own = types_of(family, media_type)
    if preferences.names("text/html") and preferences.quality_of(own) <= 0:
        return True, ("Accept",)
    decided: tuple[str, ...] = ("Accept",)
    if not any(preferences.names(name) for name in own):
        decided += ("HX-Request",)
        if preferences.is_htmx:
            return True, decided
    if not preferences.prefers_page(own):
        return False, decided
    navigates, consulted = preferences.navigates
    return navigates, tuple(dict.fromkeys((*decided, *consulted)))


_REPLACEABLE_DATA: Final = {"stock": ("plain", "empty"), "all": ("plain", "empty"), "empty": ("empty",), "none": ()}
_TYPES_OF_SIMPLE_JSON: Final = frozenset({"application/json", "text/json", "text/plain", "text/html", ""})
_OTHER_PROTOCOLS: Final = frozenset({"data", "errors", "jsonrpc"})  # GraphQL and JSON:API, JSON-RPC


def _is_convertible(reading: Reading, media_type: str) -> bool:
    members = reading.members
    if members is None or media_type not in _TYPES_OF_SIMPLE_JSON or not _OTHER_PROTOCOLS.isdisjoint(members):
        return False
    if isinstance(members.get("detail"), list | dict):
        return True
    words = [members[name] for name in ("detail", "message", "description", "error", "title") if name in members]
    return bool(words) and all(isinstance(word, str) for word in words)


_REPLACEABLE_PROSE: Final = {"stock": ("empty", "framework"), "empty": ("empty",), "none": ()}


def _prose(rules: Rules, case: Case, reading: Reading, media_type: str) -> Judgement:
    """Rows 7 to 9: HTML, text, or no type at all."""
    judgement = Judgement(Verdict.REPLACE, 7, reading.family, reading)
    if rules.replace == "all":
        return judgement
    if reading.kind in _REPLACEABLE_PROSE[rules.replace]:
        return _unless_words_are_lost(case, _unless_empty_condition(case, judgement))
    if reading.kind != "bare" or rules.replace != "stock":
        return replace(judgement, verdict=Verdict.KEEP, row=9)
    navigates, consulted = case.preferences.navigates
    if navigates:
        return replace(judgement, row=8, consulted=consulted)
    consulted = tuple(dict.fromkeys((*consulted, "Accept")))
    own = types_of(reading.family, media_type)
    if case.shows_words and case.preferences.rules_out(own, rules.formats):
        return replace(judgement, row=8, consulted=consulted)
    return replace(judgement, verdict=Verdict.KEEP, row=9, consulted=consulted)


def _unless_empty_condition(case: Case, judgement: Judgement) -> Judgement:
    """Keep an empty 412 or 416 for a program: their fields, not their body, are what it waits for."""
    if case.status not in CONDITIONS or judgement.reading is None or judgement.reading.kind != "empty":
        return judgement
    return _only_where_it_navigates(case, judgement)


def _unless_words_are_lost(case: Case, judgement: Judgement) -> Judgement:
    """Keep the words of a 5xx, which its page would not show, for a program; a person gets the page."""
    has_words = judgement.reading is not None and judgement.reading.message is not None
    if not has_words or case.shows_words or not is_server_error(case.status):
        return judgement
    if case.preferences.is_htmx:
        return replace(judgement, consulted=tuple(dict.fromkeys((*judgement.consulted, "HX-Request"))))
    return _only_where_it_navigates(case, judgement)


def _only_where_it_navigates(case: Case, judgement: Judgement) -> Judgement:
    navigates, consulted = case.preferences.navigates
    consulted = tuple(dict.fromkeys((*judgement.consulted, "HX-Request", *consulted)))
    return replace(judgement, verdict=judgement.verdict if navigates else Verdict.KEEP, consulted=consulted)
