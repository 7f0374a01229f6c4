"""When and how often `start_response` is called, and what `write` does (PEP 3333)."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    HTML,
    JSON,
    TEXT,
    Response,
    WSGIServer,
    ask,
    checked,
    environ_of,
    text,
    through_wsgi,
    wsgi_generator,
    wsgi_list,
    wsgi_with_empty_items,
)
from tests.protocol.wsgi_apps import NOT_FOUND, OWN_PAGE, Body, run

from errorpages.core import LOOK_LIMIT
from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def test_a_generator_that_starts_a_success_late_streams() -> None:
    body = Body(b"a", b"b")

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", TEXT)])
        yield from body

    server = WSGIServer()
    items = iter(ErrorPagesMiddleware(app)(environ_of(ask()), server.start_response))
    assert server.starts == [] and body.taken == 0
    assert next(items) == b"a" and body.taken == 1
    assert server.starts[0][0] == "200 OK"
    assert list(items) == [b"b"]


def test_a_generator_that_starts_late_does_not_run_before_the_server_iterates() -> None:
    server = WSGIServer()
    ErrorPagesMiddleware(wsgi_generator(NOT_FOUND))(environ_of(ask()), server.start_response)
    assert server.starts == []


def test_nothing_is_yielded_before_start_response_was_called() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("404 Not Found", [("Content-Type", TEXT)])
        yield b""
        yield b"Not Found"

    server = WSGIServer()
    items = iter(ErrorPagesMiddleware(app)(environ_of(ask()), server.start_response))
    next(items)
    assert len(server.starts) == 1


def test_an_application_that_yields_before_it_starts_passes_as_it_came() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield b""
        start_response("200 OK", [("Content-Type", TEXT)])
        yield b"ok"

    assert list(ErrorPagesMiddleware(app)(environ_of(ask()), WSGIServer().start_response)) == [b"", b"ok"]


def test_an_application_that_never_starts_passes_as_it_came() -> None:
    server = WSGIServer()
    assert list(ErrorPagesMiddleware(lambda environ, start: [])(environ_of(ask()), server.start_response)) == []
    assert server.starts == []


@pytest.mark.parametrize("response", [NOT_FOUND, OWN_PAGE], ids=["replaced", "kept"])
def test_the_status_line_stays_the_applications_own(response: Response) -> None:
    assert run(wsgi_list(response)).reason == "404 As The Application Says"


@pytest.mark.parametrize("status", ["404", "404 ", "404 NOT FOUND"])
def test_a_status_line_may_lack_its_phrase(status: str) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, [("Content-Type", TEXT)])
        return [b"Not Found"]

    answer = run(app)
    assert answer.is_page and answer.reason == status


def starting_again(first: str, second: str, before: Callable[[Any], None] = lambda write: None) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        before(start_response(first, [("Content-Type", TEXT)]))
        try:
            raise RuntimeError("on the way")
        except RuntimeError:
            start_response(second, [("Content-Type", TEXT)], sys.exc_info())
        return [b"Not Found" if second.startswith("404") else b"ok"]

    return app


@pytest.mark.parametrize(
    ("first", "second", "is_page"),
    [
        pytest.param("200 OK", "404 Not Found", True, id="a success, then an error"),
        pytest.param("500 Internal Server Error", "404 Not Found", True, id="an error, then another"),
        pytest.param("404 Not Found", "200 OK", False, id="an error, then a success"),
        pytest.param("200 OK", "201 Created", False, id="a success, then another"),
    ],
)
def test_start_response_may_be_called_again_with_exc_info(first: str, second: str, is_page: bool) -> None:
    answer = through_wsgi(checked(ErrorPagesMiddleware(checked(starting_again(first, second)))), ask())
    assert answer.reason == second and answer.is_page == is_page
    assert answer.text == "ok" or is_page


def test_what_was_written_before_a_held_error_was_started_again_is_forgotten() -> None:
    app = starting_again("500 Internal Server Error", "404 Not Found", lambda write: write(b"secret"))
    answer = run(app)
    assert answer.is_page and "secret" not in answer.text


def test_the_first_start_response_may_have_exc_info() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            raise RuntimeError("boom")
        except RuntimeError:
            start_response("500 Internal Server Error", [("Content-Type", TEXT)], sys.exc_info())
        return [b"Internal Server Error"]

    assert run(app).is_page


def test_a_start_after_the_body_began_is_for_the_server_to_raise() -> None:
    app = starting_again("200 OK", "500 Internal Server Error", lambda write: write(b"begun"))
    with pytest.raises(RuntimeError, match="on the way"):
        run(app)


def test_a_second_start_without_exc_info_is_for_the_server_to_refuse() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", TEXT)])
        start_response("200 OK", [("Content-Type", TEXT)])
        return []

    with pytest.raises(AssertionError, match="again without exc_info"):
        run(app)


def test_a_start_in_the_middle_of_a_success_reaches_the_server() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", TEXT)])

        def items() -> Iterator[bytes]:
            yield b"begun"
            try:
                raise RuntimeError("on the way")
            except RuntimeError:
                start_response("500 Internal Server Error", [("Content-Type", TEXT)], sys.exc_info())

        return items()

    with pytest.raises(RuntimeError, match="on the way"):
        run(app)


def test_a_success_that_writes_passes() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("200 OK", [("Content-Type", TEXT)])
        write(b"a")
        return [b"b"]

    assert through_wsgi(checked(ErrorPagesMiddleware(checked(app))), ask()).body == b"ab"


def test_what_is_written_after_the_start_of_a_kept_response_comes_first() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("404 Not Found", [("Content-Type", HTML)])
        write(b'<body class="shop">')
        write(b"x" * LOOK_LIMIT)
        write(b"y")
        return [b"z"]

    answer = run(app)
    assert answer.body == b'<body class="shop">' + b"x" * LOOK_LIMIT + b"yz"


# -- exc_info ----------------------------------------------------------------------------------------------------------


class Accident(RuntimeError):
    """An error that can be referred to weakly."""


def starting_over(start: Callable[..., Any], status: str = "500 Internal Server Error") -> Callable[[bytes], object]:
    """Start a response because of an error, as frameworks do."""
    try:
        raise Accident("on the way")
    except Accident:
        write: Callable[[bytes], object] = start(status, [("Content-Type", TEXT)], sys.exc_info())
        return write


def test_a_success_and_then_a_500_inside_the_call_is_a_page() -> None:
    answer = through_wsgi(checked(ErrorPagesMiddleware(checked(starting_again("200 OK", "500 Oops")))), ask())
    assert answer.is_page and answer.reason == "500 Oops"


@pytest.mark.parametrize(
    ("status", "type", "starts"),
    [
        pytest.param("200 OK", TEXT, ["200 OK"], id="a success"),
        pytest.param("500 Oops", "image/png", ["500 Oops"], id="an error that its head settles"),
        pytest.param("500 Oops", TEXT, ["500 Oops"], id="an error that is replaced"),
        pytest.param("500 Oops", JSON, ["500 Oops"], id="an error that is amended"),
    ],
)
def test_the_exc_info_of_a_first_start_reaches_the_server(status: str, type: str, starts: list[str]) -> None:
    seen: list[tuple[str, object]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        seen.append((status, exc_info and exc_info[1]))
        return lambda data: None

    error = Accident("boom")

    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            raise error
        except Accident:
            start(status, [("Content-Type", type)], sys.exc_info())
        return [b""]

    list(ErrorPagesMiddleware(app)(environ_of(ask("*/*")), start_response))
    assert seen == [(status, error) for status in starts]


@pytest.mark.parametrize("type", [TEXT, "image/png"], ids=["a page", "an own body"])
def test_no_reference_to_the_traceback_is_kept(type: str) -> None:
    """PEP 3333: no circular reference through exc_info."""
    errors: list[weakref.ref[BaseException]] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = None
        try:
            raise Accident("boom")
        except Accident as error:
            errors.append(weakref.ref(error))
            write = start_response("500 Oops", [("Content-Type", type)], sys.exc_info())
        assert write is not None
        return [b""]

    gc.disable()
    try:
        result = ErrorPagesMiddleware(app)(environ_of(ask()), WSGIServer().start_response)
        assert list(result) and errors[0]() is None
    finally:
        gc.enable()


def in_hand_success(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", TEXT)])
    return breaking_off(start_response)


def in_hand_kept(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "image/png")])
    return breaking_off(start_response)


def in_hand_own_page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", HTML)])
    return breaking_off(start_response, b"x" * (LOOK_LIMIT + 1))


def in_hand_late_success(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    yield from in_hand_success(environ, start_response)


def in_hand_late_kept(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    yield from in_hand_kept(environ, start_response)


def in_hand_late_own_page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    yield from in_hand_own_page(environ, start_response)


def breaking_off(start_response: StartResponse, first: bytes = b"begun") -> Iterator[bytes]:
    yield first
    starting_over(start_response)
    yield b"Internal Server Error"


IN_HAND = {
    "a success": in_hand_success,
    "an error that its head settles": in_hand_kept,
    "an error page of its own": in_hand_own_page,
    "a success that starts late": in_hand_late_success,
    "an error that starts late": in_hand_late_kept,
    "an error page of its own that starts late": in_hand_late_own_page,
}


@pytest.mark.parametrize("app", IN_HAND.values(), ids=IN_HAND)
def test_a_start_after_the_first_byte_is_for_the_server_to_raise(app: WSGIApplication) -> None:
    """PEP 3333: start_response must raise exc_info where headers have been sent; the response is broken off."""
    server = WSGIServer()
    with pytest.raises(Accident, match="on the way"):
        server.run(ErrorPagesMiddleware(app), environ_of(ask()))
    assert b"Internal Server Error" not in server.written
    assert len(server.starts) == 1


@pytest.mark.parametrize("first", ["200 OK", "404 Not Found"], ids=["a success", "an error that its head settles"])
def test_a_start_before_the_first_byte_of_a_body_in_the_servers_hands_reaches_the_server(first: str) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(first, [("Content-Type", "image/png"), ("Content-Length", "9")])

        def items() -> Iterator[bytes]:
            starting_over(start_response)
            yield b"Internal Server Error"

        return items()

    answer = run(app)
    assert answer.status == 500
    assert answer.is_page or (answer.text, answer.field("Content-Length")) == ("Internal Server Error", None)


@pytest.mark.parametrize("first", ["200 OK", "404 Not Found"])
def test_a_generator_may_start_again_before_its_first_item(first: str) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response(first, [("Content-Type", TEXT)])
        starting_over(start_response)
        yield b"Internal Server Error"

    answer = run(app)
    assert answer.is_page and answer.status == 500


def test_a_generator_may_start_again_in_the_middle_of_a_held_body() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("404 Not Found", [("Content-Type", TEXT)])
        yield b"secret"
        starting_over(start_response)
        yield b"Internal Server Error"

    answer = run(app)
    assert answer.is_page and answer.status == 500 and "secret" not in answer.text


def test_a_start_after_write_had_settled_a_page_gets_its_own_page() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("404 Not Found", [("Content-Type", HTML)])(b"x" * (LOOK_LIMIT + 1))
        starting_over(start_response)
        return [b"Internal Server Error"]

    answer = run(app, replace="all")
    assert answer.is_page and answer.status == 500 and "500" in answer.text


# -- late --------------------------------------------------------------------------------------------------------------


def test_a_generator_that_starts_an_error_late_gets_a_page() -> None:
    answer = through_wsgi(checked(ErrorPagesMiddleware(checked(wsgi_generator(NOT_FOUND)))), ask())
    assert answer.is_page and answer.status == 404


def test_a_generator_that_starts_an_error_after_it_yielded_passes_as_it_came() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield b""
        yield b""
        start_response("404 Not Found", [("Content-Type", "image/png")])
        yield b"Not "
        yield b"Found"

    server = WSGIServer()
    items = ErrorPagesMiddleware(app)(environ_of(ask()), server.start_response)
    assert list(items) == [b"", b"", b"Not ", b"Found"] and server.starts[0][0] == "404 Not Found"


def test_an_item_that_came_early_does_not_go_out_later() -> None:
    taken: list[int] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        taken.append(1)
        yield b"a"
        taken.append(2)
        start_response("200 OK", [("Content-Type", TEXT)])
        yield b"b"

    items = iter(ErrorPagesMiddleware(app)(environ_of(ask()), WSGIServer().start_response))
    assert (next(items), taken) == (b"a", [1])
    assert (next(items), taken) == (b"b", [1, 2])


@pytest.mark.parametrize("response", [NOT_FOUND, OWN_PAGE, text("", 404)], ids=["replaced", "own", "empty"])
def test_no_item_comes_before_the_start_of_a_held_response(response: Response) -> None:
    server = WSGIServer()
    for number, item in enumerate(
        ErrorPagesMiddleware(wsgi_with_empty_items(response))(environ_of(ask()), server.start_response)
    ):
        assert len(server.starts) == 1, f"item {number}, {item!r}, came before start_response"


# -- write -------------------------------------------------------------------------------------------------------------


def test_a_success_gets_the_servers_own_write() -> None:
    server = WSGIServer()
    seen: list[object] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(start_response("200 OK", [("Content-Type", TEXT)]))
        return []

    ErrorPagesMiddleware(app)(environ_of(ask()), server.start_response)
    assert seen == [server.written.append]


def writing(*pieces: bytes, items: Iterable[bytes] = (), late: bool = False) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("404 Not Found", [("Content-Type", HTML)])
        for piece in pieces:
            write(piece)
        return items

    def generator(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield from app(environ, start_response)

    return generator if late else app


LARGE = b"x" * (LOOK_LIMIT + 1)


@pytest.mark.parametrize("late", [False, True], ids=["at once", "in a generator"])
@pytest.mark.parametrize(
    ("pieces", "items", "body"),
    [
        pytest.param([b"Not ", b"Found"], [], None, id="a small page"),
        pytest.param([b"Not "], [b"Found"], None, id="a small page, partly as items"),
        pytest.param([], [b"Not Found"], None, id="nothing"),
        pytest.param([b""], [b"", b"Not Found"], None, id="empty pieces"),
        pytest.param([OWN_PAGE.body], [], OWN_PAGE.body, id="an own page"),
        pytest.param([OWN_PAGE.body], [b"more"], OWN_PAGE.body + b"more", id="an own page, partly as items"),
        pytest.param([LARGE, b"y"], [b"z"], LARGE + b"yz", id="more than the look limit in one piece"),
        pytest.param([b"a" * 5000, b"b" * 5000, b"c"], [b"d"], b"a" * 5000 + b"b" * 5000 + b"cd", id="in several"),
        pytest.param([b"a" * 5000], [b"b" * 5000, b"c"], b"a" * 5000 + b"b" * 5000 + b"c", id="in both"),
    ],
)
def test_what_is_written_is_the_beginning_of_the_body(
    pieces: list[bytes], items: list[bytes], body: bytes | None, late: bool
) -> None:
    answer = run(writing(*pieces, items=items, late=late))
    assert answer.is_page == (body is None)
    assert body is None or answer.body == body


def test_what_is_written_past_the_look_limit_is_written_on() -> None:
    server = WSGIServer()
    written: list[int] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("404 Not Found", [("Content-Type", HTML)])
        for _ in range(4):
            write(b"x" * 5000)
            written.append(len(b"".join(server.written)))
        return []

    server.run(ErrorPagesMiddleware(app), environ_of(ask()))
    assert written == [0, 10_000, 15_000, 20_000]


def test_what_is_written_of_a_replaced_response_is_swallowed() -> None:
    answer = run(writing(LARGE, b"secret", items=[b"secret"]), replace="all")
    assert answer.is_page and "secret" not in answer.text and "xxxx" not in answer.text


@pytest.mark.parametrize("late", [False, True], ids=["in the call", "in the generator"])
def test_what_was_written_before_an_exception_gives_way_to_its_page(late: bool) -> None:
    def items() -> Iterator[bytes]:
        raise RuntimeError("boom")
        yield

    answer = run(writing(b"secret", items=items(), late=late))
    assert answer.is_page and answer.status == 500 and "secret" not in answer.text


@pytest.mark.parametrize("first", ["200 OK", "404 Not Found"], ids=["a success", "an error that its head settles"])
@pytest.mark.parametrize("second", ["200 OK", "404 Not Found", "500 Oops"])
def test_a_second_start_without_exc_info_is_never_hidden_from_the_server(first: str, second: str) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(first, [("Content-Type", "image/png")])
        with pytest.raises(AssertionError, match="again without exc_info"):
            start_response(second, [("Content-Type", TEXT)])
        return [b"ok"]

    answer = run(app)
    assert answer.text == "ok" and answer.reason == first
