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

For an exception that escaped the adapter calls `ErrorPages.catch`. Where there is a gate, a visitor of a site that is
closed is received by `received`, before the application is called.

Where anybody listens, what comes of any of these has a `Report`. The core tells it of the page; the adapter tells it
when the page's head, and then when all of it, is in the server's hands.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, NamedTuple, Unpack

from . import frameworks, headers
from .cache import OVERHEAD, Cache
from .codes import catalogue, is_server_error
from .composition import REFERENCES, Composer, Composition
from .content import phrase
from .exceptions import OptionError
from .exchange import Cause, Kept, Page, Request, ResponseHead
from .hooks import UNSET, Answers, Hooks, Unset, asked, guarded
from .log import excerpt, logger
from .maintenance.gate import Closing, Gate, gate_of
from .negotiation import Preferences
from .options import OptionKeywords, Options, Replacer, check_options, check_pages, statuses_of
from .paths import path_pattern
from .recipe import Recipe
from .replacement import Case, Judgement, Rules, Verdict, judge
from .stock import LOOK_LIMIT, framed
from .telemetry import Report, Telemetry

__all__ = [
    "LOOK_LIMIT",
    "REFERENCES",
    "Caught",
    "ErrorPages",
    "Pending",
    "Reception",
    "Source",
    "is_private",
    "pages_for",
    "received",
    "resolved",
]

AS_IT_CAME: Final = Kept()
_MARKERS: Final = frozenset({"page", "maintenance"})
_ROOM: Final = 1 << 18
"""Bytes of judgements that are kept."""


class _Exchange(NamedTuple):
    """One request and the head of its response, with all that was learned of them."""

    request: Request
    head: ResponseHead
    fields: Mapping[str, str]
    preferences: Preferences
    answers: Answers
    report: Report | None
    is_per_visitor: bool = False


@dataclass(frozen=True, slots=True)
class Caught:
    """What becomes of an exception that escaped the application.

    Attributes:
        page: The page to send.
        is_accident: Whether it was no answer but an accident, which servers and error trackers must hear of.
        report: What has to hear that the page was handed over, if anybody listens.
    """

    page: Page
    is_accident: bool
    report: Report | None


