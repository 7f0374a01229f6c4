"""That nothing of the server, the application, another request or another middleware is touched."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest
from tests.drivers import (
    JSON,
    TEXT,
    Message,
    Receive,
    Scope,
    Send,
    Sent,
    Told,
    asgi_whole,
    ask,
    body_of,
    data,
    run_asgi,
    scope_of,
    start_of,
    text,
    through_asgi,
)
from tests.protocol.asgi_apps import NOT_FOUND, OWN_PAGE, notes_of, raising, run

from errorpages.asgi import ErrorPagesMiddleware


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
    assert second.answer.vary == {"accept", "hx-request"} and second.answer.field("X-Secret") is None


def test_nested_middlewares_handle_a_response_once() -> None:
    told = Told()
    inner = ErrorPagesMiddleware(asgi_whole(NOT_FOUND), site_name="Inner", on_page=told)
    answer = through_asgi(ErrorPagesMiddleware(inner, site_name="Outer", on_page=told), ask())
    assert "Inner" in answer.text and "Outer" not in answer.text
    assert len(told.events) == 1
    assert answer.comparable == through_asgi(inner, ask()).comparable


def test_nested_middlewares_handle_an_exception_once() -> None:
    error = RuntimeError("boom")
    told = Told()
    inner = ErrorPagesMiddleware(raising(error), site_name="Inner", on_page=told)
    sent = run(inner, site_name="Outer", on_page=told)
    assert sent.error is error and "Inner" in sent.answer.text
    assert len(told.events) == len(notes_of(error)) == 1


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


def test_concurrent_exchanges_of_every_kind_do_not_meet() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        kind = int(path.strip("/")) % 4
        await asyncio.sleep(0)
        if kind == 3:
            raise RuntimeError(path)
        status, type = ((200, TEXT), (404, TEXT), (404, JSON))[kind]
        headers = [(b"content-type", type.encode()), (b"x-path", path.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for letter in path.encode():
            await asyncio.sleep(0)
            await send(body_of(bytes([letter]), True))
        await send(body_of(b"", False))

    middleware = ErrorPagesMiddleware(app, site_name="Acme")

    async def one(number: int) -> Sent:
        sent = Sent([])

        async def send(message: Message) -> None:
            await asyncio.sleep(0)
            sent.messages.append(message)

        async def receive() -> Message:
            raise AssertionError

        try:
            await middleware(scope_of(ask(path=f"/{number}/", x_request_id=f"req-{number}.")), receive, send)
        except RuntimeError as error:
            sent.error = error
        return sent

    async def main() -> list[Sent]:
        return await asyncio.gather(*(one(number) for number in range(200)))

    for number, sent in enumerate(asyncio.run(main())):
        kind, answer = number % 4, sent.answer
        assert answer.status == (200, 404, 404, 500)[kind] and answer.is_page == (kind in (1, 3))
        assert kind == 3 or answer.field("X-Path") == f"/{number}/"
        assert kind in (1, 3) or answer.text == f"/{number}/"
        assert answer.text.count("req-") == (kind == 3) == (f"req-{number}." in answer.text)
        assert (sent.error is not None) == (kind == 3)
        assert kind != 3 or (str(sent.error) == f"/{number}/" and f"req-{number}." in notes_of(sent.error)[0])


@pytest.mark.parametrize(
    "response", [NOT_FOUND, data('{"a":1}'), data("{}", 503)], ids=["a page", "kept JSON", "amended JSON"]
)
def test_no_two_exchanges_share_a_message_or_a_list(response: Any) -> None:
    middleware = ErrorPagesMiddleware(asgi_whole(response))
    exchanges = [run_asgi(middleware, scope_of(ask("*/*"))).messages for _ in range(4)]
    objects = [id(item) for messages in exchanges for message in messages for item in (message, message.get("headers"))]
    mutable = [number for number in objects if number != id(None)]
    assert len(set(mutable)) == len(mutable)
    assert all(type(messages[0]["headers"]) is list for messages in exchanges)


def test_the_applications_own_list_of_headers_is_not_handed_to_the_server_with_an_amended_response() -> None:
    headers = [(b"content-type", b"application/json")]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send(body_of(b"{}", False))

    for _ in range(3):
        run(app, ask("*/*")).messages[0]["headers"].append((b"x-secret", b"Ada"))
    assert headers == [(b"content-type", b"application/json")]


def test_the_fields_of_security_and_cors_middleware_outside_reach_the_page() -> None:
    middleware = ErrorPagesMiddleware(asgi_whole(NOT_FOUND))

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"access-control-allow-origin", b"*"))
            await send(message)

        await middleware(scope, receive, adding)

    for _ in range(3):
        answer = through_asgi(outer, ask())
        assert answer.is_page and answer.field("Access-Control-Allow-Origin") == "*"
