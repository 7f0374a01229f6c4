"""What errorpages logs is short and harmless, and no logging of a site's hurts a response."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.drivers import (
    HTML,
    Answer,
    Receive,
    Scope,
    Send,
    Told,
    ask,
    body_of,
    other_lines,
    page_fields,
    page_lines,
    run_asgi,
    scope_of,
    start_of,
    text,
    through_wsgi,
    watched_log,
)

from errorpages import ErrorPages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.log import excerpt, harmless, logger
from errorpages.telemetry import log_accident
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOSTILE = {
    "a line break": "\r\n[error] root logged in",
    "a terminal's escape": "\x1b[2K\x1b]0;title\x07",
    "C1 controls": "\x85\x9b2J",
    "separators of lines": "\u2028\u2029\x0b\x0c",
    "bidirectional controls": "\u202e\u2066\u200f",
    "a lone surrogate": "\ud800",
    "a tag": "\U000e0041",
    "eight megabytes": "\n" * 8_000_000,
}
hostile = pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)


def failing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("boom")


async def failing_later(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("boom")


# -- what is written ---------------------------------------------------------------------------------------------------


@hostile
def test_an_accidents_line_is_short_and_harmless(value: str) -> None:
    with watched_log() as records:
        log_accident(f"GET{value}", f"/{value}", "req-7", RuntimeError("boom"))
    (record,) = records
    line = record.getMessage()
    assert line.isascii() and line.isprintable() and len(line) < 15_000
    assert line.startswith("GET") and line.endswith("failed; the page has the reference req-7")


@hostile
@pytest.mark.parametrize("place", ["method", "path"])
def test_neither_line_of_a_wsgi_accident_can_be_forged(value: str, place: str) -> None:
    native = {"REQUEST_METHOD": f"GET{value}"} if place == "method" else {"PATH_INFO": f"/{value}"}
    with watched_log() as records:
        assert through_wsgi(WSGIMiddleware(failing), ask(native=native)).status == 500
    assert len(records) == 2
    for record in records:
        line = record.getMessage()
        assert line.isascii() and line.isprintable() and len(line) < 15_000


def test_an_accident_whose_page_has_no_reference_says_so() -> None:
    with watched_log() as records:
        through_wsgi(WSGIMiddleware(failing, reference=False), ask())
    (record,) = other_lines(records)
    assert record.getMessage() == "GET /things/1 failed; the page has no reference"


@hostile
def test_what_waits_for_a_slow_hook_is_short(value: str) -> None:
    told = Told()
    native = {"PATH_INFO": f"/{value}", "path": f"/{value}", "REQUEST_METHOD": f"X{value}", "method": f"X{value}"}
    through_wsgi(WSGIMiddleware(failing, on_page=told), ask(native=native))
    run_asgi(ASGIMiddleware(failing_later, on_page=told), scope_of(ask(native=native)))
    assert len(told.events) == 2
    for event in told.events:
        assert len(event.path) <= 1024 and len(event.method) <= 32
        assert event.path.startswith("/") and event.method.startswith("X")


class Unspeakable:
    def __repr__(self) -> str:
        raise LookupError("nobody knows")


class Wordy:
    def __repr__(self) -> str:
        return "\x1b[2J\u202e\ud800" + "x" * 8_000_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Grüße", "'Grüße'", id="letters stay"),
        pytest.param(Unspeakable(), "<Unspeakable whose repr() raises>", id="no repr"),
        pytest.param("a\nb", r"'a\nb'", id="a line break"),
        pytest.param({1: None}, "{1: None}", id="no text"),
    ],
)
def test_an_excerpt_describes_a_value(value: object, expected: str) -> None:
    assert excerpt(value) == expected


def test_an_excerpt_is_short_and_harmless() -> None:
    said = excerpt(Wordy())
    assert said.isprintable() and len(said) < 1000 and said.startswith(r"\x1b[2J\u202e\ud800xx") and said.endswith("…")
    assert harmless("ab", 1) == "a"


@pytest.mark.parametrize("chosen", [Wordy(), Unspeakable()])
def test_a_choice_of_pages_that_cant_be_used_is_described_in_a_short_line(chosen: Any) -> None:
    with watched_log() as records:
        assert through_wsgi(WSGIMiddleware(failing, pages=lambda request: chosen), ask()).status == 500
    line = other_lines(records)[0].getMessage()
    assert line.startswith("pages: ") and len(line) < 1000 and line.isprintable()


# -- logging that fails ------------------------------------------------------------------------------------------------


@contextmanager
def a_factory() -> Iterator[None]:
    """As sites do that write JSON: every record gets the request's fields."""
    before = logging.getLogRecordFactory()

    def make(*args: Any, **keywords: Any) -> logging.LogRecord:
        record = before(*args, **keywords)
        for name in ("path", "status", "method", "reference", "route", "format", "language", "duration", "cause"):
            setattr(record, name, "the site's own")
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        logging.setLogRecordFactory(before)


