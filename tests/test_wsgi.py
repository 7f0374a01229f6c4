"""The WSGI middleware: what the protocol asks of it (PEP 3333), and what becomes of exceptions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    TEXT,
    Told,
    WSGIServer,
    ask,
    checked,
    data,
    environ_of,
    page_fields,
    page_lines,
    text,
    through_wsgi,
    wsgi_list,
)
from tests.protocol.wsgi_apps import NOT_FOUND, logged, raising, raising_late, run
from werkzeug import exceptions as http
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from errorpages import ErrorPages, OptionError, Request
from errorpages.wsgi import ErrorPagesMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


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
        pytest.param(http.BadGateway("db1 is down"), 502, {}, None, id="a 5xx is an answer too"),
        pytest.param(http.ServiceUnavailable("Back at 14:00"), 503, {}, "Back at 14:00", id="a 503 says its words"),
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


def test_the_answer_to_head_has_no_body_after_an_exception_either() -> None:
    answer = run(raising(RuntimeError()), ask(method="HEAD"))
    assert answer.status == 500 and answer.body == b"" and int(answer.field("Content-Length") or 0) > 0


def test_a_page_for_an_exception_tells_on_page_of_it() -> None:
    told = Told()
    error = RuntimeError("boom")
    run(raising(error), on_page=told)
    assert [(event.cause, event.exception, event.status) for event in told.events] == [("exception", error, 500)]


def test_a_page_is_logged_in_one_line_and_what_is_kept_in_none(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run(wsgi_list(NOT_FOUND))
        run(wsgi_list(text("", 503)))
        run(wsgi_list(data("{}", 503)), ask("application/json"))
    assert [page_fields(line)["status"] for line in page_lines(caplog.records)] == [404, 503]
    assert not logged(caplog)
