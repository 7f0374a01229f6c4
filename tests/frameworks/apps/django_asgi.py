"""An application in Django under ASGI; its handler is wrapped from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.utils.html import escape
from django.views.decorators.http import require_GET, require_POST
from tests.frameworks import django_settings
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.asgi import ErrorPagesMiddleware

NAME = "Django (ASGI)"
PROTOCOL = "asgi"
DISTRIBUTIONS = ("Django",)
EXPECTED: dict[str, str] = {}
MADE: list[int] = []


async def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_GET
async def invoice(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"invoice": 1})


async def message(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound(escape("No such <invoice>"))  # the words of an Http404 are dropped


async def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("password=hunter2")


@require_POST
async def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(FORM_PAGE, status=422)


async def styled(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound(STYLED_PAGE)


async def api(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"detail": "No such invoice"}, status=404)


async def busy(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=503, headers=BUSY)


async def chunks() -> AsyncIterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number
        await asyncio.sleep(0)


async def stream(request: HttpRequest) -> StreamingHttpResponse:
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
        handler: Any = ASGIHandler()
    return django_settings.served_asynchronously(ErrorPagesMiddleware(handler, **options), __name__, debug)
