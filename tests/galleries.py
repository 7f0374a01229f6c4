"""Starts the real command `errorpages gallery` and stops it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-m", "errorpages", "gallery")
LONGEST_WAIT = 30


@dataclass
class RunningGallery:
    """A gallery that runs."""

    process: subprocess.Popen[str]
    url: str
    printed: str

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; returns the exit status and what was printed to stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=LONGEST_WAIT)
        return self.process.returncode, errors


@contextmanager
def running(*arguments: str, port: int = 0, folder: Path | None = None) -> Iterator[RunningGallery]:
    """Run a gallery until the block ends.

    Args:
        arguments: More arguments of the command.
        port: Its port; 0 for a free one.
        folder: The folder to run it in.
    """
    command = [*COMMAND, "--port", str(port), *arguments]
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
            found = re.search(r"http\S+/", printed)
            assert found, process.communicate(timeout=LONGEST_WAIT)[1]
            yield RunningGallery(process, found[0], printed)
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=LONGEST_WAIT)
