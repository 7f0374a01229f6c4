"""The ASGI middleware: what the protocol asks of it, and what becomes of exceptions."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from tests.drivers import (
    JSON,
    Message,
    Told,
    asgi_whole,
    ask,
    data,
    other_lines,
    page_fields,
    page_lines,
    run_asgi,
    scope_of,
    sending,
    text,
    through_asgi,
)
from tests.protocol.asgi_apps import NOT_FOUND, notes_of, raising, run
from werkzeug import exceptions as http
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from errorpages import ErrorPages, OptionError, PageEvent, Request
from errorpages.asgi import ErrorPagesMiddleware
from errorpages.telemetry import flush

# -- many of them ------------------------------------------------------------------------------------------------------


def test_one_errorpages_serves_many_applications() -> None:
    pages = ErrorPages(site_name="Acme")
    first = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), pages=pages)
    second = ErrorPagesMiddleware(asgi_whole(text("Gone", 410)), pages=pages)
    assert through_asgi(first, ask()).status == 404
    assert through_asgi(second, ask()).status == 410


# -- the request -------------------------------------------------------------------------------------------------------


def test_the_request_is_told_in_neutral_terms() -> None:
    seen: list[Request] = []

    def context(request: Request) -> dict[str, object]:
        seen.append(request)
        return {}

    request = ask(path="/caf\u00e9/1", root_path="/shop", query="a=%20b", method="PUT", x_own="1")
    run(asgi_whole(NOT_FOUND), request, context=context)
    assert (seen[0].method, seen[0].path, seen[0].root_path) == ("PUT", "/caf\u00e9/1", "/shop")
    assert (seen[0].query, seen[0].client) == ("a=%20b", "203.0.113.9")
    assert seen[0].header("X-OWN") == "1"
    assert seen[0].native["type"] == "http"


@pytest.mark.parametrize(
    ("path", "root_path", "expected"),
    [
        pytest.param("/shop/a", "/shop", "/a", id="the path includes the mount"),
        pytest.param("/a", "/shop", "/a", id="older servers leave the mount out"),
        pytest.param("/shop", "/shop", "/", id="the mount itself"),
        pytest.param("/shopping", "/shop", "/shopping", id="a path that only starts like the mount"),
        pytest.param("/a", "", "/a", id="no mount"),
        pytest.param("/shop/a", "/shop/", "/a", id="a mount with a slash at its end"),
    ],
)
def test_the_path_is_without_the_mount(path: str, root_path: str, expected: str) -> None:
    scope = {**scope_of(ask()), "path": path, "root_path": root_path}
    excluded = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), exclude=expected)
    assert not run_asgi(excluded, scope).answer.is_page


def test_a_scope_may_lack_what_it_may_lack() -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    assert run_asgi(ErrorPagesMiddleware(asgi_whole(NOT_FOUND)), scope).answer.is_page


# -- pages -------------------------------------------------------------------------------------------------------------


def test_pages_may_be_chosen_for_each_request() -> None:
    tenants = {"/a": ErrorPages(site_name="A"), "/b": ErrorPages(site_name="B")}
    middleware = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), pages=lambda request: tenants[request.path])
    for path, name in (("/a", "A"), ("/b", "B")):
        answer = through_asgi(middleware, ask(path=path))
        assert f"<bdi>{name}</bdi>" in answer.text
        assert answer.field("Cache-Control") == "private, no-store"


def test_pages_that_can_not_be_chosen_are_the_default_ones(caplog: pytest.LogCaptureFixture) -> None:
    def fail(request: Request) -> ErrorPages:
        raise LookupError("no tenant")

    assert through_asgi(ErrorPagesMiddleware(asgi_whole(NOT_FOUND), pages=fail), ask()).is_page
    assert "pages" in caplog.text and "no tenant" in caplog.text


def test_pages_that_could_not_be_chosen_once_are_chosen_the_next_time(caplog: pytest.LogCaptureFixture) -> None:
    tenants: list[ErrorPages] = []
    middleware = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), pages=lambda request: tenants[0])
    assert "Acme" not in through_asgi(middleware, ask()).text
    assert "IndexError" in caplog.text
    tenants.append(ErrorPages(site_name="Acme"))
    assert "Acme" in through_asgi(middleware, ask()).text


def test_pages_and_options_exclude_each_other() -> None:
    with pytest.raises(OptionError, match="pages"):
        ErrorPagesMiddleware(sending(), pages=ErrorPages(), site_name="Acme")


def test_pages_of_another_kind_are_an_error() -> None:
    with pytest.raises(OptionError, match="pages"):
        ErrorPagesMiddleware(sending(), pages="plain")  # type: ignore[arg-type]


def test_on_page_is_told_after_the_page_was_sent() -> None:
    order: list[object] = []

    async def send(message: Message) -> None:
        order.append(message["type"])

    app = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), on_page=order.append)
    run_asgi(app, scope_of(ask()), send)
    assert flush(10)
    assert order[:2] == ["http.response.start", "http.response.body"]
    assert isinstance(order[2], PageEvent) and order[2].cause == "response"


# -- exceptions --------------------------------------------------------------------------------------------------------


class OddTimeout(TimeoutError, ValueError):
    pass


class HTTPError(Exception):
    """A client library's error: it has a code, and is no answer."""

    code = status = status_code = 404


