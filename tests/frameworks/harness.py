"""Drives the applications of the matrix in-process, with error pages and without.

An application is a module in `apps`: ``NAME`` is its row, ``PROTOCOL`` says how it is spoken to, ``DISTRIBUTIONS``
whose versions the table shows, ``make`` makes it, ``EXPECTED`` names the behaviours that it can't show, with the
reason, and ``MADE`` notes each piece of a stream as it is made.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import os
import random
import re
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.decorators import sync_and_async_middleware
from tests.drivers import Answer, ASGIApp, Headers, Message, Sent, WSGIServer, checked, environ_of, scope_of

from errorpages import Request
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.django import ErrorPagesMiddleware as DjangoMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

APPS = Path(__file__).with_name("apps")
STARTUP_TIMEOUT = 20  # seconds


@dataclass
class Outcome:
    """What became of a request."""

    answer: Answer | None
    error: BaseException | None = None
    made: list[int] = field(default_factory=list)
    """How many pieces of its stream the application had made when each piece arrived."""


@dataclass(frozen=True)
class Subject:
    """An application of the matrix."""

    name: str
    protocol: str
    stem: str

    @property
    def is_asgi(self) -> bool:
        return self.protocol == "asgi"

    @property
    def module(self) -> ModuleType:
        """The application's module; where its framework is missing, the test is skipped."""
        return load(self.stem)

    def run(self, request: Request, *, bare: bool = False, **options: Any) -> Outcome:
        """Send a request to a new application, with error pages or bare."""
        module = self.module
        random.seed(1)
        module.MADE.clear()
        if bare:
            with without_pages(module):
                app = module.make(**options)
        else:
            app = module.make(**options)
        run = run_asgi if self.is_asgi else run_wsgi
        return run(app, replace(request, headers=(("Host", "testserver"), *request.headers)), module.MADE)

    def visit(self, request: Request, **options: Any) -> Answer:
        """Send a request to a new application that must answer; only under ASGI may it raise then."""
        outcome = self.run(request, **options)
        if outcome.error is not None and not (self.is_asgi and outcome.answer):
            raise outcome.error
        assert outcome.answer is not None
        return outcome.answer


