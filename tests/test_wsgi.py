"""The WSGI middleware: what the protocol asks of it (PEP 3333), and what becomes of exceptions."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    HTML,
    TEXT,
    Answer,
    Response,
    WSGIServer,
    ask,
    checked,
    data,
    environ_of,
    markup,
    respond,
    status_line,
    text,
    through_wsgi,
    wsgi_generator,
    wsgi_list,
)
from werkzeug import exceptions as http
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from errorpages import ErrorPages, OptionError, PageEvent, Request
from errorpages.core import LOOK_LIMIT
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
    return [record for record in caplog.records if record.name.startswith("errorpages")]


# -- what passes -------------------------------------------------------------------------------------------------------


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


def test_a_success_that_writes_passes() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("200 OK", [("Content-Type", TEXT)])
        write(b"a")
        return [b"b"]

    assert through_wsgi(checked(ErrorPagesMiddleware(checked(app))), ask()).body == b"ab"


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


def test_the_environ_reaches_the_application_as_it_came() -> None:
    seen: list[object] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ)
        start_response("404 Not Found", [("Content-Type", TEXT)])
        return [b"Not Found"]

    environ = environ_of(ask())
    before = dict(environ)
    WSGIServer().run(ErrorPagesMiddleware(app), environ)
    assert seen[0] is environ and environ == before


@pytest.mark.parametrize("response", [NOT_FOUND, OWN_PAGE, data("{}", 503)], ids=["replaced", "kept", "amended"])
def test_the_applications_headers_are_never_mutated(response: Response) -> None:
    headers = list(response.headers)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status_line(response.status), headers)
        return [response.body]

    run(app)
    assert headers == list(response.headers)


def test_what_outer_middleware_writes_into_a_pages_headers_stays_out_of_the_next_one() -> None:
    middleware = ErrorPagesMiddleware(wsgi_list(NOT_FOUND))
    server = WSGIServer()
    server.run(middleware, environ_of(ask()))
    assert type(server.starts[0][1]) is list
    server.starts[0][1].append(("X-Secret", "Ada"))
    assert through_wsgi(middleware, ask()).field("X-Secret") is None


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


# -- start_response again ----------------------------------------------------------------------------------------------


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


# -- when it is decided, and closed ------------------------------------------------------------------------------------


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


def test_what_is_written_after_the_start_of_a_kept_response_comes_first() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response("404 Not Found", [("Content-Type", HTML)])
        write(b'<body class="shop">')
        write(b"x" * LOOK_LIMIT)
        write(b"y")
        return [b"z"]

    answer = run(app)
    assert answer.body == b'<body class="shop">' + b"x" * LOOK_LIMIT + b"yz"


# -- many of them ------------------------------------------------------------------------------------------------------


def test_nested_middlewares_handle_a_response_once() -> None:
    events: list[PageEvent] = []
    inner = ErrorPagesMiddleware(wsgi_list(NOT_FOUND), site_name="Inner", on_page=events.append)
    answer = run(inner, site_name="Outer", on_page=events.append)
    assert "Inner" in answer.text and "Outer" not in answer.text and len(events) == 1
    assert answer.comparable == through_wsgi(inner, ask()).comparable


def test_nested_middlewares_handle_an_exception_once(caplog: pytest.LogCaptureFixture) -> None:
    inner = ErrorPagesMiddleware(raising(RuntimeError("boom")), site_name="Inner")
    assert "Inner" in run(inner, site_name="Outer").text
    assert len(logged(caplog)) == 1


def test_requests_in_many_threads_do_not_meet() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("404 Not Found", [("Content-Type", TEXT)])
        for letter in f"No such thing {environ['PATH_INFO']}":
            yield letter.encode()

    middleware = ErrorPagesMiddleware(app)
    with ThreadPoolExecutor(16) as threads:
        answers = threads.map(lambda number: through_wsgi(middleware, ask(path=f"/{number}/")), range(200))
        for number, answer in enumerate(answers):
            assert f"No such thing /{number}/<" in answer.text


# -- the request -------------------------------------------------------------------------------------------------------


def test_the_request_is_told_in_neutral_terms() -> None:
    seen: list[Request] = []

    def context(request: Request) -> dict[str, object]:
        seen.append(request)
        return {}

    request = ask(path="/caf\u00e9/1", root_path="/shop", query="a=%20b", method="PUT", x_own="1", content_type=TEXT)
    run(wsgi_list(NOT_FOUND), request, context=context)
    assert (seen[0].method, seen[0].path, seen[0].root_path) == ("PUT", "/caf\u00e9/1", "/shop")
    assert (seen[0].query, seen[0].client) == ("a=%20b", "203.0.113.9")
    assert seen[0].header("X-OWN") == "1" and seen[0].header("Content-Type") == TEXT
    assert seen[0].native["wsgi.version"] == (1, 0)


def test_a_path_that_is_not_utf_8_fails_nobody() -> None:
    environ = {**environ_of(ask()), "PATH_INFO": "/\xff\xfe", "SCRIPT_NAME": "/\xe9"}
    assert WSGIServer().run(ErrorPagesMiddleware(wsgi_list(NOT_FOUND)), environ).is_page


def test_an_environ_may_lack_what_it_may_lack() -> None:
    environ = environ_of(ask())
    for name in ("PATH_INFO", "SCRIPT_NAME", "QUERY_STRING", "REMOTE_ADDR"):
        del environ[name]
    assert WSGIServer().run(ErrorPagesMiddleware(wsgi_list(NOT_FOUND)), environ).is_page


# -- pages -------------------------------------------------------------------------------------------------------------


def test_pages_may_be_chosen_for_each_request() -> None:
    tenants = {"/a": ErrorPages(site_name="A"), "/b": ErrorPages(site_name="B")}
    middleware = ErrorPagesMiddleware(wsgi_list(NOT_FOUND), pages=lambda request: tenants[request.path])
    for path, name in (("/a", "A"), ("/b", "B")):
        answer = through_wsgi(middleware, ask(path=path))
        assert f"<bdi>{name}</bdi>" in answer.text
        assert answer.field("Cache-Control") == "private, no-store"


def test_pages_that_can_not_be_chosen_are_the_default_ones(caplog: pytest.LogCaptureFixture) -> None:
    def fail(request: Request) -> ErrorPages:
        raise LookupError("no tenant")

    assert through_wsgi(ErrorPagesMiddleware(wsgi_list(NOT_FOUND), pages=fail), ask()).is_page
    assert "pages" in caplog.text and "no tenant" in caplog.text


def test_pages_and_options_exclude_each_other() -> None:
    with pytest.raises(OptionError, match="pages"):
        ErrorPagesMiddleware(wsgi_list(NOT_FOUND), pages=ErrorPages(), site_name="Acme")


def test_pages_of_another_kind_are_an_error() -> None:
    with pytest.raises(OptionError, match="pages"):
        ErrorPagesMiddleware(wsgi_list(NOT_FOUND), pages="plain")  # type: ignore[arg-type]


def test_callables_run_while_the_applications_context_is_alive() -> None:
    alive: list[bool] = []
    state = {"alive": False}

    def context(request: Request) -> dict[str, object]:
        alive.append(state["alive"])
        return {}

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        state["alive"] = True
        start_response("404 Not Found", [("Content-Type", TEXT)])
        state["alive"] = False
        return [b"Not Found"]

    assert run(app, context=context).is_page
    assert alive == [True]


# -- exceptions --------------------------------------------------------------------------------------------------------


class HTTPError(Exception):
    """A client library's error: it has a code, and is no answer."""

    code = status = status_code = 404


