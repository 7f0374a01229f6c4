"""Puts a page together: its format and language, what is known of it, its body, and the fields that go with it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from . import csp, headers, problem
from .cache import Cache
from .codes import catalogue, is_server_error
from .content import UNSAFE_METHODS, Author, Draft, Moment, blocked_by, phrase
from .exceptions import OptionError
from .exchange import Headers, Page, Request, ResponseHead
from .hooks import UNSET, Answers
from .log import logger
from .maintenance.gate import Closing
from .maintenance.state import ANY_LANGUAGE
from .negotiation import (
    MEDIA_TYPES,
    FormatChoice,
    Preferences,
    choose_format,
    choose_language,
    match_language,
)
from .options import Options, statuses_of
from .recipe import Recipe
from .rendering import Rendered, Renderer
from .replacement import METHODS, Judgement, Verdict
from .stock import clean
from .translation import available_languages, delay_of

__all__ = ["REFERENCES", "Composer", "Composition"]

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+/=@-]{0,127}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
REFERENCES: Final = ("x-request-id", "traceparent")
"""The request fields that a reference is read from."""

_ROOM: Final = 1 << 17
"""Bytes of choices of a format that are kept."""

_CSP: Final = "Content-Security-Policy"
_PROBLEM: Final = FormatChoice("json")
_TEXT: Final = FormatChoice("text")


class Composer:
    """Composes a site's pages.

    Args:
        options: The site's options.

    Raises:
        OptionError: The theme, a template or a language can't be used.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.formats = options.offered_formats
        self.languages, self.default_language = _offered_languages(options)
        self.policies = headers.own_policies(options.cache_control)
        self.author = Author(options)
        self._shown = statuses_of("show_message", options.show_message)
        self._renderer = Renderer(
            self.author,
            options.theme,
            options.template_folders,
            has_context=options.context is not None,
            compress=options.compress,
        )
        self._fallback = Renderer(self.author, "plain")
        self._converts = options.api_errors == "problem"
        self._choices: Cache[FormatChoice] = Cache(_ROOM)

    def shows_message(self, status: int) -> bool:
        """Tell whether the application's own message may appear on pages for a status code."""
        return status in self._shown

    def may_be_stored(self, status: int, retry_after: bool) -> bool:
        """Tell whether caches may store a page: the site's own policy says so, or what is known of its status code."""
        own = self.options.cache_control.get(status)
        if own is not None:
            return headers.lets_store(own)
        return headers.is_storable(status, catalogue.get(status), retry_after)

    def choose_format(self, judgement: Judgement, preferences: Preferences, method: str) -> FormatChoice:
        """Choose a page's format; an error that is converted stays JSON, and other protocols' clients get text."""
        if judgement.verdict is Verdict.CONVERT:
            return _PROBLEM
        if method not in METHODS and "text" in self.formats:
            return _TEXT
        key = (judgement.family, preferences)
        choice = self._choices.get(key)
        if choice is None:
            choice = choose_format(self.formats, judgement.family, preferences, self._converts)
            self._choices.put(key, choice, preferences.size)
        return choice

    def reference(self, status: int, fields: Mapping[str, str], request: Request, answers: Answers) -> str | None:
        """Find what the visitor can quote.

        Args:
            status: The status code.
            fields: The response's fields.
            request: What the client asked for.
            answers: What the callables said.
        """
        if self.options.reference is False:
            return None
        if answers.reference is not UNSET:
            return _checked_reference(answers.reference)
        return self.quoted(fields) or self.reference_from(status, headers.first_values(request.headers))

    def quoted(self, fields: Mapping[str, str]) -> str | None:
        """Find what the application's own response gives to quote.

        Args:
            fields: The response's fields.
        """
        return _checked_reference(fields.get("x-request-id"))

    def reference_from(self, status: int, sent: Mapping[str, str]) -> str | None:
        """Find or make what the visitor can quote; what a client sent is let through only where it is harmless.

        Args:
            status: The status code.
            sent: The request's fields of the names in `REFERENCES`, by lower-case name; others don't count.
        """
        if self.options.reference is False:
            return None
        if reference := _checked_reference(sent.get("x-request-id")):
            return reference
        trace = _TRACEPARENT.fullmatch(sent.get("traceparent", ""))
        if trace:
            return trace[1]
        return str(uuid.uuid4()) if is_server_error(status) else None

    def render(self, draft: Draft, choice: FormatChoice, request: Request, answers: Answers) -> Rendered:
        """Render a page with its template, or with the built-in one where that fails.

        What took a failed template's place is for this visitor alone: for the next one the template may work.
        """
        try:
            return self._renderer.render(draft, choice.format, choice.shape, request, answers.context)
        except Exception:
            logger.exception(
                "The template for status %s as %s failed; the built-in one is used", draft.status, choice.format
            )
            rendered = self._fallback.render(draft, choice.format, choice.shape, request)
            return replace(rendered, is_private=True, parts=(), gzip=None)