@contextmanager
def a_broken_factory() -> Iterator[None]:
    before = logging.getLogRecordFactory()

    def make(*args: Any, **keywords: Any) -> logging.LogRecord:
        raise LookupError("the site's factory")

    logging.setLogRecordFactory(make)
    try:
        yield
    finally:
        logging.setLogRecordFactory(before)


@contextmanager
def a_broken_filter() -> Iterator[None]:
    def fail(record: logging.LogRecord) -> bool:
        raise LookupError("the site's filter")

    logger.logger.addFilter(fail)
    try:
        yield
    finally:
        logger.logger.removeFilter(fail)


@contextmanager
def a_broken_handler() -> Iterator[None]:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise LookupError("the site's handler")

    handler = Broken()
    logger.logger.addHandler(handler)
    try:
        yield
    finally:
        logger.logger.removeHandler(handler)


def wsgi(failure: bool, **options: Any) -> Answer:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if failure:
            raise RuntimeError("boom")
        start_response("503 Service Unavailable", [("Content-Type", HTML)])
        return [b""]

    return through_wsgi(WSGIMiddleware(app, **options), ask(x_request_id="req-7"))


def asgi(failure: bool, **options: Any) -> Answer:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if failure:
            raise RuntimeError("boom")
        await send(start_of(text("", 503)))
        await send(body_of(b"", False))

    sent = run_asgi(ASGIMiddleware(app, **options), scope_of(ask(x_request_id="req-7")))
    assert (str(sent.error) == "boom") == failure
    return sent.answer


both = pytest.mark.parametrize("visit", [wsgi, asgi])


@both
@pytest.mark.parametrize("failure", [True, False], ids=["an accident", "a response"])
def test_a_record_factory_with_the_same_names_hurts_nothing(visit: Any, failure: bool) -> None:
    with a_factory(), watched_log() as records:
        answer = visit(failure)
    assert answer.is_page and "req-7" in answer.text
    (line,) = page_lines(records)
    assert page_fields(line)["path"] == "/things/1" and line.__dict__["path"] == "the site's own"


@both
@pytest.mark.parametrize("failure", [True, False], ids=["an accident", "a response"])
@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(a_broken_factory, id="a factory"),
        pytest.param(a_broken_filter, id="a filter"),
        pytest.param(a_broken_handler, id="a handler"),
    ],
)
def test_logging_that_raises_reaches_no_response_and_is_told_on_standard_error(
    visit: Any, failure: bool, broken: Callable[[], AbstractContextManager[None]], capsys: pytest.CaptureFixture[str]
) -> None:
    with broken():
        answer = visit(failure)
    assert answer.status == (500 if failure else 503) and answer.is_page and "req-7" in answer.text
    said = capsys.readouterr().err
    assert "with the reference req-7" in said and "LookupError: the site's" in said
    if failure and visit is wsgi:  # where the accident ends
        assert "RuntimeError: boom" in said and "failed; the page has the reference req-7" in said


@both
def test_logging_that_raises_while_a_callable_failed_hurts_nothing_either(visit: Any) -> None:
    def fail(*args: Any) -> Any:
        raise ValueError("a callable")

    with a_broken_filter():
        assert visit(False, context=fail, language=fail).is_page


def test_a_process_without_standard_error_answers_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_broken_filter():
        monkeypatch.setattr(sys, "stderr", None)
        assert wsgi(True).is_page


def test_a_line_names_the_place_in_the_code_that_wrote_it() -> None:
    with watched_log() as records:
        logger.error("at once")
        ErrorPages().catch(ask(), None)  # type: ignore[arg-type]  # it fails, and says so
    assert records[0].funcName == "test_a_line_names_the_place_in_the_code_that_wrote_it"
