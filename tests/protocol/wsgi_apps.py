"""WSGI applications of every manner, to be put behind the middleware."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    Answer,
    Response,
    ask,
    markup,
    other_lines,
    status_line,
    text,
    through_wsgi,
)

from errorpages import Request
from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NOT_FOUND = text("Not Found")
OWN_PAGE = markup('<body class="shop"><h1>Lost</h1></body>')
SUCCESS = text("ok", 200)


class Body:
    """An iterable that counts how often it is closed, and may raise on the way."""

    def __init__(self, *items: bytes | BaseException) -> None:
        self.items = items
        self.closed = 0
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for item in self.items:
            self.taken += 1
            if isinstance(item, BaseException):
                raise item
            yield item

    def close(self) -> None:
        self.closed += 1


def answering(response: Response, body: Iterable[bytes] | None = None) -> WSGIApplication:
    """Make an application that returns this very body."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status_line(response.status), list(response.headers))
        return [response.body] if body is None else body

    return app


def raising(error: BaseException) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise error

    return app


def raising_late(error: BaseException, response: Response | None = None, *items: bytes) -> WSGIApplication:
    """Make a generator that raises when it is iterated: after it started a response and yielded items, if given."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        if response is not None:
            start_response(status_line(response.status), list(response.headers))
        yield from items
        raise error

    return app


def run(app: WSGIApplication, request: Request | None = None, **options: Any) -> Answer:
    return through_wsgi(ErrorPagesMiddleware(app, **options), request or ask())


def logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return other_lines(caplog.records)
