"""Each protocol's application on a real server, once plain and once with the middleware around it."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE = 60.0

LISTENING = re.compile(r"(?:Uvicorn running on|Listening at:) http://127\.0\.0\.1:(\d+)")
COMMANDS = {
    "WSGI on gunicorn": (
        "gunicorn",
        ("--bind", "127.0.0.1:0", "--workers", "1", "--worker-class", "gthread", "--threads", "2"),
        "tests.transparency.wsgi_app",
    ),
    "ASGI on uvicorn": ("uvicorn", ("--port", "0", "--no-access-log"), "tests.transparency.asgi_app"),
}


@dataclass(frozen=True)
class Pair:
    """The ports of one application's two servers."""

    plain: int
    wrapped: int


@pytest.fixture(scope="session", params=COMMANDS)
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    server, arguments, module = COMMANDS[request.param]
    if importlib.util.find_spec(server) is None:
        if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1":
            pytest.fail(f"{server} can't be imported")
        pytest.skip(f"{server} can't be imported")
    processes: list[subprocess.Popen[bytes]] = []
    logs: list[Path] = []
    try:
        for name in ("plain", "application"):
            folder = tmp_path_factory.mktemp(name)
            logs.append(folder / "log")
            with logs[-1].open("wb") as log:
                command = [sys.executable, "-m", server, *arguments, f"{module}:{name}"]
                processes.append(
                    subprocess.Popen(
                        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=_environment(folder)
                    )
                )
        yield Pair(*(_port(process, log) for process, log in zip(processes, logs, strict=True)))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(folder: Path) -> dict[str, str]:
    search_path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    # gunicorn puts a control socket into the home folder.
    return {**os.environ, "PYTHONPATH": search_path, "HOME": str(folder), "NO_COLOR": "1"}


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        written = log.read_text("utf-8", "replace")
        if found := LISTENING.search(written):
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.02)
    pytest.fail(f"the server did not start:\n{log.read_text('utf-8', 'replace')}")
