"""The worker: hooks run elsewhere, in order, and nothing that they do reaches who put the event there."""

from __future__ import annotations

import gc
import logging
import os
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from errorpages import PageEvent
from errorpages.worker import CAPACITY, WITH_EXCEPTION, Worker

PATIENCE = 60.0
"""Seconds after which something hangs, however busy the machine is."""


def event(status: int = 404, exception: BaseException | None = None) -> PageEvent:
    return PageEvent(
        status=status,
        cause="response",
        method="GET",
        path="/",
        route=None,
        format="html",
        language="en",
        reference=None,
        exception=exception,
        duration=0.001,
    )


class Gate:
    """A hook that takes its first event and then waits to be let through."""

    def __init__(self) -> None:
        self.told: list[PageEvent] = []
        self.has_one = threading.Event()
        self.may_go_on = threading.Event()

    def __call__(self, event: PageEvent) -> None:
        self.told.append(event)
        self.has_one.set()
        assert self.may_go_on.wait(PATIENCE)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.may_go_on.set()


def blocked(worker: Worker, gate: Gate) -> None:
    """Have the worker's thread wait in a hook."""
    worker.put(gate, event(500))
    assert gate.has_one.wait(PATIENCE)


def test_events_are_told_in_their_order_on_another_thread() -> None:
    worker = Worker()
    told: list[tuple[int, str, bool]] = []

    def hook(event: PageEvent) -> None:
        told.append((event.status, threading.current_thread().name, threading.current_thread().daemon))

    for status in range(400, 500):
        worker.put(hook, event(status))
    assert worker.flush(PATIENCE)
    assert told == [(status, "errorpages", True) for status in range(400, 500)]


def test_a_hook_that_blocks_holds_nobody_up(gate: Gate) -> None:
    worker = Worker()
    blocked(worker, gate)
    others: list[PageEvent] = []
    for _ in range(10):
        worker.put(others.append, event())  # returns, though nobody takes it
    assert not worker.flush(0.01) and others == []
    gate.may_go_on.set()
    assert worker.flush(PATIENCE) and len(others) == 10


