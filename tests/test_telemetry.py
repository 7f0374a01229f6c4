"""What operators see of each page: an event for the hook, and a line of the log."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    JSON,
    TEXT,
    Answer,
    Message,
    Receive,
    Response,
    Scope,
    Send,
    Told,
    WSGIServer,
    ask,
    body_of,
    data,
    environ_of,
    other_lines,
    page_fields,
    page_lines,
    scope_of,
    start_of,
    status_line,
    text,
    through_asgi,
    through_wsgi,
)

from errorpages import ErrorPages, PageEvent, Request
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.telemetry import flush
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Middleware = Callable[..., Callable[[Request], Answer]]

NOT_FOUND = text("Not Found")
AWAY = text("Service Unavailable", 503)
ROUTED = {"route": SimpleNamespace(path="/things/{id}")}


def wsgi(response: Response | Exception, **options: Any) -> Callable[[Request], Answer]:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if isinstance(response, Exception):
            raise response
        start_response(status_line(response.status), list(response.headers))
        return [response.body]

    middleware = WSGIMiddleware(app, **options)
    return lambda request: through_wsgi(middleware, request)


def asgi(response: Response | Exception, **options: Any) -> Callable[[Request], Answer]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if isinstance(response, Exception):
            raise response
        await send(start_of(response))
        await send(body_of(response.body, False))

    middleware = ASGIMiddleware(app, **options)

    def visit(request: Request) -> Answer:
        try:
            return through_asgi(middleware, request)
        except RuntimeError:
            return Answer(500, (), b"")  # an accident is raised again, once its page was sent

    return visit


both = pytest.mark.parametrize("middleware", [pytest.param(wsgi, id="WSGI"), pytest.param(asgi, id="ASGI")])


def fields_of(event: PageEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__slots__}


# -- events ------------------------------------------------------------------------------------------------------------

BOOM = RuntimeError("boom")


@both
@pytest.mark.parametrize(
    ("response", "request_", "expected"),
    [
        pytest.param(
            NOT_FOUND,
            ask(path="/things/7", native=ROUTED),
            {
                "status": 404,
                "cause": "response",
                "method": "GET",
                "path": "/things/7",
                "route": "/things/{id}",
                "format": "html",
                "language": "en",
                "reference": None,
                "exception": None,
            },
            id="a response",
        ),
        pytest.param(
            AWAY,
            ask("application/json", method="POST", x_request_id="req-7"),
            {
                "status": 503,
                "cause": "response",
                "method": "POST",
                "path": "/things/1",
                "route": None,
                "format": "json",
                "language": "en",
                "reference": "req-7",
                "exception": None,
            },
            id="a response with a reference",
        ),
        pytest.param(
            BOOM,
            ask("text/plain", x_request_id="req-8"),
            {
                "status": 500,
                "cause": "exception",
                "method": "GET",
                "path": "/things/1",
                "route": None,
                "format": "text",
                "language": "en",
                "reference": "req-8",
                "exception": BOOM,
            },
            id="an exception",
        ),
        pytest.param(
            NOT_FOUND,
            ask(path="/a", root_path="/shop"),
            {"path": "/a"},
            id="a mount",
        ),
        pytest.param(NOT_FOUND, ask(method="HEAD"), {"method": "HEAD", "format": "html"}, id="HEAD"),
        pytest.param(NOT_FOUND, ask(sec_fetch_dest="image"), {"format": "text", "language": "en"}, id="a short line"),
    ],
)
def test_an_event_says_what_was_served(
    middleware: Middleware, response: Response | Exception, request_: Request, expected: dict[str, Any]
) -> None:
    told = Told()
    middleware(response, on_page=told)(request_)
    (event,) = told.events
    assert {name: getattr(event, name) for name in expected} == expected
    assert 0 < event.duration < 60


@both
def test_a_page_that_could_not_be_made_has_an_event_too(
    middleware: Middleware, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise LookupError

    monkeypatch.setattr("errorpages.composition.Composition.page", fail)
    told = Told()
    assert middleware(NOT_FOUND, on_page=told)(ask()).body == b"404 Not Found\n"
    assert [(event.status, event.format) for event in told.events] == [(404, "text")]


@both
def test_an_own_handlers_page_has_no_event_since_nobody_knows_whether_it_is_sent(middleware: Middleware) -> None:
    told = Told()
    site = ErrorPages(on_page=told)
    page = site.page(ask(), 404)
    middleware(Response(404, page.headers, page.body), pages=site)(ask())
    assert told.events == []


@both
@pytest.mark.parametrize(
    "options", [pytest.param({}, id="for everyone"), pytest.param({"pages": True}, id="chosen for each request")]
)
def test_every_request_has_an_event_of_its_own(middleware: Middleware, options: dict[str, Any]) -> None:
    told = Told()
    site = ErrorPages(on_page=told)
    visit = middleware(NOT_FOUND, pages=(lambda request: site) if options else site)
    requests = [
        ask(path=f"/{number}", native={"route": SimpleNamespace(path=f"/r{number}")}, x_request_id=f"req-{number}")
        for number in range(4)
    ]
    assert {visit(request).status for request in requests} == {404}
    events = told.events
    assert [event.path for event in events] == ["/0", "/1", "/2", "/3"]
    assert [event.route for event in events] == ["/r0", "/r1", "/r2", "/r3"]
    assert len({event.duration for event in events}) > 1
    same = [fields_of(replace(event, path="", route=None, duration=0)) for event in events]
    assert same == [same[0]] * 4


@both
def test_a_hook_does_not_keep_pages_from_being_remembered(
    middleware: Middleware, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    visit = middleware(NOT_FOUND, on_page=told)
    first = visit(ask())

    def fail(*args: object, **keywords: object) -> None:
        raise AssertionError("the core was asked again")

    monkeypatch.setattr(ErrorPages, "consider", fail)
    assert visit(ask()) == first
    assert [event.status for event in told.events] == [404, 404]


@both
def test_a_body_that_is_new_under_a_remembered_head_has_its_event(middleware: Middleware) -> None:
    bodies = iter([b"Not Found", b"No such thing", b"Not Found"])

    class Changing:
        status, headers = 404, (("Content-Type", TEXT),)

        @property
        def body(self) -> bytes:
            return next(bodies)

    told = Told()
    visit = middleware(Changing(), on_page=told)
    for _ in range(3):
        visit(ask())
    assert [event.status for event in told.events] == [404] * 3


# -- when it is told ---------------------------------------------------------------------------------------------------


def started(told: Told, *items: bytes) -> Iterator[bytes]:
    """Run a WSGI application up to where the server has its iterable."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not items:
            raise RuntimeError("boom")
        start_response("404 Not Found", [("Content-Type", TEXT)])
        return items

    return iter(WSGIMiddleware(app, on_page=told)(environ_of(ask()), WSGIServer().start_response))


