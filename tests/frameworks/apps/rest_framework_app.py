"""An application in Django REST framework, under WSGI.

It answers with JSON alone, as sites in production do; ``browsable=True`` adds the browsable API that REST framework
comes with.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, StreamingHttpResponse
from django.urls import path
from django.views.decorators.http import require_POST
from tests.frameworks import django_settings
from tests.frameworks.shop import BUSY, FORM_PAGE, STYLED_PAGE

from errorpages.wsgi import ErrorPagesMiddleware

NAME = "Django REST framework"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("djangorestframework", "Django")
EXPECTED: dict[str, str] = {}
MADE: list[int] = []

APPS = ["django.contrib.staticfiles", "rest_framework"]
SETTINGS: dict[str, Any] = {
    "INSTALLED_APPS": APPS,
    "TEMPLATES": django_settings.TEMPLATES,
    "STATIC_URL": "/static/",
    "REST_FRAMEWORK": {
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
}
JSON_ONLY = ["rest_framework.renderers.JSONRenderer"]
WITH_BROWSABLE = [*JSON_ONLY, "rest_framework.renderers.BrowsableAPIRenderer"]


@require_POST
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(FORM_PAGE, status=422)


def styled(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound(STYLED_PAGE)


def chunks() -> Iterator[bytes]:
    for number in range(3):
        MADE.append(number)
        yield b"chunk %d\n" % number


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(chunks(), content_type="text/plain")


@cache
def urls(*renderers: str) -> ModuleType:
    """Write the views down; REST framework reads its settings while they are."""
    from django.utils.module_loading import import_string
    from rest_framework.exceptions import NotFound
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.views import APIView

    class View(APIView):  # type: ignore[misc]
        authentication_classes: list[Any] = []
        permission_classes: list[Any] = []
        renderer_classes = [import_string(renderer) for renderer in renderers]

    class Home(View):
        def get(self, request: Request) -> Any:
            return Response("ok")

    class Invoice(View):
        def get(self, request: Request) -> Any:
            return Response({"invoice": 1})

    class Message(View):
        def get(self, request: Request) -> Any:
            raise NotFound("No such <invoice>")

    class Crash(View):
        def get(self, request: Request) -> Any:
            raise RuntimeError("password=hunter2")

    class Api(View):
        def get(self, request: Request) -> Any:
            raise NotFound("No such invoice")

    class Busy(View):
        def get(self, request: Request) -> Any:
            return Response({"detail": "Busy"}, 503, headers=BUSY)

    module = ModuleType("rest_framework_urls")
    vars(module)["urlpatterns"] = [
        path("", Home.as_view()),
        *(path(kind.__name__.lower(), kind.as_view()) for kind in (Invoice, Message, Crash, Api, Busy)),
        path("form", form),
        path("styled", styled),
        path("stream", stream),
    ]
    return module


def make(*, debug: bool = False, browsable: bool = False, **options: Any) -> Any:
    django_settings.configure()
    with django_settings.site(__name__, debug, **SETTINGS):
        routes = urls(*(WITH_BROWSABLE if browsable else JSON_ONLY))
        app = WSGIHandler()
    return django_settings.served(ErrorPagesMiddleware(app, **options), routes, debug, **SETTINGS)