@pytest.mark.parametrize("error", [LookupError("no such table"), SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_a_hook_that_raises_is_logged_and_the_next_is_told(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: PageEvent) -> None:
        raise error

    worker, told = Worker(), list[PageEvent]()
    worker.put(fail, event(503))
    worker.put(told.append, event(404))
    assert worker.flush(PATIENCE)
    assert [event.status for event in told] == [404]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR and "on_page" in record.getMessage() and "503" in record.getMessage()
    assert record.exc_info is not None and record.exc_info[1] is error


def test_what_comes_while_the_queue_is_full_is_dropped_and_counted(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    worker, told = Worker(capacity=4), list[PageEvent]()
    blocked(worker, gate)
    for status in range(400, 450):
        worker.put(told.append, event(status))
    assert worker.dropped == 46
    gate.may_go_on.set()
    assert worker.flush(PATIENCE)
    assert [event.status for event in told] == [400, 401, 402, 403]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and "1 events were dropped" in record.getMessage()


def test_drops_are_logged_again_after_a_while_with_all_that_were_dropped(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    worker, told = Worker(capacity=1, log_interval=0), list[PageEvent]()
    blocked(worker, gate)
    for _ in range(4):
        worker.put(told.append, event())
    assert [record.args[0] for record in caplog.records if isinstance(record.args, tuple)] == [1, 2, 3]


def test_the_last_drops_of_a_storm_are_logged_when_it_is_over(
    gate: Gate, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]  # of no machine: one that booted just now counts as well as one that has run for years
    monkeypatch.setattr("errorpages.worker.time", SimpleNamespace(monotonic=lambda: now[0]))
    worker = Worker(capacity=1, log_interval=60)
    blocked(worker, gate)
    for _ in range(101):
        worker.put(lambda event: None, event())
    now[0] += 61
    gate.may_go_on.set()
    assert worker.flush(PATIENCE)
    assert [record.getMessage().partition(" events")[0] for record in caplog.records] == ["on_page: 1", "on_page: 100"]


def test_the_queue_holds_a_thousand_events() -> None:
    assert CAPACITY == 1024


# -- what an exception holds -------------------------------------------------------------------------------------------


class Upload:
    """What a request had in its hands when it failed."""


def failed(uploads: list[weakref.ref[Upload]]) -> BaseException:
    """Fail as a request does, whose frame the traceback keeps alive."""
    upload = Upload()
    uploads.append(weakref.ref(upload))
    try:
        raise RuntimeError("boom")
    except RuntimeError as error:
        return error


def test_a_full_queue_keeps_few_requests_alive(gate: Gate) -> None:
    worker, uploads, told = Worker(), list[weakref.ref[Upload]](), list[BaseException | None]()
    blocked(worker, gate)
    for _ in range(CAPACITY):
        worker.put(lambda event: told.append(event.exception), event(500, failed(uploads)))
    gc.collect()
    assert len([1 for upload in uploads if upload() is not None]) == WITH_EXCEPTION == 32
    gate.may_go_on.set()
    assert worker.flush(PATIENCE)
    assert [error is not None for error in told] == [True] * 32 + [False] * (CAPACITY - 32)


def test_a_request_is_let_go_as_soon_as_its_hook_was_told() -> None:
    worker, uploads = Worker(), list[weakref.ref[Upload]]()
    worker.put(lambda event: None, event(500, failed(uploads)))
    assert worker.flush(PATIENCE)
    gc.collect()
    assert uploads[0]() is None


# -- processes ---------------------------------------------------------------------------------------------------------

PRELUDE = """
import os, sys, threading
from errorpages import ErrorPages, worker
from errorpages.telemetry import flush
from errorpages.wsgi import ErrorPagesMiddleware

PATIENCE = 60
SHIPPED, worker.EXIT_TIMEOUT = worker.EXIT_TIMEOUT, PATIENCE  # a busy machine may need longer for what is tested

def app(environ, start_response):
    start_response(environ.get("status", "404 Not Found"), [("Content-Type", "text/plain")])
    return [b"Not Found"]

def visit(middleware, path):
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path}
    assert b"404" in b"".join(middleware(environ, lambda *args: None))

def say(event):
    os.write(1, f"{event.path} ".encode())

def names():
    return [thread.name for thread in threading.enumerate()]
"""


def run(script: str, timeout: float = PATIENCE) -> tuple[str, str]:
    """Run a script of its own process; returns what it wrote to its two outputs."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(script)], capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_no_thread_starts_before_the_first_event() -> None:
    out, _ = run("""
        middleware = ErrorPagesMiddleware(app, on_page=lambda event: None)
        visit(ErrorPagesMiddleware(app), "/unheard")
        print(names(), flush=True)
        visit(middleware, "/heard")
        print(names())
    """)
    before, after = out.splitlines()
    assert before == "['MainThread']" and "errorpages" in after


def test_the_end_of_the_process_waits_for_what_was_not_told() -> None:
    out, errors = run("""
        def slowly(event):
            threading.main_thread().join()
            say(event)
        middleware = ErrorPagesMiddleware(app, on_page=slowly)
        for number in range(5):
            visit(middleware, f"/{number}")
    """)
    assert (out, errors) == ("/0 /1 /2 /3 /4 ", "")


def test_the_end_of_the_process_waits_for_a_bounded_time_and_says_what_is_lost() -> None:
    _, errors = run("""
        worker.EXIT_TIMEOUT = SHIPPED
        forever = threading.Event()
        middleware = ErrorPagesMiddleware(app, on_page=lambda event: forever.wait())
        for number in range(5):
            visit(middleware, f"/{number}")
    """)
    assert "on_page: the process ends; 4 events are not told any more" in errors


def test_what_the_hook_reports_to_is_shut_down_after_the_last_event() -> None:
    """Exit handlers run last in, first out: one of the application's start must come after ours."""
    out, _ = run("""
        import atexit
        atexit.register(lambda: os.write(1, b"closed"))
        def slowly(event):
            threading.main_thread().join()
            say(event)
        visit(ErrorPagesMiddleware(app, on_page=slowly), "/last")
    """)
    assert out == "/last closed"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_a_thread_of_its_own_and_none_of_its_parents_events() -> None:
    out, errors = run("""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads, which is what is tested here
        entered, may_go_on = threading.Event(), threading.Event()
        def hook(event):
            if event.path == "/block":
                entered.set()
                may_go_on.wait()
            say(event)
        middleware = ErrorPagesMiddleware(app, on_page=hook)
        visit(middleware, "/block")
        assert entered.wait(PATIENCE)
        visit(middleware, "/parent")
        child = os.fork()
        if child == 0:
            assert flush(0)
            visit(middleware, "/child")
            assert flush(PATIENCE)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        may_go_on.set()
    """)
    assert (out, errors) == ("/child /block /parent ", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_that_was_forked_while_the_lock_was_held_can_go_on() -> None:
    out, _ = run("""
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        from errorpages.worker import WORKER
        held, done = threading.Event(), threading.Event()
        def hold():
            with WORKER._arrived:
                held.set()
                done.wait()
        threading.Thread(target=hold, daemon=True).start()
        assert held.wait(PATIENCE)
        child = os.fork()
        if child == 0:
            visit(ErrorPagesMiddleware(app, on_page=say), "/child")
            os._exit(0 if flush(PATIENCE) else 1)
        assert os.waitpid(child, 0)[1] == 0
        done.set()
    """)
    assert out == "/child "
