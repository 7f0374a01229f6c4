"""Django has room for one application in a process: these are its settings, given to each application for a while."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import django
from django.conf import settings
from django.test import override_settings
from tests.drivers import ASGIApp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]


def configure() -> None:
    """Set Django up, unless another test has done so; what differs is in `site`."""
    if not settings.configured:
        settings.configure(SECRET_KEY="not a secret", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)
        django.setup()


def site(urls: str | ModuleType, debug: bool, *, middleware: tuple[str, ...] = (), **more: Any) -> override_settings:
    """Make an application's settings, to be used with ``with``."""
    return override_settings(
        ROOT_URLCONF=urls,
        MIDDLEWARE=[*middleware, "django.middleware.common.CommonMiddleware"],
        ALLOWED_HOSTS=["*"],
        APPEND_SLASH=False,
        DEBUG=debug,
        **more,
    )


def served(app: WSGIApplication, urls: str | ModuleType, debug: bool, **more: Any) -> WSGIApplication:
    """Give a WSGI application its settings while it answers."""

    def with_settings(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with site(urls, debug, **more):
            return app(environ, start_response)

    return with_settings


def served_asynchronously(app: ASGIApp, urls: str | ModuleType, debug: bool, **more: Any) -> ASGIApp:
    """Give an ASGI application its settings while it answers."""

    async def with_settings(scope: Any, receive: Any, send: Any) -> None:
        with site(urls, debug, **more):
            await app(scope, receive, send)

    return with_settings
