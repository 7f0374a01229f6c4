"""Three ways to put one exchange to the test: the core alone, as a WSGI server, and as an ASGI server.

A request is an `errorpages.Request`, whichever driver it goes through; `ask` writes one down in short. What the
application answers is a `Response`, which every way of `WSGI_WAYS` and `ASGI_WAYS` sends in pieces of its own. What
comes out is an `Answer`.
"""

from __future__ import annotations

import asyncio
import html
import importlib
import io
import logging
import os
import random
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

import pytest

from errorpages import ErrorPages, Page, PageEvent, Request, ResponseHead
from errorpages.core import LOOK_LIMIT, Pending
from errorpages.exchange import Kept
from errorpages.telemetry import flush

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = tuple[tuple[str, str], ...]
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""What browsers send when a person follows a link."""

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"
XML = "application/xml"

NOT_STORABLE: Headers = (
    ("Cache-Control", "no-cache, no-store, must-revalidate"),
    ("Pragma", "no-cache"),
    ("Expires", "0"),
)


# -- requests and responses --------------------------------------------------------------------------------------------


def ask(
    accept: str | None = BROWSER,
    *,
    method: str = "GET",
    path: str = "/things/1",
    root_path: str = "",
    query: str = "",
    native: Mapping[str, Any] | None = None,
    **fields: str,
) -> Request:
    """Write down a request; a keyword such as ``hx_request`` is a field, ``native`` joins the environ or scope."""
    headers = [("Accept", accept)] if accept is not None else []
    headers += [(name.replace("_", "-"), value) for name, value in fields.items()]
    return Request(method, path, root_path, query, tuple(headers), "203.0.113.9", dict(native or {}))


@dataclass(frozen=True)
class Response:
    """What the application answers."""

    status: int = 404
    headers: Headers = ()
    body: bytes = b""

    def field(self, name: str) -> str | None:
        return joined(self.headers, name)


def respond(
    status: int = 404,
    body: str | bytes = "",
    type: str | None = TEXT,
    *fields: tuple[str, str],
    length: int | None = -1,
) -> Response:
    """Write down a response; ``length`` is the body's unless given, and None leaves Content-Length out."""
    content = body.encode() if isinstance(body, str) else body
    headers = [("Content-Type", type)] if type is not None else []
    if length is not None:
        headers.append(("Content-Length", str(len(content) if length < 0 else length)))
    return Response(status, (*headers, *fields), content)


def text(body: str, status: int = 404, *fields: tuple[str, str]) -> Response:
    return respond(status, body, TEXT, *fields)


def markup(body: str, status: int = 404, *fields: tuple[str, str]) -> Response:
    return respond(status, body, HTML, *fields)


def data(body: str, status: int = 404, *fields: tuple[str, str], type: str = JSON) -> Response:
    return respond(status, body, type, *fields)


def joined(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    values = [value for field_name, value in headers if field_name.lower() == name.lower()]
    return ", ".join(values) if values else None


@dataclass(frozen=True)
class Answer:
    """What the client gets."""

    status: int
    headers: Headers
    body: bytes
    reason: str = field(default="", compare=False)

    def field(self, name: str) -> str | None:
        """Find a field's value, several joined by a comma."""
        return joined(self.headers, name)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def vary(self) -> set[str]:
        return names_in(self.field("Vary"))

    @property
    def is_page(self) -> bool:
        return self.field("X-Error-Pages") == "page"

    @property
    def comparable(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """The answer without what differs from one moment to the next; nothing in it changes its length."""
        headers = sorted((name.lower(), value) for name, value in self.headers)
        return self.status, headers, _MOMENT.sub(b"(moment)", _UUID.sub(b"(uuid)", self.body))


_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ| \d\d:\d\d UTC)")


def names_in(value: str | None) -> set[str]:
    """Read a list of field names."""
    return {name.strip().lower() for name in (value or "").split(",") if name.strip()}


def answer_of(page: Page) -> Answer:
    return Answer(page.status, page.headers, page.body)


def shown(message: str) -> str:
    """Escape a message as HTML, for a look into a page."""
    return html.escape(message, quote=False)


def framework(name: str) -> Any:
    """Import a framework, or skip the test where it is missing; with ERRORPAGES_REQUIRE_ALL=1 that is a failure."""
    if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1":
        return importlib.import_module(name)
    return pytest.importorskip(name)


# -- the core ----------------------------------------------------------------------------------------------------------


def through_core(pages: ErrorPages, request: Request, response: Response) -> Answer:
    """Put an exchange to the core, as an adapter does."""
    random.seed(1)
    request = replace(request, native=dict(request.native))  # each has its own, which middlewares may mark
    outcome: Page | Kept | Pending = pages.consider(request, ResponseHead(response.status, response.headers))
    if isinstance(outcome, Pending):
        outcome = outcome.settle(response.body[: LOOK_LIMIT + 1], len(response.body) <= LOOK_LIMIT)
    if isinstance(outcome, Page):
        return answer_of(outcome)
    assert isinstance(outcome, Kept)
    headers = response.headers if outcome.headers is None else outcome.headers
    return Answer(response.status, headers, response.body)


def is_held(pages: ErrorPages, request: Request, response: Response) -> bool:
    """Tell whether a response is held back until its body was looked at."""
    request = replace(request, native=dict(request.native))
    return isinstance(pages.consider(request, ResponseHead(response.status, response.headers)), Pending)


# -- WSGI --------------------------------------------------------------------------------------------------------------


def environ_of(request: Request) -> dict[str, Any]:
    """Make the environ that a server makes of a request (PEP 3333)."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": request.root_path.encode().decode("latin-1"),
        "PATH_INFO": request.path.encode().decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.client is not None:
        environ["REMOTE_ADDR"] = request.client
    for name in dict.fromkeys(name.upper().replace("-", "_") for name, _ in request.headers):
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        environ[key] = request.header(name.replace("_", "-"))
    return environ | dict(request.native)


class WSGIServer:
    """Runs a WSGI application as a server does, noting what it does."""

    def __init__(self) -> None:
        self.starts: list[tuple[str, list[tuple[str, str]]]] = []
        self.written: list[bytes] = []

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        if self.starts and exc_info is None:
            raise AssertionError("start_response was called again without exc_info")
        if exc_info is not None and any(self.written):
            assert exc_info[1] is not None
            raise exc_info[1]
        self.starts.append((status, headers))
        return self.written.append

    def run(self, app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
        result = app(environ, self.start_response)
        try:
            for item in result:
                assert self.starts, "the first item came before start_response"
                self.written.append(item)
        finally:
            if hasattr(result, "close"):
                result.close()
        status, headers = self.starts[-1]
        return Answer(int(status[:3]), tuple(headers), b"".join(self.written), status)


def through_wsgi(app: WSGIApplication, request: Request) -> Answer:
    """Send a request to a WSGI application."""
    random.seed(1)
    return WSGIServer().run(app, environ_of(request))


def checked(app: WSGIApplication) -> WSGIApplication:
    """Watch over both sides of a WSGI application's conversation."""
    return validator(app)


def status_line(status: int) -> str:
    return f"{status} As The Application Says"


def wsgi_list(response: Response) -> WSGIApplication:
    return _wsgi_items(response, lambda body: [body])


def wsgi_bytewise(response: Response) -> WSGIApplication:
    return _wsgi_items(response, in_bytes)


def wsgi_with_empty_items(response: Response) -> WSGIApplication:
    return _wsgi_items(response, lambda body: [b"", body[:3], b"", b"", body[3:], b""])


def wsgi_no_items(response: Response) -> WSGIApplication:
    return _wsgi_items(response, lambda body: [body] if body else [])


def wsgi_generator(response: Response) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response(status_line(response.status), list(response.headers))
        yield response.body[:5]
        yield response.body[5:]

    return app


def wsgi_write(response: Response) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response(status_line(response.status), list(response.headers))
        for piece in in_bytes(response.body):
            write(piece)
        return []

    return app


def wsgi_write_and_items(response: Response) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        write = start_response(status_line(response.status), list(response.headers))
        write(response.body[:4])
        return [response.body[4:]]

    return app


def wsgi_second_start(response: Response) -> WSGIApplication:
    """Announce a success first, then the error that came up."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", TEXT)])
        try:
            raise RuntimeError("after the start")
        except RuntimeError:
            start_response(status_line(response.status), list(response.headers), sys.exc_info())
        return [response.body]

    return app


def _wsgi_items(response: Response, split: Callable[[bytes], list[bytes]]) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status_line(response.status), list(response.headers))
        return split(response.body)

    return app


def in_bytes(body: bytes) -> list[bytes]:
    return [body[index : index + 1] for index in range(len(body))]


WSGI_WAYS: dict[str, Callable[[Response], WSGIApplication]] = {
    "a list of one": wsgi_list,
    "byte by byte": wsgi_bytewise,
    "empty items in between": wsgi_with_empty_items,
    "no items where there is no body": wsgi_no_items,
    "a generator that starts late": wsgi_generator,
    "write": wsgi_write,
    "write, then items": wsgi_write_and_items,
    "a second start_response": wsgi_second_start,
}


# -- ASGI --------------------------------------------------------------------------------------------------------------


def scope_of(request: Request) -> dict[str, Any]:
    """Make the scope that a server makes of a request (ASGI HTTP specification 2.4)."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": request.root_path + request.path,
        "raw_path": (request.root_path + request.path).encode(),
        "root_path": request.root_path,
        "query_string": request.query.encode("latin-1"),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
        "client": (request.client, 50000) if request.client else None,
        "server": ("testserver", 80),
    } | dict(request.native)


