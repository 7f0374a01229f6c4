"""Server processes: what is started, how it is waited for, and how it is stopped."""

from __future__ import annotations

import importlib.metadata
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DEADLINE = 60.0

LISTENING = re.compile(
    r"(?:Uvicorn running on|Listening at:|Running on|Serving on) http://127\.0\.0\.1:(\d+)"
    r"|bound to TCP address 127\.0\.0\.1:(\d+)"
)


PAGE_LINE = re.compile(
    r"(?:errorpages WARNING )?GET /fails: a page for 500 was served \(\w+, html, en\), with the reference \S+"
)
"""What errorpages logs for the page of an exception: the server or the framework logs the exception itself."""


def lines_about(log: str, mark: str) -> list[str]:
    """Find the lines of a log with a mark; there is one for its page, which is left out."""
    lines = [line.strip() for line in log.splitlines() if mark in line]
    others = [line for line in lines if not PAGE_LINE.fullmatch(line)]
    assert len(lines) == len(others) + 1, f"one line for the page: {lines}"
    return others


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Poll until something is so."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {DEADLINE:.0f} s for {what}")
        time.sleep(0.02)


def comes(condition: Callable[[], bool], patience: float) -> bool:
    """Poll for so many seconds whether something comes to be so."""
    deadline = time.monotonic() + patience
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@dataclass(frozen=True)
class Setup:
    """A server with one application.

    Attributes:
        command: The server's executable and arguments, the application included; ``{port}`` stands for a free port,
            for a server that does not choose one itself.
        distributions: The distributions without which it can't start.
        is_asgi: Whether the application is wrapped by the ASGI middleware.
        is_http2: Whether it is spoken to in HTTP/2, with prior knowledge.
        keeps_alive: Whether the server uses a connection again.
        framework_logs: Whether the framework answers and logs an exception itself, inside of the middleware.
        frees_applications: Whether an application gets to its end that was sending when its client left.
        is_optional: Whether the server may be missing also where everything is required.
        limits: What the server can't do, by behaviour, with the reason.
        environment: More variables of the process.
    """

    command: tuple[str, ...]
    distributions: tuple[str, ...]
    is_asgi: bool = False
    is_http2: bool = False
    keeps_alive: bool = True
    framework_logs: bool = False
    frees_applications: bool = True
    is_optional: bool = False
    limits: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def missing(self) -> str:
        """Say what is not installed, if anything."""
        names = [name for name in self.distributions if not _is_installed(name)]
        return f"{', '.join(names)}: not installed" if names else ""


def skip_without(setup: Setup) -> None:
    """Skip where the server is not installed; fail where it must be."""
    if not setup.missing:
        return
    if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1" and not setup.is_optional:
        pytest.fail(setup.missing)
    pytest.skip(setup.missing)


def _is_installed(distribution: str) -> bool:
    try:
        importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


class Server:
    """A server process."""

    def __init__(self, setup: Setup, folder: Path) -> None:
        self.setup = setup
        self.port = 0
        self._folder = folder
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it listens."""
        given = _free_port() if any("{port}" in part for part in self.setup.command) else 0
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [part.replace("{port}", str(given)) for part in self.setup.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
                env={
                    **os.environ,
                    "HOME": str(self._folder),  # gunicorn puts a control socket into the home folder
                    "PYTHONPATH": path,
                    "PYTHONUNBUFFERED": "1",
                    "ERRORPAGES_TEST_RELEASES": str(self._folder),
                    "NO_COLOR": "1",
                    **self.setup.environment,
                },
            )

        def is_ready() -> bool:
            if not self.is_running:
                pytest.fail(f"the server ended:\n{self.log}")
            found = LISTENING.search(self.log)
            self.port = given or int((found and (found[1] or found[2])) or 0)
            if not self.port:
                return False
            try:
                self.connect().close()
            except OSError:
                return False
            return True

        wait_for(is_ready, "the server to listen")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return self._log.read_text("utf-8", "replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """Open a connection, with a receive buffer of so many bytes where one is given."""
        connection = socket.socket()
        connection.settimeout(10)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            connection.connect(("127.0.0.1", self.port))
        except OSError:
            connection.close()
            raise
        return connection

    def release(self, mark: str) -> None:
        """Let the application go on that waits for this mark."""
        (self._folder / mark).touch()

    def has_told(self, mark: str) -> bool:
        """Say whether the application left this mark."""
        return (self._folder / mark).exists()

    def new_mark(self) -> str:
        return uuid.uuid4().hex

    def stop(self) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            # It is its group's leader and not reaped yet, so the number still means its own workers.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def module(*arguments: str) -> tuple[str, ...]:
    """Make the command that runs a module with this interpreter."""
    return (sys.executable, "-m", *arguments)
