"""That nothing of the server, the application, another request or another middleware is touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    TEXT,
    Response,
    Told,
    WSGIServer,
    ask,
    checked,
    data,
    environ_of,
    status_line,
    through_wsgi,
    wsgi_list,
)
from tests.protocol.wsgi_apps import NOT_FOUND, OWN_PAGE, logged, raising, run

from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


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


def test_nested_middlewares_handle_a_response_once() -> None:
    told = Told()
    inner = ErrorPagesMiddleware(wsgi_list(NOT_FOUND), site_name="Inner", on_page=told)
    answer = run(inner, site_name="Outer", on_page=told)
    assert "Inner" in answer.text and "Outer" not in answer.text and len(told.events) == 1
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


def test_exchanges_of_every_kind_in_many_threads_do_not_meet() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        kind = int(path.strip("/")) % 4
        if kind == 3:
            raise RuntimeError("boom")
        status, type = (("200 OK", TEXT), ("404 Not Found", TEXT), ("404 Not Found", "application/json"))[kind]
        start_response(status, [("Content-Type", type), ("X-Path", path)])
        return iter([path[:2].encode(), path[2:].encode()])

    middleware = ErrorPagesMiddleware(app, site_name="Acme")
    with ThreadPoolExecutor(16) as threads:
        answers = threads.map(
            lambda number: through_wsgi(middleware, ask(path=f"/{number}/", x_request_id=f"req-{number}.")), range(400)
        )
        for number, answer in enumerate(answers):
            kind = number % 4
            assert answer.status == (200, 404, 404, 500)[kind] and answer.is_page == (kind in (1, 3))
            assert kind == 3 or answer.field("X-Path") == f"/{number}/"
            assert kind in (1, 3) or answer.text == f"/{number}/"
            assert (f"req-{number}." in answer.text) == (kind == 3) and answer.text.count("req-") == (kind == 3)


def test_the_fields_of_security_and_cors_middleware_outside_reach_the_page() -> None:
    middleware = ErrorPagesMiddleware(wsgi_list(NOT_FOUND))

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            headers.append(("Access-Control-Allow-Origin", "*"))
            return start_response(status, headers, *rest)

        return middleware(environ, start)

    answer = through_wsgi(checked(outer), ask())
    assert answer.is_page and answer.field("Access-Control-Allow-Origin") == "*"


def test_the_applications_headers_are_not_mutated_where_its_response_is_amended() -> None:
    headers = [("Content-Type", "application/json")]

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("503 Service Unavailable", headers)
        return [b"{}"]

    answer = run(app, ask("*/*"))
    assert answer.field("Cache-Control") == "no-cache, no-store, must-revalidate" and not answer.is_page
    assert headers == [("Content-Type", "application/json")]
