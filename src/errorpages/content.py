"""What a page says: its words and links, the same ones for every format.

A `Draft` is what is known of one page; it is small and hashable, so that what was made of it can be remembered. The
`Author` turns it into `Content`, the variables that templates get (docs/templates.md).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

from .codes import CLASS_WORDING, CSRF, MAINTENANCE, WAITING, StatusCode, Wording, catalogue, is_server_error
from .colour import tint_for
from .exchange import Headers
from .headers import links
from .options import Options
from .translation import Delay, Labels, Language, load_language

__all__ = ["Action", "Author", "Content", "Draft", "Moment", "blocked_by", "is_worth_retrying", "phrase"]

UNSAFE_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_NOT_WORTH_RETRYING: Final = frozenset({403, 404, 413, 451})
"""Codes whose condition may pass, but hardly by trying again at once."""

_DARK_BACKGROUND: Final = "#15181c"
_SLOT_NAMES: Final = ("title", "message", "next_step")


class Moment(NamedTuple):
    """A moment in UTC, for machines (RFC 3339) and for people of any language."""

    iso: str
    text: str

    @classmethod
    def of(cls, time: datetime) -> Moment:
        """Write a moment down; it must have a zone."""
        return _moment(int(time.timestamp()))


@lru_cache(maxsize=256)
def _moment(seconds: int) -> Moment:
    utc = datetime.fromtimestamp(seconds, UTC)
    return Moment(utc.strftime("%Y-%m-%dT%H:%M:%SZ"), utc.strftime("%Y-%m-%d %H:%M UTC"))


class Draft(NamedTuple):
    """What is known of one page before anything is written.

    Attributes:
        status: The status code.
        language: The language's tag.
        method: ``safe`` or ``unsafe``: whether trying again could send something twice.
        root_path: Where the application is mounted.
        detail: The application's own message.
        delay: When to try again, as it is spoken of.
        retry_after: The same in seconds.
        retry_at: The same as a moment.
        blocked_by: Who demanded that the resource be blocked (RFC 7725, section 4).
        reference: What the visitor can quote.
        time: When this happened.
        turbo: Whether Turbo is asked to load the page anew, or may show it in place of a form's.
        csp_nonce: The nonce of the policy that an outer layer sends.
        is_planned: Whether this is planned downtime, and no error.
        topic: What it is about, where that has words of its own.
    """

    status: int
    language: str = "en"
    method: Literal["safe", "unsafe"] = "safe"
    root_path: str = ""
    detail: str | None = None
    delay: Delay | None = None
    retry_after: int | None = None
    retry_at: Moment | None = None
    blocked_by: str | None = None
    reference: str | None = None
    time: Moment | None = None
    turbo: Literal["reload", "dynamic"] = "reload"
    csp_nonce: str | None = None
    is_planned: bool = False
    topic: Literal["csrf"] | None = None

    def waiting(self, seconds: int, delay: Delay, now: datetime) -> Draft:
        """Say when to try again."""
        return self._replace(delay=delay, retry_after=seconds, retry_at=Moment.of(now + timedelta(seconds=seconds)))


class Action(NamedTuple):
    """A link that helps: its kind, its words, where it leads (an empty URL is this page again)."""

    kind: Literal["retry", "home", "support", "status_page", "blocked_by"]
    label: str
    url: str


class Content(NamedTuple):
    """The variables that every template gets."""

    status: int
    phrase: str
    title: str
    message: str
    next_step: str
    caution: str | None
    detail: str | None
    when: str | None
    retry_after: int | None
    retry_at: Moment | None
    actions: tuple[Action, ...]
    auto_retry: bool
    reference: str | None
    time: Moment | None
    site_name: str
    home_url: str
    support_url: str | None
    status_url: str | None
    logo: str | None
    accent: str | None
    accent_dark: str | None
    lang: str
    dir: str
    labels: Labels
    turbo: Literal["reload", "dynamic"]
    csp_nonce: str | None


class Author:
    """Writes pages in the site's name.

    Args:
        options: The site's options.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._flat = options.flat_wording
        self._by_language = {_tag(language): words for language, words in options.language_wording.items()}
        # WCAG 2.2, success criterion 1.4.3; the dark theme's background is the worst case of the built-in ones.
        self._accent_dark = options.accent and tint_for(_DARK_BACKGROUND, options.accent, 7)

    def write(self, draft: Draft) -> Content:
        """Find the words and links for a draft."""
        language = load_language(draft.language)
        title, message, next_step = self._words(draft, language)
        options = self._options
        # One leading slash: two would name another host.
        home_url = options.home_url or f"/{quote(draft.root_path.strip('/'))}/".replace("//", "/")
        return Content(
            status=draft.status,
            phrase=phrase(draft.status),
            title=title,
            message=message,
            next_step=next_step,
            caution=language.caution if draft.method == "unsafe" else None,
            detail=draft.detail,
            when=language.delay(draft.delay) if draft.delay else None,
            retry_after=draft.retry_after,
            retry_at=draft.retry_at,
            actions=tuple(self._actions(draft, language.labels, home_url)),
            auto_retry=options.auto_retry and _may_be_tried_again(draft),
            reference=draft.reference,
            time=draft.time,
            site_name=options.site_name,
            home_url=home_url,
            support_url=options.support_url,
            status_url=options.status_url,
            logo=options.logo,
            accent=options.accent,
            accent_dark=self._accent_dark,
            lang=language.tag,
            dir=language.direction,
            labels=language.labels,
            turbo=draft.turbo,
            csp_nonce=draft.csp_nonce,
        )

    def _words(self, draft: Draft, language: Language) -> tuple[str, ...]:
        """Choose the title, message and next step, each from the nearest words that have it."""
        own = self._by_language.get(language.tag, {})
        keys, fallback = _sources(draft)
        given = [words.get(key, {}) for key in keys for words in (own, self._flat)]
        return tuple(
            next((words[slot] for words in given if slot in words), None)
            or _translated(language, slot, getattr(fallback, slot), draft.delay is not None)
            for slot in _SLOT_NAMES
        )

    def _actions(self, draft: Draft, labels: Labels, home_url: str) -> list[Action]:
        options = self._options
        actions: list[Action] = []
        if _may_be_tried_again(draft):
            actions.append(Action("retry", labels.retry, ""))
        if draft.blocked_by:
            actions.append(Action("blocked_by", labels.blocked_by, draft.blocked_by))
        if options.status_url and is_server_error(draft.status):
            actions.append(Action("status_page", labels.status_page, options.status_url))
        actions.append(Action("home", labels.home, home_url))
        if options.support_url:
            actions.append(Action("support", labels.support, options.support_url))
        return actions


