"""What is kept goes out as it would have without us: the same objects, the same calls, whatever servers tolerate."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    HTML,
    TEXT,
    Message,
    Receive,
    Scope,
    Send,
    WSGIServer,
    asgi_whole,
    ask,
    environ_of,
    markup,
    run_asgi,
    scope_of,
    text,
    through_asgi,
    through_wsgi,
    wsgi_list,
)

from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

OWN = b'<!doctype html><body class="shop"><h1>We looked everywhere</h1></body>'
OWN_PAGE = markup(OWN.decode())

# -- WSGI --------------------------------------------------------------------------------------------------------------


def put(app: Any, start_response: Any = None) -> Any:
    return WSGIMiddleware(app)(environ_of(ask()), start_response or WSGIServer().start_response)


@pytest.mark.parametrize("make", [list, tuple])
@pytest.mark.parametrize("pieces", [[OWN], [OWN[:9], OWN[9:]], [b"x" * 9000], [b"x" * 5000] * 3])
def test_the_list_that_the_application_returned_goes_to_the_server(
    pieces: list[bytes], make: Callable[[list[bytes]], Any]
) -> None:
    """Servers count the items of a list: of one item they know the length, of others they send chunks."""
    body = make(pieces)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("404 Not Found", [("Content-Type", HTML)])
        return body  # type: ignore[no-any-return]

    assert put(app) is body


def test_what_was_written_before_a_kept_list_comes_before_it() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("404 Not Found", [("Content-Type", HTML)])
        write(OWN[:9])
        return [OWN[9:20], OWN[20:]]

    server = WSGIServer()
    assert server.run(WSGIMiddleware(app), environ_of(ask())).body == OWN


def test_a_list_of_headers_goes_to_the_server_as_that_list() -> None:
    headers = [("Content-Type", HTML)]

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("404 Not Found", headers)
        return [OWN]

    server = WSGIServer()
    server.run(WSGIMiddleware(app), environ_of(ask()))
    assert server.starts[0][1] is headers


ODD_FIELDS: dict[str, list[Any]] = {
    "pairs that are lists": [["Content-Type", TEXT], ["X-Own", "1"]],
    "a value that is a number": [("Content-Type", TEXT), ("X-Own", 1)],
    "a value that is bytes": [("Content-Type", TEXT), ("X-Own", b"1")],
    "a value that is None": [("Content-Type", TEXT), ("X-Own", None)],
}


@pytest.mark.parametrize("fields", ODD_FIELDS.values(), ids=ODD_FIELDS)
@pytest.mark.parametrize("body", [OWN, b"Not Found"], ids=["kept", "a page"])
def test_fields_that_servers_tolerate_make_no_wsgi_404_a_500(fields: list[Any], body: bytes) -> None:
    given = [*fields[1:], ("Content-Type", HTML)] if body is OWN else fields
    starts: list[Any] = []

    def app(environ: WSGIEnvironment, start_response: Any) -> Iterable[bytes]:
        start_response("404 Not Found", given)
        return [body]

    def start_response(*args: Any) -> Any:
        starts.append(args)
        return print

    middleware = WSGIMiddleware(app)
    for _ in range(2):  # the second time it is remembered
        starts.clear()
        result: Any = list(middleware(environ_of(ask()), start_response))
        [(status, headers)] = starts
        assert status == "404 Not Found"
        if body is OWN:
            assert headers is given and result == [OWN]
        else:
            assert dict(headers)["X-Error-Pages"] == "page"


def test_exc_info_may_be_given_by_keyword() -> None:
    """WebOb does so."""

    def app(environ: WSGIEnvironment, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", TEXT)], exc_info=None)
        return [b"x"]

    def failing(environ: WSGIEnvironment, start_response: Any) -> Iterable[bytes]:
        try:
            raise RuntimeError("boom")
        except RuntimeError:
            start_response("404 Not Found", [("Content-Type", HTML)], exc_info=sys.exc_info())
        return [OWN]

    assert through_wsgi(WSGIMiddleware(app), ask()).status == 200
    assert through_wsgi(WSGIMiddleware(failing), ask()).body == OWN


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
def test_two_arguments_stay_two(status: str) -> None:
    """webtest, and the tests of Pyramid, pass a ``start_response`` that takes no more."""
    seen: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> Any:
        seen.append(status)
        return print

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, [("Content-Type", HTML)])
        return [OWN]

    assert list(put(app, start_response)) == [OWN]
    assert seen == [status]


def test_a_page_for_an_exception_after_a_first_start_tells_the_server_why() -> None:
    """PEP 3333: a second start without exc_info is a fault of the application's."""

    def app(environ: WSGIEnvironment, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", TEXT)])
        try:
            raise RuntimeError("the first")
        except RuntimeError:
            start_response("404 Not Found", [("Content-Type", TEXT)], sys.exc_info())
        raise RuntimeError("the second")

    infos: list[Any] = []
    server = WSGIServer()

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        infos.append(exc_info)
        return server.start_response(status, headers, exc_info)

    body = b"".join(WSGIMiddleware(app)(environ_of(ask()), start_response))
    assert [status for status, _ in server.starts] == ["200 OK", "500 Internal Server Error"]
    assert infos[0] is None and str(infos[1][1]) == "the second"
    assert b"problem with the service" in body


# -- ASGI --------------------------------------------------------------------------------------------------------------


def sent_by(app: Any, scope: Scope | None = None) -> list[Message]:
    sent = run_asgi(ASGIMiddleware(app), scope or scope_of(ask()))
    assert sent.error is None
    return sent.messages


def test_kept_messages_are_the_applications_own() -> None:
    messages: list[Message] = [
        {"type": "http.response.start", "status": 404, "headers": [(b"Content-Type", HTML.encode())], "x": 1},
        {"type": "http.response.body", "body": OWN},
    ]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    assert [id(message) for message in sent_by(app)] == [id(message) for message in messages]


ODD_HEADERS: dict[str, Callable[[], Any]] = {
    "pairs that are lists": lambda: [[b"content-type", HTML.encode()], [b"x-own", b"1"]],
    "bytearrays": lambda: [(bytearray(b"content-type"), bytearray(HTML.encode())), (b"x-own", bytearray(b"1"))],
    "a value that is text": lambda: [(b"content-type", HTML.encode()), (b"x-own", "1")],
    "a value that is a number": lambda: [(b"content-type", HTML.encode()), (b"x-own", 1)],
    "a generator": lambda: (pair for pair in [(b"content-type", HTML.encode()), (b"x-own", b"1")]),
    "a tuple": lambda: ((b"content-type", HTML.encode()), (b"x-own", b"1")),
}


@pytest.mark.parametrize("make", ODD_HEADERS.values(), ids=ODD_HEADERS)
@pytest.mark.parametrize("body", [OWN, b""], ids=["kept", "a page"])
def test_headers_that_servers_tolerate_make_no_asgi_404_a_500(make: Callable[[], Any], body: bytes) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": make()})
        await send({"type": "http.response.body", "body": body})

    middleware = ASGIMiddleware(app)
    for _ in range(2):  # the second time it is remembered
        sent = run_asgi(middleware, scope_of(ask()))
        assert sent.error is None
        start, *rest = sent.messages
        assert start["status"] == 404
        names = [bytes(name) for name, _ in start["headers"]]
        assert names.count(b"x-own") == 1
        assert (b"x-error-pages" in names) == (body is not OWN)
        assert body is not OWN or rest[0]["body"] == OWN


def test_fields_of_the_scope_that_can_be_read_once_reach_the_application_and_the_page() -> None:
    """Falcon's test client sends such."""
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((list(scope["headers"]), list(scope["client"])))
        await asgi_whole(text("Not Found"))(scope, receive, send)

    once = scope_of(ask())
    scope = {**once, "headers": iter(once["headers"]), "client": iter(once["client"])}
    start = sent_by(app, scope)[0]
    assert seen == [(once["headers"], list(once["client"]))]
    assert dict(start["headers"])[b"content-type"] == HTML.encode()


def test_what_the_application_returns_is_returned() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> object:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": scope["status"], "headers": []})
            await send({"type": "http.response.body"})
        return scope["type"]

    async def swallow(message: Message) -> None:
        pass

    async def nothing() -> Message:
        raise AssertionError

    for status in (200, 404):
        scope = {**scope_of(ask()), "status": status}
        assert asyncio.run(ASGIMiddleware(app)(scope, nothing, swallow)) == "http"
    assert asyncio.run(ASGIMiddleware(app)({"type": "lifespan"}, nothing, swallow)) == "lifespan"


# -- both: an inner middleware's wish ----------------------------------------------------------------------------------

WISHES: dict[str, dict[str, Any]] = {
    "exclude": {"exclude": "/things/*"},
    "replace": {"replace": lambda request, head, body: False},
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_what_an_inner_middleware_keeps_the_outer_one_keeps(wish: dict[str, Any]) -> None:
    stock = text("Not Found")
    for _ in range(2):
        wsgi = WSGIMiddleware(WSGIMiddleware(wsgi_list(stock), **wish), site_name="Outer")
        asgi = ASGIMiddleware(ASGIMiddleware(asgi_whole(stock), **wish), site_name="Outer")
        for answer in (through_wsgi(wsgi, ask()), through_asgi(asgi, ask())):
            assert answer.body == stock.body and not answer.is_page


def test_the_keep_field_of_an_application_is_heard_by_every_middleware() -> None:
    kept = text("Not Found", 404, ("X-Error-Pages", "keep"))
    wsgi = WSGIMiddleware(WSGIMiddleware(wsgi_list(kept)))
    asgi = ASGIMiddleware(ASGIMiddleware(asgi_whole(kept)))
    for answer in (through_wsgi(wsgi, ask()), through_asgi(asgi, ask())):
        assert answer.body == kept.body and answer.field("X-Error-Pages") is None


def test_an_exception_on_a_path_that_an_inner_middleware_leaves_alone_is_raised() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        through_wsgi(WSGIMiddleware(WSGIMiddleware(app, exclude="/things/*")), ask())


def test_what_an_inner_middleware_leaves_to_the_table_the_outer_one_may_replace() -> None:
    inner = WSGIMiddleware(wsgi_list(OWN_PAGE))
    assert through_wsgi(WSGIMiddleware(inner, replace="all"), ask()).is_page


def test_one_requests_wish_is_not_the_next_ones() -> None:
    stock = text("Not Found")
    wsgi = WSGIMiddleware(WSGIMiddleware(wsgi_list(stock), exclude="/api/*"))
    answers = [through_wsgi(wsgi, ask(path=path)).is_page for path in ("/", "/api/x", "/", "/api/x", "/")]
    assert answers == [True, False, True, False, True]