@pytest.mark.parametrize("items", [pytest.param((b"Not Found",), id="a response"), pytest.param((), id="an exception")])
def test_wsgi_tells_when_the_server_has_taken_the_body(items: tuple[bytes, ...]) -> None:
    told = Told()
    iterable = started(told, *items)
    assert told.events == []
    assert b"<h1>" in next(iterable)
    assert told.events == []
    assert list(iterable) == []
    assert len(told.events) == 1
    iterable.close()  # type: ignore[attr-defined]
    assert len(told.events) == 1


def test_wsgi_tells_when_the_server_closes_though_it_left_the_end_out() -> None:
    told = Told()
    iterable = started(told, b"Not Found")
    next(iterable)
    iterable.close()  # type: ignore[attr-defined]
    assert len(told.events) == 1


def test_a_page_that_the_server_refuses_is_not_told() -> None:
    told = Told()

    def refuse(*args: object) -> Any:
        raise ConnectionResetError

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("404 Not Found", [("Content-Type", TEXT)])
        return [b"Not Found"]

    with pytest.raises(ConnectionResetError):
        WSGIMiddleware(app, on_page=told)(environ_of(ask()), refuse)
    assert told.events == []


@pytest.mark.parametrize("number", [1, 2], ids=["at the head", "at the body"])
def test_a_page_whose_client_left_is_not_told(number: int) -> None:
    told, sent = Told(), list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == number:
            raise ConnectionResetError

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start_of(NOT_FOUND))
        await send(body_of(NOT_FOUND.body, False))

    async def receive() -> Message:
        raise AssertionError

    with pytest.raises(ConnectionResetError):
        asyncio.run(ASGIMiddleware(app, on_page=told)(scope_of(ask()), receive, send))
    assert len(sent) == number and told.events == []


