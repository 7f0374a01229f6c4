"""Real servers on free ports of 127.0.0.1, started once and stopped by their own process id."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DEADLINE = 20.0

UVICORN = ("uvicorn", "--port", "0", "--app-dir", str(HERE), "--timeout-graceful-shutdown", "2", "--no-access-log")
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:0", "--chdir", str(HERE), "--graceful-timeout", "2", "--workers", "1")
SYNC = (*GUNICORN, "--worker-class", "sync")
THREADS = (*GUNICORN, "--worker-class", "gthread", "--threads", "4", "--keep-alive", "15")

LISTENING = re.compile(r"(?:Uvicorn running on|Listening at:) http://127\.0\.0\.1:(\d+)")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Poll until something is so."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {DEADLINE:.0f} s for {what}")
        time.sleep(0.02)


@dataclass(frozen=True)
class Setup:
    """A server with one application.

    Attributes:
        command: The server's module and arguments.
        application: What it serves, as module:name.
        needs: The modules without which it can't start.
        is_asgi: Whether the application is wrapped by the ASGI middleware.
        keeps_alive: Whether the server uses a connection again.
        framework_logs: Whether the framework answers and logs an exception itself, inside of the middleware.
    """

    command: tuple[str, ...]
    application: str
    needs: tuple[str, ...]
    is_asgi: bool = False
    keeps_alive: bool = True
    framework_logs: bool = False


SETUPS = {
    "uvicorn, Starlette's middleware": Setup(UVICORN, "starlette_app:added", ("uvicorn", "starlette"), is_asgi=True),
    "uvicorn, Starlette wrapped": Setup(UVICORN, "starlette_app:wrapped", ("uvicorn", "starlette"), is_asgi=True),
    "gunicorn sync, plain": Setup(SYNC, "wsgi_app:application", ("gunicorn",), keeps_alive=False),
    "gunicorn gthread, plain": Setup(THREADS, "wsgi_app:application", ("gunicorn",)),
    "gunicorn sync, Flask": Setup(
        SYNC, "flask_app:application", ("gunicorn", "flask"), keeps_alive=False, framework_logs=True
    ),
    "gunicorn gthread, Flask": Setup(THREADS, "flask_app:application", ("gunicorn", "flask"), framework_logs=True),
}


class Server:
    """A running server process."""

    def __init__(self, setup: Setup, folder: Path) -> None:
        self.setup = setup
        self._folder = folder
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *setup.command, setup.application],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                # gunicorn puts a control socket into the home folder.
                env={**os.environ, "HOME": str(folder), "ERRORPAGES_TEST_RELEASES": str(folder), "NO_COLOR": "1"},
            )

    def wait_until_ready(self) -> None:
        def is_ready() -> bool:
            if self._process.poll() is not None:
                pytest.fail(f"the server ended with {self._process.returncode}:\n{self.log}")
            found = LISTENING.search(self.log)
            if found is None:
                return False
            self.port = int(found[1])
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
        return self._process.poll() is None

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def release(self, mark: str) -> None:
        """Let the application go on that waits for this mark."""
        (self._folder / mark).touch()

    def new_mark(self) -> str:
        return uuid.uuid4().hex

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="session", params=[pytest.param(setup, id=name) for name, setup in SETUPS.items()])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    setup: Setup = request.param
    missing = [name for name in setup.needs if importlib.util.find_spec(name) is None]
    if missing:
        message = f"{', '.join(missing)} can't be imported"
        if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    server = Server(setup, tmp_path_factory.mktemp("server"))
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()
