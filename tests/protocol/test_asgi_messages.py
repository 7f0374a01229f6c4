"""Every message that an application may send, in every form it may have (ASGI HTTP specification 2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests import bodies
from tests.drivers import (
    HTML,
    TEXT,
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
from tests.protocol.asgi_apps import NOT_FOUND, OWN_PAGE, raising, run

from errorpages.asgi import ErrorPagesMiddleware
from errorpages.core import LOOK_LIMIT


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
    assert headers == [*fields, (b"vary", b"Accept, HX-Request")]


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


# -- extensions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("response", [OWN_PAGE, data('{"a":1}'), text("ok", 200)], ids=["own", "JSON", "success"])
@pytest.mark.parametrize("message", [EARLY_HINT, PUSH, UNKNOWN], ids=lambda message: str(message["type"]))
def test_an_unknown_message_passes_at_any_place_of_a_kept_response(response: Any, message: Message) -> None:
    start, body = start_of(response), body_of(response.body, True)
    for place in range(4):
        messages = [start, body, body_of(b"", False)]
        messages.insert(place, message)
        passed: list[Message] = []

        async def app(scope: Scope, receive: Receive, send: Send, messages: list[Message] = messages) -> None:
            for item in messages:
                await send(item)

        async def note(item: Message, passed: list[Message] = passed) -> None:
            passed.append(item)

        run_asgi(ErrorPagesMiddleware(app), scope_of(ask("*/*")), note)
        assert [item for item in passed if item is message] == [message]
        assert len(passed) == 4 and b"".join(item.get("body", b"") for item in passed) == response.body


def test_an_unknown_message_is_neither_copied_nor_held() -> None:
    counts = sent_after(start_of(NOT_FOUND), UNKNOWN, body_of(b"Not ", True), EARLY_HINT, body_of(b"Found", False))
    assert counts == [0, 1, 1, 2, 4]


def test_an_exception_after_an_early_hint_still_becomes_a_page() -> None:
    sent = run(raising(RuntimeError("boom"), EARLY_HINT))
    assert sent.messages[0] == EARLY_HINT and Sent(sent.messages[1:]).answer.is_page


ZEROCOPY: list[Message] = [
    {"type": "http.response.zerocopysend", "file": 3, "count": 10, "more_body": True},
    {"type": "http.response.zerocopysend", "file": 3, "offset": 10},
]
PATH: list[Message] = [{"type": "http.response.pathsend", "path": "/srv/404.html"}]


@pytest.mark.parametrize("files", [PATH, ZEROCOPY], ids=["pathsend", "zerocopysend"])
@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize("before", [(), (b"",), (b"Not ",)], ids=["at once", "after nothing", "after a piece"])
def test_a_file_goes_out_as_it_came(files: list[Message], status: int, before: tuple[bytes, ...]) -> None:
    messages = [start_of(text("", status)), *(body_of(piece, True) for piece in before), *files]
    for message in messages:
        message["acme"] = status  # whatever else it carries
    sent = run(sending(*messages), cache_control={500: "no-store"})
    assert sent.types == [message["type"] for message in messages]
    assert sent.messages[1:] == messages[1:]
    assert sent.messages[0]["status"] == status


@pytest.mark.parametrize("files", [PATH, ZEROCOPY], ids=["pathsend", "zerocopysend"])
def test_a_file_behind_a_page_is_swallowed(files: list[Message]) -> None:
    for pieces in ([body_of(b"x" * (LOOK_LIMIT + 1), True)], []):
        sent = run(sending(start_of(respond(404, "", HTML, length=None)), *pieces, *files), replace="all")
        assert sent.answer.is_page and sent.types == ["http.response.start", "http.response.body"]


@pytest.mark.parametrize(
    "response", [text("ok", 200), OWN_PAGE, data("{}")], ids=["a success", "an own page", "what its head settles"]
)
def test_trailers_of_a_response_that_is_not_replaced_pass(response: Any) -> None:
    messages: list[Message] = [
        {**start_of(response), "trailers": True},
        body_of(response.body, False),
        {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")], "more_trailers": True},
        {"type": "http.response.trailers", "headers": [(b"x-end", b"2")]},
    ]
    sent = run(sending(*messages), ask("*/*"))
    assert sent.messages[1:] == messages[1:] and sent.messages[0]["trailers"] is True


# -- what may be missing, and what comes too late ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([{}], id="neither body nor more_body"),
        pytest.param([{"body": b"Not Found"}], id="no more_body"),
        pytest.param([{"more_body": False}], id="no body"),
        pytest.param([{"more_body": True}, {"body": b"Not Found"}], id="no body, then no more_body"),
        pytest.param([{"body": b"Not ", "more_body": True}, {"body": b"Found", "more_body": False}], id="all"),
        pytest.param([{"body": b"Not ", "more_body": 1}, {"body": b"Found", "more_body": 0}], id="numbers"),
    ],
)
@pytest.mark.parametrize("status", [200, 404])
def test_keys_may_be_missing(messages: list[Message], status: int) -> None:
    start = {"type": "http.response.start", "status": status, "headers": [(b"content-type", TEXT.encode())]}
    sent = run(sending(start, *({"type": "http.response.body", **message} for message in messages)))
    assert sent.error is None and sent.answer.status == status and sent.answer.is_page == (status == 404)
    if status == 200:
        assert sent.messages[1:] == [{"type": "http.response.body", **message} for message in messages]


@pytest.mark.parametrize("response", [text("ok", 200), OWN_PAGE, data("{}")], ids=["success", "own page", "by head"])
def test_what_comes_after_the_end_is_for_the_server_to_judge(response: Any) -> None:
    """Some servers raise for it, others ignore it; we add nothing to that."""
    messages = [start_of(response), body_of(response.body, False), body_of(b"more", False), start_of(response)]
    assert run(sending(*messages), ask("*/*")).types == [message["type"] for message in messages]


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param([body_of(b"more", True)] * 3, id="more body"),
        pytest.param([start_of(text("ok", 200)), body_of(b"ok", False)], id="another response"),
        pytest.param([{"type": "http.response.trailers", "headers": []}], id="trailers"),
        pytest.param(PATH, id="a file"),
    ],
)
def test_whatever_comes_after_a_page_is_swallowed(rest: list[Message]) -> None:
    sent = run(sending(start_of(NOT_FOUND), body_of(NOT_FOUND.body, False), *rest))
    assert sent.error is None and sent.answer.is_page


def test_an_application_that_never_finishes_its_success_sends_what_it_sent() -> None:
    for messages in ([start_of(text("", 200))], [start_of(text("", 200)), body_of(b"begun", True)]):
        assert run(sending(*messages)).messages == messages


@pytest.mark.parametrize("size", [1, 100, 1000, LOOK_LIMIT, LOOK_LIMIT + 1])
def test_a_held_body_blocks_no_further_than_the_look_limit(size: int) -> None:
    count = LOOK_LIMIT // size + 1
    start = start_of(respond(404, "", HTML, length=None))
    counts = sent_after(start, *[body_of(b"x" * size, True)] * (count + 2))
    assert counts[count - 1] == 0
    assert counts[count:] == [count + 1, count + 2, count + 3]


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(start_of(text("ok", 200)), id="a success"),
        pytest.param(start_of(respond(404, "", "image/png")), id="a type that is kept"),
        pytest.param(start_of(respond(404, "", HTML, length=LOOK_LIMIT + 1)), id="a large Content-Length"),
        pytest.param(start_of(respond(404, "", TEXT, ("X-Error-Pages", "keep"))), id="what asked to be kept"),
    ],
)
def test_nothing_else_is_held(start: Message) -> None:
    assert sent_after(start, body_of(b"a", True), body_of(b"b", True), body_of(b"", False)) == [1, 2, 3, 4]


@pytest.mark.parametrize("status", [200, 404, 503])
def test_a_start_that_lacks_headers_fails_nobody(status: int) -> None:
    for last in ({"type": "http.response.body"}, {"type": "http.response.body", "body": b"x" * 9000}):
        sent = run(sending({"type": "http.response.start", "status": status}, last))
        assert sent.error is None and sent.messages[0]["status"] == status


@pytest.mark.parametrize("response", [NOT_FOUND, OWN_PAGE], ids=["a stock body", "an own page"])
def test_trailers_never_overtake_a_held_start(response: Any) -> None:
    messages: list[Message] = [
        {**start_of(response), "trailers": True},
        body_of(response.body, True),
        {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]},
    ]
    assert run(sending(*messages)).messages == messages