@both
def test_a_hook_that_blocks_holds_no_response_up(middleware: Middleware) -> None:
    may_go_on = threading.Event()

    def block(event: PageEvent) -> None:
        assert may_go_on.wait(30)

    visit = middleware(NOT_FOUND, on_page=block)
    try:
        assert [visit(ask()).status for _ in range(20)] == [404] * 20
        assert not flush(0)
    finally:
        may_go_on.set()
    assert flush(10)


class Clock:
    """A clock that goes on by one whenever it is looked at, and by a thousand while the application works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now

    def work(self) -> None:
        self.now += 1000


@pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])
@pytest.mark.parametrize("visits", [pytest.param(1, id="made"), pytest.param(2, id="remembered")])
def test_the_duration_is_our_own_work_without_the_applications(
    protocol: str, visits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, told = Clock(), Told()
    monkeypatch.setattr("errorpages.telemetry.time", SimpleNamespace(perf_counter=clock))

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        clock.work()
        start_response("404 Not Found", [("Content-Type", TEXT)])
        clock.work()
        yield b"Not Found"

    async def asgi_app(scope: Scope, receive: Receive, send: Send) -> None:
        clock.work()
        await send(start_of(NOT_FOUND))
        clock.work()
        await send(body_of(NOT_FOUND.body, False))

    wsgi_middleware, asgi_middleware = WSGIMiddleware(wsgi_app, on_page=told), ASGIMiddleware(asgi_app, on_page=told)
    for _ in range(visits):
        if protocol == "WSGI":
            through_wsgi(wsgi_middleware, ask())
        else:
            through_asgi(asgi_middleware, ask())
    assert len(told.events) == visits
    assert 0 < told.events[-1].duration < 1000 < clock.now


# -- hooks that look into the request's context ------------------------------------------------------------------------

USER: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")


class Watcher:
    """A hook that notes, in their order, what is called and where."""

    def __init__(self, notes: list[Any]) -> None:
        self.notes = notes

    def __call__(self, event: PageEvent) -> None:
        self.notes.append(("told", event.status, threading.current_thread().name))

    def in_context(self) -> Callable[[PageEvent], None]:
        user = USER.get()

        def mark(event: PageEvent) -> None:
            self.notes.append(("mark", event.status, user))

        return mark


@pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])
def test_a_hook_may_look_into_the_context_and_mark_between_head_and_body(protocol: str) -> None:
    """Twice: the second page comes out of the memory."""
    notes: list[Any] = []

    def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        token = USER.set("ada")
        start_response("404 Not Found", [("Content-Type", TEXT)])
        USER.reset(token)  # as Flask does, before anybody has seen the body
        return [b"Not Found"]

    async def asgi_app(scope: Scope, receive: Receive, send: Send) -> None:
        token = USER.set("ada")
        await send(start_of(NOT_FOUND))
        await send(body_of(NOT_FOUND.body, False))
        USER.reset(token)

    def start_response(*args: object) -> Any:
        notes.append("head")

    async def send(message: Message) -> None:
        notes.append("head" if message["type"].endswith("start") else "body")

    async def receive() -> Message:
        raise AssertionError

    wsgi_middleware = WSGIMiddleware(wsgi_app, on_page=Watcher(notes))
    asgi_middleware = ASGIMiddleware(asgi_app, on_page=Watcher(notes))
    for _ in range(2):
        if protocol == "WSGI":
            for _ in wsgi_middleware(environ_of(ask()), start_response):
                notes.append("body")
        else:
            asyncio.run(asgi_middleware(scope_of(ask()), receive, send))
        assert flush(10)
    assert notes == ["head", ("mark", 404, "ada"), "body", ("told", 404, "errorpages")] * 2


@both
def test_what_is_kept_is_neither_marked_nor_told(middleware: Middleware) -> None:
    notes: list[Any] = []
    assert not middleware(data('{"a":1}'), on_page=Watcher(notes))(ask(JSON)).is_page
    assert flush(10) and notes == []


@both
@pytest.mark.parametrize("breaks", ["in_context", "mark"])
def test_a_hook_that_fails_in_the_context_hurts_no_page(
    middleware: Middleware, breaks: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Told):
        def in_context(self) -> Callable[[PageEvent], None]:
            if breaks == "in_context":
                raise LookupError("no context")

            def mark(event: PageEvent) -> None:
                raise LookupError("no span")

            return mark

    told = Broken()
    visit = middleware(NOT_FOUND, on_page=told)
    assert visit(ask()).is_page and visit(ask()).is_page
    assert len(told.events) == 2
    assert [record.levelname for record in other_lines(caplog.records)] == ["ERROR"] * 2
    assert "on_page" in caplog.text


@both
def test_a_hook_may_have_nothing_to_mark(middleware: Middleware, caplog: pytest.LogCaptureFixture) -> None:
    class Blind(Told):
        def in_context(self) -> None:
            return None

    told = Blind()
    assert middleware(NOT_FOUND, on_page=told)(ask()).is_page
    assert len(told.events) == 1 and not other_lines(caplog.records)


# -- the log line ------------------------------------------------------------------------------------------------------


def lines_of(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(line.levelname, line.getMessage()) for line in page_lines(caplog.records)]


@both
@pytest.mark.parametrize(
    ("response", "request_", "expected"),
    [
        pytest.param(
            NOT_FOUND,
            ask(path="/invoices/7", query="token=secret"),
            ("INFO", "GET /invoices/7: a page for 404 was served (response, html, en)"),
            id="a 4xx",
        ),
        pytest.param(
            AWAY,
            ask("text/plain", method="POST", x_request_id="req-7"),
            ("WARNING", "POST /things/1: a page for 503 was served (response, text, en), with the reference req-7"),
            id="a 5xx",
        ),
        pytest.param(
            BOOM,
            ask(x_request_id="req-8"),
            ("WARNING", "GET /things/1: a page for 500 was served (exception, html, en), with the reference req-8"),
            id="an accident",
        ),
        pytest.param(
            text("", 999),
            ask(),
            ("INFO", "GET /things/1: a page for 999 was served (response, html, en)"),
            id="a vendor's code",
        ),
    ],
)
def test_every_page_has_a_line_of_the_log(
    middleware: Middleware,
    response: Response | Exception,
    request_: Request,
    expected: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    visit = middleware(response)
    with caplog.at_level(logging.INFO, "errorpages"):
        visit(request_)
        visit(request_)  # out of the memory, where it can be
    level, message = expected
    assert lines_of(caplog) == [(level, message)] * 2
    assert not [line for line in page_lines(caplog.records) if line.exc_info]
    assert "203.0.113.9" not in str([line.__dict__ for line in page_lines(caplog.records)])
    assert "secret" not in caplog.text


@both
def test_the_line_has_its_fields_for_structured_logs(middleware: Middleware, caplog: pytest.LogCaptureFixture) -> None:
    middleware(AWAY)(ask(path="/things/é 7", native=ROUTED, x_request_id="req-7"))
    (line,) = page_lines(caplog.records)
    names = ("status", "cause", "method", "path", "route", "format", "language", "reference")
    assert {name: page_fields(line)[name] for name in names} == {
        "status": 503,
        "cause": "response",
        "method": "GET",
        "path": "/things/%C3%A9%207",
        "route": "/things/{id}",
        "format": "html",
        "language": "en",
        "reference": "req-7",
    }
    assert 0 < page_fields(line)["duration"] < 60
    assert json.dumps({name: page_fields(line)[name] for name in (*names, "duration")})


FORGED = "\r\n[error] 127.0.0.1 root logged in\x1b[2K\x00\x85\u2028\u202e"


@both
@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(ask(path=f"/{FORGED}"), id="the path"),
        pytest.param(ask(method=f"GET{FORGED}"), id="the method"),
    ],
)
def test_nothing_that_a_client_writes_forges_a_line(
    middleware: Middleware, request_: Request, caplog: pytest.LogCaptureFixture
) -> None:
    middleware(BOOM)(request_)
    (line,) = page_lines(caplog.records)
    for said in (line.getMessage(), page_fields(line)["path"], page_fields(line)["method"]):
        assert said.isascii() and said.isprintable()


def test_a_path_that_is_no_text_has_a_line_too(caplog: pytest.LogCaptureFixture) -> None:
    asgi(AWAY)(ask(native={"path": "/\ud800"}))
    (line,) = page_lines(caplog.records)
    assert page_fields(line)["path"] == "/%3F"


@both
def test_a_long_path_is_cut(middleware: Middleware, caplog: pytest.LogCaptureFixture) -> None:
    middleware(AWAY)(ask(path="/" + "\n" * 70_000))
    (line,) = page_lines(caplog.records)
    assert len(line.getMessage()) < 4_000


@both
@pytest.mark.parametrize("on_page", [pytest.param(None, id="no hook"), pytest.param(print, id="a hook")])
def test_no_line_is_made_where_nobody_reads_it(
    middleware: Middleware, on_page: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At WARNING, which is Python's default, a 404 makes none; that is asked before anything is put together."""

    def fail(*args: object, **keywords: object) -> None:
        raise AssertionError("a line was put together")

    monkeypatch.setattr("errorpages.telemetry.harmless", fail)
    if on_page is None:
        monkeypatch.setattr("errorpages.telemetry.Report.__init__", fail)
    visit = middleware(NOT_FOUND, on_page=on_page)
    with caplog.at_level(logging.WARNING, "errorpages"):
        assert visit(ask()).is_page and visit(ask()).is_page
    assert flush(10)