@dataclass
class Sent:
    """What an ASGI application sent, and how it ended."""

    messages: list[Message]
    error: BaseException | None = None

    @property
    def types(self) -> list[str]:
        return [str(message["type"]) for message in self.messages]

    @property
    def answer(self) -> Answer:
        """The answer; the messages must be a start and bodies, the last of which ends the response."""
        start, *rest = self.messages
        assert start["type"] == "http.response.start"
        assert [message["type"] for message in rest] == ["http.response.body"] * len(rest)
        assert rest, "the response was not finished"
        assert [bool(message.get("more_body", False)) for message in rest] == [True] * (len(rest) - 1) + [False]
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
        return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))


def run_asgi(app: ASGIApp, scope: Scope, send: Send | None = None) -> Sent:
    """Run an ASGI application as a server does; what it raises is noted."""
    sent = Sent([])
    requests: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if not requests:
            await asyncio.Event().wait()  # the client waits for its answer
        return requests.pop()

    async def note(message: Message) -> None:
        sent.messages.append(message)

    async def main() -> None:
        try:
            await app(scope, receive, send or note)
        except BaseException as error:
            sent.error = error

    asyncio.run(main())
    return sent


def through_asgi(app: ASGIApp, request: Request) -> Answer:
    """Send a request to an ASGI application that must not raise."""
    random.seed(1)
    sent = run_asgi(app, scope_of(request))
    if sent.error is not None:
        raise sent.error
    return sent.answer


def encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def start_of(response: Response) -> Message:
    return {"type": "http.response.start", "status": response.status, "headers": encoded(response.headers)}


def body_of(chunk: bytes, more_body: bool) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": more_body}


def asgi_whole(response: Response) -> ASGIApp:
    return sending(start_of(response), body_of(response.body, False))


def asgi_bytewise(response: Response) -> ASGIApp:
    pieces = in_bytes(response.body) or [b""]
    bodies = [body_of(piece, True) for piece in pieces[:-1]] + [body_of(pieces[-1], False)]
    return sending(start_of(response), *bodies)


def asgi_with_empty_messages(response: Response) -> ASGIApp:
    chunks = (b"", response.body[:3], b"", b"", response.body[3:])
    return sending(start_of(response), *(body_of(chunk, True) for chunk in chunks), body_of(b"", False))


def asgi_trailing_message(response: Response) -> ASGIApp:
    return sending(start_of(response), body_of(response.body, True), body_of(b"", False))


def asgi_missing_keys(response: Response) -> ASGIApp:
    first: Message = {"type": "http.response.body", "body": response.body, "more_body": True}
    return sending(start_of(response), first, {"type": "http.response.body"})


def asgi_no_more_body(response: Response) -> ASGIApp:
    last: Message = {"type": "http.response.body", "body": response.body}
    return sending(start_of(response), {"type": "http.response.body", "more_body": True}, last)


def sending(*messages: Message) -> ASGIApp:
    """Make an application that sends these messages; each request gets its own."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(dict(message))

    return app


ASGI_WAYS: dict[str, Callable[[Response], ASGIApp]] = {
    "one message": asgi_whole,
    "byte by byte": asgi_bytewise,
    "empty messages in between": asgi_with_empty_messages,
    "a trailing empty message": asgi_trailing_message,
    "body and more_body missing": asgi_missing_keys,
    "more_body missing": asgi_no_more_body,
}


# -- telemetry ---------------------------------------------------------------------------------------------------------


class Told(list[PageEvent]):
    """A hook that notes the events; ``events`` waits until it was told of all pages so far."""

    def __call__(self, event: PageEvent) -> None:
        self.append(event)

    @property
    def events(self) -> list[PageEvent]:
        assert flush(60), "the hook was not told in time"
        return list(self)


@contextmanager
def watched_log() -> Iterator[list[logging.LogRecord]]:
    """Collect what errorpages logs, whatever frameworks made of the root logger, and keep it from pytest."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign,assignment]
    logger = logging.getLogger("errorpages")
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield records
    finally:
        logger.propagate = before
        logger.removeHandler(handler)


def page_lines(records: Iterable[logging.LogRecord]) -> list[logging.LogRecord]:
    """Select the log lines that errorpages writes for pages that were served."""
    return [record for record in records if record.name == "errorpages" and hasattr(record, "errorpages")]


def page_fields(record: logging.LogRecord) -> dict[str, Any]:
    """Read what the log line of a page carries for formatters."""
    fields: dict[str, Any] = record.__dict__["errorpages"]
    return fields


def other_lines(records: Iterable[logging.LogRecord]) -> list[logging.LogRecord]:
    """Select whatever else errorpages logged: something failed."""
    return [record for record in records if record.name.startswith("errorpages") and not hasattr(record, "errorpages")]