@dataclass(frozen=True, slots=True)
class Reception:
    """What becomes of a visitor while the site is closed for maintenance.

    Attributes:
        page: What is sent; None where the application is called.
        is_private: Whether what the application answers is for this visitor alone (`headers.private`).
        report: What has to hear that the page was handed over, if anybody listens.
    """

    page: Page | None = None
    is_private: bool = False
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A response whose body decides; made by `ErrorPages.consider`."""

    pages: ErrorPages
    exchange: _Exchange
    case: Case
    is_reusable: bool = False

    @property
    def report(self) -> Report | None:
        """What has to hear that a page was handed over, if anybody listens."""
        return self.exchange.report

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
        if options is not None:
            check_options(options)
        self.options = options = options if options is not None else Options.of(keywords)
        self._statuses = statuses_of("statuses", options.statuses)
        self._excluded = path_pattern(options.excluded_paths)
        self._hooks = Hooks(options)
        self._composer = Composer(options)
        self.gate = gate_of(options.maintenance, options.proxy_networks, options.open_paths)
        self._is_per_visitor = options.language is not None
        self._is_chosen = False
        # Whether a decision depends on nothing but the response and the client's preferences.
        asks = not self._hooks.is_empty or callable(options.replace)
        self._is_pure = self._excluded is None and not asks
        self.telemetry = Telemetry(options.on_page)
        self._rules = Rules(
            replace=options.replace if isinstance(options.replace, str) else "ask",
            formats=options.offered_formats,
            convert=options.api_errors == "problem",
            preview=options.debug is False,
        )
        self._judgements: Cache[Judgement] = Cache(_ROOM)

    @cached_property
    def for_one_visitor(self) -> ErrorPages:
        """The same pages, marked as chosen for one request, so that no shared cache keeps them."""
        marked = copy.copy(self)
        marked._is_per_visitor = True
        marked._is_chosen = True
        marked._is_pure = False
        return marked

    # -- for adapters --------------------------------------------------------------------------------------------------

    def looks_at(self, status: int) -> bool:
        """Tell whether responses with this status code are looked at."""
        return status in self._statuses

    def consider(
        self,
        request: Request,
        head: ResponseHead,
        *,
        reference: str | Literal[Unset.UNSET] | None = UNSET,
        report: Report | None = None,
        preferences: Preferences | None = None,
    ) -> Kept | Pending:
        """Decide what becomes of an error response, by its head.

        Args:
            request: What the client asked for.
            head: The head of the application's response.
            reference: What the visitor can quote, where `reference` was asked before.
            report: The report on this response, where it was begun before.
            preferences: What the client prefers, where its fields were read before.

        Returns:
            What the application's own response goes out with; or `Pending`, where its body has to be seen.
        """
        try:
            return self._consider(request, head, reference, report, preferences)
        except Exception:
            logger.exception("The decision about a response with status %s failed; it goes out as it came", head.status)
            return AS_IT_CAME

    def catch(
        self,
        request: Request,
        error: Exception,
        *,
        only_mapped: bool = False,
        reference: str | Literal[Unset.UNSET] | None = UNSET,
    ) -> Caught | None:
        """Decide what becomes of an exception that escaped before anything was sent.

        Args:
            request: What the client asked for.
            error: The exception.
            only_mapped: Whether the framework answers all others than those that ``exceptions`` maps.
            reference: What the visitor can quote, where `reference` was asked before.

        Returns:
            The page to send, or None where the exception is to be raised untouched.
        """
        try:
            answer = None if only_mapped else frameworks.http_exception(error)
            mapped = _mapped(self.options.exceptions, error) if answer is None else None
            status = answer.status if answer else mapped or 500
            if status not in self._statuses or self._is_left_alone(request):
                return None
            if frameworks.lets_exceptions_pass(request.native, error, self.options.debug):
                return None
            if answer is None and mapped is None and (only_mapped or frameworks.has_own_handler(request.native)):
                return None
            report = self._report(request, status)
            head = ResponseHead(status, answer.headers if answer else ())
            exchange = self._exchange(request, head, error, report, reference)
        except Exception:
            logger.exception("The decision about an exception failed; it is raised as it came")
            return None
        judgement = _judged_outright(status, answer.message if answer else None)
        page = self._page(exchange, judgement, cause="exception", error=error)
        return Caught(page, is_accident=answer is None and is_server_error(status), report=report)

    def remake(
        self,
        recipe: Recipe,
        native: Mapping[str, Any],
        sent: Mapping[str, str],
        reference: str | Literal[Unset.UNSET] | None = UNSET,
    ) -> Page | None:
        """Make a page that is remembered for another request.

        Args:
            recipe: What is remembered of it.
            native: The WSGI environ or ASGI scope.
            sent: The request's fields of the names in `REFERENCES`, by lower-case name.
            reference: What the visitor can quote, where `reference` was asked before.

        Returns:
            The page, or None where the response has to be decided anew.
        """
        try:
            if is_server_error(recipe.status) and self._is_debug(native):
                return None
            if reference is UNSET:
                reference = recipe.quoted or self._composer.reference_from(recipe.status, sent)
            return recipe.make(reference, datetime.now(UTC))
        except Exception:
            logger.exception("A page for status %s could not be made again; it is composed anew", recipe.status)
            return None

    def reference(self, request: Request, error: BaseException) -> str | Literal[Unset.UNSET] | None:
        """Find what the visitor will be able to quote, before the framework answers an exception with a 500.

        Args:
            request: What the client asked for.
            error: The exception.

        Returns:
            The reference, or None where the page will show none; unset where a 500 has no page, or one for caches.
        """
        if 500 not in self._statuses or self._is_left_alone(request) or self._is_debug(request.native):
            return UNSET
        if self._composer.may_be_stored(500, retry_after=False):
            return UNSET
        answers = Answers(reference=self._hooks.reference(request, ResponseHead(500), error))
        return self._composer.reference(500, {}, request, answers)

    def closed(self, request: Request, closing: Closing) -> Reception:
        """Make the page of a site that is closed for maintenance; whatever fails, it is a 503.

        Args:
            request: What the client asked for.
            closing: What the switch says.
        """
        try:
            report = self._report(request, 503)
            exchange = self._exchange(request, ResponseHead(503), report=report)
            page = self._page(exchange, _judged_outright(503, None), cause="maintenance", closing=closing)
        except Exception:
            _log_failure("maintenance: the page failed; a constant one goes out")
            return Reception(_constant_closed_page(request, closing))
        return Reception(page, report=report)

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
        exchange = self._exchange(request, ResponseHead(status, tuple(headers)))
        return self._page(exchange, _judged_outright(status, message))

    # -- the decision --------------------------------------------------------------------------------------------------

    def _consider(
        self,
        request: Request,
        head: ResponseHead,
        reference: str | Literal[Unset.UNSET] | None,
        report: Report | None,
        preferences: Preferences | None,
    ) -> Kept | Pending:
        status = head.status
        fields = headers.first_values(head.headers)
        marker = fields.get("x-error-pages", "").strip().lower()
        if marker in _MARKERS:  # row 1
            return AS_IT_CAME
        if status not in self._statuses:
            return self._untouched(head)
        if marker == "keep":  # row 2
            frameworks.mark_as_kept(request.native)
            return Kept(tuple(headers.without_field(head.headers, "x-error-pages")))
        if self._is_left_alone(request):
            return self._untouched(head) if self._is_excluded(request) else AS_IT_CAME
        if is_server_error(status) and self._is_debug(request.native):  # row 3
            return self._kept(head, fields, ())
        if report is None:
            report = self._report(request, status)
        if preferences is None:
            preferences = Preferences.of(request.headers)
        case = Case.of(status, fields, request.method, preferences, self._composer.shows_message(status))
        judgement = self._judged(case)
        if judgement.verdict is Verdict.KEEP:
            return self._remembered(self._kept(head, fields, judgement.consulted), status)
        answers = self._hooks.ask(request, head, None, reference)
        exchange = _Exchange(request, head, fields, preferences, answers, report)
        if report is not None:
            report.pause()
        return Pending(self, exchange, case, self._is_pure)

    def _settle(self, pending: Pending, body: bytes, is_whole: bool) -> Page | Kept:
        exchange = pending.exchange
        if exchange.report is not None:
            exchange.report.resume()
        try:
            if not is_whole and self._rules.replace != "all" and not self._rules.replaces_debuggers:
                return self._kept(exchange.head, exchange.fields, self._judged(pending.case).consulted)
            judgement = self._judged(pending.case._replace(body=body))
            if judgement.verdict is Verdict.ASK:
                judgement, is_own_rule = self._asked_to_replace(exchange, pending.case, body, judgement)
                if is_own_rule and judgement.verdict is Verdict.KEEP:
                    frameworks.mark_as_kept(exchange.request.native)
                    return Kept(headers.for_one_visitor(exchange.head.headers))
                exchange = exchange._replace(is_per_visitor=is_own_rule)
            if judgement.verdict is Verdict.KEEP:
                kept = self._kept(exchange.head, exchange.fields, judgement.consulted)
                return self._remembered(kept, exchange.head.status)
        except Exception:
            logger.exception(
                "The decision about a response with status %s failed; it goes out as it came", exchange.head.status
            )
            return AS_IT_CAME
        return self._page(exchange, judgement)

    def _remembered(self, kept: Kept, status: int) -> Kept:
        """Let a kept response be remembered; a 5xx is looked at each time, as a debug mode may have been turned on."""
        return replace(kept, is_reusable=self._is_pure and not is_server_error(status))

    def _judged(self, case: Case) -> Judgement:
        """Judge, or remember the judgement of the same case; data that was parsed is large, and not remembered."""
        judgement = self._judgements.get(case)
        if judgement is None:
            judgement = judge(self._rules, case)
            if judgement.reading is None or judgement.reading.members is None:
                words = judgement.reading.message if judgement.reading else None
                self._judgements.put(case, judgement, case.size + len(words or "") + OVERHEAD)
        return judgement

    def _asked_to_replace(
        self, exchange: _Exchange, case: Case, body: bytes, judgement: Judgement
    ) -> tuple[Judgement, bool]:
        """Ask the site's own rule; tell also whether it decided, and did not leave it to the table."""
        assert callable(self.options.replace)
        answer = asked("replace", _wish, self.options.replace, exchange.request, exchange.head, body)
        if answer is UNSET or answer is None:
            return judge(self._rules._replace(replace="stock"), case._replace(body=body)), False
        if answer:
            return replace(judgement, verdict=Verdict.REPLACE), True
        return judge(self._rules._replace(replace="none"), case._replace(body=body)), True

    def _is_left_alone(self, request: Request) -> bool:
        """Tell whether the application, the option ``exclude`` or an inner middleware wants no page here."""
        if frameworks.was_kept(request.native):
            return True
        if self._is_excluded(request) or frameworks.asks_to_keep(request.native):
            frameworks.mark_as_kept(request.native)
            return True
        return False

    def _is_excluded(self, request: Request) -> bool:
        return self._excluded is not None and self._excluded.fullmatch(request.path) is not None

    def _untouched(self, head: ResponseHead) -> Kept:
        """Let a response go out as it came; but pages that were chosen for another visitor might not have."""
        return Kept(headers.for_one_visitor(head.headers)) if self._is_chosen else AS_IT_CAME

    def _is_debug(self, native: Mapping[str, Any]) -> bool:
        return frameworks.in_debug_mode(native) if self.options.debug is None else self.options.debug

    def _report(self, request: Request, status: int) -> Report | None:
        """Begin a report, where anybody listens, while the application's context is alive."""
        if not self.telemetry.listens(status):
            return None
        return self.telemetry.report(request.method, request.path, request.native)

    def _kept(self, head: ResponseHead, fields: Mapping[str, str], consulted: tuple[str, ...]) -> Kept:
        """Let the application's response go out, with an honest Vary, and a cache policy where it set none."""
        status = head.status
        if self._is_chosen:  # other pages, chosen for another visitor, might not have kept it
            return Kept(tuple(headers.merge_vary(list(headers.for_one_visitor(head.headers)), consulted)))
        policy = self._composer.policies.get(status)
        if policy is None and not headers.is_storable(status, catalogue.get(status), "retry-after" in fields):
            policy = headers.NOT_STORABLE
        if policy is not None and headers.has_cache_policy(fields):
            policy = None
        if policy is None and not consulted:
            return AS_IT_CAME
        return Kept(tuple(headers.merge_vary([*head.headers, *(policy or ())], consulted)))

    # -- the page ------------------------------------------------------------------------------------------------------

    def _exchange(
        self,
        request: Request,
        head: ResponseHead,
        error: BaseException | None = None,
        report: Report | None = None,
        reference: str | Literal[Unset.UNSET] | None = UNSET,
    ) -> _Exchange:
        """Describe an exchange whose response is made here."""
        answers = self._hooks.ask(request, head, error, reference)
        fields = headers.first_values(head.headers)
        preferences = Preferences.of(request.headers)
        return _Exchange(request, head, fields, preferences, answers, report)

    def _page(
        self,
        exchange: _Exchange,
        judgement: Judgement,
        *,
        cause: Cause = "response",
        error: BaseException | None = None,
        closing: Closing | None = None,
    ) -> Page:
        """Make the page, and report it."""
        page = self._composed(exchange, judgement, closing)
        if exchange.report is not None:
            exchange.report.page_made(page, cause, error)
        return page

    def _composed(self, exchange: _Exchange, judgement: Judgement, closing: Closing | None) -> Page:
        """Compose the page, or a simpler one where that fails."""
        request, head, fields, preferences, answers, _, is_own_rule = exchange
        is_per_visitor = self._is_per_visitor or is_own_rule
        try:
            composition = Composition(
                self._composer, request, head, fields, preferences, judgement, answers, is_per_visitor, closing
            )
            page = composition.page()
            return page if self._is_pure else replace(page, is_reusable=False, recipe=None)
        except Exception:
            logger.exception("The page for status %s failed; a constant one goes out", head.status)
            return _constant_page(request, head) if closing is None else _constant_closed_page(request, closing)


