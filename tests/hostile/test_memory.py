"""No number of different clients, however hostile, makes memory grow without bound."""

from __future__ import annotations

import gc
import logging
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests import bodies
from tests.drivers import Message, Receive, Scope, Send, WSGIServer
from tests.hostile.exchanges import Exchange, environ_of, run_asgi_without_loop, scope_of

from errorpages import ErrorPages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FEW, MANY = 2_000, 20_000
ROOM = 2_000
"""Blocks by which many exchanges may end above a few: what caches that were not full yet keep, and the interpreter."""


@pytest.fixture(autouse=True)
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drop the lines of the pages once they are made: pytest would keep every one of them."""
    monkeypatch.setattr(logging.getLogger("errorpages"), "filters", [lambda record: False])


def hostile(number: int) -> Exchange:
    """Make an exchange that shares as little as possible with any other, in every part that could be remembered."""
    mark = f"{number}-{number * 7919 % 104_729}"
    kind = number % 4
    status = (404, 404, 503, 410)[kind]
    type = (b"text/html", b"text/plain", b"application/json", b"text/plain")[kind]
    body = (bodies.werkzeug(404, f"No {mark} <b>"), f"No such {mark}", f'{{"detail":"{mark}"}}', "")[kind].encode()
    return Exchange(
        path=f"/{mark}".encode() * 20,
        root_path=f"/m{mark}".encode(),
        fields=(
            ("Accept", f"text/html, a/{mark}".encode()),
            ("Accept-Language", f"x-{mark}, de".encode()),
            ("X-Request-ID", f"req-{mark}".encode()),
            ("Sec-Fetch-Dest", mark.encode()),
            (f"X-{mark}", mark.encode()),
        ),
        status=status,
        head=(
            ("Content-Type", type + f"; x={mark}".encode()),
            ("X-Own", mark.encode()),
            (f"X-Own-{mark}", b"1"),
            ("Content-Language", f"x-{mark}".encode()),
            ("Content-Security-Policy", f"img-src {mark}".encode()),
        ),
        pieces=(body,),
    )


def wsgi_exchanges(pages: ErrorPages) -> Callable[[Exchange], object]:
    current: list[Exchange] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        exchange = current.pop()
        start_response(f"{exchange.status} X", [(name, value.decode()) for name, value in exchange.head])
        return exchange.pieces

    middleware = WSGIMiddleware(app, pages=pages)

    def run(exchange: Exchange) -> object:
        current.append(exchange)
        return WSGIServer().run(middleware, environ_of(exchange))

    return run


def asgi_exchanges(pages: ErrorPages) -> Callable[[Exchange], object]:
    current: list[Exchange] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        exchange = current.pop()
        headers = [(name.lower().encode(), value) for name, value in exchange.head]
        start: Message = {"type": "http.response.start", "status": exchange.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": exchange.body})

    middleware = ASGIMiddleware(app, pages=pages)

    def run(exchange: Exchange) -> object:
        current.append(exchange)
        return run_asgi_without_loop(middleware, scope_of(exchange))

    return run


def test_many_hostile_exchanges_cost_no_more_memory_than_a_few() -> None:
    """Half of them through each adapter; both use the same pages.

    Blocks are counted, of whatever size, since tracing every one of them takes six times as long: whatever is kept of
    an exchange takes at least one, and every exchange is different.
    """
    pages = ErrorPages(show_message="4xx 5xx")
    adapters = (wsgi_exchanges(pages), asgi_exchanges(pages))
    blocks: list[int] = []
    for number in range(MANY):
        adapters[number // 4 % 2](hostile(number))
        if number + 1 in (FEW, MANY):
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    few, many = blocks
    assert many <= few + ROOM, f"{few:,} blocks after {FEW:,} exchanges, {many:,} after {MANY:,}"


@pytest.mark.parametrize("adapter", [wsgi_exchanges, asgi_exchanges], ids=["WSGI", "ASGI"])
def test_what_is_remembered_of_long_exchanges_is_small(adapter: Callable[[ErrorPages], Any]) -> None:
    """Bounded in number is not enough, where each could be 64 KB."""
    run = adapter(ErrorPages(show_message="4xx 5xx"))
    gc.collect()
    tracemalloc.start()
    for number in range(300):
        exchange = hostile(number)
        long = tuple((name, value + b"," + bytes([97 + number % 26]) * 60_000) for name, value in exchange.fields)
        run(replace(exchange, path=exchange.path * 500, fields=long))
    gc.collect()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 6_000_000, f"{kept:,} bytes after 300 exchanges of 300 KB each"