class Composition:
    """The making of one page.

    Args:
        composer: The site's composer.
        request: What the client asked for.
        head: The head of the application's response.
        fields: The first values of its fields, by lower-case name.
        preferences: What the client prefers.
        judgement: What was found out about the response.
        answers: What the callables said.
        is_per_visitor: Whether the pages were chosen for this visitor.
        closing: Where the site is closed for maintenance: what its switch says.

    Attributes:
        choice: The format, and what decided it.
        draft: What is known of the page.
    """

    def __init__(
        self,
        composer: Composer,
        request: Request,
        head: ResponseHead,
        fields: Mapping[str, str],
        preferences: Preferences,
        judgement: Judgement,
        answers: Answers,
        is_per_visitor: bool,
        closing: Closing | None = None,
    ) -> None:
        self._composer = composer
        self._request = request
        self._head = head
        self._fields = fields
        self._judgement = judgement
        self._answers = answers
        self._is_per_visitor = is_per_visitor
        self._closing = closing
        self._preferences = preferences
        self.choice = composer.choose_format(judgement, preferences, request.method)
        self._consulted = dict.fromkeys((*judgement.consulted, *self.choice.consulted))
        self._set_retry_after: int | None = None
        self.draft = self._drafted()

    def _drafted(self) -> Draft:
        request, status = self._request, self._head.status
        reading = self._judgement.reading
        draft = Draft(
            status,
            self._chosen_language(),
            "unsafe" if request.method in UNSAFE_METHODS else "safe",
            request.root_path,
            reading.message if reading and self._composer.shows_message(status) else None,
            csp_nonce=self._answers.csp_nonce,
            topic=reading.topic if reading else None,
        )
        if self._closing is not None:
            return self._closed(draft, self._closing)
        draft = self._for_turbo(draft)
        if status == 451:
            draft = draft._replace(blocked_by=blocked_by(self._head.headers))
        own = self._fields.get("retry-after")
        self._set_retry_after = self._answers.retry_after if own is None else None
        has_retry_after = own is not None or self._set_retry_after is not None
        self.is_storable = self._composer.may_be_stored(status, has_retry_after)
        if self.is_storable and not has_retry_after:
            return draft
        now = datetime.now(UTC)
        seconds = headers.retry_seconds(own, now) if own is not None else self._set_retry_after
        if seconds is not None:
            draft = draft.waiting(seconds, delay_of(seconds), now)
        # On a page that caches keep, a client's reference would be shown to others.
        reference = None
        if not self.is_storable:
            reference = self._composer.reference(status, self._fields, request, self._answers)
        return draft._replace(reference=reference, time=Moment.of(now)) if reference else draft

    def _for_turbo(self, draft: Draft) -> Draft:
        """Let Turbo show a form's 4xx: told to reload, it loses the page and loads the form again.

        In a frame it shows the page only where it is told to reload.
        """
        if draft.method == "safe" or is_server_error(draft.status) or self.choice.format != "html":
            return draft
        self._consulted["Turbo-Frame"] = None
        return draft._replace(turbo="dynamic") if self._preferences.turbo_frame is None else draft

    def _closed(self, draft: Draft, closing: Closing) -> Draft:
        """Say what the switch says: the site's own words, and the planned end as long as it lies ahead."""
        self.is_storable = False
        words = self._message_in(draft.language, closing.state.message)
        draft = draft._replace(is_planned=True, detail=clean(words) if words else None)
        left = closing.state.seconds_left(closing.now)
        if left is None or closing.state.end is None:
            return draft
        left = min(left, headers.LONGEST_DELAY)
        self._set_retry_after = headers.spread(left)
        end = Moment.of(closing.state.end)
        return draft._replace(delay=delay_of(left), retry_after=self._set_retry_after, retry_at=end)

    def _message_in(self, language: str, messages: Mapping[str, str]) -> str | None:
        """Choose the site's words in the page's language, else those for every language, else any."""
        tags = tuple(tag for tag in messages if tag != ANY_LANGUAGE)
        for tag in (
            match_language(tags, language),
            ANY_LANGUAGE,
            match_language(tags, self._composer.default_language),
        ):
            if tag is not None and tag in messages:
                return messages[tag]
        return next(iter(messages.values()), None)

    def _chosen_language(self) -> str:
        composer = self._composer
        if self.choice.shape == "line":
            return composer.default_language
        if self._answers.language:
            chosen = match_language(composer.languages, str(self._answers.language))
            if chosen is not None:
                return chosen
        choice = choose_language(
            composer.languages,
            composer.default_language,
            self._fields.get("content-language"),
            self._preferences.accept_language,
        )
        self._consulted.update(dict.fromkeys(choice.consulted))
        return choice.language

    def page(self) -> Page:
        """Put the body and the fields together."""
        format = self.choice.format
        if self.choice.shape == "line":
            rendered = Rendered(f"{self.draft.status} {phrase(self.draft.status)}".strip().encode() + b"\n")
        elif format in ("json", "xml"):
            rendered = Rendered(self._problem(format))
        else:
            rendered = self._composer.render(self.draft, self.choice, self._request, self._answers)
        body, coding = self._coded(rendered)
        media_type = MEDIA_TYPES[format]
        fields = [
            *self._kept_fields(rendered),
            *coding,
            ("Content-Type", f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type),
            ("Content-Length", str(len(body))),
            ("Content-Language", self.draft.language),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Robots-Tag", "noindex"),
            ("X-Error-Pages", "page" if self._closing is None else "maintenance"),
        ]
        if self._set_retry_after is not None:
            fields.append(("Retry-After", str(self._set_retry_after)))
        page = Page(
            self.draft.status,
            tuple(headers.merge_vary(fields, self._consulted)),
            b"" if self._request.method == "HEAD" else body,
            self.draft.reference,
            format,
            self.draft.language,
        )
        if self.is_storable and self.draft.retry_at is None and not rendered.is_private:
            return replace(page, is_reusable=True)
        if rendered.parts and self._waits_as_told():
            recipe = Recipe(page, self.draft, rendered.parts, self._composer.quoted(self._fields))
            return replace(page, is_reusable=True, recipe=recipe)
        return page

    def _waits_as_told(self) -> bool:
        """Tell whether the time to wait is the same for every visitor: not spread, and none that counts down."""
        own = self._fields.get("retry-after")
        return self._closing is None and self._set_retry_after is None and (own is None or own.strip().isdigit())

    def _coded(self, rendered: Rendered) -> tuple[bytes, Headers]:
        """Choose the page's content coding, where there is a choice."""
        if rendered.gzip is None:
            return rendered.body, ()
        self._consulted["Accept-Encoding"] = None
        if self._preferences.accept_encoding == "gzip":
            return rendered.gzip, (("Content-Encoding", "gzip"),)
        return rendered.body, ()

    def _problem(self, format: str) -> bytes:
        content = self._composer.author.write(self.draft)
        reading = self._judgement.reading
        if self._judgement.verdict is Verdict.CONVERT and reading and reading.members is not None:
            shows = self._composer.shows_message(self.draft.status)
            return problem.to_json(problem.converted(reading.members, content, shows))
        members = problem.from_content(content)
        return problem.to_json(members) if format == "json" else problem.to_xml(members)

    def _kept_fields(self, rendered: Rendered) -> list[tuple[str, str]]:
        """Select what outlives the application's body, with the cache and content policies that fit the page."""
        fields = headers.kept(self._head.headers, self._head.status)
        policy = self._cache_policy(rendered)
        if policy is not None:
            fields = [*headers.without_cache_policy(fields), *policy]
        if self.choice.format == "html" and self.choice.shape == "document":
            return self._with_content_policy(fields, rendered)
        return fields

    def _cache_policy(self, rendered: Rendered) -> Headers | None:
        """Decide what caches may do, or None where the application's own policy stays."""
        if self._closing is not None:
            return headers.NOT_STORABLE
        own = self._composer.policies.get(self.draft.status)
        is_private = rendered.is_private or self.draft.csp_nonce is not None or self._is_per_visitor
        if is_private and (self.is_storable or own):
            return headers.PER_VISITOR
        return own or (None if self.is_storable else headers.NOT_STORABLE)

    def _with_content_policy(self, fields: list[tuple[str, str]], rendered: Rendered) -> list[tuple[str, str]]:
        option = self._composer.options.csp
        if isinstance(option, str) and option != "auto":
            return [*(field for field in fields if field[0].lower() not in csp.FIELDS), (_CSP, option)]
        if option != "auto" or rendered.is_own:
            return fields
        if any(name.lower() in csp.FIELDS for name, _ in fields):
            return list(csp.merged(tuple(fields), rendered.needs))
        return [*fields, (_CSP, csp.own_policy(rendered.needs))]


def _checked_reference(value: object) -> str | None:
    return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else None


def _offered_languages(options: Options) -> tuple[tuple[str, ...], str]:
    """Find the languages that pages are offered in, and the one to fall back to."""
    available = (*available_languages(), *(tag.replace("_", "-") for tag in options.language_wording))
    default = match_language(available, options.default_language)
    if default is None:
        raise OptionError("default_language", options.default_language, f"one of {', '.join(available)}")
    if options.languages is None:
        own_words = options.flat_wording or options.template_folders
        return ((default,) if own_words else tuple(dict.fromkeys(available))), default
    offered: list[str] = []
    for tag in options.languages:
        language = match_language(available, tag)
        if language is None:
            raise OptionError("languages", tag, f"any of {', '.join(available)}")
        offered.append(language)
    if default not in offered:
        raise OptionError("default_language", options.default_language, f"one of languages: {', '.join(offered)}")
    return tuple(dict.fromkeys(offered)), default