def test_an_accident_becomes_a_page_and_is_raised_again(caplog: pytest.LogCaptureFixture) -> None:
    error = RuntimeError("password=hunter2")
    sent = run(raising(error))
    assert sent.answer.status == 500 and sent.answer.is_page
    assert sent.error is error
    assert "hunter2" not in sent.answer.text
    assert not other_lines(caplog.records)


def test_an_accidents_note_has_the_pages_reference() -> None:
    error = RuntimeError("boom")
    sent = run(raising(error), ask(x_request_id="req-7"))
    assert "req-7" in sent.answer.text
    assert len(notes_of(error)) == 1 and "req-7" in notes_of(error)[0]


def test_an_accidents_note_has_the_reference_that_was_made() -> None:
    error = RuntimeError("boom")
    sent = run(raising(error), ask("application/json"))
    reference = notes_of(error)[0].split()[-1]
    assert f'"reference":"{reference}"' in sent.answer.text


def test_without_a_reference_there_is_no_note() -> None:
    error = RuntimeError("boom")
    run(raising(error), reference=False)
    assert notes_of(error) == []


@pytest.mark.parametrize("show_message", ["4xx", "4xx 5xx"])
def test_an_accidents_text_is_never_shown(show_message: str) -> None:
    assert "hunter2" not in run(raising(RuntimeError("hunter2")), show_message=show_message).answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(RuntimeError(), 500, id="unmapped"),
        pytest.param(TimeoutError(), 504, id="mapped"),
        pytest.param(OddTimeout(), 504, id="mapped by the nearest class"),
        pytest.param(ValueError(), 502, id="mapped to another"),
        pytest.param(UnicodeError(), 502, id="a subclass of a mapped one"),
        pytest.param(HTTPError(), 500, id="a client library's HTTPError"),
        pytest.param(ExceptionGroup("two", [KeyError(), ValueError()]), 500, id="a group"),
    ],
)
def test_other_exceptions_are_accidents(error: Exception, status: int) -> None:
    sent = run(raising(error), exceptions={ValueError: 502, TimeoutError: 504})
    assert sent.answer.status == status and sent.error is error


def test_an_exception_mapped_to_a_4xx_is_an_answer() -> None:
    sent = run(raising(KeyError("id")), exceptions={LookupError: 404})
    assert sent.answer.status == 404 and sent.error is None
    assert "id&" not in sent.answer.text


@pytest.mark.parametrize(
    ("error", "status", "fields", "message"),
    [
        pytest.param(http.NotFound(), 404, {}, None, id="stock"),
        pytest.param(http.NotFound("No <b> such"), 404, {}, "No &lt;b&gt; such", id="described"),
        pytest.param(http.MethodNotAllowed(["GET", "PUT"]), 405, {"Allow": "GET, PUT"}, None, id="with fields"),
        pytest.param(http.TooManyRequests(retry_after=9), 429, {"Retry-After": "9"}, None, id="with Retry-After"),
        pytest.param(http.BadGateway("db1 is down"), 502, {}, None, id="a 5xx is an answer too"),
        pytest.param(http.ServiceUnavailable("Back at 14:00"), 503, {}, "Back at 14:00", id="a 503 says its words"),
        pytest.param(http.BadRequestKeyError("q"), 400, {}, None, id="a KeyError that is an answer"),
    ],
)
def test_an_http_exception_is_an_answer(
    error: Exception, status: int, fields: dict[str, str], message: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    sent = run(raising(error))
    assert sent.error is None and sent.answer.status == status and sent.answer.is_page
    assert {name: sent.answer.field(name) for name in fields} == fields
    assert ("site&#39;s own message" in sent.answer.text) == (message is not None)
    assert message is None or message in sent.answer.text
    assert "db1" not in sent.answer.text
    assert notes_of(error) == [] and not other_lines(caplog.records)


def test_an_http_exceptions_own_type_is_not_sent() -> None:
    answer = run(raising(http.NotFound()), ask("application/json")).answer
    assert [value for name, value in answer.headers if name == "content-type"] == ["application/problem+json"]


def test_an_http_exception_that_carries_a_response_has_its_status() -> None:
    error = http.HTTPException(response=WerkzeugResponse("gone", 410))
    sent = run(raising(error))
    assert sent.error is None and sent.answer.status == 410


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(RequestRedirect("https://acme.example/"), id="a redirect"),
        pytest.param(http.HTTPException(response=WerkzeugResponse("", 302)), id="a response that redirects"),
    ],
)
def test_an_http_exception_under_400_is_raised_untouched(error: Exception) -> None:
    sent = run(raising(error))
    assert sent.error is error and sent.messages == [] and notes_of(error) == []


