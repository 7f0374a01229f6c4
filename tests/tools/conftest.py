"""Runs the command line, in this process and in its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from errorpages.tools.cli import cli

Run = Callable[..., Result]
RunProcess = Callable[..., subprocess.CompletedProcess[str]]

UNSET = dict.fromkeys(("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"))


@pytest.fixture
def run() -> Run:
    """Run a command with its output in a pipe, or in a terminal of that many columns."""

    def run_command(*arguments: str, columns: int | None = None) -> Result:
        terminal = {"COLUMNS": "80"} if columns is None else {"COLUMNS": str(columns), "FORCE_COLOR": "1"}
        return CliRunner().invoke(cli, arguments, env={**UNSET, **terminal})

    return run_command


@pytest.fixture
def run_process() -> RunProcess:
    """Run Python in a process of its own."""

    def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run_python
