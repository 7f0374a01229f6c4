"""Links that options give: those that lead to the same place from every page, and what others probably stand for."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["leads_somewhere", "link_meant_by"]

_LINK: Final = re.compile(r"/(?!/(?:/|$)).*|#.+|https?://[^/?#]+.*|mailto:.+|tel:.*\d.*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_MAILBOX: Final = re.compile(r"[^@:/?#]+@[^@:/?#]+")
_TELEPHONE: Final = re.compile(r"\+\d[\d().-]+")
_SLASHES_LEFT_OUT: Final = re.compile(r"(https?):/*([^/].*)", re.IGNORECASE)
_OWN_MACHINE: Final = re.compile(r"(?:localhost|\d+(?:\.\d+){3})(?::\d+)?(?:[/?#].*)?", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:[\w-]+\.)+([a-z]{2,})(?::\d+)?(?:[/?#].*)?", re.IGNORECASE)
_FILE_TYPES: Final = frozenset({"asp", "aspx", "cgi", "htm", "html", "jsp", "md", "pdf", "php", "txt"})
_STEPS: Final = re.compile(r"^(?:(?:\.{0,2}/)+|\.{1,2}$)")


def leads_somewhere(link: str) -> bool:
    """Tell whether a link leads to the same place from every page: a relative one depends on the page's address.

    Args:
        link: A text without spaces; a fragment counts, as it leads to a place on the page.
    """
    return _LINK.fullmatch(link) is not None


def link_meant_by(text: str) -> str | None:
    """Guess the link that a text stands for which leads nowhere; None where nothing suggests itself.

    Args:
        text: A mailbox, a telephone number, a host, or a relative path.
    """
    if _MAILBOX.fullmatch(text):
        return f"mailto:{text}"
    if _TELEPHONE.fullmatch(text):
        return f"tel:{text}"
    if found := _SLASHES_LEFT_OUT.fullmatch(text):
        return f"{found[1]}://{found[2]}"
    if _OWN_MACHINE.fullmatch(text):
        return f"http://{text}"
    if (host := _HOST.fullmatch(text)) and host[1].lower() not in _FILE_TYPES:
        return f"https://{text}"
    return None if _SCHEME.match(text) else "/" + _STEPS.sub("", text)
