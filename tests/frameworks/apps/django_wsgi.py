"""An application in Django under WSGI; its handler is wrapped from outside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils.html import escape
from django.views.decorators.http import require_POST, require_safe
from tests.frameworks import django_settings
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.wsgi import ErrorPagesMiddleware

NAME = "Django (WSGI)"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("Django",)
EXPECTED: dict[str, str] = {}
MADE: list[int] = []


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def invoice(request: HttpRequest) -> HttpResponse:
    return HttpResponse("an invoice")


def message(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound(escape("No such <invoice>"))  # the words of an Http404 are dropped


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("password=hunter2")


@require_POST
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(FORM_PAGE, status=422)


def styled(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound(STYLED_PAGE)


def api(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"detail": "No such invoice"}, status=404)


def busy(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=503, headers=BUSY)


def chunks() -> Iterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(chunks(), content_type="text/plain")


urlpatterns = [
    path("", home),
    path("invoice", invoice),
    path("message", message),
    path("crash", crash),
    path("form", form),
    path("styled", styled),
    path("api", api),
    path("busy", busy),
    path("stream", stream),
]


def make(*, debug: bool = False, **options: Any) -> Any:
    django_settings.configure()
    with django_settings.site(__name__, debug):
        app = WSGIHandler()
    return django_settings.served(ErrorPagesMiddleware(app, **options), __name__, debug)