Source = ErrorPages | Callable[[Request], ErrorPages]
_BESIDE_PAGES: Final = frozenset({"maintenance", "maintenance_paths", "trusted_proxies"})


def pages_for(pages: Source | None, options: OptionKeywords) -> tuple[Source, Gate | None]:
    """Read the arguments of a middleware.

    Args:
        pages: Its ``pages``.
        options: Its other keywords; beside ``pages`` those of maintenance alone.

    Returns:
        Where its pages come from, and the gate before its application: its own, or that of its pages.

    Raises:
        OptionError: Both are given, ``pages`` can't be used, or an option can't work.
    """
    if pages is None:
        own = ErrorPages(**options)
        return own, own.gate
    if not options.keys() <= _BESIDE_PAGES:
        allowed = "either pages or options, not both; but for maintenance, maintenance_paths and trusted_proxies"
        raise OptionError("pages", sorted(options.keys() - _BESIDE_PAGES), allowed)
    if not isinstance(pages, ErrorPages):
        check_pages(pages)
    beside = Options.of(options)
    if beside.maintenance is None and beside.proxy_networks:
        raise OptionError("trusted_proxies", beside.trusted_proxies, "beside pages, only with maintenance")
    if beside.maintenance is None and "maintenance_paths" in options:
        raise OptionError("maintenance_paths", beside.maintenance_paths, "beside pages, only with maintenance")
    gate = gate_of(beside.maintenance, beside.proxy_networks, beside.open_paths)
    return pages, gate or (pages.gate if isinstance(pages, ErrorPages) else None)


