"""How an exchange may end early: the client leaves, the server cancels, the application fails."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Generator
from typing import Any

import pytest
from tests.drivers import (
    ASGIApp,
    Message,
    Receive,
    Response,
    Scope,
    Send,
    asgi_whole,
    ask,
    body_of,
    other_lines,
    respond,
    run_asgi,
    scope_of,
    start_of,
    text,
)
from tests.protocol.asgi_apps import NOT_FOUND, OWN_PAGE, notes_of, raising, run

from errorpages.asgi import ErrorPagesMiddleware


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


# -- applications that await at every step -----------------------------------------------------------------------------

SUCCESS = text("ok", 200)


def careful(response: Response, error: Exception | None = None) -> ASGIApp:
    """Make an application that receives, sends in pieces, awaits in between, and may fail at its end."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await checkpoint()
        await send(start_of(response))
        await checkpoint()
        await send(body_of(response.body[:2], True))
        await checkpoint()
        await send(body_of(response.body[2:], False))
        await checkpoint()
        if error is not None:
            raise error

    return app


@types.coroutine
def checkpoint() -> Generator[str]:
    """Hand control to whoever drives the coroutine."""
    yield "checkpoint"


def failing() -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await checkpoint()
        raise RuntimeError("boom")

    return app


APPLICATIONS: dict[str, Callable[[], ASGIApp]] = {
    "a success": lambda: careful(SUCCESS),
    "a page": lambda: careful(NOT_FOUND),
    "an own page": lambda: careful(OWN_PAGE),
    "what its head settles": lambda: careful(respond(404, b"\x89PNG", "image/png")),
    "an exception": failing,
    "a success whose background task fails": lambda: careful(SUCCESS, RuntimeError("boom")),
    "a page whose background task fails": lambda: careful(NOT_FOUND, RuntimeError("boom")),
}


class Driver:
    """Drives an exchange by hand, stopping where the application, or the server in `send`, awaits."""

    def __init__(self, app: ASGIApp, failing_send: int | None = None) -> None:
        self.attempts: list[Message] = []
        self.failing_send = failing_send
        self.steps = 0
        self.error: BaseException | None = None
        self._coroutine: Any = ErrorPagesMiddleware(app)(scope_of(ask()), self._receive, self._send)

    async def _receive(self) -> Message:
        await checkpoint()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: Message) -> None:
        self.attempts.append(message)
        if len(self.attempts) - 1 == self.failing_send:
            raise ConnectionResetError("the client left")
        await checkpoint()

    def run(self, cancel_at: int | None = None) -> Driver:
        """Run to the end, or cancel at the given await."""
        try:
            while True:
                if self.steps == cancel_at:
                    self.before = list(self.attempts)
                    self._coroutine.throw(asyncio.CancelledError("by the server"))
                else:
                    self._coroutine.send(None)
                self.steps += 1
        except StopIteration:
            pass
        except BaseException as error:
            self.error = error
        return self

    @property
    def types(self) -> list[str]:
        return [str(message["type"]) for message in self.attempts]


@pytest.mark.parametrize("make", APPLICATIONS.values(), ids=APPLICATIONS)
def test_cancellation_passes_at_every_await_and_nothing_more_is_sent(
    make: Callable[[], ASGIApp], caplog: pytest.LogCaptureFixture
) -> None:
    whole = Driver(make()).run()
    assert whole.steps >= 4 and len(whole.attempts) >= 2
    for step in range(1, whole.steps):
        driver = Driver(make()).run(cancel_at=step)
        assert isinstance(driver.error, asyncio.CancelledError) and notes_of(driver.error) == []
        assert driver.attempts == driver.before
        assert driver.types == whole.types[: len(driver.types)]
    assert not other_lines(caplog.records)


@pytest.mark.parametrize("make", APPLICATIONS.values(), ids=APPLICATIONS)
def test_after_a_client_left_nothing_more_is_sent(
    make: Callable[[], ASGIApp], caplog: pytest.LogCaptureFixture
) -> None:
    """At the start message, at the first body message, and so on, whatever became of the response."""
    whole = Driver(make()).run()
    for number in range(len(whole.attempts)):
        driver = Driver(make(), failing_send=number).run()
        assert isinstance(driver.error, ConnectionResetError | RuntimeError)
        assert driver.types == whole.types[: number + 1]
    assert not other_lines(caplog.records)


@pytest.mark.parametrize("number", [0, 1], ids=["at the start of the page", "at the body of the page"])
def test_an_accident_is_raised_though_the_client_left_while_its_page_went_out(number: int) -> None:
    """Otherwise the error trackers outside hear of a client that left, and never of the accident."""
    driver = Driver(failing(), failing_send=number).run()
    assert type(driver.error) is RuntimeError and str(driver.error) == "boom"


@pytest.mark.parametrize("response", [SUCCESS, NOT_FOUND, OWN_PAGE], ids=["a success", "a page", "an own page"])
@pytest.mark.parametrize("number", [0, 1], ids=["at the start", "at the body"])
def test_an_application_may_catch_what_send_raises(response: Response, number: int) -> None:
    """It hears that the client left, as it would without the middleware, and no page follows."""
    caught: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in (start_of(response), body_of(response.body, False)):
            try:
                await send(message)
            except OSError as error:
                caught.append(str(error))

    driver = Driver(app, failing_send=number).run()
    assert driver.error is None and caught == ["the client left"]
    assert driver.types.count("http.response.start") == 1


def test_an_application_that_turns_a_lost_client_into_its_own_error_causes_no_second_page() -> None:
    """Starlette raises ClientDisconnect where send raised OSError."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await careful(NOT_FOUND)(scope, receive, send)
        except OSError:
            raise RuntimeError("the client left") from None

    for number in (0, 1):
        driver = Driver(app, failing_send=number).run()
        assert isinstance(driver.error, RuntimeError) and len(driver.attempts) == number + 1


def test_a_task_that_is_cancelled_while_a_page_is_held_sends_nothing() -> None:
    """With a real loop, as a server stops a request that takes too long."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start_of(NOT_FOUND))
        await send(body_of(b"Not ", True))
        await asyncio.sleep(60)

    sent: list[Message] = []

    async def main() -> None:
        async def receive() -> Message:
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(message)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await ErrorPagesMiddleware(app)(scope_of(ask()), receive, send)

    asyncio.run(main())
    assert sent == []
