"""Problem details for HTTP APIs (RFC 9457), as JSON and XML."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree

from .content import Content
from .stock import clean, is_name, is_stock

__all__ = ["converted", "from_content", "to_json", "to_xml"]

ABOUT_BLANK: Final = "about:blank"
_XML_NAMESPACE: Final = "urn:ietf:rfc:7807"  # RFC 9457, appendix B, keeps the namespace of its predecessor
_WORDS: Final = ("detail", "message", "description", "error", "title")
_CONSUMED: Final = frozenset({"type", "title", "status", "status_code", "detail", "instance"})

Members = dict[str, Any]


def from_content(content: Content) -> Members:
    """Describe an error by the same words that a page says.

    Args:
        content: What the page says.
    """
    members: Members = {
        "type": ABOUT_BLANK,
        # RFC 9457, section 4.2.1: with about:blank, the title SHOULD be the status code's phrase.
        "title": content.phrase or content.title,
        "status": content.status,
        "detail": content.detail or _sentences(content),
    }
    return members | _extensions(content)


def converted(members: Mapping[str, Any], content: Content, show_words: bool) -> Members:
    """Turn an application's simple JSON error into problem details.

    Args:
        members: What the application sent.
        content: What a page for this status code would say.
        show_words: Whether the application's words may be shown.
    """
    used, words = _own_words(content.status, members) if show_words else (None, None)
    problem: Members = {
        "type": _text(members.get("type")) or ABOUT_BLANK,
        "title": _own_title(content.status, members, show_words and used != "title") or content.phrase or content.title,
        "status": content.status,
        "detail": words or _sentences(content),
    }
    if instance := _text(members.get("instance")):
        problem["instance"] = instance
    if show_words and isinstance(members.get("detail"), list | dict):
        problem["errors"] = members["detail"]
    for name, value in members.items():
        if name not in _CONSUMED and name != used and not _says_nothing_new(content.status, name, value, show_words):
            problem[name] = value
    return _extensions(content) | problem


def _sentences(content: Content) -> str:
    return f"{content.message} {content.next_step or content.when}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _own_title(status: int, members: Mapping[str, Any], may_show: bool) -> str | None:
    """Keep a title that the application wrote; its type, if it has one, defines what the title is."""
    title = _text(members.get("title"))
    return title if title and (members.get("type") or (may_show and not is_stock(status, title))) else None


def _own_words(status: int, members: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Find the member that says most, and its text."""
    for name in _WORDS:
        value = members.get(name)
        if isinstance(value, str) and (text := clean(value)) and not is_stock(status, text):
            return name, text
    return None, None


def _says_nothing_new(status: int, name: str, value: object, show_words: bool) -> bool:
    if name in _WORDS and isinstance(value, str):
        return not show_words or is_stock(status, value)
    if name == "code":
        return value == status or is_name(status, str(value))
    return name in ("extra", "context", "link") and not value


def _extensions(content: Content) -> Members:
    extensions: Members = {}
    if content.reference is not None:
        if _is_uuid(content.reference):
            extensions["instance"] = f"urn:uuid:{content.reference.lower()}"
        extensions["reference"] = content.reference
    if content.retry_after is not None:
        extensions["retry_after"] = content.retry_after
    return extensions


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def to_json(members: Members) -> bytes:
    """Write problem details as ``application/problem+json``."""
    try:
        return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can say and UTF-8 can't
        return json.dumps(members, separators=(",", ":")).encode()


def to_xml(members: Members) -> bytes:
    """Write problem details as ``application/problem+xml`` (RFC 9457, appendix B)."""
    root = ElementTree.Element("problem", {"xmlns": _XML_NAMESPACE})
    for name, value in members.items():
        ElementTree.SubElement(root, name).text = clean(str(value))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
