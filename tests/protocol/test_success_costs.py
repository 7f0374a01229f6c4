"""What a success pays: one wrapped call and one comparison; nothing is read, decoded or made for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import Message, Receive, Scope, Send

import errorpages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HERE = str(Path(errorpages.__file__).parent)
STATUSES = [200, 204, 206, 301, 304, 399]
OPTIONS: dict[str, dict[str, Any]] = {
    "no options": {},
    "every callable": {
        "context": lambda request: {},
        "language": lambda request: "en",
        "reference": lambda *args: "r",
        "replace": lambda *args: True,
        "on_page": print,
        "exclude": "/*",
        "statuses": "4xx 5xx",
    },
}


class Untouchable(dict[str, Any]):
    """A mapping of which only some keys may be looked at."""

    def __init__(self, seen: Iterable[str], **values: Any) -> None:
        super().__init__(values)
        self._seen = frozenset(seen)

    def __getitem__(self, key: str) -> Any:
        assert key in self._seen, f"{key} was looked at"
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if dict.__contains__(self, key) else default

    def _touched(self, *args: object) -> Any:
        raise AssertionError("more was done to it than to look at a key")

    keys = items = values = copy = __iter__ = __contains__ = __setitem__ = __or__ = _touched


class UntouchableList(list[Any]):
    """A list that nobody may look into."""

    def _touched(self, *args: object) -> Any:
        raise AssertionError("the list was read")

    __iter__ = __len__ = __getitem__ = __contains__ = _touched


def calls_inside(run: Callable[[], object]) -> list[str]:
    """Note every call of a function of errorpages' own."""
    calls: list[str] = []

    def note(frame: Any, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(HERE):
            calls.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("status", STATUSES)
def test_a_wsgi_success_is_neither_read_nor_copied(status: int, options: dict[str, Any]) -> None:
    environ = Untouchable({"SCRIPT_NAME", "PATH_INFO"}, SCRIPT_NAME="", PATH_INFO="/")
    headers = UntouchableList()
    body = UntouchableList()
    started: list[object] = []

    def app(given: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert given is environ
        start_response(f"{status} X", headers)
        return body

    def start_response(*args: Any) -> Any:
        started.extend(args[:2])
        return print

    middleware = WSGIMiddleware(app, **options)
    returned: list[object] = []
    calls = calls_inside(lambda: returned.append(middleware(environ, start_response)))
    assert returned[0] is body and started[1] is headers
    assert len(calls) == 2, f"the middleware and its start_response, but these were called: {calls}"


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("status", STATUSES)
def test_an_asgi_success_is_neither_read_nor_copied(status: int, options: dict[str, Any]) -> None:
    scope = Untouchable(
        {"type", "path", "root_path", "headers"}, type="http", path="/", root_path="", headers=UntouchableList()
    )
    messages = [
        Untouchable({"type", "status"}, type="http.response.start", status=status, headers=UntouchableList()),
        *(Untouchable((), type="http.response.body", body=b"x", more_body=True) for _ in range(10)),
    ]
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    middleware = ASGIMiddleware(app, **options)
    calls = calls_inside(lambda: asyncio.run(middleware(scope, receive, send)))
    assert [id(message) for message in sent] == [id(message) for message in messages]
    # Each time it goes on after an await counts as a call.
    assert len([name for name in calls if name != "__call__"]) == len(messages)


def test_headers_that_can_be_read_once_are_left_to_the_server() -> None:
    headers = iter([(b"content-type", b"text/plain")])
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    asyncio.run(ASGIMiddleware(app)({"type": "http"}, receive, send))
    assert sent[0]["headers"] is headers and list(headers) == [(b"content-type", b"text/plain")]
