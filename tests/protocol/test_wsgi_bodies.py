"""What becomes of the application's iterable: when it is taken, what it raises, and that it is closed (PEP 3333)."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

import pytest
from tests.drivers import (
    HTML,
    TEXT,
    Response,
    WSGIServer,
    ask,
    checked,
    data,
    environ_of,
    markup,
    respond,
    through_wsgi,
)
from tests.protocol.wsgi_apps import NOT_FOUND, OWN_PAGE, SUCCESS, Body, answering, logged, raising_late, run

from errorpages import Request
from errorpages.core import LOOK_LIMIT
from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "206 Partial", "302 Found", "304 Not Modified"])
def test_a_success_returns_the_very_same_iterable(status: str) -> None:
    body = Body(b"a", b"b")
    server = WSGIServer()
    headers = [("Content-Type", TEXT)]

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, headers)
        return body

    assert ErrorPagesMiddleware(app)(environ_of(ask()), server.start_response) is body
    assert server.starts == [(status, headers)] and server.starts[0][1] is headers
    assert body.taken == 0 and body.closed == 0


@pytest.mark.parametrize("response", [respond(404, b"\x89PNG", "image/png"), data('{"a":1}')], ids=["image", "JSON"])
def test_a_response_that_its_head_settles_returns_the_very_same_iterable(response: Response) -> None:
    body = Body(response.body)
    app = ErrorPagesMiddleware(answering(response, body))
    assert app(environ_of(ask("*/*")), WSGIServer().start_response) is body


def test_a_body_is_held_no_longer_than_the_look() -> None:
    chunk = b"word " * (LOOK_LIMIT // 10)
    body = Body(*[chunk] * 6)
    response = respond(404, "", TEXT, length=None)
    items = iter(ErrorPagesMiddleware(answering(response, body))(environ_of(ask()), WSGIServer().start_response))
    assert next(items) == chunk
    assert body.taken <= 3
    assert b"".join(items) == chunk * 5


def test_a_larger_content_length_settles_it_at_once() -> None:
    body = Body(b"x" * (LOOK_LIMIT + 1))
    response = markup("x" * (LOOK_LIMIT + 1))
    assert ErrorPagesMiddleware(answering(response, body))(environ_of(ask()), WSGIServer().start_response) is body


def test_the_rest_of_a_replaced_response_is_swallowed() -> None:
    body = Body(*[b"x" * 5000] * 4)
    answer = run(answering(respond(404, "", HTML, length=None), body), replace="all")
    assert answer.is_page and not answer.text.endswith("x")
    assert body.closed == 1


@pytest.mark.parametrize("items", [(), (b"a",)], ids=["at its first item", "after its first item"])
@pytest.mark.parametrize("response", [SUCCESS, data('{"a":1}')], ids=["a success", "kept JSON"])
def test_once_a_response_was_announced_an_exception_is_only_raised(
    response: Response, items: tuple[bytes, ...], caplog: pytest.LogCaptureFixture
) -> None:
    for app in (raising_late(RuntimeError("boom"), response, *items), answering(response, Body(*items, OSError()))):
        server = WSGIServer()
        with pytest.raises((RuntimeError, OSError)):
            server.run(ErrorPagesMiddleware(app), environ_of(ask("*/*")))
        assert [start[0][:3] for start in server.starts] == [str(response.status)]
        assert server.written == list(items)
    assert not logged(caplog)


@pytest.mark.parametrize("items", [(), (b"Not",)], ids=["at its first item", "after its first item"])
def test_an_exception_in_the_middle_of_a_held_response_becomes_a_page(items: tuple[bytes, ...]) -> None:
    error = RuntimeError("boom")
    for app in (raising_late(error, NOT_FOUND, *items), answering(NOT_FOUND, Body(*items, error))):
        answer = through_wsgi(checked(ErrorPagesMiddleware(app)), ask())
        assert answer.reason == "500 Internal Server Error" and answer.is_page


def test_an_exception_after_an_early_item_is_only_raised() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield b"early"
        raise RuntimeError("boom")

    items = iter(ErrorPagesMiddleware(app)(environ_of(ask()), WSGIServer().start_response))
    assert next(items) == b"early"
    with pytest.raises(RuntimeError):
        next(items)


def test_an_exception_in_the_call_after_a_success_was_announced_is_only_raised() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", TEXT)])
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError):
        run(app)


def test_an_exception_in_the_call_of_a_held_response_becomes_a_page() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("404 Not Found", [("Content-Type", TEXT)])
        raise RuntimeError("boom")

    assert run(app).status == 500


CLOSES: list[Any] = [
    pytest.param(SUCCESS, [b"ok"], id="a success"),
    pytest.param(NOT_FOUND, [b"Not Found"], id="a page"),
    pytest.param(NOT_FOUND, [], id="a page for nothing"),
    pytest.param(OWN_PAGE, [OWN_PAGE.body], id="an own page"),
    pytest.param(respond(404, "", HTML, length=None), [b"x" * 5000] * 4, id="a long own page"),
    pytest.param(data('{"a":1}'), [b'{"a":1}'], id="kept JSON"),
]


@pytest.mark.parametrize(("response", "items"), CLOSES)
def test_the_iterable_is_closed_exactly_once(response: Response, items: list[bytes]) -> None:
    body = Body(*items)
    run(answering(response, body))
    assert body.closed == 1


@pytest.mark.parametrize(("response", "items"), CLOSES)
def test_the_iterable_is_closed_where_the_server_does_not_iterate(response: Response, items: list[bytes]) -> None:
    body = Body(*items)
    result: Any = ErrorPagesMiddleware(answering(response, body))(environ_of(ask()), WSGIServer().start_response)
    result.close()
    assert body.closed == 1


@pytest.mark.parametrize(("response", "items"), CLOSES)
def test_the_iterable_is_closed_where_the_client_leaves(response: Response, items: list[bytes]) -> None:
    body = Body(*items)
    result: Any = ErrorPagesMiddleware(answering(response, body))(environ_of(ask()), WSGIServer().start_response)
    next(iter(result), None)
    result.close()
    assert body.closed == 1


@pytest.mark.parametrize("late", [True, False], ids=["late", "at once"])
def test_a_generator_is_closed_where_the_client_leaves(late: bool) -> None:
    ended: list[str] = []

    def items(start: Callable[[], object]) -> Iterator[bytes]:
        try:
            start()
            yield b"a"
            yield b"b"
        finally:
            ended.append("closed")

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start() -> object:
            return start_response("200 OK", [("Content-Type", TEXT)])

        if late:
            return items(start)
        start()
        return items(lambda: None)

    result: Any = ErrorPagesMiddleware(app)(environ_of(ask()), WSGIServer().start_response)
    next(iter(result))
    result.close()
    assert ended == ["closed"]


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([RuntimeError("boom")], id="at once"),
        pytest.param([b"Not", RuntimeError("boom")], id="after an item"),
        pytest.param([KeyboardInterrupt()], id="with what is no exception"),
    ],
)
@pytest.mark.parametrize("response", [SUCCESS, NOT_FOUND, OWN_PAGE], ids=["success", "held", "own"])
def test_the_iterable_is_closed_exactly_once_where_it_raises(
    response: Response, items: list[bytes | BaseException]
) -> None:
    body = Body(*items)
    with contextlib.suppress(RuntimeError, KeyboardInterrupt):
        run(answering(response, body))
    assert body.closed == 1


def test_an_iterable_that_can_not_be_iterated_is_closed() -> None:
    class Broken(Body):
        def __iter__(self) -> Iterator[bytes]:
            raise RuntimeError("boom")

    body = Broken()
    with contextlib.suppress(RuntimeError):
        run(answering(NOT_FOUND, body))
    assert body.closed == 1


def test_a_server_that_closes_twice_closes_the_applications_iterable_once() -> None:
    body = Body(b"Not Found")
    result: Any = ErrorPagesMiddleware(answering(NOT_FOUND, body))(environ_of(ask()), WSGIServer().start_response)
    result.close()
    result.close()
    assert body.closed == 1


def test_a_close_that_raises_is_raised() -> None:
    class Broken(Body):
        def close(self) -> None:
            super().close()
            raise OSError("close")

    body = Broken(b"Not Found")
    with pytest.raises(OSError, match="close"):
        run(answering(NOT_FOUND, body))
    assert body.closed == 1


# -- what the application raises ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "items", "written"),
    [
        pytest.param(None, [], None, id="before it starts"),
        pytest.param(NOT_FOUND, [], None, id="before the first item of a held response"),
        pytest.param(NOT_FOUND, [b"Not "], None, id="after the first item of a held response"),
        pytest.param(NOT_FOUND, [b"", b""], None, id="after empty items of a held response"),
        pytest.param(OWN_PAGE, [OWN_PAGE.body], None, id="after the last item of a held response"),
        pytest.param(SUCCESS, [], b"", id="before the first item of a success"),
        pytest.param(SUCCESS, [b"a"], b"a", id="after the first item of a success"),
        pytest.param(respond(404, "", "image/png"), [], b"", id="before the first item of what its head settles"),
        pytest.param(respond(404, "", "image/png"), [b"a"], b"a", id="after the first item of what its head settles"),
        pytest.param(respond(404, "", HTML), [b"x" * 9000], b"x" * 9000, id="after the look limit"),
    ],
)
def test_a_generator_that_raises_gets_a_page_unless_its_response_was_announced(
    response: Response | None, items: list[bytes], written: bytes | None
) -> None:
    server = WSGIServer()
    error = RuntimeError("boom")
    app = ErrorPagesMiddleware(raising_late(error, response, *items))
    if written is None:
        answer = server.run(app, environ_of(ask()))
        assert answer.is_page and answer.status == 500
        return
    with pytest.raises(RuntimeError) as raised:
        server.run(app, environ_of(ask()))
    assert raised.value is error
    assert b"".join(server.written) == written and len(server.starts) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), GeneratorExit()], ids=lambda error: repr(error))
def test_what_is_no_exception_passes_through_a_held_body(error: BaseException) -> None:
    server = WSGIServer()
    with pytest.raises(type(error)):
        server.run(ErrorPagesMiddleware(answering(NOT_FOUND, Body(b"Not ", error))), environ_of(ask()))
    assert server.starts == [] and server.written == []


def test_the_page_after_an_exception_is_whole() -> None:
    answer = run(answering(NOT_FOUND, Body(b"Not ", RuntimeError("boom"))))
    assert answer.field("Content-Length") == str(len(answer.body)) and b"Not " not in answer.body[:4]


# -- iterables of every kind -------------------------------------------------------------------------------------------


class Indexed:
    """An iterable of the old protocol: items by number."""

    def __init__(self, *items: bytes) -> None:
        self._items = items

    def __getitem__(self, index: int) -> bytes:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)


ITERABLES: dict[str, Callable[..., Any]] = {
    "a list": lambda *items: list(items),
    "a tuple": lambda *items: tuple(items),
    "an iterator": lambda *items: iter(items),
    "a generator": lambda *items: (item for item in items),
    "items by number": Indexed,
    "an iterable that can be closed": Body,
    "a file": lambda *items: io.BytesIO(b"".join(items)),
    "a file wrapper": lambda *items: FileWrapper(io.BytesIO(b"".join(items)), 4),
}


@pytest.mark.parametrize("make", ITERABLES.values(), ids=ITERABLES)
@pytest.mark.parametrize("response", [SUCCESS, NOT_FOUND, OWN_PAGE], ids=["success", "page", "own page"])
def test_a_body_may_be_any_iterable(make: Callable[..., Any], response: Response) -> None:
    body = make(response.body[:3], response.body[3:])
    answer = run(answering(response, body))
    assert answer.is_page == (response is NOT_FOUND)
    assert answer.is_page or answer.body == response.body
    assert getattr(body, "closed", True)


@pytest.mark.parametrize("response", [NOT_FOUND, OWN_PAGE], ids=["page", "own page"])
def test_an_iterable_without_close_leaves_nothing_to_close(response: Response) -> None:
    for body in ([response.body], (response.body,), iter([response.body])):
        result: Any = ErrorPagesMiddleware(answering(response, body))(environ_of(ask()), WSGIServer().start_response)
        list(result)
        if result is not body:
            result.close()


# -- how long it is held -----------------------------------------------------------------------------------------------


def endless(chunk: bytes) -> Iterator[bytes]:
    """Make chunks, and block for ever once more than the look limit was asked for."""
    size = 0
    while size <= LOOK_LIMIT:
        size += len(chunk)
        yield chunk
    raise AssertionError("a producer that blocks for ever was asked for more")


@pytest.mark.parametrize("size", [1, 100, 1000, LOOK_LIMIT, LOOK_LIMIT + 1])
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
def test_a_held_body_blocks_no_further_than_the_look_limit(size: int, late: bool) -> None:
    response = respond(404, "", HTML, length=None)
    chunks = endless(b"x" * size)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield from answering(response, chunks)(environ, start_response)

    made = ErrorPagesMiddleware(app if late else answering(response, chunks))
    server = WSGIServer()
    items = iter(made(environ_of(ask()), server.start_response))
    received = b""
    while len(received) <= LOOK_LIMIT:
        received += next(items)
    assert server.starts[0][0][:3] == "404" and set(received) == {ord("x")}


@pytest.mark.parametrize(
    ("response", "request_"),
    [
        pytest.param(SUCCESS, ask(), id="a success"),
        pytest.param(respond(404, "", "image/png"), ask(), id="a type that is kept"),
        pytest.param(data("{}"), ask("*/*"), id="JSON for a script"),
        pytest.param(respond(404, "", HTML, length=LOOK_LIMIT + 1), ask(), id="a large Content-Length"),
        pytest.param(NOT_FOUND, ask(native={"errorpages.keep": True}), id="what asked to be kept"),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
def test_nothing_else_is_held(response: Response, request_: Request, late: bool) -> None:
    body = Body(b"a", AssertionError("the second item was asked for before the first one went out"))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield from answering(response, body)(environ, start_response)

    made = ErrorPagesMiddleware(app if late else answering(response, body))
    items = iter(made(environ_of(request_), WSGIServer().start_response))
    assert body.taken == 0
    assert next(items) == b"a" and body.taken == 1


def test_what_was_held_goes_out_in_the_applications_own_pieces() -> None:
    pieces = [b"<body class=shop>", b"", b"x" * 9000, b"y", b"", b"z"]
    items = ErrorPagesMiddleware(answering(respond(404, "", HTML), pieces))(
        environ_of(ask()), WSGIServer().start_response
    )
    assert list(items) == pieces


# -- closing -----------------------------------------------------------------------------------------------------------


def test_a_body_is_closed_only_when_the_server_closes_it() -> None:
    """What the application frees in close may still be needed for the rest of a kept body."""
    body = Body(OWN_PAGE.body)
    result: Any = ErrorPagesMiddleware(answering(OWN_PAGE, body))(environ_of(ask()), WSGIServer().start_response)
    assert list(result) == [OWN_PAGE.body] and body.closed == 0
    result.close()
    assert body.closed == 1


class BreaksAtClose(Body):
    def close(self) -> None:
        super().close()
        raise OSError("close")


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([b"Not Found"], id="after a page"),
        pytest.param([OWN_PAGE.body], id="after an own page"),
        pytest.param([RuntimeError("boom")], id="after an exception"),
        pytest.param([KeyboardInterrupt()], id="after what is no exception"),
    ],
)
def test_a_close_that_raises_is_called_once(items: list[bytes | BaseException]) -> None:
    body = BreaksAtClose(*items)
    with pytest.raises(OSError, match="close"):
        run(answering(markup("Not Found"), body))
    assert body.closed == 1


def test_a_server_that_closes_again_after_close_raised_closes_nothing() -> None:
    body = BreaksAtClose(b"Not Found")
    result: Any = ErrorPagesMiddleware(answering(NOT_FOUND, body))(environ_of(ask()), WSGIServer().start_response)
    with pytest.raises(OSError, match="close"):
        result.close()
    result.close()
    assert body.closed == 1


def test_a_server_that_refuses_the_start_of_a_held_response_closes_its_body() -> None:
    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        raise ConnectionError("gone")

    body = Body(b"Not Found")
    with pytest.raises(ConnectionError):
        result: Any = ErrorPagesMiddleware(answering(NOT_FOUND, body))(environ_of(ask()), start_response)
        try:
            list(result)
        finally:
            result.close()
    assert body.closed == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), GeneratorExit()], ids=lambda error: repr(error))
@pytest.mark.parametrize("started", [False, True], ids=["before the start", "after the start"])
def test_what_is_no_exception_passes_through_the_call(error: BaseException, started: bool) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if started:
            start_response("404 Not Found", [("Content-Type", TEXT)])
        raise error

    server = WSGIServer()
    with pytest.raises(type(error)):
        server.run(ErrorPagesMiddleware(app), environ_of(ask()))
    assert server.starts == []
