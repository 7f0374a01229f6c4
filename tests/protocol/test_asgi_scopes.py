"""What is no HTTP request passes, and what every application gets (ASGI specification 3.0)."""

from __future__ import annotations

import asyncio
import copy
import inspect
from typing import Any

import pytest
from tests.drivers import (
    ASGIApp,
    Message,
    Receive,
    Scope,
    Send,
    asgi_whole,
    ask,
    run_asgi,
    scope_of,
    sending,
    text,
)
from tests.protocol.asgi_apps import NOT_FOUND, OWN_PAGE, notes_of, raising

from errorpages.asgi import ErrorPagesMiddleware


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


# -- websockets --------------------------------------------------------------------------------------------------------


async def accepted(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", "headers": []})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})
    await send({"type": "websocket.close", "code": 1000})


async def refused(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})


async def denied(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 404, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "websocket.http.response.body", "body": b"Not Found"})


async def fails_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("boom")


async def fails_in_the_middle(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "headers": []})
    raise RuntimeError("boom")


async def starts_up(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "lifespan.startup"
    scope["state"]["database"] = "open"
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    await send({"type": "lifespan.shutdown.complete"})


async def fails_to_start(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
    raise RuntimeError("no database")


async def fails_to_shut_down(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "stuck"})


WEBSOCKET: list[Message] = [
    {"type": "websocket.connect"},
    {"type": "websocket.receive", "text": "hello"},
    {"type": "websocket.disconnect", "code": 1000},
]
LIFESPAN: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
CONVERSATIONS: list[Any] = [
    pytest.param("websocket", accepted, WEBSOCKET, id="a websocket that is accepted"),
    pytest.param("websocket", refused, WEBSOCKET, id="a websocket that is refused"),
    pytest.param("websocket", denied, WEBSOCKET, id="a websocket that is denied with a response"),
    pytest.param("websocket", fails_at_once, WEBSOCKET, id="a websocket whose application fails at once"),
    pytest.param("websocket", fails_in_the_middle, WEBSOCKET, id="a websocket whose application fails later"),
    pytest.param("lifespan", starts_up, LIFESPAN, id="a lifespan"),
    pytest.param("lifespan", fails_at_once, LIFESPAN, id="a lifespan that the application does not know"),
    pytest.param("lifespan", fails_to_start, LIFESPAN, id="a lifespan whose startup fails"),
    pytest.param("lifespan", fails_to_shut_down, LIFESPAN, id="a lifespan whose shutdown fails"),
]


def converse(app: ASGIApp, kind: str, requests: list[Message]) -> tuple[list[Message], str, dict[str, Any]]:
    """Hold a whole conversation; returns what was sent, what was raised, and the scope afterwards."""
    scope: dict[str, Any] = {"type": kind, "path": "/", "headers": [(b"accept", b"text/html")], "state": {}}
    sent: list[Message] = []
    waiting = [dict(message) for message in requests]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]  # an application gives a coroutine
    except RuntimeError as error:
        return sent, f"{error!r} {notes_of(error)}", scope
    return sent, "", scope


@pytest.mark.parametrize(("kind", "app", "requests"), CONVERSATIONS)
def test_another_conversation_is_the_same_with_the_middleware(
    kind: str, app: ASGIApp, requests: list[Message], caplog: pytest.LogCaptureFixture
) -> None:
    assert converse(ErrorPagesMiddleware(app), kind, requests) == converse(app, kind, requests)
    assert not caplog.records


def test_what_is_no_http_is_told_by_its_type_alone() -> None:
    """A later protocol may have none of the keys that HTTP has."""
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    scope: Scope = {"type": "http3.tunnel"}
    assert run_asgi(ErrorPagesMiddleware(app), scope).error is None
    assert seen[0] is scope and scope == {"type": "http3.tunnel"}


# -- what an application gets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "app",
    [
        pytest.param(asgi_whole(text("ok", 200)), id="a success"),
        pytest.param(asgi_whole(NOT_FOUND), id="a page"),
        pytest.param(asgi_whole(OWN_PAGE), id="an own page"),
        pytest.param(raising(RuntimeError("boom")), id="an exception"),
    ],
)
def test_the_servers_scope_is_never_changed(app: ASGIApp) -> None:
    """ASGI specification, middleware: a scope that is changed is copied; servers use their own again."""
    scope = {**scope_of(ask(x_request_id="req-7")), "state": {"database": "open"}, "extensions": {}}
    before = copy.deepcopy(scope)
    run_asgi(ErrorPagesMiddleware(app, site_name="Acme", context=lambda request: {"scope": request.native}), scope)
    assert scope == before


def test_the_application_gets_the_servers_own_receive() -> None:
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(receive)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        raise AssertionError

    asyncio.run(ErrorPagesMiddleware(app)(scope_of(ask()), receive, send))
    assert seen == [receive]


def test_a_request_body_is_left_for_the_application() -> None:
    """What is not read stays on the server: nothing here calls receive."""
    calls: list[int] = []

    async def receive() -> Message:
        calls.append(1)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass

    for app in (asgi_whole(NOT_FOUND), asgi_whole(OWN_PAGE), asgi_whole(text("ok", 200))):
        asyncio.run(ErrorPagesMiddleware(app)(scope_of(ask(method="POST")), receive, send))
    assert calls == []