def subjects() -> list[Subject]:
    """Find the applications; their frameworks are not imported for that."""
    found = []
    for path in sorted(APPS.glob("*.py")):
        told = {
            node.targets[0].id: node.value.value
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        found.append(Subject(str(told["NAME"]), str(told["PROTOCOL"]), path.stem))
    return sorted(found, key=lambda subject: (subject.protocol != "wsgi", subject.name.lower()))


def load(stem: str) -> ModuleType:
    """Import an application, or skip where its framework is missing; with ERRORPAGES_REQUIRE_ALL=1 that fails."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a framework warns of while it is imported is its own affair
            return importlib.import_module(f"tests.frameworks.apps.{stem}")
    except ModuleNotFoundError as error:
        if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1" or (error.name or "").startswith(("tests", "errorpages")):
            raise
        pytest.skip(f"{error.name} is not installed")


# -- without error pages -----------------------------------------------------------------------------------------------


class BareWSGI:
    """Stands where the middleware would, and does nothing."""

    def __init__(self, app: WSGIApplication, **options: Any) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.app(environ, start_response)


class BareASGI:
    """Stands where the middleware would, and does nothing."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@sync_and_async_middleware
def bare_django(get_response: Any) -> Any:
    """Stand where the middleware would, and do nothing."""
    return get_response


BARE: dict[Any, Any] = {WSGIMiddleware: BareWSGI, ASGIMiddleware: BareASGI, DjangoMiddleware: bare_django}


@contextmanager
def without_pages(module: ModuleType) -> Iterator[None]:
    """Have a module make its application without error pages."""
    kept = {name: value for name, value in vars(module).items() if isinstance(value, type) and value in BARE}
    assert kept, "the application has no error pages to do without"
    vars(module).update({name: BARE[value] for name, value in kept.items()})
    try:
        yield
    finally:
        vars(module).update(kept)


# -- servers -----------------------------------------------------------------------------------------------------------


class CountingServer(WSGIServer):
    """Notes at each piece of a body how many the application had made."""

    def __init__(self, made: list[int]) -> None:
        super().__init__()
        self._made = made
        self.counts: list[int] = []

    def watched(self, app: WSGIApplication) -> WSGIApplication:
        def watching(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            result = app(environ, start_response)
            try:
                for item in result:
                    if item:
                        self.counts.append(len(self._made))
                    yield item
            finally:
                if hasattr(result, "close"):
                    result.close()

        return watching


def run_wsgi(app: WSGIApplication, request: Request, made: list[int]) -> Outcome:
    """Send a request to a WSGI application, of which wsgiref's validator watches each step."""
    server = CountingServer(made)
    try:
        answer = server.run(server.watched(checked(app)), environ_of(request))
    except Exception as error:
        return Outcome(None, error)
    return Outcome(answer, None, server.counts)


def run_asgi(app: ASGIApp, request: Request, made: list[int]) -> Outcome:
    """Send a request to an ASGI application within its lifespan."""
    sent = Sent([])
    counts: list[int] = []
    requests: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]
    is_over = asyncio.Event()

    async def receive() -> Message:
        if requests:
            return requests.pop()
        await is_over.wait()  # the client waits for its answer
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if "headers" in message:
            message = {**message, "headers": list(message["headers"])}
        if message.get("body"):
            counts.append(len(made))
        sent.messages.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            is_over.set()

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            state: dict[str, Any] = {}
            stop = await _started(app, state, tasks)
            try:
                await app({**scope_of(request), "state": state}, receive, send)
            except Exception as error:
                sent.error = error
            await stop()

    asyncio.run(main())
    return Outcome(sent.answer if sent.messages else None, sent.error, counts)


async def _started(app: ASGIApp, state: dict[str, Any], tasks: asyncio.TaskGroup) -> Callable[[], Awaitable[None]]:
    """Start an application's lifespan, if it has one; returns what ends it."""
    events: asyncio.Queue[Message] = asyncio.Queue()
    answers: asyncio.Queue[Message] = asyncio.Queue()

    async def live() -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
        with suppress(Exception):  # one that has no lifespan raises
            await app(scope, events.get, answers.put)
        await answers.put({"type": "none"})

    task = tasks.create_task(live())
    await events.put({"type": "lifespan.startup"})
    started = await asyncio.wait_for(answers.get(), STARTUP_TIMEOUT)
    assert started["type"] in ("lifespan.startup.complete", "none"), started

    async def stop() -> None:
        await events.put({"type": "lifespan.shutdown"})
        await asyncio.wait_for(task, STARTUP_TIMEOUT)

    return stop


# -- comparisons -------------------------------------------------------------------------------------------------------

_OF_THE_MOMENT = frozenset({"date"})
_OF_ONE_RUN = re.compile(rb'[Ss]hop-\d+|"csrfToken": "\w+"')  # a name that Sanic takes once, Django's token


def fields(answer: Answer, *, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Read an answer's fields in their order, without what changes from one moment to the next."""
    left_out = _OF_THE_MOMENT | set(without)
    return [(name.lower(), value) for name, value in answer.headers if name.lower() not in left_out]


def values(headers: Headers, name: str) -> list[str]:
    return [value for field_name, value in headers if field_name.lower() == name.lower()]


def assert_kept(answer: Answer, bare: Answer) -> None:
    """An error response stayed as it was; only Vary may say more."""
    assert answer.status == bare.status
    assert _OF_ONE_RUN.sub(b"", answer.body) == _OF_ONE_RUN.sub(b"", bare.body)
    assert fields(answer, without=["vary"]) == fields(bare, without=["vary"])
    assert answer.vary >= bare.vary and not answer.is_page


every_subject = partial(pytest.mark.parametrize, "subject")(
    [pytest.param(subject, id=subject.name) for subject in subjects()]
)
