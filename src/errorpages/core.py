"""The core: a request and an error response go in, a page or the response's own head comes out. No I/O.

Invariants
==========

1. The status code that comes out is the one that went in.
2. Whatever fails in here, the visitor gets a response: a simpler page, in the end a constant one; if the decision
   itself fails, the application's own response.
3. What goes out depends on nothing that it does not say: every request field that was consulted is in Vary, and what
   depends on anything else is `private, no-store`.
4. Nothing that is remembered between requests grows without bound, and nothing that is handed out is shared.

How it works
============

An adapter calls `ErrorPages.consider` when the application has announced a response with an error status. The head
often settles it: the answer is `Kept`. Otherwise it is `Pending`; the adapter holds the response back, collects its
body up to `LOOK_LIMIT` bytes, and calls `Pending.settle` once, for a `Page` or, again, `Kept`. The callables among the
options run in `consider`, while the application's context is alive.

For an exception that escaped the adapter calls `ErrorPages.catch`.
"""

from __future__ import annotations

import copy
import fnmatch
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple, TypeVar, Unpack

from . import csp, frameworks, headers, problem
from .codes import catalogue
from .content import UNSAFE_METHODS, Author, Draft, Moment, blocked_by, phrase
from .exceptions import OptionError
from .exchange import Cause, Headers, Kept, Page, PageEvent, Request, ResponseHead
from .negotiation import MEDIA_TYPES, Family, FormatChoice, Preferences, choose_format, choose_language, match_language
from .options import OptionKeywords, Options, statuses_of
from .rendering import Rendered, Renderer
from .replacement import Case, Judgement, Rules, Verdict, judge
from .stock import LOOK_LIMIT, Reading, message_of
from .translation import available_languages, delay_of

__all__ = ["LOOK_LIMIT", "Caught", "ErrorPages", "Pending", "resolved"]

logger = logging.getLogger("errorpages")

AS_IT_CAME: Final = Kept()
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+/=@-]{0,127}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_NONCE: Final = re.compile(r"[A-Za-z0-9+/_-]{1,256}={0,2}")
_MARKERS: Final = frozenset({"page", "maintenance"})

T = TypeVar("T")


class Asked(NamedTuple):
    """What the callables among the options answered for one request."""

    language: str | None = None
    context: Mapping[str, Any] | None = None
    csp_nonce: str | None = None
    reference: str | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Caught:
    """What becomes of an exception that escaped the application.

    Attributes:
        page: The page to send.
        is_accident: Whether it was no answer but an accident, which servers and error trackers must hear of.
    """

    page: Page
    is_accident: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """A response whose body decides; made by `ErrorPages.consider`."""

    pages: ErrorPages
    request: Request
    head: ResponseHead
    fields: Mapping[str, str]
    case: Case
    asked: Asked
    started: float
    is_reusable: bool = False

    def settle(self, body: bytes, is_whole: bool = True) -> Page | Kept:
        """Decide, with the body at hand.

        Args:
            body: The content, or its beginning.
            is_whole: Whether that is all of it; otherwise it is longer than `LOOK_LIMIT`.

        Returns:
            The page to send instead, or what the application's own response goes out with.
        """
        return self.pages._settle(self, body, is_whole)


