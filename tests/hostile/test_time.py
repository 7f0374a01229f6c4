"""A request field of 64 KB, whatever is in it, costs a whole exchange little, and never more than its length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from tests.drivers import WSGIServer
from tests.hostile.exchanges import (
    Exchange,
    asgi_app,
    environ_of,
    run_asgi_without_loop,
    scope_of,
    wsgi_app,
)
from tests.hostile.values import LONG
from tests.hostile.work import Run, assert_linear

LENGTH = 65_500
RESPONSES = {
    "a page": Exchange(head=(("Content-Type", b"text/plain"),), pieces=(b"Not Found",)),
    "a page with a reference": Exchange(status=503, head=(("Content-Type", b"text/plain"),)),
    "a kept JSON error": Exchange(head=(("Content-Type", b"application/json"),), pieces=(b'{"a":1}',)),
    "problem details": Exchange(
        head=(("Content-Type", b"application/json"),), pieces=(b'{"detail":"No"}',), site="problem"
    ),
    "an own page": Exchange(head=(("Content-Type", b"text/html"),), pieces=(b'<body class="shop">',)),
}
Prepare = Callable[[Exchange], Run]


def wsgi_run(exchange: Exchange) -> Run:
    app, environ = wsgi_app(exchange), environ_of(exchange)
    return lambda: WSGIServer().run(app, environ)


def asgi_run(exchange: Exchange) -> Run:
    app, scope = asgi_app(exchange), scope_of(exchange)
    return lambda: run_asgi_without_loop(app, scope)


numbers = count()


def numbered(value: str, size: int) -> bytes:
    """Make a value different at its beginning and at its end, so that nothing remembered of another is timed."""
    number = next(numbers)
    return f"a/{number}, {value[:size]}, b/{number}".encode("latin-1")


both_adapters = pytest.mark.parametrize("prepare", [wsgi_run, asgi_run], ids=["WSGI", "ASGI"])


@both_adapters
@pytest.mark.parametrize("name", ["Accept", "Accept-Language", "X-Request-ID", "Traceparent", "Cookie"])
def test_64_kb_of_a_request_field_cost_no_more_than_its_length(name: str, prepare: Prepare) -> None:
    for kind, value in LONG.items():
        for what, response in RESPONSES.items():

            def run(size: int, value: str = value, response: Exchange = response) -> Run:
                fields = {"Accept": b"text/html", name: numbered(value, size)}
                return prepare(replace(response, fields=tuple(fields.items())))

            assert_linear(run, LENGTH, f"{kind}, {what}")


@both_adapters
@pytest.mark.parametrize("part", ["path", "root_path", "query"])
def test_64_kb_of_path_cost_no_more_than_their_length(part: str, prepare: Prepare) -> None:
    """A mount of that length appears in the page, and a path is put to every pattern of `exclude`."""
    for kind, value in LONG.items():
        for site in ("default", "empty"):

            def run(size: int, value: str = value, site: str = site) -> Run:
                hostile = b"/" + numbered(value, size)
                exchange = replace(RESPONSES["a page"], fields=(("Accept", b"text/html"),), site=site)
                return prepare(Exchange(**{**exchange.__dict__, part: hostile}))

            assert_linear(run, LENGTH, f"{kind}, {site}")


@both_adapters
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Cache-Control", 404),
        ("Cache-Control", 503),
        ("Content-Language", 404),
        ("Link", 404),
        ("Link", 451),
        ("Retry-After", 503),
        ("Vary", 404),
        ("X-Request-ID", 503),
    ],
)
def test_64_kb_that_the_application_repeats_cost_no_more_than_their_length(
    name: str, status: int, prepare: Prepare
) -> None:
    for kind, value in LONG.items():

        def run(size: int, value: str = value) -> Run:
            head = (*RESPONSES["a page"].head, (name, numbered(value, size)))
            exchange = replace(RESPONSES["a page"], status=status, head=head)
            return prepare(replace(exchange, fields=(("Accept", b"text/html"),)))

        assert_linear(run, LENGTH, kind)


@both_adapters
def test_64_kb_that_a_callable_repeats_cost_no_more_than_their_length(prepare: Prepare) -> None:
    for kind, value in LONG.items():

        def run(size: int, value: str = value) -> Run:
            fields = (("Accept", b"text/html"), ("X-Language", numbered(value, size)), ("X-Request-ID", b"r"))
            return prepare(replace(RESPONSES["a page with a reference"], fields=fields, site="asking"))

        assert_linear(run, LENGTH, kind)
