"""Path patterns: case-sensitive globs on the decoded path below the mount."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

__all__ = ["DEFAULT_PATHS", "are_patterns", "has_dot_segments", "path_pattern"]

DEFAULT_PATHS: Final = ("/healthz", "/livez", "/readyz", "/health", "/up", "/metrics", "/.well-known/*")
"""Paths that stay open on a closed site unless it says otherwise: an orchestrator that gets 503 there pulls the
instances that show the page, whoever watches over them wants to see how they do, and certificates are renewed under
``/.well-known/``."""

_DOT_SEGMENT = re.compile(r"(?:^|[/\\])\.{1,2}(?=$|[/\\;])")


@lru_cache(maxsize=64)
def path_pattern(globs: tuple[str, ...]) -> re.Pattern[str] | None:
    """Join globs into one pattern for the whole path; None where there are none.

    Args:
        globs: Such as ``/api/*``, whose star stands for slashes too.
    """
    return re.compile("|".join(fnmatch.translate(glob) for glob in globs)) if globs else None


def has_dot_segments(path: str) -> bool:
    """Tell whether a path climbs: what an application makes of it may lie elsewhere than it says.

    Args:
        path: The decoded path; one that was encoded twice is seen through.
    """
    return any(_DOT_SEGMENT.search(text) for text in (path, unquote(path)))


def are_patterns(value: Iterable[object]) -> bool:
    """Tell whether every item is a path pattern: it starts with a slash or a star."""
    return all(isinstance(glob, str) and glob.startswith(("/", "*")) for glob in value)
