"""What operators see of each page: a log line, an event for the hook, and OpenTelemetry as such a hook.

A `Report` follows an error response from its head, while the application's context is alive, to the page that took
its place. Where nobody listens there is none, and nothing is paid but the question.
"""

from __future__ import annotations

import importlib.metadata
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from . import frameworks
from .exceptions import MissingExtraError
from .exchange import Cause, Page, PageEvent
from .hooks import guarded
from .log import LONGEST_METHOD, LONGEST_PATH, harmless, logger
from .worker import WORKER

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span

__all__ = ["OpenTelemetry", "Report", "Telemetry", "flush", "log_accident", "note_reference"]

_METHODS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_NOTE: Final = "errorpages: the visitor's page"
_SCHEMA: Final = "https://opentelemetry.io/schemas/1.23.0"  # the first with stable names for HTTP


def flush(timeout: float = 2.0) -> bool:
    """Wait until ``on_page`` was told of every page that was handed over before; for tests and shutdowns.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether nothing is left to tell.
    """
    return WORKER.flush(timeout)


class Telemetry:
    """Tells the log, and the hook if there is one, of each page.

    Args:
        on_page: The hook. Where it has a method ``in_context``, that is called for each response that may be replaced,
            while the application's context is alive; what it returns, unless None, is called with the event between
            the page's head and its body.
    """

    def __init__(self, on_page: Callable[[PageEvent], object] | None) -> None:
        self._on_page = on_page
        self._in_context: Callable[[], object] | None = getattr(on_page, "in_context", None)

    def listens(self, status: int) -> bool:
        """Tell whether anybody wants to know of a page with this status code."""
        return self._on_page is not None or logger.isEnabledFor(_level(status))

    def report(self, method: str, path: str, native: Mapping[str, Any]) -> Report:
        """Begin to report on an error response, while the application's context is alive.

        Args:
            method: The request method.
            path: The path below the mount.
            native: The WSGI environ or ASGI scope.
        """
        watch = None if self._in_context is None else guarded("on_page", self._in_context)
        route = guarded("route", frameworks.route, native)
        # Cut, since reports may wait for a slow hook: what a client writes in any length must not wait with them.
        return Report(self, method[:LONGEST_METHOD], path[:LONGEST_PATH], route, watch if callable(watch) else None)

    def tell(self, event: PageEvent) -> None:
        """Tell of a page that was handed over."""
        if self._on_page is not None:
            WORKER.put(self._on_page, event)
        _log(event)


class Report:
    """What is reported of one error response, if a page takes its place.

    Its clock runs while errorpages is at work, and is paused while the application is.

    Args:
        telemetry: Who is told.
        method: The request method.
        path: The path below the mount.
        route: The matched route's pattern, where the framework tells.
        watch: Called with the event once the page's head was handed over.
    """

    __slots__ = ("_event", "_method", "_path", "_route", "_since", "_spent", "_telemetry", "_watch")

    def __init__(
        self,
        telemetry: Telemetry,
        method: str,
        path: str,
        route: str | None,
        watch: Callable[[PageEvent], object] | None = None,
    ) -> None:
        self._telemetry = telemetry
        self._method = method
        self._path = path
        self._route = route
        self._watch = watch
        self._event: PageEvent | None = None
        self._spent = 0.0
        self._since = time.perf_counter()

    def pause(self) -> None:
        """Stop the clock."""
        self._spent += time.perf_counter() - self._since

    def resume(self) -> None:
        """Start the clock again."""
        self._since = time.perf_counter()

    def page_made(self, page: Page, cause: Cause = "response", error: BaseException | None = None) -> None:
        """Note the page that will take the response's place.

        Args:
            page: The page.
            cause: What led to it.
            error: The exception that led to it, if one did.
        """
        self.pause()
        self._event = PageEvent(
            status=page.status,
            cause=cause,
            method=self._method,
            path=self._path,
            route=self._route,
            format=page.format,
            language=page.language,
            reference=page.reference,
            exception=error,
            duration=self._spent,
        )

    def page_started(self) -> None:
        """Let the hook mark what it found in the context, now that the page's head was handed over.

        Not before, since instrumentations then overwrite the marks; not later, since they end spans with the body.
        """
        if self._watch is not None and self._event is not None:
            guarded("on_page", self._watch, self._event)

    def page_handed_over(self) -> None:
        """Tell of the page, once; where none was made there is nothing to tell."""
        event, self._event = self._event, None
        if event is not None:
            guarded("on_page", self._telemetry.tell, event)


def _level(status: int) -> int:
    # Never ERROR: error trackers would make a second event of what they have seen already.
    return logging.WARNING if 500 <= status < 600 else logging.INFO