def received(gate: Gate, source: Source, closing: Closing, request: Request, *, is_https: bool) -> Reception:
    """Receive a visitor of a site that is closed for maintenance, or one who follows a bypass link before it is.

    Args:
        gate: The gate before the application.
        source: Where the pages come from.
        closing: What the gate's switch says.
        request: What the visitor asked for.
        is_https: Whether the server was asked by https.
    """
    try:
        admission = gate.admit(closing, request, is_https=is_https)
        if admission.passes or admission.redirect is not None:
            return Reception(admission.redirect, admission.is_private)
    except Exception:
        _log_failure("maintenance: it failed to decide who passes; nobody does while the site is closed")
        if not closing.has_begun:
            return Reception()
    return resolved(source, request).closed(request, closing)


def is_private(gate: Gate | None, describe: Callable[[], Request]) -> bool:
    """Tell whether a response that is under way is for one visitor alone.

    Args:
        gate: The gate before the application, if there is one.
        describe: Describes the request; called where the site is closed.
    """
    if gate is None:
        return False
    try:
        closing = gate.closing()
        return closing is not None and gate.is_private(closing, describe())
    except Exception:
        logger.exception("maintenance: it failed to decide whether a response is private; it is")
        return True


def resolved(source: Source, request: Request) -> ErrorPages:
    """Find the pages for a request.

    Args:
        source: The ``pages`` argument of a middleware.
        request: What the client asked for.
    """
    if isinstance(source, ErrorPages):
        return source
    return (guarded("pages", _chosen, source, request) or _default_pages()).for_one_visitor


