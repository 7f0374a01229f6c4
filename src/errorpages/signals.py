"""Where a framework logs its exceptions itself, before it answers: what the page will quote is noted on them first.

Flask, Quart and Django send their signal ``got_request_exception`` just before they log. An adapter marks its request
(`Mark`); a receiver that finds the mark asks the pages for the reference, notes it, and leaves it at the mark, from
where the adapter takes it for the page. A request without a mark is left alone. No framework is imported: one that is
not in ``sys.modules`` answers no request.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final, Literal, NamedTuple, Protocol

from . import frameworks
from .core import ErrorPages, Source, resolved
from .exchange import Request
from .hooks import UNSET, Unset
from .log import logger
from .telemetry import note_reference

__all__ = ["KEY", "Mark", "Noted", "connect", "noted", "watch"]

KEY: Final = "errorpages.mark"
"""Where a mark stands: in the environ or scope, and among the attributes of Django's request."""


class Owner(Protocol):
    """A middleware, which makes marks."""

    pages: Source


class Noted(NamedTuple):
    """What was settled when an exception was noted.

    Attributes:
        pages: The pages that were chosen for the request.
        reference: What the page has to quote; unset where these pages left the exception alone.
    """

    pages: ErrorPages
    reference: str | Literal[Unset.UNSET] | None


class Mark:
    """Says of a request whose pages it will have.

    Args:
        owner: The middleware.
        describe: Describes the request as it came to the middleware, given its environ or scope, or Django's request.

    Attributes:
        owner: The same.
        noted: What was settled, once an exception was noted.
    """

    __slots__ = ("_describe", "_pages", "noted", "owner")

    def __init__(self, owner: Owner, describe: Callable[[Any], Request]) -> None:
        self.owner = owner
        self.noted: Noted | None = None
        self._describe = describe
        self._pages: ErrorPages | None = None

    def resolve(self, request: Request) -> ErrorPages:
        """Choose the pages, once for the request."""
        if self._pages is None:
            self._pages = resolved(self.owner.pages, request)
        return self._pages

    def note(self, native: Any, error: BaseException) -> None:
        """Note on an exception what the page for it will quote; the same on one that follows.

        Args:
            native: What the request is described by.
            error: The exception, which the framework is about to log.
        """
        if self.noted is None:
            request = self._describe(native)
            pages = self.resolve(request)
            self.noted = Noted(pages, pages.reference(request, error))
        reference = self.noted.reference
        note_reference(error, None if reference is UNSET else reference, is_certain=False)


def noted(native: Mapping[str, Any], owner: Owner) -> Noted | None:
    """Find what was settled when an exception was noted, if one was.

    Args:
        native: The WSGI environ or ASGI scope that the middleware handed on.
        owner: The middleware; what an inner one settled is not its own.
    """
    mark = native.get(KEY)
    return mark.noted if isinstance(mark, Mark) and mark.owner is owner else None


def connect(source: Source, *names: str) -> bool:
    """Connect the receivers, held strongly, for the frameworks that answer.

    Args:
        source: The ``pages`` of a middleware.
        names: Which of ``flask``, ``quart`` and ``django`` answer; each is imported.

    Returns:
        Whether requests have to be marked: one of the frameworks answers, and the pages look at a 500. Where they
        don't, a middleware further out may have marked the request.
    """
    if isinstance(source, ErrorPages) and not source.looks_at(500):
        return False
    for name in names:
        module, receiver = _RECEIVERS[name]
        # Again, where it is connected already: the libraries take it once.
        sys.modules[module].got_request_exception.connect(receiver, weak=False)
    return bool(names)


def watch(source: Source, app: object) -> bool:
    """Connect the receivers for the frameworks that an application leads to.

    Args:
        source: The ``pages`` of a middleware.
        app: The application that it wraps.

    Returns:
        Whether requests have to be marked; not where the application can't be looked through.
    """
    try:
        return connect(source, *frameworks.answering(app))
    except Exception:
        logger.exception("It can't be found out which framework logs exceptions; its lines have no reference")
        return False


def _in_flask(sender: Any, exception: BaseException, **rest: Any) -> None:
    environ: MutableMapping[str, Any] = sys.modules["flask"].request.environ
    _note(environ.get(KEY), environ, sender, exception)


async def _in_quart(sender: Any, exception: BaseException, **rest: Any) -> None:
    # A coroutine function, as Quart would run a plain one in a thread of its own.
    scope: MutableMapping[str, Any] = sys.modules["quart"].request.scope
    _note(scope.get(KEY), scope, sender, exception)


def _in_django(sender: Any, request: Any = None, **rest: Any) -> None:
    error = sys.exc_info()[1]
    if request is None or error is None:
        return
    if (mark := getattr(request, KEY, None)) is not None:
        _note(mark, request, None, error)
        return
    native = getattr(request, "environ", None) or getattr(request, "scope", {})
    _note(native.get(KEY), native, None, error)


_RECEIVERS: Final[Mapping[str, tuple[str, Callable[..., Any]]]] = {
    "flask": ("flask.signals", _in_flask),
    "quart": ("quart.signals", _in_quart),
    "django": ("django.core.signals", _in_django),
}


def _note(mark: object, native: Any, app: Any, error: BaseException) -> None:
    """Note an exception, unless its request has no mark, or the framework does not answer it."""
    if not isinstance(mark, Mark):
        return
    try:
        if app is None or not frameworks.propagates(app):
            mark.note(native, error)
    except Exception:
        logger.exception("The reference could not be noted on an exception; the visitor's page has one all the same")