def _translated(language: Language, slot: str, text: str, is_when_known: bool) -> str:
    if is_when_known and slot == "next_step" and text in WAITING:
        return ""
    return language.text(slot, text)


def _sources(draft: Draft) -> tuple[tuple[int | str, ...], Wording | StatusCode]:
    """Find the keys of own words for a page, nearest first, and whose words it has otherwise."""
    if draft.is_planned:
        return ("maintenance",), MAINTENANCE
    class_key = "5xx" if is_server_error(draft.status) else "4xx"
    if draft.topic == "csrf":
        return (draft.topic,), CSRF
    known = catalogue.get(draft.status)
    return (draft.status, class_key), known if known is not None and known.title else CLASS_WORDING[class_key]


def _tag(language: str) -> str:
    return language.replace("_", "-")


def _may_be_tried_again(draft: Draft) -> bool:
    return draft.method == "safe" and is_worth_retrying(draft.status)


def is_worth_retrying(status: int) -> bool:
    """Tell whether the same request may succeed a little later.

    Args:
        status: The status code of its answer.
    """
    known = catalogue.get(status)
    if known is None or known.temporary is None:
        return (known is not None or is_server_error(status)) and status not in _NOT_WORTH_RETRYING
    return known.temporary


def phrase(status: int) -> str:
    """Name a status code as a status line or a problem's title does; empty for one that has no name."""
    known = catalogue.get(status)
    names = (known.name, *known.other_names) if known else ()
    return next((name for name in names if not name.startswith("(")), "")


def blocked_by(headers: Headers) -> str | None:
    """Find who demanded the block in a response's Link fields (RFC 7725, section 4), as an http or https URL."""
    for name, value in headers:
        if name.lower() == "link":
            for _, url, relations in links(value):
                if "blocked-by" in relations and url.startswith(("http://", "https://")):
                    return url
    return None
