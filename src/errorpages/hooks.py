"""The callables among the options: what they say about one request, and that none of them hurts it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any, Final, Literal, NamedTuple, TypeVar

from . import headers
from .codes import catalogue
from .exceptions import OptionError
from .exchange import Request, ResponseHead
from .log import excerpt, logger
from .options import Options

__all__ = ["UNSET", "Answers", "Hooks", "Unset", "asked", "guarded"]

_NONCE: Final = re.compile(r"[A-Za-z0-9+/_-]{1,256}={0,2}")

T = TypeVar("T")


class Unset(Enum):
    """The answer of a callable that raised: as if the option were not set."""

    UNSET = auto()


UNSET: Final = Unset.UNSET


def asked(option: str, call: Callable[..., T], *args: Any) -> T | Literal[Unset.UNSET]:
    """Call a callable of the options; one that raises is logged and counts as unset.

    Args:
        option: The option's name, for the log.
        call: The callable, or what calls it and reads its answer, which may raise too.
        args: What it gets.
    """
    try:
        return call(*args)
    except Exception:
        logger.exception("%s: the callable raised, or its answer did when it was read; it counts as unset", option)
        return UNSET


def guarded(option: str, call: Callable[..., T], *args: Any) -> T | None:
    """Call like `asked`, for an option whose unset value is None."""
    answer = asked(option, call, *args)
    return None if answer is UNSET else answer


def _plain(text: object) -> str:
    """Read a text without asking its class, which may be the application's own and make anything of it."""
    return str.__str__(text) if isinstance(text, str) else str.__str__(str(text))


class Answers(NamedTuple):
    """What the callables said about one request.

    Attributes:
        language: The language tag that the site chose.
        context: More variables for templates; None where there is no ``context``.
        csp_nonce: The nonce of the policy that an outer layer sends.
        reference: What the visitor can quote, unchecked; unset where no callable says.
        retry_after: The delay to announce, in seconds, where the application announces none.
    """

    language: str | None = None
    context: Mapping[str, Any] | None = None
    csp_nonce: str | None = None
    reference: str | Literal[Unset.UNSET] | None = UNSET
    retry_after: int | None = None


_NOTHING: Final = Answers()


class Hooks:
    """Asks the callables, and the options that stand beside them.

    Args:
        options: The site's options.

    Raises:
        OptionError: ``retry_after`` names a status code that may not carry one.
    """

    def __init__(self, options: Options) -> None:
        _check_retry_statuses(options)
        self._options = options
        asked = (options.language, options.context, options.csp, options.reference)
        self.is_empty = not any(callable(option) for option in asked) and options.retry_after is None

    def ask(
        self,
        request: Request,
        head: ResponseHead,
        error: BaseException | None,
        reference: str | Literal[Unset.UNSET] | None = UNSET,
    ) -> Answers:
        """Ask every callable about a request; the application's context should still be alive.

        Args:
            request: What the client asked for.
            head: The head of the response.
            error: The exception that led to it, if one did.
            reference: What the callable for it said before; it is not asked again.
        """
        if self.is_empty:
            return _NOTHING if reference is UNSET else Answers(reference=reference)
        options = self._options
        return Answers(
            language=guarded("language", self._language, request) if options.language is not None else None,
            context=(guarded("context", self._context, request) or {}) if options.context is not None else None,
            csp_nonce=guarded("csp", self._nonce, request) if callable(options.csp) else None,
            reference=self.reference(request, head, error) if reference is UNSET else reference,
            retry_after=guarded("retry_after", self._retry_after, request, head.status),
        )

    def reference(
        self, request: Request, head: ResponseHead, error: BaseException | None
    ) -> str | Literal[Unset.UNSET] | None:
        """Ask the callable for what the visitor can quote, unset where there is none.

        Args:
            request: What the client asked for.
            head: The head of the response.
            error: The exception that led to it, if one did.
        """
        return asked("reference", self._reference, request, head, error)

    # Each of these asks one callable and reads its answer; `ask` guards both.

    def _language(self, request: Request) -> str | None:
        assert self._options.language is not None
        tag: object = self._options.language(request)
        return None if tag is None else _plain(tag)

    def _context(self, request: Request) -> Mapping[str, Any] | None:
        assert self._options.context is not None
        context: object = self._options.context(request)
        if isinstance(context, Mapping):
            return dict(context)
        if context is not None:
            logger.error("context: %s can't be used; allowed: a mapping", excerpt(context))
        return None

    def _nonce(self, request: Request) -> str | None:
        assert callable(self._options.csp)
        nonce: object = self._options.csp(request)
        if isinstance(nonce, str) and _NONCE.fullmatch(nonce):
            return _plain(nonce)
        if nonce is not None:
            logger.error("csp: %s is no nonce; allowed: base64 without quotes", excerpt(nonce))
        return None

    def _reference(
        self, request: Request, head: ResponseHead, error: BaseException | None
    ) -> str | Literal[Unset.UNSET] | None:
        if not callable(self._options.reference):
            return UNSET
        reference: object = self._options.reference(request, head, error)
        if isinstance(reference, str):
            return _plain(reference)
        if reference is None:
            return None
        logger.error("reference: %s can't be used; allowed: a string, None", excerpt(reference))
        return UNSET

    def _retry_after(self, request: Request, status: int) -> int | None:
        """Find the delay that the options give for a status code, in seconds."""
        wait: Any = self._options.retry_after
        known = catalogue.get(status)
        if wait is None or known is None or known.retry_after == "no":
            return None
        if isinstance(wait, Mapping):
            wait = wait.get(status)
        elif callable(wait):
            wait = wait(request, status)
        elif status not in (429, 503):
            return None
        if wait is None:
            return None
        seconds = _seconds(wait)
        if seconds is None:
            allowed = "seconds from 0 up, timedelta, datetime to come, None"
            logger.error("retry_after: %s is no delay; allowed: %s", excerpt(wait), allowed)
            return None
        return headers.spread(seconds)


def _seconds(wait: object) -> int | None:
    """Count the seconds of a delay, or to a moment, rounded up; None for what is neither, or too long."""
    if isinstance(wait, datetime):
        wait = headers.seconds_until(wait, datetime.now(UTC))
    if isinstance(wait, timedelta):
        wait = wait.total_seconds()
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait < headers.LONGEST_DELAY:
        return None
    return math.ceil(wait)


def _check_retry_statuses(options: Options) -> None:
    if not isinstance(options.retry_after, Mapping):
        return
    allowed = [status.code for status in catalogue if status.retry_after != "no"]
    for status in options.retry_after:
        if status not in allowed:
            raise OptionError("retry_after", status, f"the codes that may carry it: {', '.join(map(str, allowed))}")