class ErrorPages:
    """The error pages of a site; made once, used for every request, by any number of applications.

    Args:
        options: The options, checked already; or give them as keywords.
        keywords: Any option of `Options`.

    Raises:
        OptionError: An option can't work; the error names it, its value and what is allowed.

    Example::

        pages = ErrorPages(site_name="Acme", support_url="/help")
        page = pages.page(request, 404, message="No such invoice")
    """

    def __init__(self, options: Options | None = None, /, **keywords: Unpack[OptionKeywords]) -> None:
        if options is not None and keywords:
            raise OptionError("options", sorted(keywords), "either Options or keywords, not both")
        self.options = options = options if options is not None else Options.of(keywords)
        self._statuses = statuses_of("statuses", options.statuses)
        self._shown = statuses_of("show_message", options.show_message)
        self._excluded = _path_pattern(options.excluded_paths)
        self._languages, self._default_language = _offered_languages(options)
        self._policies = headers.own_policies(options.cache_control)
        self._asks = any(
            callable(value) for value in (options.language, options.context, options.csp, options.reference)
        )
        self._asks |= options.retry_after is not None
        self._is_per_visitor = options.language is not None
        # Whether a decision depends on nothing but the response and the client's preferences.
        self._is_pure = not (self._asks or self._excluded or callable(options.replace) or options.on_page)
        _check_retry_statuses(options)
        author = Author(options)
        self._author = author
        self._renderer = Renderer(author, options.theme, options.template_folders, options.context is not None)
        self._plain_renderer = Renderer(author, "plain")
        self._rules = Rules(
            replace=options.replace if isinstance(options.replace, str) else "ask",
            formats=options.offered_formats,
            convert=options.api_errors == "problem",
        )
        self._judge = lru_cache(maxsize=1024)(judge)
        self._choose_format = lru_cache(maxsize=1024)(choose_format)

    @cached_property
    def for_one_visitor(self) -> ErrorPages:
        """The same pages, marked as chosen for one request, so that no shared cache keeps them."""
        marked = copy.copy(self)
        marked._is_per_visitor = True
        return marked

    # -- for adapters --------------------------------------------------------------------------------------------------

    def consider(self, request: Request, head: ResponseHead) -> Kept | Pending:
        """Decide what becomes of an error response, by its head.

        Args:
            request: What the client asked for.
            head: The head of the application's response.

        Returns:
            What the application's own response goes out with; or `Pending`, where its body has to be seen.
        """
        try:
            return self._consider(request, head)
        except Exception:
            logger.exception("The decision about a response with status %s failed; it goes out as it came", head.status)
            return AS_IT_CAME

    def catch(self, request: Request, error: Exception) -> Caught | None:
        """Decide what becomes of an exception that escaped before anything was sent.

        Args:
            request: What the client asked for.
            error: The exception.

        Returns:
            The page to send, or None where the exception is to be raised untouched.
        """
        started = time.perf_counter()
        try:
            answer = frameworks.http_exception(error)
            mapped = _mapped(self.options.exceptions, error) if answer is None else None
            status = answer.status if answer else mapped or 500
            if (
                status not in self._statuses
                or self._is_left_alone(request)
                or self._is_debug(request, for_exception=True)
            ):
                return None
            if answer is None and mapped is None and frameworks.has_own_handler(request.native):
                return None
            head = ResponseHead(status, answer.headers if answer else ())
            asked = self._ask(request, head, error)
        except Exception:
            logger.exception("The decision about an exception failed; it is raised as it came")
            return None
        reading = Reading("none", "empty", message_of(status, answer.message) if answer and answer.message else None)
        judgement = Judgement(Verdict.REPLACE, 7, "none", reading)
        return Caught(
            self._page(request, head, judgement, asked, started, cause="exception", error=error),
            is_accident=answer is None and status >= 500,
        )

    def announce(self, page: Page) -> None:
        """Tell the ``on_page`` hook of a page that was handed over; a hook that fails hurts nobody.

        Args:
            page: The page.
        """
        if page.event is not None and self.options.on_page is not None:
            _guarded("on_page", self.options.on_page, page.event)

    # -- for one's own handlers ----------------------------------------------------------------------------------------

    def page(
        self, request: Request, status: int, *, message: str | None = None, headers: Iterable[tuple[str, str]] = ()
    ) -> Page:
        """Make a page.

        Args:
            request: What the client asked for.
            status: The status code, from 400 up.
            message: The application's own words, shown as ``show_message`` says.
            headers: Fields of the response, kept as those of a replaced response are.

        Returns:
            The whole response: status, fields and body.

        Raises:
            ValueError: The status code is below 400 or above 999.
        """
        if not 400 <= status <= 999:
            raise ValueError(f"status: {status!r} is no error; allowed: 400 to 999")
        started = time.perf_counter()
        head = ResponseHead(status, tuple(headers))
        reading = Reading("none", "empty", message_of(status, message) if message else None)
        judgement = Judgement(Verdict.REPLACE, 7, "none", reading)
        return self._page(request, head, judgement, self._ask(request, head, None), started)

    # -- the decision --------------------------------------------------------------------------------------------------

    def _consider(self, request: Request, head: ResponseHead) -> Kept | Pending:
        started = time.perf_counter()
        status = head.status
        fields = headers.first_values(head.headers)
        marker = fields.get("x-error-pages", "").strip().lower()
        if status not in self._statuses or marker in _MARKERS:  # row 1
            return AS_IT_CAME
        if marker == "keep":  # row 2
            return Kept(tuple(headers.without_field(head.headers, "x-error-pages")))
        if self._is_left_alone(request):
            return AS_IT_CAME
        if status >= 500 and self._is_debug(request):  # row 3
            return self._kept(head, fields, ())
        case = Case.of(status, fields, request.method, Preferences.of(request.headers))
        judgement = self._judge(self._rules, case)
        is_reusable = self._is_pure and status < 500
        if judgement.verdict is Verdict.KEEP:
            return replace(self._kept(head, fields, judgement.consulted), is_reusable=is_reusable)
        asked = self._ask(request, head, None)
        return Pending(self, request, head, fields, case, asked, started, is_reusable)

    def _settle(self, pending: Pending, body: bytes, is_whole: bool) -> Page | Kept:
        request, head, fields = pending.request, pending.head, pending.fields
        try:
            if not is_whole and self._rules.replace != "all":
                return self._kept(head, fields, self._judge(self._rules, pending.case).consulted)
            judgement = self._judged(pending.case._replace(body=body))
            if judgement.verdict is Verdict.ASK:
                judgement = self._asked_to_replace(request, head, pending.case, body, judgement)
        except Exception:
            logger.exception("The decision about a response with status %s failed; it goes out as it came", head.status)
            return AS_IT_CAME
        if judgement.verdict is Verdict.KEEP:
            return replace(self._kept(head, fields, judgement.consulted), is_reusable=pending.is_reusable)
        preferences = pending.case.preferences
        return self._page(
            request, head, judgement, pending.asked, pending.started, fields=fields, preferences=preferences
        )

    def _judged(self, case: Case) -> Judgement:
        """Judge; long bodies are not remembered."""
        if case.body is not None and len(case.body) > LOOK_LIMIT:
            return judge(self._rules, case)
        return self._judge(self._rules, case)

    def _asked_to_replace(
        self, request: Request, head: ResponseHead, case: Case, body: bytes, judgement: Judgement
    ) -> Judgement:
        assert callable(self.options.replace)
        if _guarded("replace", self.options.replace, request, head, body):
            return replace(judgement, verdict=Verdict.REPLACE)
        return judge(self._rules._replace(replace="none"), case._replace(body=body))

    def _is_left_alone(self, request: Request) -> bool:
        if frameworks.asks_to_keep(request.native):
            return True
        return self._excluded is not None and self._excluded.fullmatch(request.path) is not None

    def _is_debug(self, request: Request, for_exception: bool = False) -> bool:
        if self.options.debug is not None:
            return self.options.debug
        detect = frameworks.lets_exceptions_pass if for_exception else frameworks.in_debug_mode
        return detect(request.native)

    def _kept(self, head: ResponseHead, fields: Mapping[str, str], consulted: tuple[str, ...]) -> Kept:
        """Let the application's response go out, with an honest Vary, and a cache policy where it set none."""
        status = head.status
        policy = self._policies.get(status)
        if policy is None and not headers.is_storable(status, catalogue.get(status), "retry-after" in fields):
            policy = headers.NOT_STORABLE
        if policy is not None and headers.has_cache_policy(fields):
            policy = None
        if policy is None and not consulted:
            return AS_IT_CAME
        return Kept(tuple(headers.merge_vary([*head.headers, *(policy or ())], consulted)))

    # -- what the callables say ----------------------------------------------------------------------------------------

    def _ask(self, request: Request, head: ResponseHead, error: BaseException | None) -> Asked:
        if not self._asks:
            return _NOTHING_ASKED
        options = self.options
        context = _guarded("context", options.context, request) if options.context else None
        return Asked(
            language=_guarded("language", options.language, request) if options.language else None,
            context=dict(context or {}) if options.context else None,
            csp_nonce=self._nonce(request),
            reference=_guarded("reference", options.reference, request, head, error) if options.reference else None,
            retry_after=self._configured_retry(request, head.status),
        )

    def _nonce(self, request: Request) -> str | None:
        if not callable(self.options.csp):
            return None
        nonce: object = _guarded("csp", self.options.csp, request)
        if isinstance(nonce, str) and _NONCE.fullmatch(nonce):
            return nonce
        if nonce is not None:
            logger.error("csp: %r is no nonce; allowed: base64 without quotes", nonce)
        return None

    def _configured_retry(self, request: Request, status: int) -> int | None:
        """Find the delay that the options give for a status code, in seconds."""
        wait: Any = self.options.retry_after
        known = catalogue.get(status)
        if wait is None or known is None or known.retry_after == "no":
            return None
        if isinstance(wait, Mapping):
            wait = wait.get(status)
        elif callable(wait):
            wait = _guarded("retry_after", wait, request, status)
        elif status not in (429, 503):
            return None
        if isinstance(wait, datetime):
            wait = headers.seconds_until(wait, datetime.now(UTC))
        if isinstance(wait, timedelta):
            wait = wait.total_seconds()
        if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait < 10**9:
            if wait is not None:
                logger.error(
                    "retry_after: %r is no delay; allowed: seconds from 0 up, timedelta, datetime to come, None", wait
                )
            return None
        return headers.spread(-int(-wait // 1))

    # -- the page ------------------------------------------------------------------------------------------------------

    def _page(
        self,
        request: Request,
        head: ResponseHead,
        judgement: Judgement,
        asked: Asked,
        started: float,
        *,
        fields: Mapping[str, str] | None = None,
        preferences: Preferences | None = None,
        cause: Cause = "response",
        error: BaseException | None = None,
    ) -> Page:
        """Make the page, or a simpler one where that fails."""
        fields = headers.first_values(head.headers) if fields is None else fields
        try:
            work = _Work(self, request, head, fields, preferences or Preferences.of(request.headers), judgement, asked)
            page = work.page()
            if self.options.on_page is None:
                return page
            event = PageEvent(
                status=head.status,
                cause=cause,
                method=request.method,
                route=frameworks.route(request.native),
                format=work.choice.format,
                language=work.draft.language,
                reference=page.reference,
                exception=error,
                duration=time.perf_counter() - started,
            )
            return replace(page, event=event)
        except Exception:
            logger.exception("The page for status %s failed; a constant one goes out", head.status)
            return _constant_page(request, head)

    def _render(self, draft: Draft, choice: FormatChoice, request: Request, asked: Asked) -> Rendered:
        try:
            return self._renderer.render(draft, choice.format, choice.shape, request, asked.context)
        except Exception:
            logger.exception(
                "The template for status %s as %s failed; the built-in one is used", draft.status, choice.format
            )
            return self._plain_renderer.render(draft, choice.format, choice.shape, request)


class _Work:
    """The making of one page."""

    def __init__(
        self,
        pages: ErrorPages,
        request: Request,
        head: ResponseHead,
        fields: Mapping[str, str],
        preferences: Preferences,
        judgement: Judgement,
        asked: Asked,
    ) -> None:
        self._pages = pages
        self._request = request
        self._head = head
        self._fields = fields
        self._judgement = judgement
        self._asked = asked
        self._preferences = preferences
        self.choice = self._chosen_format(judgement.family, preferences)
        self._consulted = dict.fromkeys((*judgement.consulted, *self.choice.consulted))
        self._set_retry_after: int | None = None
        self.draft = self._drafted()

    def _chosen_format(self, family: Family, preferences: Preferences) -> FormatChoice:
        if self._judgement.verdict is Verdict.CONVERT:
            return _PROBLEM
        return self._pages._choose_format(self._pages._rules.formats, family, preferences)

    def _drafted(self) -> Draft:
        pages, request, status = self._pages, self._request, self._head.status
        reading = self._judgement.reading
        draft = Draft(
            status,
            self._chosen_language(),
            "unsafe" if request.method in UNSAFE_METHODS else "safe",
            request.root_path,
            reading.message if reading and status in pages._shown else None,
            csp_nonce=self._asked.csp_nonce,
        )
        if status == 451:
            draft = draft._replace(blocked_by=blocked_by(self._head.headers))
        own = self._fields.get("retry-after")
        self._set_retry_after = self._asked.retry_after if own is None else None
        self.is_storable = headers.is_storable(
            status, catalogue.get(status), own is not None or self._set_retry_after is not None
        )
        if self.is_storable:
            return draft
        now = datetime.now(UTC)
        seconds = headers.retry_seconds(own, now) if own is not None else self._set_retry_after
        if seconds is not None:
            draft = draft.waiting(seconds, delay_of(seconds), now)
        reference = self._reference()
        return draft._replace(reference=reference, time=Moment.of(now)) if reference else draft

    def _chosen_language(self) -> str:
        pages = self._pages
        if self._asked.language:
            chosen = match_language(pages._languages, str(self._asked.language))
            if chosen is not None:
                return chosen
        choice = choose_language(
            pages._languages,
            pages._default_language,
            self._fields.get("content-language"),
            self._preferences.accept_language,
        )
        self._consulted.update(dict.fromkeys(choice.consulted))
        return choice.language

    def _reference(self) -> str | None:
        """Find what the visitor can quote; client input is let through only where it is harmless."""
        option = self._pages.options.reference
        if option is False:
            return None
        if callable(option):
            return _checked_reference(self._asked.reference)
        sent = headers.first_values(self._request.headers)
        for value in (self._fields.get("x-request-id"), sent.get("x-request-id")):
            if reference := _checked_reference(value):
                return reference
        trace = _TRACEPARENT.fullmatch(sent.get("traceparent", ""))
        if trace:
            return trace[1]
        return str(uuid.uuid4()) if self._head.status >= 500 else None

    def page(self) -> Page:
        """Put the body and the fields together."""
        format = self.choice.format
        if self.choice.shape == "line":
            rendered = Rendered(f"{self.draft.status} {phrase(self.draft.status)}".strip().encode() + b"\n")
        elif format in ("json", "xml"):
            rendered = Rendered(self._problem(format))
        else:
            rendered = self._pages._render(self.draft, self.choice, self._request, self._asked)
        body = rendered.body
        media_type = MEDIA_TYPES[format]
        fields = [
            *self._kept_fields(rendered),
            ("Content-Type", f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type),
            ("Content-Length", str(len(body))),
            ("Content-Language", self.draft.language),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Robots-Tag", "noindex"),
            ("X-Error-Pages", "page"),
        ]
        if self._set_retry_after is not None:
            fields.append(("Retry-After", str(self._set_retry_after)))
        return Page(
            self.draft.status,
            tuple(headers.merge_vary(fields, self._consulted)),
            b"" if self._request.method == "HEAD" else body,
            self.draft.reference,
            is_reusable=self.is_storable and self._pages._is_pure and not rendered.is_private,
        )

    def _problem(self, format: str) -> bytes:
        content = self._pages._author.write(self.draft)
        reading = self._judgement.reading
        if self._judgement.verdict is Verdict.CONVERT and reading and reading.members is not None:
            shows = self.draft.status in self._pages._shown
            return problem.to_json(problem.converted(reading.members, content, shows))
        members = problem.from_content(content)
        return problem.to_json(members) if format == "json" else problem.to_xml(members)

    def _kept_fields(self, rendered: Rendered) -> list[tuple[str, str]]:
        """Select what outlives the application's body, with the cache and content policies that fit the page."""
        fields = headers.kept(self._head.headers)
        policy = self._cache_policy(rendered)
        if policy is not None:
            fields = [*headers.without_cache_policy(fields), *policy]
        if self.choice.format == "html" and self.choice.shape == "document":
            return self._with_content_policy(fields, rendered)
        return fields

    def _cache_policy(self, rendered: Rendered) -> Headers | None:
        """Decide what caches may do, or None where the application's own policy stays."""
        if not self.is_storable:
            return self._pages._policies.get(self.draft.status, headers.NOT_STORABLE)
        if rendered.is_private or self.draft.csp_nonce is not None or self._pages._is_per_visitor:
            return headers.PER_VISITOR
        return self._pages._policies.get(self.draft.status)

    def _with_content_policy(self, fields: list[tuple[str, str]], rendered: Rendered) -> list[tuple[str, str]]:
        option = self._pages.options.csp
        if isinstance(option, str) and option != "auto":
            return [*(field for field in fields if field[0].lower() not in csp.FIELDS), (_CSP, option)]
        if option != "auto" or rendered.is_own:
            return fields
        if any(name.lower() in csp.FIELDS for name, _ in fields):
            return list(csp.merged(tuple(fields), rendered.needs))
        return [*fields, (_CSP, csp.own_policy(rendered.needs))]


_CSP: Final = "Content-Security-Policy"
_NOTHING_ASKED: Final = Asked()
_PROBLEM: Final = FormatChoice("json")


def resolved(source: ErrorPages | Callable[[Request], ErrorPages], request: Request) -> ErrorPages:
    """Find the pages for a request.

    Args:
        source: The ``pages`` argument of a middleware.
        request: What the client asked for.
    """
    if isinstance(source, ErrorPages):
        return source
    chosen = _guarded("pages", source, request)
    if isinstance(chosen, ErrorPages):
        return chosen.for_one_visitor
    logger.error("pages: %r can't be used; allowed: an ErrorPages", chosen)
    return _default_pages()


@lru_cache(maxsize=1)
def _default_pages() -> ErrorPages:
    return ErrorPages()


def _guarded(option: str, call: Callable[..., T], *args: Any) -> T | None:
    """Call a callable of the options; one that raises is logged and counts as unset."""
    try:
        return call(*args)
    except Exception:
        logger.exception("%s: the callable raised; it counts as unset", option)
        return None


def _checked_reference(value: object) -> str | None:
    return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else None


def _mapped(exceptions: Mapping[type[BaseException], int], error: BaseException) -> int | None:
    """Look up an exception's status code by the nearest of its classes."""
    return next((exceptions[kind] for kind in type(error).__mro__ if kind in exceptions), None)


def _path_pattern(globs: tuple[str, ...]) -> re.Pattern[str] | None:
    """Join globs into one case-sensitive pattern."""
    if not globs:
        return None
    return re.compile("|".join(fnmatch.translate(glob) for glob in globs))


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


def _check_retry_statuses(options: Options) -> None:
    if not isinstance(options.retry_after, Mapping):
        return
    allowed = [status.code for status in catalogue if status.retry_after != "no"]
    for status in options.retry_after:
        if status not in allowed:
            raise OptionError("retry_after", status, f"the codes that may carry it: {', '.join(map(str, allowed))}")


def _constant_page(request: Request, head: ResponseHead) -> Page:
    """Make the page that can't fail."""
    body = f"{head.status} {phrase(head.status)}".strip().encode() + b"\n"
    fields = [
        *headers.without_cache_policy(headers.kept(head.headers)),
        *headers.NOT_STORABLE,
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Error-Pages", "page"),
    ]
    return Page(head.status, tuple(fields), b"" if request.method == "HEAD" else body)
