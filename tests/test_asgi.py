"""The ASGI middleware: what the protocol asks of it, and what becomes of exceptions."""

from __future__ import annotations

import asyncio
import copy
import inspect
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from tests import bodies
from tests.drivers import (
    JSON,
    TEXT,
    ASGIApp,
    Message,
    Receive,
    Scope,
    Send,
    Sent,
    asgi_whole,
    ask,
    body_of,
    data,
    markup,
    respond,
    run_asgi,
    scope_of,
    sending,
    start_of,
    text,
    through_asgi,
)
from werkzeug import exceptions as http
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from errorpages import ErrorPages, OptionError, PageEvent, Request
from errorpages.asgi import ErrorPagesMiddleware
from errorpages.core import LOOK_LIMIT

NOT_FOUND = text("Not Found")
OWN_PAGE = markup('<body class="shop"><h1>Lost</h1></body>')


def raising(error: BaseException, *messages: Message) -> ASGIApp:
    """Make an application that sends these messages, then raises."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        raise error

    return app


def run(app: ASGIApp, request: Request | None = None, **options: Any) -> Sent:
    return run_asgi(ErrorPagesMiddleware(app, **options), scope_of(request or ask()))


def notes_of(error: BaseException | None) -> list[str]:
    return list(getattr(error, "__notes__", []))


# -- what passes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lifespan", "websocket", "whatever.comes"])
def test_a_scope_that_is_not_http_passes_with_the_very_same_objects(kind: str) -> None:
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend((scope, receive, send))

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError

    scope = {"type": kind}
    asyncio.run(ErrorPagesMiddleware(app)(scope, receive, send))
    assert [id(item) for item in seen] == [id(scope), id(receive), id(send)]


def test_an_exception_in_a_websocket_is_raised_untouched() -> None:
    error = RuntimeError("boom")
    sent = run_asgi(ErrorPagesMiddleware(raising(error)), {"type": "websocket"})
    assert sent.error is error and sent.messages == [] and notes_of(error) == []


def test_a_websocket_denial_passes() -> None:
    denial: list[Message] = [
        {"type": "websocket.http.response.start", "status": 404, "headers": []},
        {"type": "websocket.http.response.body", "body": b"Not Found"},
    ]
    assert run_asgi(ErrorPagesMiddleware(sending(*denial)), {"type": "websocket"}).messages == denial


@pytest.mark.parametrize("status", [101, 103, 200, 204, 206, 301, 304, 399])
def test_a_success_passes_as_the_very_same_messages(status: int) -> None:
    messages: list[Message] = [
        {"type": "http.response.start", "status": status, "headers": [(b"A", b"b")]},
        {"type": "http.response.body", "body": b"Not Found", "more_body": True},
        {"type": "http.response.body"},
    ]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    sent = run(app)
    assert [id(message) for message in sent.messages] == [id(message) for message in messages]


def test_the_scope_and_receive_reach_the_application_as_they_came() -> None:
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        seen.append(await receive())

    scope = scope_of(ask())
    before = copy.copy(scope)
    run_asgi(ErrorPagesMiddleware(app), scope)
    assert seen[0] is scope and scope == before
    assert seen[1] == {"type": "http.request", "body": b"", "more_body": False}


def test_the_middleware_is_a_coroutine_function_for_servers_that_inspect_it() -> None:
    assert inspect.iscoroutinefunction(ErrorPagesMiddleware(sending()).__call__)


EARLY_HINT: Message = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
PUSH: Message = {"type": "http.response.push", "path": "/a.css", "headers": []}
UNKNOWN: Message = {"type": "acme.metrics", "anything": object()}


@pytest.mark.parametrize("message", [EARLY_HINT, PUSH, UNKNOWN], ids=lambda message: str(message["type"]))
def test_an_unknown_message_before_the_start_passes(message: Message) -> None:
    sent = run(sending(message, start_of(NOT_FOUND), body_of(NOT_FOUND.body, False)))
    assert sent.messages[0] == message
    assert Sent(sent.messages[1:]).answer.is_page


@pytest.mark.parametrize("message", [EARLY_HINT, PUSH, UNKNOWN], ids=lambda message: str(message["type"]))
def test_an_unknown_message_before_a_held_body_passes(message: Message) -> None:
    sent = run(sending(start_of(NOT_FOUND), message, body_of(NOT_FOUND.body, False)))
    assert message in sent.messages
    assert Sent([item for item in sent.messages if item != message]).answer.is_page


def test_an_unknown_message_after_the_page_passes() -> None:
    sent = run(sending(start_of(NOT_FOUND), body_of(NOT_FOUND.body, False), UNKNOWN))
    assert sent.messages[-1] == UNKNOWN


# -- messages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(NOT_FOUND, id="replaced"),
        pytest.param(OWN_PAGE, id="kept untouched"),
        pytest.param(data('{"detail":"Away","more":1}', 503), id="kept with more fields"),
        pytest.param(text("Not Found", 404, ("X-Error-Pages", "keep")), id="kept with fewer fields"),
    ],
)
def test_the_applications_messages_are_never_mutated(response: Any) -> None:
    messages = [start_of(response), body_of(response.body[:4], True), body_of(response.body[4:], False)]
    before = copy.deepcopy(messages)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    run(app)
    assert messages == before


def test_what_outer_middleware_writes_into_a_page_stays_out_of_the_next_one() -> None:
    middleware = ErrorPagesMiddleware(asgi_whole(NOT_FOUND))
    first = run_asgi(middleware, scope_of(ask()))
    for message in first.messages:
        if "headers" in message:
            message["headers"].append((b"x-secret", b"Ada"))
        message["body"] = b"Ada"
    second = run_asgi(middleware, scope_of(ask()))
    assert second.answer.field("X-Secret") is None
    assert b"Ada" not in second.answer.body


def test_what_outer_middleware_writes_into_a_kept_response_stays_out_of_the_next_one() -> None:
    middleware = ErrorPagesMiddleware(asgi_whole(data('{"a":1}')))
    first = run_asgi(middleware, scope_of(ask("*/*")))
    first.messages[0]["headers"].append((b"x-secret", b"Ada"))
    second = run_asgi(middleware, scope_of(ask("*/*")))
    assert second.answer.vary == {"accept"} and second.answer.field("X-Secret") is None


@pytest.mark.parametrize("response", [NOT_FOUND, OWN_PAGE, data("{}", 503)], ids=["replaced", "kept", "amended"])
def test_header_iterables_may_be_read_once_only(response: Any) -> None:
    def headers() -> Iterator[tuple[bytes, bytes]]:
        yield from start_of(response)["headers"]

    start = {"type": "http.response.start", "status": response.status, "headers": headers()}
    sent = run(sending(start, body_of(response.body, False)), ask("application/json"))
    expected = run(asgi_whole(response), ask("application/json"))
    assert sent.answer.comparable == expected.answer.comparable


@pytest.mark.parametrize("headers", [(), ((b"X-Own", b"1"),), [[b"x-own", b"1"]]], ids=["none", "tuples", "lists"])
def test_header_iterables_may_be_of_any_kind(headers: Any) -> None:
    start = {"type": "http.response.start", "status": 404, "headers": headers}
    answer = run(sending(start, body_of(b"", False))).answer
    assert answer.is_page and answer.field("X-Own") == ("1" if headers else None)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda body: memoryview(bytearray(body))])
@pytest.mark.parametrize("response", [NOT_FOUND, OWN_PAGE], ids=["replaced", "kept"])
def test_a_body_may_be_any_byte_string(response: Any, kind: Any) -> None:
    middleware = ErrorPagesMiddleware(sending(start_of(response), body_of(kind(response.body), False)))
    for _ in range(3):
        sent = run_asgi(middleware, scope_of(ask()))
        assert sent.error is None
        assert sent.answer.comparable == run(asgi_whole(response)).answer.comparable


def test_a_start_may_lack_headers() -> None:
    assert run(sending({"type": "http.response.start", "status": 404}, {"type": "http.response.body"})).answer.is_page


def test_header_names_may_be_in_any_case() -> None:
    start = {
        "type": "http.response.start",
        "status": 404,
        "headers": [(b"Content-Type", b"text/html"), (b"Allow", b"GET"), (b"ETag", b'"a"'), (b"Content-LENGTH", b"0")],
    }
    answer = run(sending(start, body_of(b"", False))).answer
    assert answer.is_page and answer.field("Allow") == "GET" and answer.field("ETag") is None
    assert len([name for name, _ in answer.headers if name.lower() == "content-length"]) == 1


def test_a_pages_header_names_are_lower_case_bytes() -> None:
    for name, value in run(asgi_whole(NOT_FOUND)).messages[0]["headers"]:
        assert isinstance(name, bytes) and isinstance(value, bytes) and name == name.lower()


def test_header_bytes_beyond_ascii_survive() -> None:
    start = {"type": "http.response.start", "status": 404, "headers": [(b"x-name", b"caf\xc3\xa9 \xff")]}
    headers = run(sending(start, body_of(b"", False))).messages[0]["headers"]
    assert (b"x-name", b"caf\xc3\xa9 \xff") in headers


def test_a_kept_response_keeps_the_order_of_its_fields() -> None:
    fields = [(b"b", b"1"), (b"a", b"2"), (b"b", b"3"), (b"content-type", b"application/json")]
    start = {"type": "http.response.start", "status": 404, "headers": fields}
    headers = run(sending(start, body_of(b"{}", False)), ask("*/*")).messages[0]["headers"]
    assert headers == [*fields, (b"vary", b"Accept")]


@pytest.mark.parametrize("kind", ["http.response.pathsend", "http.response.zerocopysend"])
def test_a_body_sent_as_a_file_is_the_applications_own(kind: str) -> None:
    messages: list[Message] = [start_of(NOT_FOUND), {"type": kind, "path": "/srv/404.html"}]
    assert run(sending(*messages)).messages == messages


def test_trailers_go_with_the_body() -> None:
    start = {**start_of(NOT_FOUND), "trailers": True}
    trailers = {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]}
    sent = run(sending(start, body_of(NOT_FOUND.body, False), trailers))
    assert sent.answer.is_page
    assert not sent.messages[0].get("trailers")


def test_trailers_stay_with_the_body() -> None:
    messages: list[Message] = [
        {**start_of(OWN_PAGE), "trailers": True},
        body_of(OWN_PAGE.body, False),
        {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")], "more_trailers": False},
    ]
    assert run(sending(*messages)).messages == messages


def test_keys_of_a_start_that_nobody_knows_stay_with_a_kept_response() -> None:
    start = {**start_of(data("{}")), "acme": 1}
    assert run(sending(start, body_of(b"{}", False)), ask("*/*")).messages[0]["acme"] == 1


def test_the_rest_of_a_replaced_response_is_swallowed() -> None:
    rest = [body_of(b"x" * 5000, True)] * 4
    sent = run(sending(start_of(OWN_PAGE), *rest, body_of(b"y", False), body_of(b"z", False)), replace="all")
    assert sent.answer.is_page and sent.types == ["http.response.start", "http.response.body"]


def test_what_comes_after_the_end_of_a_replaced_response_is_swallowed() -> None:
    sent = run(sending(start_of(NOT_FOUND), body_of(NOT_FOUND.body, False), body_of(b"more", False)))
    assert sent.answer.is_page


# -- when it is decided ------------------------------------------------------------------------------------------------


def sent_after(*messages: Message, **options: Any) -> list[int]:
    """Count what has reached the server after each of these messages."""
    counts: list[int] = []
    sent = Sent([])

    async def note(message: Message) -> None:
        sent.messages.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
            counts.append(len(sent.messages))

    run_asgi(ErrorPagesMiddleware(app, **options), scope_of(ask()), note)
    return counts


def test_a_success_streams() -> None:
    start = {"type": "http.response.start", "status": 200, "headers": []}
    assert sent_after(start, body_of(b"a", True), body_of(b"b", False)) == [1, 2, 3]


def test_a_body_is_held_no_longer_than_the_look() -> None:
    chunk = b"word " * (LOOK_LIMIT // 10)
    start = {"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]}
    counts = sent_after(start, body_of(chunk, True), body_of(chunk, True), body_of(chunk, True), body_of(b"", False))
    assert counts == [0, 0, 0, 4, 5]


def test_a_larger_content_length_settles_it_at_once() -> None:
    assert sent_after(start_of(markup("x" * (LOOK_LIMIT + 1))), body_of(b"x", True)) == [1, 2]


def test_a_type_that_is_kept_settles_it_at_once() -> None:
    assert sent_after(start_of(respond(404, "x", "image/png")), body_of(b"x", True)) == [1, 2]


def test_sanics_page_of_70_kb_is_recognised_in_one_message() -> None:
    answer = through_asgi(
        ErrorPagesMiddleware(asgi_whole(respond(404, bodies.sanic("No such invoice"), "text/html", length=None))), ask()
    )
    assert answer.is_page and "No such invoice" in answer.text


def test_an_application_that_never_finishes_a_held_response_leaves_a_whole_page() -> None:
    assert run(sending(start_of(NOT_FOUND), body_of(b"Not F", True))).answer.is_page
    assert run(sending(start_of(NOT_FOUND))).answer.is_page


def test_an_application_that_never_finishes_its_own_page_sends_what_it_sent() -> None:
    messages = [start_of(OWN_PAGE), body_of(OWN_PAGE.body, True)]
    assert run(sending(*messages)).messages == messages


def test_an_application_that_sends_nothing_sends_nothing() -> None:
    sent = run(sending())
    assert sent.messages == [] and sent.error is None


def test_a_client_that_left_causes_no_second_page() -> None:
    attempts: list[Message] = []

    async def send(message: Message) -> None:
        attempts.append(message)
        raise OSError("gone")

    sent = run_asgi(ErrorPagesMiddleware(asgi_whole(NOT_FOUND)), scope_of(ask()), send)
    assert isinstance(sent.error, OSError)
    assert [message["type"] for message in attempts] == ["http.response.start"]


def test_a_client_that_leaves_in_the_middle_of_a_page_causes_no_second_one() -> None:
    attempts: list[Message] = []

    async def send(message: Message) -> None:
        attempts.append(message)
        if message["type"] == "http.response.body":
            raise OSError("gone")

    sent = run_asgi(ErrorPagesMiddleware(asgi_whole(NOT_FOUND)), scope_of(ask()), send)
    assert isinstance(sent.error, OSError)
    assert [message["type"] for message in attempts] == ["http.response.start", "http.response.body"]


def test_a_client_that_left_while_a_success_went_out_causes_no_page() -> None:
    attempts: list[Message] = []

    async def send(message: Message) -> None:
        attempts.append(message)
        raise OSError("gone")

    run_asgi(ErrorPagesMiddleware(asgi_whole(text("ok", 200))), scope_of(ask()), send)
    assert [message["status"] for message in attempts] == [200]


# -- many of them ------------------------------------------------------------------------------------------------------


def test_nested_middlewares_handle_a_response_once() -> None:
    events: list[PageEvent] = []
    inner = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), site_name="Inner", on_page=events.append)
    answer = through_asgi(ErrorPagesMiddleware(inner, site_name="Outer", on_page=events.append), ask())
    assert "Inner" in answer.text and "Outer" not in answer.text
    assert len(events) == 1
    assert answer.comparable == through_asgi(inner, ask()).comparable


def test_nested_middlewares_handle_an_exception_once() -> None:
    error = RuntimeError("boom")
    events: list[PageEvent] = []
    inner = ErrorPagesMiddleware(raising(error), site_name="Inner", on_page=events.append)
    sent = run(inner, site_name="Outer", on_page=events.append)
    assert sent.error is error and "Inner" in sent.answer.text
    assert len(events) == len(notes_of(error)) == 1


def test_one_errorpages_serves_many_applications() -> None:
    pages = ErrorPages(site_name="Acme")
    first = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), pages=pages)
    second = ErrorPagesMiddleware(asgi_whole(text("Gone", 410)), pages=pages)
    assert through_asgi(first, ask()).status == 404
    assert through_asgi(second, ask()).status == 410


def test_concurrent_requests_do_not_meet() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        words = f"No such thing {scope['path']}".encode()
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", TEXT.encode())]})
        for index in range(len(words)):
            await asyncio.sleep(0)
            await send(body_of(words[index : index + 1], index < len(words) - 1))

    middleware = ErrorPagesMiddleware(app)

    async def one(number: int) -> bytes:
        sent = Sent([])

        async def send(message: Message) -> None:
            await asyncio.sleep(0)
            sent.messages.append(message)

        async def receive() -> Message:
            raise AssertionError

        await middleware(scope_of(ask(path=f"/{number}/")), receive, send)
        return sent.answer.body

    async def main() -> list[bytes]:
        return await asyncio.gather(*(one(number) for number in range(50)))

    for number, body in enumerate(asyncio.run(main())):
        assert f"No such thing /{number}/<".encode() in body


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
    assert not caplog.records


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
        pytest.param(http.ServiceUnavailable("db1 is down"), 503, {}, None, id="a 5xx is an answer too"),
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
    assert notes_of(error) == [] and not caplog.records


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


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(1), GeneratorExit()], ids=lambda e: repr(e)
)
def test_what_is_no_exception_passes_through(error: BaseException) -> None:
    caught: list[BaseException] = []

    async def server(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await ErrorPagesMiddleware(raising(error))(scope, receive, send)
        except BaseException as raised:  # before asyncio sees it
            caught.append(raised)

    sent = run_asgi(server, scope_of(ask()))
    assert caught == [error] and sent.messages == [] and notes_of(error) == []


def test_once_a_success_was_announced_an_exception_is_only_raised() -> None:
    error = RuntimeError("boom")
    start = {"type": "http.response.start", "status": 200, "headers": []}
    sent = run(raising(error, start))
    assert sent.error is error and sent.messages == [start] and notes_of(error) == []


def test_a_background_task_that_fails_after_a_success_is_only_raised() -> None:
    error = RuntimeError("boom")
    sent = run(raising(error, start_of(text("ok", 200)), body_of(b"ok", False)))
    assert sent.error is error and sent.answer.text == "ok" and notes_of(error) == []


def test_a_background_task_that_fails_after_a_page_causes_no_second_one() -> None:
    error = RuntimeError("boom")
    sent = run(raising(error, start_of(NOT_FOUND), body_of(NOT_FOUND.body, False)))
    assert sent.error is error and sent.answer.is_page


def test_an_exception_after_an_own_page_is_only_raised() -> None:
    error = RuntimeError("boom")
    sent = run(raising(error, start_of(OWN_PAGE), body_of(OWN_PAGE.body, False)))
    assert sent.error is error and sent.answer.body == OWN_PAGE.body


def test_an_exception_in_the_middle_of_a_held_response_becomes_a_page() -> None:
    error = RuntimeError("boom")
    sent = run(raising(error, start_of(NOT_FOUND), body_of(b"Not", True)))
    assert sent.error is error and sent.answer.status == 500 and sent.answer.is_page


def test_an_exception_in_the_middle_of_a_held_response_that_is_left_alone_sends_nothing() -> None:
    error = RuntimeError("boom")
    sent = run(raising(error, start_of(NOT_FOUND), body_of(b"Not", True)), statuses="4xx")
    assert sent.error is error and sent.messages == []


def test_a_page_for_an_exception_tells_on_page_of_it() -> None:
    events: list[PageEvent] = []
    error = RuntimeError("boom")
    run(raising(error), on_page=events.append)
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


def test_nothing_is_logged_for_a_page(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run(asgi_whole(NOT_FOUND))
        run(asgi_whole(text("", 503)))
        run(asgi_whole(data("{}", 503)), ask(JSON))
    assert not [record for record in caplog.records if record.name.startswith("errorpages")]
