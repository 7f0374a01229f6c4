"""The built-in templates: those that pages are made of, copies of them to start from, and those of the tools."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import jinja2

from errorpages.library import BUILT_IN, THEMES, Library

__all__ = ["USES", "copy_templates", "source", "tool_template"]

USES: Final[Mapping[str, str]] = {
    "base.html": "all pages in HTML: every theme extends it",
    **{f"{theme}.html": f'pages in HTML with theme="{theme}"' for theme in THEMES},
    "retry.html": "the script of the control that auto_retry=True adds",
    "text.txt": "all pages in plain text",
    "markdown.md": "all pages in Markdown",
}
"""What each template is used for, and so what an own one of the same name changes."""


def source(name: str) -> bytes:
    """Read a built-in template as it is shipped.

    Args:
        name: One of ``BUILT_IN``.
    """
    return (importlib.resources.files("errorpages.templates") / name).read_bytes()


def tool_template(name: str) -> jinja2.Template:
    """Load the template that a tool's own pages are made of.

    Args:
        name: ``demo.html`` or ``gallery.html``.
    """
    return Library().environment.get_template(name)


def copy_templates(folder: Path, names: Iterable[str] = BUILT_IN, *, force: bool = False) -> tuple[Path, ...]:
    """Copy built-in templates.

    Args:
        folder: Where to; it is made if it does not exist.
        names: Which ones.
        force: Whether files that are there already are overwritten.

    Returns:
        The files that were written.

    Raises:
        FileExistsError: Files are there already; nothing was written. Its arguments are their paths.
        OSError: The folder or a file can't be written.
    """
    files = {folder / name: source(name) for name in dict.fromkeys(names)}
    if not force and (there := [path for path in files if path.exists() or path.is_symlink()]):
        raise FileExistsError(*there)
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        path.write_bytes(content)
    return tuple(files)
