"""The site of `django_wsgi`, with error pages in Django's own idiom: in ``MIDDLEWARE``."""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from tests.frameworks import django_settings
from tests.frameworks.apps.django_wsgi import MADE, urlpatterns

from errorpages.django import ErrorPagesMiddleware

__all__ = ["MADE", "ErrorPagesMiddleware", "urlpatterns"]

NAME = "Django's MIDDLEWARE (WSGI)"
PROTOCOL = "wsgi"
DISTRIBUTIONS = ("Django",)
EXPECTED: dict[str, str] = {}


def make(*, debug: bool = False, **options: Any) -> Any:
    django_settings.configure()
    more: Any = {"middleware": (f"{__name__}.ErrorPagesMiddleware",), "ERROR_PAGES": options}
    with django_settings.site(__name__, debug, **more):
        app: Any = WSGIHandler()
    return django_settings.served(app, __name__, debug, **more)