def _log(event: PageEvent) -> None:
    """Write the log line of a page, in which a client's characters can't end the line or look like another."""
    level = _level(event.status)
    if not logger.isEnabledFor(level):
        return
    method, path = _harmless_method(event.method), harmless(event.path)
    extra = {
        # In one field, since the site's own record factory may have set any other name.
        "errorpages": {
            "status": event.status,
            "cause": event.cause,
            "method": method,
            "path": path,
            "route": event.route,
            "format": event.format,
            "language": event.language,
            "reference": event.reference,
            "duration": event.duration,
        }
    }
    what = (method, path, event.status, event.cause, event.format, event.language)
    if event.reference is None:
        logger.log(level, "%s %s: a page for %d was served (%s, %s, %s)", *what, extra=extra)
    else:
        message = "%s %s: a page for %d was served (%s, %s, %s), with the reference %s"
        logger.log(level, message, *what, event.reference, extra=extra)


def log_accident(method: str, path: str, reference: str | None, error: BaseException) -> None:
    """Write the log line of an accident that ends here, with its traceback.

    Args:
        method: The request method, as the client wrote it.
        path: The path below the mount, as the client wrote it.
        reference: What the visitor's page shows to quote, if it does.
        error: The exception.
    """
    where = (_harmless_method(method), harmless(path))
    if reference is None:
        logger.error("%s %s failed; the page has no reference", *where, exc_info=error)
    else:
        logger.error("%s %s failed; the page has the reference %s", *where, reference, exc_info=error)


def note_reference(error: BaseException, reference: str | None, *, is_certain: bool = True) -> None:
    """Note on an exception (PEP 678) what the visitor's page shows to quote.

    An earlier note of ours gives way: the same exception object may be raised for one visitor after the other.

    Args:
        error: The exception.
        reference: What the page shows; None only takes an earlier note off.
        is_certain: Whether the page is ours; otherwise the application may yet answer with its own.
    """
    with suppress(Exception):  # what an exception makes of its notes is its own affair; the page's line says the same
        noted: object = getattr(error, "__notes__", None)
        if noted is None and reference is None:
            return
        if not isinstance(noted, list | tuple | None):
            return
        notes = [note for note in noted or () if not (isinstance(note, str) and note.startswith(_NOTE))]
        if reference is not None:
            notes.append(f"{_NOTE}{'' if is_certain else ', unless it is your own,'} has the reference {reference}")
        # Past an own __setattr__, such as that of a frozen dataclass.
        object.__setattr__(error, "__notes__", notes)


def _harmless_method(method: str) -> str:
    return method if method in _METHODS else harmless(method, LONGEST_METHOD)


class OpenTelemetry:
    """A hook that counts pages, and marks the request's span: ``on_page=OpenTelemetry()``.

    The counter is ``errorpages.pages``, by status code, cause, method and route. The span that is current when the
    application answers gets the attributes ``errorpages.cause`` and ``errorpages.reference``. Where an accident led to
    a 5xx it gets the status Error too, which instrumentations can't give it: here the exception ends, or comes after
    the span's end.

    Args:
        meter_provider: Where the counter comes from; by default the one that is set for the process.

    Raises:
        MissingExtraError: The extra ``otel`` is not installed.
    """

    def __init__(self, meter_provider: MeterProvider | None = None) -> None:
        try:
            from opentelemetry import metrics
        except ImportError as error:
            raise MissingExtraError("errorpages.telemetry.OpenTelemetry", "otel") from error
        version = importlib.metadata.version("errorpages")
        meter = metrics.get_meter("errorpages", version, meter_provider, _SCHEMA)
        self._pages = meter.create_counter("errorpages.pages", "{page}", "Error pages that were served.")

    def __call__(self, event: PageEvent) -> None:
        """Count a page.

        Args:
            event: What is known of it.
        """
        attributes: dict[str, str | int] = {
            "http.response.status_code": event.status,
            "http.request.method": event.method if event.method in _METHODS else "_OTHER",
            "errorpages.cause": event.cause,
        }
        if event.route is not None:
            attributes["http.route"] = event.route
        if event.status >= 500 and event.cause != "maintenance":  # a planned 503 is no error
            attributes["error.type"] = _error_type(event)
        self._pages.add(1, attributes)

    def in_context(self) -> Callable[[PageEvent], None] | None:
        """Find the span that is current, to be marked once the page is on its way."""
        from opentelemetry import trace

        span = trace.get_current_span()
        return partial(_mark, span) if span.is_recording() else None


def _mark(span: Span, event: PageEvent) -> None:
    from opentelemetry.trace import Status, StatusCode

    if not span.is_recording():  # it ended with the application's call, as FlaskInstrumentor's does
        return
    span.set_attribute("errorpages.cause", event.cause)
    if event.reference is not None:
        span.set_attribute("errorpages.reference", event.reference)
    error = event.exception
    if error is None or event.status < 500 or frameworks.http_exception(error) is not None:
        return
    # Semantic conventions for HTTP spans: an error of the server's, and a description only where the code says too
    # little.
    span.set_attribute("error.type", _error_type(event))
    span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"[:LONGEST_PATH]))


def _error_type(event: PageEvent) -> str:
    """Name what went wrong as the attribute ``error.type`` wants it: the exception's class, else the status code."""
    if event.exception is None:
        return str(event.status)
    kind = type(event.exception)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