def test_the_answer_to_head_has_no_body_after_an_exception_either() -> None:
    answer = run(raising(RuntimeError()), ask(method="HEAD")).answer
    assert answer.status == 500 and answer.body == b"" and int(answer.field("Content-Length") or 0) > 0


LEFT_ALONE: list[Any] = [
    pytest.param(ask(), {"debug": True}, id="debug mode"),
    pytest.param(ask(native={"app": SimpleNamespace(debug=True)}), {}, id="the framework's debug mode"),
    pytest.param(ask(), {"exclude": "/things/*"}, id="an excluded path"),
    pytest.param(ask(native={"errorpages.keep": True}), {}, id="errorpages.keep"),
    pytest.param(ask(), {"statuses": "4xx"}, id="a status outside of statuses"),
]
OWN_HANDLERS: list[Any] = [
    pytest.param(SimpleNamespace(debug=False, exception_handlers={Exception: print}), id="for Exception"),
    pytest.param(SimpleNamespace(debug=False, exception_handlers={500: print}), id="for 500"),
]


@pytest.mark.parametrize(("request_", "options"), LEFT_ALONE)
def test_an_exception_that_is_left_alone_is_raised_untouched(request_: Request, options: dict[str, Any]) -> None:
    error = RuntimeError("boom")
    sent = run(raising(error), request_, **options)
    assert sent.error is error and sent.messages == [] and notes_of(error) == []


@pytest.mark.parametrize(("request_", "options"), LEFT_ALONE[2:4])
def test_an_http_exception_that_is_left_alone_is_raised_untouched(request_: Request, options: dict[str, Any]) -> None:
    error = http.NotFound()
    sent = run(raising(error), request_, **options)
    assert sent.error is error and sent.messages == []


@pytest.mark.parametrize("app", OWN_HANDLERS)
def test_the_applications_own_handler_answers_an_accident(app: object) -> None:
    error = RuntimeError("boom")
    sent = run(raising(error), ask(native={"app": app}))
    assert sent.error is error and sent.messages == []


def test_a_handler_for_another_exception_does_not_stand_outside_of_us() -> None:
    app = SimpleNamespace(debug=False, exception_handlers={404: print, KeyError: print})
    assert run(raising(RuntimeError()), ask(native={"app": app})).answer.status == 500


def test_debug_false_overrules_the_frameworks_debug_mode() -> None:
    request = ask(native={"app": SimpleNamespace(debug=True)})
    assert run(raising(RuntimeError()), request, debug=False).answer.status == 500


def test_a_page_for_an_exception_tells_on_page_of_it() -> None:
    told = Told()
    error = RuntimeError("boom")
    run(raising(error), on_page=told)
    events = told.events
    assert [event.cause for event in events] == ["exception"]
    assert events[0].exception is error and events[0].status == 500 and str(events[0].reference) in notes_of(error)[0]


def test_reference_sees_the_exception() -> None:
    seen: list[object] = []

    def reference(request: Request, head: object, error: BaseException | None) -> str:
        seen.append(error)
        return "own-1"

    error = RuntimeError("boom")
    assert "own-1" in run(raising(error), reference=reference).answer.text
    assert seen == [error]


def test_a_page_is_logged_in_one_line_and_what_is_kept_in_none(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run(asgi_whole(NOT_FOUND))
        run(asgi_whole(text("", 503)))
        run(asgi_whole(data("{}", 503)), ask(JSON))
    assert [page_fields(line)["status"] for line in page_lines(caplog.records)] == [404, 503]
    assert not other_lines(caplog.records)
