"""No number of different clients, however hostile, makes memory grow without bound; it is measured in bytes.

Every request is new in each part that its kind is about: names, values, bodies and exceptions are made anew for each,
as a server makes them. What is kept after the last one may be 4 MB more than after the first thousand.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import resource
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests import bodies
from tests.drivers import Message, Receive, Scope, Send, WSGIServer
from tests.hostile.exchanges import Exchange, environ_of, run_asgi_without_loop, scope_of
from werkzeug.exceptions import NotFound

from errorpages import ErrorPages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.telemetry import flush
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROOM = 4_000_000
"""Bytes that the requests after the warm-up may leave behind."""

PAGE_SIZE = resource.getpagesize()

HTML, TEXT, JSON = (
    ("Content-Type", type) for type in (b"text/html; charset=utf-8", b"text/plain", b"application/json")
)
BROWSER = ("Accept", b"text/html,application/xhtml+xml,*/*;q=0.8")
FASTAPI_422 = b'{"detail":[{"type":"missing","loc":["query","q"],"msg":"Field required","input":"%s"}]}'


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drop the lines of the pages once they are made: pytest would keep every one of them."""
    monkeypatch.setattr(logging.getLogger("errorpages"), "filters", [lambda record: False])


def _stock(**parts: Any) -> Exchange:
    return Exchange(**{"fields": (BROWSER,), "head": (TEXT,), "pieces": (b"Not Found",), **parts})


KINDS: dict[str, Callable[[bytes], Exchange]] = {
    "names of the request's fields": lambda mark: _stock(
        fields=(BROWSER, *((f"X-{mark.decode()}-{index}" * 20, mark) for index in range(10)))
    ),
    "names and values of the response's fields": lambda mark: _stock(
        head=(TEXT, *((f"X-{mark.decode()}-{index}", mark * 10) for index in range(10)))
    ),
    "session cookies and request ids of the response": lambda mark: _stock(
        head=(TEXT, ("Set-Cookie", b"session=" + mark * 12), ("X-Request-ID", mark))
    ),
    "methods": lambda mark: _stock(method=mark.decode() * 100),
    "Accepts": lambda mark: _stock(fields=(("Accept", (b"text/html, a/" + mark + b", b/") * 40 + mark),)),
    "short Accepts": lambda mark: _stock(fields=(("Accept", b"text/html, a/" + mark),)),
    "languages": lambda mark: _stock(
        fields=(BROWSER, ("Accept-Language", b"x-" + mark + b", de" * 200)), head=(TEXT, ("Content-Language", mark * 9))
    ),
    "codings and destinations": lambda mark: _stock(
        fields=(BROWSER, ("Accept-Encoding", mark * 90), ("Sec-Fetch-Dest", mark * 90), ("Turbo-Frame", mark * 90))
    ),
    "messages in HTML": lambda mark: _stock(
        head=(HTML,), pieces=(bodies.werkzeug(404, f"No {mark.decode()} " * 40).encode(),)
    ),
    "messages in text": lambda mark: _stock(
        fields=(("Accept", b"text/plain"),), head=(HTML,), pieces=(bodies.werkzeug(404, mark.decode() * 40).encode(),)
    ),
    "bodies that are parsed": lambda mark: _stock(
        status=422, head=(JSON,), pieces=(FASTAPI_422 % (mark * 250),)
    ),
    "bodies that are kept": lambda mark: _stock(fields=(("Accept", b"*/*"),), pieces=(mark * 60,)),
    "echoed request ids": lambda mark: _stock(
        status=503, fields=(BROWSER, ("X-Request-ID", mark)), head=(TEXT, ("X-Request-ID", mark)), pieces=(b"",)
    ),
    "paths and mounts": lambda mark: _stock(
        path=b"/" + mark * 100, root_path=b"/m" + mark * 20, status=500, pieces=(b"",)
    ),
    "policies": lambda mark: _stock(head=(TEXT, ("Content-Security-Policy", b"img-src " + mark), ("Vary", mark))),
    "exceptions": lambda mark: _stock(error="404", pieces=(mark * 100,)),
}  # fmt: skip


class _Application:
    """Answers the exchange that is current, through both adapters of the same pages."""

    def __init__(self, **options: Any) -> None:
        pages = ErrorPages(show_message=("4xx", "5xx"), api_errors="problem", **options)
        self._current = Exchange()
        self._wsgi = WSGIMiddleware(self._answer, pages=pages)
        self._asgi = ASGIMiddleware(self._send, pages=pages)

    def run(self, exchange: Exchange) -> None:
        self._current = exchange
        WSGIServer().run(self._wsgi, environ_of(exchange))
        run_asgi_without_loop(self._asgi, scope_of(exchange))

    def _fail(self) -> None:
        if self._current.error:
            raise NotFound(self._current.body.decode())

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._fail()
        start_response(f"{self._current.status} X", [(name, value.decode()) for name, value in self._current.head])
        return list(self._current.pieces)

    async def _send(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._fail()
        headers = [(name.lower().encode(), bytes(value)) for name, value in self._current.head]
        start: Message = {"type": "http.response.start", "status": self._current.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": self._current.body})


def marks() -> Iterator[bytes]:
    """Make marks that share as little as possible with each other."""
    return (b"%x-%x" % (number, number * 7919 % 104_729) for number in count(1))


def growth(
    make: Callable[[bytes], Exchange], warm_up: int, requests: int, measured: Callable[[], int], **options: Any
) -> int:
    """Count the bytes that requests leave behind once some came before them."""
    application = _Application(**options)
    numbers = marks()
    before = 0
    for number in range(warm_up + requests):
        if number == warm_up:
            gc.collect()
            before = measured()
        application.run(make(next(numbers)))
    gc.collect()
    return measured() - before


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Count what Python has allocated, exactly, which takes several times as long."""
    gc.collect()
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()


def resident() -> int:
    """Count the bytes that this process has in the memory of the machine."""
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_SIZE


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_requests_leave_little_behind(kind: str, traced: Callable[[], int]) -> None:
    left = growth(KINDS[kind], 20, 150, traced)
    assert left <= ROOM, f"{left:,} bytes"


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", KINDS)
def test_thirty_thousand_hostile_requests_leave_no_more_behind(kind: str) -> None:
    """Half of them through each adapter; both have the same pages."""
    left = growth(KINDS[kind], 500, 15_000, resident)
    assert left <= ROOM, f"{left:,} bytes"


def test_paths_that_wait_for_a_slow_hook_are_short(traced: Callable[[], int]) -> None:
    """A thousand events of 250 kB each were 257 MB."""
    is_over = threading.Event()
    try:
        long = _stock(method="GET")
        left = growth(
            lambda mark: replace(long, path=b"/" + mark * 10_000),
            10,
            500,
            traced,
            on_page=lambda event: is_over.wait(60),
        )
    finally:
        is_over.set()
    assert flush(60)
    assert left <= ROOM, f"{left:,} bytes"
