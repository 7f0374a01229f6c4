"""ASGI applications of every manner, to be put behind the middleware."""

from __future__ import annotations

from typing import Any

from tests.drivers import (
    ASGIApp,
    Message,
    Receive,
    Scope,
    Send,
    Sent,
    ask,
    markup,
    run_asgi,
    scope_of,
    text,
)

from errorpages import Request
from errorpages.asgi import ErrorPagesMiddleware

NOT_FOUND = text("Not Found")
OWN_PAGE = markup('<body class="shop"><h1>Lost</h1></body>')


def raising(error: BaseException, *messages: Message) -> ASGIApp:
    """Make an application that sends these messages, then raises."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        raise error

    return app


def run(app: ASGIApp, request: Request | None = None, **options: Any) -> Sent:
    return run_asgi(ErrorPagesMiddleware(app, **options), scope_of(request or ask()))


def notes_of(error: BaseException | None) -> list[str]:
    return list(getattr(error, "__notes__", []))
