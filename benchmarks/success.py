"""What a successful response pays: compared with an empty middleware of the same protocol."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from benchmarks.exchanges import asgi_call, wsgi_call
from benchmarks.timing import compare, compare_async
from errorpages import asgi, wsgi
from errorpages.asgi import ASGIApp, Message, Receive, Scope, Send
from errorpages.maintenance import FileSwitch, State

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Result = tuple[str, float, float, dict[str, float]]


async def _asgi_app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class _EmptyASGIMiddleware:
    """Watches every message, as any middleware that cares for responses must, and does nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            await send(message)

        await self.app(scope, receive, watch)


def _wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


class _EmptyWSGIMiddleware:
    """Watches start_response, and does nothing."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def watch(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            return start_response(status, headers, exc_info)

        return self.app(environ, watch)


def asgi_success() -> Iterator[Result]:
    """Measure what is added to a success in ASGI."""
    times = compare_async(
        {
            "bare": asgi_call(_asgi_app),
            "empty": asgi_call(_EmptyASGIMiddleware(_asgi_app)),
            "errorpages": asgi_call(asgi.ErrorPagesMiddleware(_asgi_app)),
        },
        20_000,
    )
    yield _added("ASGI success: added, to what an empty middleware adds", 1.25, times)


def wsgi_success() -> Iterator[Result]:
    """Measure what is added to a success in WSGI."""
    times = compare(
        {
            "bare": wsgi_call(_wsgi_app),
            "empty": wsgi_call(_EmptyWSGIMiddleware(_wsgi_app)),
            "errorpages": wsgi_call(wsgi.ErrorPagesMiddleware(_wsgi_app)),
        },
        20_000,
    )
    yield _added("WSGI success: added, to what an empty middleware adds", 1.5, times)


def open_switch() -> Iterator[Result]:
    """Measure what is added to a success where there is a maintenance switch, and it is off."""
    with tempfile.TemporaryDirectory() as folder:
        switch = FileSwitch(f"{folder}/switch.json")
        switch.write(State())
        asgi_times = compare_async(
            {
                "bare": asgi_call(_asgi_app),
                "empty": asgi_call(_EmptyASGIMiddleware(_asgi_app)),
                "errorpages": asgi_call(asgi.ErrorPagesMiddleware(_asgi_app, maintenance=switch)),
            },
            20_000,
        )
        wsgi_times = compare(
            {
                "bare": wsgi_call(_wsgi_app),
                "empty": wsgi_call(_EmptyWSGIMiddleware(_wsgi_app)),
                "errorpages": wsgi_call(wsgi.ErrorPagesMiddleware(_wsgi_app, maintenance=switch)),
            },
            20_000,
        )
    yield _added("ASGI success, maintenance off: the same", 1.75, asgi_times)
    yield _added("WSGI success, maintenance off: the same", 2.75, wsgi_times)


def _added(name: str, target: float, times: dict[str, float]) -> Result:
    return name, (times["errorpages"] - times["bare"]) / (times["empty"] - times["bare"]), target, times


MEASUREMENTS = (asgi_success, wsgi_success, open_switch)
