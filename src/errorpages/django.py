"""ErrorPagesMiddleware for Django's MIDDLEWARE setting: translates responses for the core, and forwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core import checks
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from . import signals
from .core import Pending, Source, is_private, pages_for, received
from .exceptions import ErrorPagesError, OptionError
from .exchange import Headers, Kept, Page, Request, ResponseHead
from .frameworks import mark_as_kept, was_kept
from .headers import private
from .hooks import UNSET
from .maintenance.gate import Closing, Gate
from .signals import Mark
from .telemetry import Report, log_accident

__all__ = ["ErrorPagesMiddleware"]

_OTHER_DOORS: Final = ("errorpages.wsgi", "errorpages.asgi")

Handler = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class ErrorPagesMiddleware:
    """Replaces Django's bare error responses with pages, under WSGI, ASGI and Django's own test client.

    It belongs at the top of ``MIDDLEWARE``, below those whose fields every response should have. Its options stand in
    the setting ``ERROR_PAGES``. What your own ``404.html`` or ``handler404`` makes is an answer of your application,
    and stays.

    Args:
        get_response: The next handler.

    Raises:
        OptionError: The setting can't be used.

    Example::

        MIDDLEWARE = ["errorpages.django.ErrorPagesMiddleware", …]
        ERROR_PAGES = {"site_name": "Acme"}
        INSTALLED_APPS = […, "errorpages.django"]    # optional: manage.py check looks at ERROR_PAGES
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Handler) -> None:
        self.pages, self.gate = _configured()
        self._is_async = iscoroutinefunction(get_response)
        self.get_response = get_response
        if self.gate is not None:
            # It stands before the next handler, so that who has none pays nothing for it.
            guard = _Guard(self, self.gate, get_response)
            self.get_response = guard.answer_later if self._is_async else guard.answer
        if self._is_async:
            markcoroutinefunction(self)
        self._marks = signals.connect(self.pages, "django")

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        mark = Mark(self, _request)
        if self._marks:
            setattr(request, signals.KEY, mark)
        if self._is_async:
            return self._answer_later(request, mark)
        response = cast(HttpResponseBase, self.get_response(request))
        return self._answered(request, mark, response)

    async def _answer_later(self, request: HttpRequest, mark: Mark) -> HttpResponseBase:
        response = await cast("Awaitable[HttpResponseBase]", self.get_response(request))
        return self._answered(request, mark, response)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an exception that the option ``exceptions`` maps; Django logs and answers all others itself."""
        described = _request(request)
        mark: Mark = getattr(request, signals.KEY, None) or Mark(self, _request)
        caught = mark.resolve(described).catch(described, error, only_mapped=True)
        if caught is None:
            return None
        if caught.is_accident:
            log_accident(described.method, described.path, caught.page.reference, error)
        return _with_page(HttpResponse(status=caught.page.status), caught.page, caught.report)

    def _answered(self, request: HttpRequest, mark: Mark, response: HttpResponseBase) -> HttpResponseBase:
        if self._marks:
            setattr(request, signals.KEY, None)  # what fails outside of here has no page of ours
        if response.status_code < 400:
            return response
        described = _request(request)
        headers: Headers = tuple((str(name), str(value)) for name, value in response.items())
        answered = self._decided(mark, described, headers, response)
        if was_kept(described.native):
            mark_as_kept(_native(request))
        if is_private(self.gate, lambda: described):
            _mark_private(answered)
        return answered

    def _decided(
        self, mark: Mark, described: Request, headers: Headers, response: HttpResponseBase
    ) -> HttpResponseBase:
        outcome: Kept | Page | Pending = mark.resolve(described).consider(
            described,
            ResponseHead(response.status_code, headers),
            reference=UNSET if mark.noted is None else mark.noted.reference,
        )
        if isinstance(outcome, Pending):
            report = outcome.report
            outcome = outcome.settle(_content(response), is_whole=not response.streaming)
            if isinstance(outcome, Page):
                return _with_page(response, outcome, report)
        if outcome.headers is not None:
            _set_headers(response, outcome.headers)
        return response


def _configured() -> tuple[Source, Gate | None]:
    """Read the setting.

    Raises:
        OptionError: It can't be used.
    """
    options = getattr(settings, "ERROR_PAGES", {})
    if not isinstance(options, dict):
        raise OptionError("ERROR_PAGES", options, "a dict of options")
    keywords = dict(options)
    return pages_for(keywords.pop("pages", None), cast("dict[str, object]", keywords))  # type: ignore[arg-type]


@checks.register
def check_settings(**rest: Any) -> list[checks.CheckMessage]:
    """Report what can't work in the settings, for ``manage.py check``; with ``errorpages.django`` in INSTALLED_APPS."""
    classes = [_imported(path) for path in settings.MIDDLEWARE]
    found: list[checks.CheckMessage] = [
        checks.Error(
            f"MIDDLEWARE: {path!r} can't be used; allowed: 'errorpages.django.ErrorPagesMiddleware'",
            hint="That one wraps a whole application, such as what get_wsgi_application() returns.",
            id="errorpages.E002",
        )
        for path, kind in zip(settings.MIDDLEWARE, classes, strict=True)
        if any(base.__module__ in _OTHER_DOORS for base in kind.__mro__)
    ]
    if any(issubclass(kind, ErrorPagesMiddleware) for kind in classes):
        return found + _faults()
    if not found and hasattr(settings, "ERROR_PAGES"):
        hint = "Add 'errorpages.django.ErrorPagesMiddleware' to MIDDLEWARE, at the top."
        found.append(checks.Warning("ERROR_PAGES is set, and nothing reads it.", hint=hint, id="errorpages.W001"))
    return found


