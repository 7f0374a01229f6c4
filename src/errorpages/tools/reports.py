"""Prints for people what the commands about templates and policies come to."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from errorpages.rendering import THEMES

from .policies import Policy
from .templates import USES

__all__ = ["print_copies", "print_policies", "print_uses"]


def _print(console: Console, line: Text | str = "") -> None:
    """Print a line; only a terminal breaks it."""
    console.print(line if isinstance(line, Text) else Text(line), soft_wrap=not console.is_terminal)


def _print_whole(console: Console, line: str) -> None:
    """Print a line that is copied from here, and so never broken."""
    console.print(Text(line, style="cyan"), soft_wrap=True)


# -- templates ---------------------------------------------------------------------------------------------------------


def print_uses(console: Console, names: Iterable[str]) -> None:
    """Print what built-in templates are used for.

    Args:
        console: Where to.
        names: The templates.
    """
    for name in names:
        _print(console, Text.assemble("  ", (f"{name:<18}", "bold"), USES[name]))


def print_copies(console: Console, folder: Path, files: Sequence[Path]) -> None:
    """Print which templates were copied, and what to do with them.

    Args:
        console: Where to.
        folder: Where they are.
        files: The copies.
    """
    names = [path.name for path in files]
    themes = [theme for theme in THEMES if f"{theme}.html" in names]
    theme = f'theme="{themes[0]}", ' if themes and "plain" not in themes else ""
    checked = "".join(f" --theme {theme}" for theme in themes if themes != ["plain"])
    _print(console, f"Written to {folder}, each with what it changes:\n")
    print_uses(console, names)
    _print(console, "\n1. Name the folder among the options; a file stands in for the built-in one of its name:\n")
    _print_whole(console, f"     {theme}templates={json.dumps(str(folder), ensure_ascii=False)}")
    _print(
        console,
        "\n2. Change what you want to, and delete the other files: a copy does not follow later versions.\n"
        "   A part of the page needs no copy: write an error.html that begins with\n"
        '   {% extends "plain.html" %} and overrides blocks. It is used for every page in HTML,\n'
        "   a 4xx.html, 5xx.html or 404.html only for those.\n"
        "\n3. Check the result:\n",
    )
    _print_whole(console, f"     errorpages check --templates {shlex.quote(str(folder))}{checked}")
    _print(
        console,
        "\nPages of own templates come in one language unless the option languages names more, and no\n"
        "Content-Security-Policy is added to them.",
    )


# -- policies ----------------------------------------------------------------------------------------------------------


def print_policies(console: Console, policies: Iterable[Policy]) -> None:
    """Print policies so that they can be pasted.

    Args:
        console: Where to.
        policies: One for each theme.
    """
    for policy in policies:
        _print(console, f"The theme {policy.theme} needs, in a policy that you have:\n")
        _print_directives(console, policy.sources)
        _print(console, "\nor as a policy of its own:\n")
        _print_whole(console, f"  Content-Security-Policy: {policy.value}")
        _print(console)
    _print(
        console,
        "It holds for every status and language, and changes with the theme, the accent and the version.\n"
        "With the option csp=None the pages carry no policy of their own beside it.",
    )


def _print_directives(console: Console, directives: Mapping[str, Iterable[str]]) -> None:
    for name, sources in directives.items():
        _print_whole(console, f"  {' '.join((name, *sources))}")
