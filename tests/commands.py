"""Starts the real commands that serve, `errorpages demo` and `errorpages gallery`, and stops them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LONGEST_WAIT = 60


@dataclass
class RunningCommand:
    """A command that serves, with the addresses that it printed."""

    process: subprocess.Popen[str]
    urls: tuple[str, ...]
    printed: str

    @property
    def url(self) -> str:
        """The first of the addresses."""
        return self.urls[0]

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; returns the exit status and what was printed to stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=LONGEST_WAIT)
        return self.process.returncode, errors


@contextmanager
def running(name: str, *arguments: str, port: int = 0, folder: Path | None = None) -> Iterator[RunningCommand]:
    """Run a command until the block ends.

    Args:
        name: The command.
        arguments: More arguments of it.
        port: Its port; 0 for a free one.
        folder: The folder to run it in.
    """
    command = [sys.executable, "-m", "errorpages", name, "--port", str(port), *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=folder
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "Ctrl-C" in line:
                    break
            printed = "".join(lines)
            urls = tuple(re.findall(r"(http\S+/)\n", printed))
            assert urls, process.communicate(timeout=LONGEST_WAIT)[1]
            yield RunningCommand(process, urls, printed)
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=LONGEST_WAIT)