def test_the_line_of_a_wsgi_accident_has_the_reference_of_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    answer = wsgi(RuntimeError("boom"))(ask())
    (accident,), (line,) = other_lines(caplog.records), page_lines(caplog.records)
    assert accident.levelno == logging.ERROR and accident.exc_info and line.levelno == logging.WARNING
    assert page_fields(line)["reference"] in accident.getMessage() and page_fields(line)["reference"] in answer.text


def test_the_line_of_an_asgi_accident_has_the_reference_of_the_exceptions_note(
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = RuntimeError("boom")
    asgi(error)(ask())
    (line,) = page_lines(caplog.records)
    assert page_fields(line)["reference"] in error.__notes__[0] and not other_lines(caplog.records)


def test_the_line_is_written_in_the_requests_context(caplog: pytest.LogCaptureFixture) -> None:
    """Filters that add a request's id find it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start_of(AWAY))
        await send(body_of(AWAY.body, False))

    class AddUser(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            record.user = USER.get()
            return True

    class AsAda:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            USER.set("ada")
            await ASGIMiddleware(app)(scope, receive, send)

    logger, add_user = logging.getLogger("errorpages"), AddUser()
    logger.addFilter(add_user)
    try:
        through_asgi(AsAda(), ask())
    finally:
        logger.removeFilter(add_user)
    (line,) = page_lines(caplog.records)
    assert line.__dict__["user"] == "ada"


def test_what_is_not_configured_prints_the_line_of_a_5xx_and_none_of_a_4xx() -> None:
    script = """
        from errorpages.wsgi import ErrorPagesMiddleware
        def app(environ, start_response):
            start_response(environ["PATH_INFO"][1:] + " X", [])
            return []
        for path in ("/404", "/503"):
            list(ErrorPagesMiddleware(app)({"REQUEST_METHOD": "GET", "PATH_INFO": path}, print))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    (line,) = done.stderr.splitlines()
    assert line.startswith("GET /503: a page for 503 was served (response, text, en), with the reference ")


# -- the extra ---------------------------------------------------------------------------------------------------------


def test_without_the_extra_the_module_can_be_imported_and_the_class_says_how_to_install_it() -> None:
    script = """
        import sys
        sys.modules["opentelemetry"] = None  # as if it were not installed
        from errorpages.exceptions import ErrorPagesError, MissingExtraError
        from errorpages.telemetry import OpenTelemetry
        try:
            OpenTelemetry()
        except ImportError as error:
            assert isinstance(error, ErrorPagesError) and isinstance(error, MissingExtraError)
            assert (error.part, error.extra) == ("errorpages.telemetry.OpenTelemetry", "otel")
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    assert 'pip install "errorpages[otel]"' in done.stdout, done.stderr


def test_importing_errorpages_does_not_import_opentelemetry() -> None:
    script = "import sys, errorpages.telemetry; print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr
