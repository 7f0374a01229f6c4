"""The command `errorpages`, which is also `python -m errorpages`; it needs the extra `cli`, and says so."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import suppress

__all__ = ["main"]

EXTRA = ("click", "rich", "starlette", "uvicorn")


def main() -> None:
    """Run the command line, or tell how to install what it needs."""
    missing = [name for name in EXTRA if not _is_importable(name)]
    if missing:
        print(
            f'The command errorpages needs {", ".join(missing)}; install it with: pip install "errorpages[cli]"',
            file=sys.stderr,
        )
        sys.exit(2)
    from .tools.cli import cli

    _open_missing_streams()
    try:
        cli()  # it ends quietly itself where nobody reads what it prints
    except OSError as error:
        _leave_stdout()
        what = error.strerror or error
        print(f"Error: {what if error.filename is None else f'{error.filename}: {what}'}", file=sys.stderr)
        sys.exit(1)


def _open_missing_streams() -> None:
    """Let what is printed go nowhere where a stream was closed before the start (`>&-`)."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - it is open as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def _leave_stdout() -> None:
    """Have nothing more written to stdout, not even when the process ends: the disk may be full."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _is_importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


if __name__ == "__main__":
    main()