def _faults() -> list[checks.CheckMessage]:
    try:
        _configured()
    except OptionError as error:
        where = "" if error.option == "ERROR_PAGES" else "ERROR_PAGES: "
        return [checks.Error(f"{where}{error}", id="errorpages.E001")]
    except ErrorPagesError as error:
        return [checks.Error(f"ERROR_PAGES: {error}", id="errorpages.E001")]
    return []


def _imported(path: str) -> type:
    """Import a middleware; what is no class, or can't be imported, is reported by Django when it is used."""
    try:
        found = import_string(path)
    except ImportError:
        return object
    return found if isinstance(found, type) else object


class _Guard:
    """Stands before the next handler, and receives the visitors of a site that is closed for maintenance."""

    def __init__(self, middleware: ErrorPagesMiddleware, gate: Gate, get_response: Handler) -> None:
        self._middleware = middleware
        self._gate = gate
        self._get_response = get_response

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        closing = self._closing(request)
        if closing is None:
            return cast(HttpResponseBase, self._get_response(request))
        page, for_one = self._receive(closing, request)
        if page is not None:
            return page
        response = cast(HttpResponseBase, self._get_response(request))
        return _marked(response) if for_one else response

    async def answer_later(self, request: HttpRequest) -> HttpResponseBase:
        closing = self._closing(request)
        if closing is None:
            return await cast("Awaitable[HttpResponseBase]", self._get_response(request))
        page, for_one = self._receive(closing, request)
        if page is not None:
            return page
        response = await cast("Awaitable[HttpResponseBase]", self._get_response(request))
        return _marked(response) if for_one else response

    def _closing(self, request: HttpRequest) -> Closing | None:
        state = self._gate.state()
        return self._gate.closing(state, request.META.get("QUERY_STRING", "")) if state.on else None

    def _receive(self, closing: Closing, request: HttpRequest) -> tuple[HttpResponse | None, bool]:
        """Make the response to send instead of the application's, and tell whether the latter is private."""
        is_https = request.is_secure()
        reception = received(self._gate, self._middleware.pages, closing, _request(request), is_https=is_https)
        if reception.page is None:
            return None, reception.is_private
        response = HttpResponse(reception.page.body, status=reception.page.status)
        _set_headers(response, tuple(field for field in reception.page.headers if field[0] != "Set-Cookie"))
        for name, value in reception.page.headers:
            if name == "Set-Cookie":
                response.cookies.load(value)  # where Django, and its test client, keep them
        _tell(reception.report, response)
        return response, False


def _marked(response: HttpResponseBase) -> HttpResponseBase:
    """Mark a success as being for one visitor alone; an error is marked once it is decided what goes out."""
    if response.status_code < 400:
        _mark_private(response)
    return response


def _mark_private(response: HttpResponseBase) -> None:
    _set_headers(response, private((str(name), str(value)) for name, value in response.items()))


def _content(response: HttpResponseBase) -> bytes:
    return response.content if isinstance(response, HttpResponse) else b""


def _with_page(response: HttpResponseBase, page: Page, report: Report | None) -> HttpResponse:
    """Put a page in the place of a response's content; its cookies, and what it has to close, stay with it."""
    if not isinstance(response, HttpResponse):
        streamed, response = response, HttpResponse(status=page.status)
        response.cookies = streamed.cookies
        response._resource_closers.extend(streamed._resource_closers)  # type: ignore[attr-defined]
    response.content = page.body
    _set_headers(response, page.headers)
    _tell(report, response)
    return response


def _tell(report: Report | None, response: HttpResponse) -> None:
    """Let a report hear of the page that is sent, and of its end: a server that has sent it closes it."""
    if report is not None:
        report.page_started()
        response._resource_closers.append(report.page_handed_over)  # type: ignore[attr-defined]


def _set_headers(response: HttpResponseBase, headers: Headers) -> None:
    for name in [name for name, _ in response.items()]:
        del response[name]
    for name, value in headers:
        response[name] = value


def _native(request: HttpRequest) -> dict[str, Any]:
    """Find the environ or scope that Django was handed."""
    native: dict[str, Any] = getattr(request, "environ", None) or getattr(request, "scope", {})
    return native


def _request(request: HttpRequest) -> Request:
    match = request.resolver_match
    return Request(
        method=request.method or "GET",
        path=request.path_info,
        root_path=request.path.removesuffix(request.path_info).rstrip("/"),
        query=request.META.get("QUERY_STRING", ""),
        headers=tuple((str(name), str(value)) for name, value in request.headers.items()),
        client=request.META.get("REMOTE_ADDR") or None,
        native={**_native(request), "django.route": match.route if match is not None else None},
    )