@pytest.mark.parametrize("way", [raising, raising_late], ids=["in the call", "in the generator"])
def test_an_accident_becomes_a_page_and_is_logged_once(
    way: Callable[[BaseException], WSGIApplication], caplog: pytest.LogCaptureFixture
) -> None:
    error = RuntimeError("password=hunter2")
    answer = run(way(error), ask(x_request_id="req-7"))
    assert answer.reason == "500 Internal Server Error" and answer.is_page
    assert "req-7" in answer.text and "hunter2" not in answer.text
    (record,) = logged(caplog)
    assert record.levelno == logging.ERROR
    assert record.exc_info and record.exc_info[1] is error and record.exc_info[2] is not None
    assert "req-7" in record.getMessage()


def test_an_accidents_page_passes_the_validator() -> None:
    assert through_wsgi(checked(ErrorPagesMiddleware(raising(RuntimeError()))), ask()).status == 500


@pytest.mark.parametrize("way", [raising, raising_late], ids=["in the call", "in the generator"])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(RuntimeError(), 500, id="unmapped"),
        pytest.param(TimeoutError(), 504, id="mapped"),
        pytest.param(UnicodeError(), 502, id="a subclass of a mapped one"),
        pytest.param(HTTPError(), 500, id="a client library's HTTPError"),
        pytest.param(KeyError(), 404, id="mapped to a 4xx"),
    ],
)
def test_other_exceptions_become_pages(
    error: Exception, status: int, way: Callable[[BaseException], WSGIApplication], caplog: pytest.LogCaptureFixture
) -> None:
    answer = run(way(error), exceptions={ValueError: 502, TimeoutError: 504, KeyError: 404})
    assert answer.status == status
    assert len(logged(caplog)) == (1 if status >= 500 else 0)


