"""Which responses are replaced: the table of docs/replacement.md, row by row, the first that matches.

Rows 1 to 3 depend on the whole exchange and stand in `core`. Rows 4 to 9 are here: a pure function of the response
and of what the client asked for, so that its outcome can be remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, NamedTuple

from werkzeug.http import parse_options_header

from .negotiation import Family, Preferences
from .stock import LOOK_LIMIT, Reading, family_of, has_stock_length, is_debuggers_page, read, shows_debugger

__all__ = ["Case", "Judgement", "Rules", "Verdict", "judge"]


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
        head: Whether it answers HEAD.
        preferences: What the client asked for.
        body: The content, or None where it was not looked at yet.
    """

    status: int
    content_type: str
    length: int | None
    attachment: bool
    encoded: bool
    head: bool
    preferences: Preferences
    body: bytes | None = None

    @classmethod
    def of(cls, status: int, fields: dict[str, str], method: str, preferences: Preferences) -> Case:
        """Describe a response by the first values of its fields."""
        length = fields.get("content-length", "")
        return cls(
            status,
            fields.get("content-type", ""),
            int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None,
            fields.get("content-disposition", "").lstrip()[:10].lower() == "attachment",
            fields.get("content-encoding", "identity").strip().lower() not in ("", "identity"),
            method == "HEAD",
            preferences,
        )


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
    if case.attachment or case.encoded or label is None:
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
        consults = label in ("json", "xml") and "html" in rules.formats and _REPLACEABLE_DATA[rules.replace]
        return Judgement(Verdict.LOOK, 0, label, None, ("Accept",) if consults else ())
    reading = _read(case, label, parameters.get("charset", "utf-8"))
    if rules.replaces_debuggers and reading.family not in ("json", "xml") and is_debuggers_page(case.body):
        return Judgement(Verdict.REPLACE, 7, reading.family, replace(reading, kind="framework", message=None))
    if case.status >= 500 and shows_debugger(case.body):
        return Judgement(Verdict.KEEP, 3, reading.family, reading)
    if reading.family in ("json", "xml"):
        return _data(rules, case, reading, media_type)
    return _prose(rules, case, reading, media_type)


def _too_long(case: Case) -> bool:
    return case.length is not None and case.length > LOOK_LIMIT and not case.head


def _read(case: Case, label: Family, charset: str) -> Reading:
    body = case.body or b""
    if case.head and not body and case.length:
        # RFC 9110, section 8.6: Content-Length in the answer to HEAD is that of the GET.
        stock = has_stock_length(case.status, label, case.length)
        kind = ("plain" if label in ("json", "xml") else "framework") if stock else "own"
        return Reading(label, kind)  # type: ignore[arg-type]  # the conditional widens the literal
    return read(case.status, label, body, charset)


def _asked(case: Case, label: Family, charset: str) -> Judgement:
    if case.body is None:
        return Judgement(Verdict.KEEP, 9, label) if _too_long(case) else Judgement(Verdict.LOOK, 0, label)
    reading = _read(case, label, charset)
    return Judgement(Verdict.ASK, 9, reading.family, reading)


def _data_by_label(rules: Rules, case: Case, label: Family, media_type: str) -> Judgement | None:
    """Settle row 5 without a look at the body, where the client does not want a page anyway."""
    if rules.convert and label == "json":
        return Judgement(Verdict.KEEP, 5, label) if _too_long(case) else None
    if "html" not in rules.formats:
        return Judgement(Verdict.KEEP, 5, label)
    if not _REPLACEABLE_DATA[rules.replace]:
        return Judgement(Verdict.KEEP, 5, label)
    if not case.preferences.prefers_page(label, media_type) or _too_long(case):
        return Judgement(Verdict.KEEP, 5, label, None, ("Accept",))
    return None


def _data(rules: Rules, case: Case, reading: Reading, media_type: str) -> Judgement:
    """Rows 5 and 6: errors as data."""
    replaceable = _REPLACEABLE_DATA[rules.replace]
    consulted: tuple[str, ...] = ()
    if "html" in rules.formats and replaceable:
        consulted = ("Accept",)
        own_type = media_type if family_of(media_type) == reading.family else ""  # a label that lies says nothing
        if reading.kind in replaceable and case.preferences.prefers_page(reading.family, own_type):
            return Judgement(Verdict.REPLACE, 6, reading.family, reading, consulted)
    verdict = Verdict.CONVERT if rules.convert and _is_convertible(reading, media_type) else Verdict.KEEP
    return Judgement(verdict, 5, reading.family, reading, consulted)


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
    if rules.replace == "all" or reading.kind in _REPLACEABLE_PROSE[rules.replace]:
        return judgement
    if reading.kind != "bare" or rules.replace != "stock":
        return replace(judgement, verdict=Verdict.KEEP, row=9)
    navigates, consulted = case.preferences.navigates
    if navigates or case.preferences.rules_out(media_type, rules.formats):
        return replace(judgement, row=8, consulted=consulted)
    return replace(judgement, verdict=Verdict.KEEP, row=9, consulted=consulted)
