"""The command `errorpages`, which is also `python -m errorpages`; it needs the extra `cli`, and says so."""

from __future__ import annotations

import importlib.util
import sys

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

    cli()


def _is_importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


if __name__ == "__main__":
    main()