@pytest.mark.parametrize("way", [raising, raising_late], ids=["in the call", "in the generator"])
@pytest.mark.parametrize(
    ("error", "status", "fields", "message"),
    [
        pytest.param(http.NotFound(), 404, {}, None, id="stock"),
        pytest.param(http.NotFound("No <b> such"), 404, {}, "No &lt;b&gt; such", id="described"),
        pytest.param(http.MethodNotAllowed(["GET"]), 405, {"Allow": "GET"}, None, id="with fields"),
        pytest.param(http.ServiceUnavailable("db1 is down"), 503, {}, None, id="a 5xx is an answer too"),
        pytest.param(http.HTTPException(response=WerkzeugResponse("", 410)), 410, {}, None, id="with a response"),
    ],
)
def test_an_http_exception_is_an_answer(
    error: Exception,
    status: int,
    fields: dict[str, str],
    message: str | None,
    way: Callable[[BaseException], WSGIApplication],
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = run(way(error))
    assert answer.status == status and answer.is_page
    assert {name: answer.field(name) for name in fields} == fields
    assert ("site&#39;s own message" in answer.text) == (message is not None)
    assert message is None or message in answer.text
    assert "db1" not in answer.text and not logged(caplog)


UNTOUCHED: list[Any] = [
    pytest.param(RequestRedirect("https://acme.example/"), ask(), {}, id="a redirect"),
    pytest.param(RuntimeError("boom"), ask(), {"debug": True}, id="debug mode"),
    pytest.param(
        RuntimeError("boom"), ask(native={"werkzeug.debug.preserve_context": print}), {}, id="Werkzeug's debugger"
    ),
    pytest.param(RuntimeError("boom"), ask(), {"exclude": "/things/*"}, id="an excluded path"),
    pytest.param(RuntimeError("boom"), ask(native={"errorpages.keep": True}), {}, id="errorpages.keep"),
    pytest.param(RuntimeError("boom"), ask(), {"statuses": "4xx"}, id="a status outside of statuses"),
    pytest.param(http.NotFound(), ask(), {"exclude": "/things/*"}, id="an HTTP exception on an excluded path"),
    pytest.param(KeyboardInterrupt(), ask(), {}, id="an interrupt"),
    pytest.param(SystemExit(1), ask(), {}, id="an exit"),
]


@pytest.mark.parametrize("way", [raising, raising_late], ids=["in the call", "in the generator"])
@pytest.mark.parametrize(("error", "request_", "options"), UNTOUCHED)
def test_an_exception_that_is_left_alone_is_raised_untouched(
    error: BaseException,
    request_: Request,
    options: dict[str, Any],
    way: Callable[[BaseException], WSGIApplication],
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = WSGIServer()
    with pytest.raises(type(error)) as raised:
        server.run(ErrorPagesMiddleware(way(error), **options), environ_of(request_))
    assert raised.value is error
    assert server.starts == [] and not logged(caplog)


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


def test_the_answer_to_head_has_no_body_after_an_exception_either() -> None:
    answer = run(raising(RuntimeError()), ask(method="HEAD"))
    assert answer.status == 500 and answer.body == b"" and int(answer.field("Content-Length") or 0) > 0


def test_a_page_for_an_exception_tells_on_page_of_it() -> None:
    events: list[PageEvent] = []
    error = RuntimeError("boom")
    run(raising(error), on_page=events.append)
    assert [(event.cause, event.exception, event.status) for event in events] == [("exception", error, 500)]


def test_nothing_is_logged_for_a_page(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run(wsgi_list(NOT_FOUND))
        run(wsgi_list(text("", 503)))
        run(wsgi_list(data("{}", 503)), ask("application/json"))
    assert not logged(caplog)