def _chosen(choose: Callable[[Request], ErrorPages], request: Request) -> ErrorPages | None:
    pages: object = choose(request)
    if isinstance(pages, ErrorPages):
        return pages
    logger.error("pages: %s can't be used; allowed: an ErrorPages", excerpt(pages))
    return None


@lru_cache(maxsize=1)
def _default_pages() -> ErrorPages:
    return ErrorPages()


def _wish(rule: Replacer, request: Request, head: ResponseHead, body: bytes) -> bool | None:
    """Ask a rule, and read its answer: True, False, or None for what the table says."""
    answer = rule(request, head, body)
    return None if answer is None else bool(answer)


def _judged_outright(status: int, message: str | None) -> Judgement:
    """Judge a response that has no body of the application's, but perhaps its words."""
    reading = replace(framed(status, message or ""), family="none", kind="empty")
    return Judgement(Verdict.REPLACE, 7, "none", reading)


def _mapped(exceptions: Mapping[type[BaseException], int], error: BaseException) -> int | None:
    """Look up an exception's status code by the nearest of its classes."""
    return next((exceptions[kind] for kind in type(error).__mro__ if kind in exceptions), None)


def _log_failure(message: str) -> None:
    """Log the exception at hand where the answer is decided already, whatever the site's logging makes of it."""
    with suppress(Exception):
        logger.exception(message)


def _constant_closed_page(request: Request, closing: Closing) -> Page:
    left = closing.state.seconds_left(closing.now)
    wait = () if left is None else (("Retry-After", str(headers.spread(min(left, headers.LONGEST_DELAY)))),)
    return _constant_page(request, ResponseHead(503, wait), "maintenance")


def _constant_page(request: Request, head: ResponseHead, marker: str = "page") -> Page:
    """Make the page that can't fail."""
    body = f"{head.status} {phrase(head.status)}".strip().encode() + b"\n"
    fields = [
        *headers.without_cache_policy(headers.kept(head.headers, head.status)),
        *headers.NOT_STORABLE,
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Error-Pages", marker),
    ]
    return Page(head.status, tuple(fields), b"" if request.method == "HEAD" else body)
