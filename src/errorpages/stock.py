"""Recognises what a framework sends of its own accord, and reads the application's own message out of it.

What each framework sends was seen by running it; everything here is a pure function of the
status code, the label and the bytes.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, Literal

from werkzeug.exceptions import default_exceptions

from .codes import catalogue, is_server_error
from .negotiation import Family

__all__ = [
    "LOOK_LIMIT",
    "Reading",
    "clean",
    "family_of",
    "framed",
    "has_stock_length",
    "is_csrf_failure",
    "is_stock",
    "message_of",
    "read",
    "is_debuggers_page",
    "shows_debugger",
]

LOOK_LIMIT: Final = 8192
"""Bytes of a body that are waited for."""

LONGEST_TEXT: Final = 2048
LONGEST_DOCUMENT: Final = 4096
LONGEST_MESSAGE: Final = 2048

Kind = Literal["empty", "framework", "bare", "plain", "own"]
Topic = Literal["csrf"]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a body turned out to be.

    Attributes:
        family: What it is, whatever its label says.
        kind: ``empty``; ``framework``: a framework's own; ``bare``: a few words; ``plain``: a simple error as data;
            ``own``: more than that, an answer of the application's.
        message: The application's own words, where there are any.
        members: The members of a JSON object.
        topic: What it is about, where that has words of its own: ``csrf``, a form that was refused for its token.
    """

    family: Family
    kind: Kind
    message: str | None = None
    members: Mapping[str, Any] | None = None
    topic: Topic | None = None


# -- media types -------------------------------------------------------------------------------------------------------


def family_of(media_type: str) -> Family | None:
    """Sort a media type into a family, or None where it is none that a page could stand for."""
    if not media_type:
        return "none"
    if media_type in ("text/html", "application/xhtml+xml"):
        return "html"
    if media_type == "text/plain":
        return "text"
    if media_type in ("application/json", "text/json") or media_type.endswith("+json"):
        return "json"
    if media_type in ("application/xml", "text/xml"):
        return "xml"
    return "xml" if media_type.endswith("+xml") and media_type.startswith("application/") else None


# -- the framework's own sentences -------------------------------------------------------------------------------------

_NOT_AUTHENTICATED: Final = (  # Django REST framework
    "Authentication credentials were not provided.",
    "Incorrect authentication credentials.",
)
_SENTENCES: Final[dict[int, tuple[str, ...]]] = {
    400: ("Bad Request (400)", "Malformed request."),  # Django, Django REST framework
    401: _NOT_AUTHENTICATED,
    403: (
        *_NOT_AUTHENTICATED,  # 403 where no authentication scheme of the site has a challenge
        "You do not have permission to perform this action.",  # Django REST framework
        "CSRF verification failed. Request aborted.",  # Django
        "Access was denied to this resource.",  # WebOb, Pyramid
    ),
    404: (
        "The requested resource was not found on this server.",  # Django
        "Resource not found",  # BlackSheep
        "The resource could not be found.",  # WebOb, Pyramid
    ),
    406: ("Could not satisfy the request Accept header.",),  # Django REST framework
    429: ("Request was throttled.",),
    503: (
        "no healthy upstream",  # Envoy
        "No server is available to handle this request.",  # HAProxy
    ),
    500: (
        "A server error occurred.",  # Django REST framework
        "The application encountered an unexpected error and could not continue.",  # Sanic
        "The server encountered an unexpected condition which prevented it from fulfilling the request.",  # CherryPy
        "500 Internal Server Error\n\nServer got itself in trouble",  # aiohttp
        "Unknown Error",  # Bottle
    ),
}
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"/[^\n]*",  # Pyramid: the path alone
        r"predicate mismatch for view [^\n]*",
        r"not found: (?:'[^\n]*'|\"[^\n]*\")",  # Bottle
        r"the path (?:'[^\n]*'|\"[^\n]*\") was not found",  # CherryPy
        r"requested url [^\n]* not found",  # Sanic
        r"method [a-z]+ not allowed for url [^\n]*",  # Sanic
        r"method \"[a-z]+\" not allowed",  # Django REST framework
        r"bad url: [^\n]*",  # Sanic
        r"unsupported media type \"[^\n]*\" in request",
        r"nginx(?:/[\d.]+)?",
        r"upstream connect error or disconnect/reset before headers[^\n]*",  # Envoy
    )
)
_CSRF_SENTENCES: Final = re.compile(
    r"CSRF (?:validation|verification) failed\.(?: Request aborted\.)?"  # Flask-WTF, Django
    r"|The CSRF (?:session )?tokens? (?:is missing|has expired|is invalid|do not match)\."
    r"|The referrer (?:header is missing|does not match the host)\."
)


@lru_cache(maxsize=256)
def _sentences(status: int) -> frozenset[str]:
    """Collect every stock sentence for a status code, reduced for comparison."""
    sentences = {*_SENTENCES.get(status, ()), *_names(status)}
    if status in default_exceptions:
        sentences.add(default_exceptions[status].description or "")
    if status in _HTTP_STATUSES:
        sentences.add(HTTPStatus(status).description)
    return frozenset(_reduced(sentence) for sentence in sentences)


_HTTP_STATUSES: Final = frozenset(HTTPStatus)


@lru_cache(maxsize=256)
def _names(status: int) -> frozenset[str]:
    known = catalogue.get(status)
    names = {known.name, *known.other_names} if known else set()
    if status in _HTTP_STATUSES:
        names.add(HTTPStatus(status).phrase)  # varies with Python's version
    return frozenset(names)


@lru_cache(maxsize=256)
def _reduced_names(status: int) -> frozenset[str]:
    return frozenset(_words(name) for name in _names(status))


def _reduced(sentence: str) -> str:
    return " ".join(sentence.casefold().split()).rstrip(".")


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def is_stock(status: int, text: str) -> bool:
    """Tell whether a text is a framework's sentence for this status code, and so nobody's message."""
    reduced = _reduced(text)
    if reduced in _sentences(status) or is_name(status, text):
        return True
    return any(pattern.fullmatch(reduced) for pattern in _PATTERNS)


def is_csrf_failure(text: str) -> bool:
    """Tell whether a text is a framework's sentence about a form that was refused for its CSRF token."""
    return _CSRF_SENTENCES.fullmatch(text.strip()) is not None


def is_name(status: int, text: str) -> bool:
    """Tell whether a heading says the status code or one of its names, and nothing else."""
    words = _words(text).split()
    without_code = " ".join(word for word in words if word != str(status))
    if len(words) > 12:
        return False
    bare = re.sub(r"^(?:http )?(?:status |error )?(?:code )?", "", without_code + " ").strip()
    if without_code in _reduced_names(status) or bare in _reduced_names(status):
        return True
    return str(status) in words and (not bare or (bare == "server error" and is_server_error(status)))


# -- frames of HTML and text -------------------------------------------------------------------------------------------

_INLINE: Final = r"(?:[^<]|<br\s*/?>)*"
_FRAMES: Final = tuple(
    re.compile(pattern, re.DOTALL | re.IGNORECASE)
    for pattern in (
        # Werkzeug, Flask, Quart
        r"<!doctype html>\n<html lang=en>\n<title>\d{3} [^<]*</title>\n<h1>[^<]*</h1>\s*"
        rf"(?:<p>(?P<message>{_INLINE})</p>)?",
        # Django
        rf'<!doctype html>\n<html lang="en">\n<head>\n  <title>[^<]*</title>\n</head>\n<body>\n'
        rf"  <h1>[^<]*</h1><p>(?P<message>{_INLINE})</p>\n</body>\n</html>",
        # WebOb, Pyramid; the explanation stands before the breaks
        rf"<html>\n <head>\n  <title>\d{{3}} [^<]*</title>\n </head>\n <body>\n  <h1>\d{{3}} [^<]*</h1>\n"
        rf"  [^<]*(?:<br ?/><br ?/>(?P<message>{_INLINE}))?(?:<!--[^<]*-->\s*)?</body>\n</html>",
        # Bottle
        r'<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2\.0//EN">\s*<html>\s*<head>\s*<title>Error: \d{3} [^<]*</title>\s*'
        r'<style type="text/css">[^<]*</style>\s*</head>\s*<body>\s*<h1>Error: \d{3} [^<]*</h1>\s*'
        r"<p>Sorry, the requested URL <tt>[^<]*</tt>\s*caused an error:</p>\s*"
        r"<pre>(?P<message>[^<]*)</pre>\s*</body>\s*</html>",
        # CherryPy
        rf'<!DOCTYPE html PUBLIC\s+"-//W3C//DTD XHTML 1\.0 Transitional//EN"\s+"[^"]*">\s*<html>\s*'
        rf"<head>\s*<meta [^>]*></meta>\s*<title>\d{{3}} [^<]*</title>\s*"
        rf"<style[^>]*>[^<]*</style>\s*</head>\s*<body>\s*"
        rf"<h2>\d{{3}} [^<]*</h2>\s*"
        rf'<p>(?P<message>{_INLINE})</p>\s*<pre id="traceback">[^<]*</pre>\s*'
        r'<div id="powered_by">.{0,400}</div>\s*</body>\s*</html>',
        # Zope
        r"<!DOCTYPE html>\s*<html>\s*<head>\s*<title>Site Error</title>.{0,80}</head>\s*<body[^>]*>\s*"
        r"<h2>Site Error</h2>\s*<p>An error was encountered while publishing this resource\.\s*</p>\s*"
        r"<p><strong>[^<]*</strong></p>.{0,6000}</body>\s*</html>",
        # WsgiDAV
        r"<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4\.01//EN' '[^']*'>\s*<html><head>\s*<meta [^>]*>\s*"
        r"<title>\d{3} [^<]*</title>\s*</head><body>\s*<h1>\d{3} [^<]*</h1>\s*"
        rf"<p>\d{{3}} [^<:]*(?:: (?P<message>{_INLINE}))?</p>\s*<hr/>\s*"
        r"<a href='https://github\.com/mar10/wsgidav/'>[^<]*</a>[^<]*</body></html>",
        r"<html>\s*<head><title>401 Access not authorized</title></head>\s*<body>\s*"
        r"<h1>401 Access not authorized</h1>\s*</body>\s*</html>",
    )
)
_CSRF_FRAME: Final = re.compile(
    # Django's CSRF page, without the reasons that it shows in debug mode
    (
        r'<!DOCTYPE html>\s*<html lang="[^"]*">\s*<head>.{0,1500}</head>\s*<body>\s*<div id="summary">\s*'
        r"<h1>[^<]* <span>\(403\)</span></h1>(?:\s*<p>[^<]*</p>)+\s*</div>\s*"
        r'<div id="explanation">\s*<p><small>[^<]*</small></p>\s*</div>\s*</body>\s*</html>'
    ),
    re.DOTALL | re.IGNORECASE,
)
_TEXT_FRAMES: Final = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"(?P<heading>\d{3} [^\n]+)\n\n[^\n]+\n\n\n(?P<message>.*)",  # WebOb, Pyramid: the explanation, then the detail
        r"\u26a0\ufe0f? (?P<heading>\d{3} \u2014 [^\n]+)\n=+\n(?P<message>.*)",  # Sanic
    )
)
_SANIC_START: Final = re.compile(rb"<!DOCTYPE html><html lang=en id=sanic>", re.IGNORECASE)
_SANIC_MESSAGE: Final = re.compile(r"<main><h1>[^<]*</h1><p>([^<]*)<div id=enduser>")
_WEBOB_DETAIL: Final = re.compile(r"[^\n<]+(?:<br />\s*<br />|\n\n)\s*(.*)", re.DOTALL)

_DEBUGGERS: Final = (
    b"<title>Starlette Debugger</title>",
    b"<title>Litestar exception page",
    b"// Werkzeug Debugger",
    b"// Backlash",
    b"DEBUG = True",
    b"\n<style>\npre {",  # Quart
    b"\nTraceback of ",  # Sanic, as text
)


def shows_debugger(body: bytes) -> bool:
    """Tell whether a body is a framework's page for its developer."""
    return any(sign in body for sign in _DEBUGGERS)


# What a debugger's page is told by where it is to go, at any length: from its beginning, and so that no page of an
# application's own is taken for one.
_DEBUGGERS_PAGE: Final = re.compile(
    rb"|".join(
        (
            rb"<title>Starlette Debugger</title>",
            rb"<title>Litestar exception page",
            rb"<title>[^<]* // (?:Werkzeug Debugger|Backlash)</title>",
            # Django: an exception, then a route miss
            rb'<meta name="robots" content="NONE,NOARCHIVE">\s*<title>[^<]*</title>\s*<style>\s*html \* \{ padding:0;',
            rb'<title>[^<]*</title>\s*<meta name="robots" content="NONE,NOARCHIVE">\s*<style>\s*html \* \{ padding:0;',
            rb"\A[^\n]+ at /[^\n]*\n(?:.{0,2048}\n)?\nRequest Method: [A-Z]+\nRequest URL: ",  # Django, as text
            rb"\A\n<style>\npre \{\n  margin: 0;",  # Quart
            rb"\A<!DOCTYPE html><html lang=en id=sanic>",
            rb"\A[^\n]{1,16}\d{3} [^\n]+\n=+\n.{0,2048}\nTraceback of ",  # Sanic, as text
            rb"\ATraceback \(most recent call last\):\n  File ",  # Litestar, as text
            # Bottle, BlackSheep
            rb"<h1>Error: \d{3} [^<]*</h1>\s*<p>[^<]*<tt>[^<]*</tt>\s*[^<]*</p>\s*<pre>[^<]*</pre>\s*<h2>Exception:",
            rb"<p>While handling request: [^<]*</p>\s*</header>\s*<div id=.content.>\s*<div>\s*<dl>\s*<dt>Exception ",
        )
    ),
    re.DOTALL,
)


def is_debuggers_page(body: bytes) -> bool:
    """Tell for certain whether a body is a framework's page for its developer, by its first `LOOK_LIMIT` bytes."""
    return _DEBUGGERS_PAGE.search(body[:LOOK_LIMIT]) is not None


def read(status: int, label: Family, body: bytes, charset: str = "utf-8") -> Reading:
    """Find out what an error response's body is.

    Args:
        status: The response's status code.
        label: The family its Content-Type names; labels lie, so the bytes have the last word.
        body: The content, whole, or as much of it as was looked at.
        charset: The encoding that its Content-Type names.
    """
    if len(body) > LOOK_LIMIT:
        return _read_long(status, label, body)
    text = _decoded(body, charset).strip()
    if "pDebugToolbarHandle" in text:
        text = _TOOLBAR.sub("", text)
    if not text:
        return Reading(label, "empty")
    start = text[:1]
    if label == "json" or (label != "xml" and start in "{["):
        reading = _read_json(status, text)
        if reading or label == "json":
            return reading or Reading("json", "own")
    if label == "xml" or (start == "<" and text[:5].lower() == "<?xml" and "<html" not in text[:1024].lower()):
        return _read_xml(status, text)
    if (label == "html" and "<" in text) or (label == "none" and start == "<") or _DOCUMENT.match(text):
        return _read_html(status, text, len(body))
    return _read_text(status, text, len(body), label)


def _read_long(status: int, label: Family, body: bytes) -> Reading:
    """Read a body that is too long to be anything but the application's own, or Sanic's page of 70 kB."""
    if _SANIC_START.match(body) and (found := _SANIC_MESSAGE.search(_decoded(body, "utf-8"))):
        return Reading("html", "framework", message_of(status, _unescaped(found[1])))
    data = label in ("html", "text", "none") and body[:64].lstrip()[:1] in (b"{", b"[")
    return Reading("json" if data else label, "own")


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


# What pyramid_debugtoolbar writes into every page.
_TOOLBAR: Final = re.compile(
    r'<link rel="stylesheet" type="text/css" href="[^"]*/toolbar_button\.css" />\s*<div id="pDebug">\s*'
    r'<div  id="pDebugToolbarHandle">\s*<a [^>]*>[^<]*</a>\s*</div>\s*</div>\s*(?=</body>)'
)
_DOCUMENT: Final = re.compile(r"<!doctype html|<html", re.IGNORECASE)


def _read_html(status: int, text: str, size: int) -> Reading:
    if _CSRF_FRAME.fullmatch(text):
        return Reading("html", "framework", topic="csrf")
    for frame in _FRAMES:
        if found := frame.fullmatch(text):
            return framed(status, _plain_text(found.groupdict().get("message") or ""))
    if size > LONGEST_DOCUMENT:
        return Reading("html", "own")
    outline = _Outline(text)
    if outline.is_designed or not all(is_name(status, heading) for heading in outline.headings):
        return Reading("html", "own")
    return Reading("html", "bare", message_of(status, outline.text))


def framed(status: int, words: str) -> Reading:
    """Read a framework's page by the words in it, which are the developer's unless they are stock."""
    if is_csrf_failure(words):
        return Reading("html", "framework", topic="csrf")
    return Reading("html", "framework", message_of(status, words))


def _read_text(status: int, text: str, size: int, family: Family) -> Reading:
    if family == "html":
        text = _unescaped(text)
    if is_csrf_failure(text):
        return Reading(family, "framework", topic="csrf")
    if is_stock(status, text):
        return Reading(family, "framework")
    for frame in _TEXT_FRAMES:
        found = frame.fullmatch(text)
        if found and is_name(status, found["heading"]):
            return Reading(family, "framework", message_of(status, found["message"]))
    first, _, rest = text.partition("\n\n")
    if not rest.partition("\n\n")[2] and is_name(status, first) and is_stock(status, rest):
        return Reading(family, "framework")  # Pyramid without a detail
    return Reading(family, "bare", message_of(status, text)) if size <= LONGEST_TEXT else Reading(family, "own")


def _plain_text(markup: str) -> str:
    return _unescaped(re.sub(r"<br\s*/?>", "\n", markup, flags=re.IGNORECASE))


# Linear, which the standard library's parser is not for text that never closes a tag.
_TOKEN: Final = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-zA-Z][^\s/<>]*)(?P<attributes>[^<>]*)>|<[!?][^<>]*>|(?P<text>[^<]+|<)"
)
_ATTRIBUTE: Final = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?""")


class _Outline:
    """Takes a small document apart: its title and first heading, its words, and whether anyone designed it.

    Args:
        markup: The document.
    """

    # fmt: off
    _DESIGNED_ELEMENTS: Final = frozenset((
        "form", "input", "button", "select", "textarea", "fieldset", "style", "link", "script", "template", "noscript",
        "img", "picture", "svg", "video", "audio", "canvas", "iframe", "object", "embed", "a", "ul", "ol", "dl", "menu",
        "table",
    ))
    # fmt: on
    _DESIGNED_ATTRIBUTES: Final = frozenset({"class", "id", "style"})
    _HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
    _BREAKS: Final = frozenset({"p", "br", "div", "hr", "center", "pre", "section", "article", "main", "body"})

    def __init__(self, markup: str) -> None:
        self.is_designed = False
        self._title: list[str] | None = None
        self._heading: list[str] | None = None
        self._pieces: list[str] = []
        self._into: list[str] = self._pieces
        for token in _TOKEN.finditer(_without_comments(markup)):
            if token["text"]:
                self._into.append(_unescaped(token["text"]).replace("\n", " "))
            elif token["tag"] and token["end"]:
                self._leave(token["tag"].lower())
            elif token["tag"]:
                self._enter(token["tag"].lower(), token["attributes"])

    @property
    def headings(self) -> list[str]:
        """The title and the first heading, those that are there."""
        found = ("".join(words).strip() for words in (self._title, self._heading) if words is not None)
        return [text for text in found if text]

    @property
    def text(self) -> str:
        """The words of the body, without the first heading."""
        return "".join(self._pieces)

    def _enter(self, tag: str, attributes: str) -> None:
        names = [name.lower() for name in _ATTRIBUTE.findall(attributes)]
        self.is_designed |= tag in self._DESIGNED_ELEMENTS or any(
            name in self._DESIGNED_ATTRIBUTES or name.startswith(("data-", "hx-", "on")) for name in names
        )
        if tag == "title" and self._title is None:
            self._into = self._title = []
        elif tag in self._HEADINGS and self._heading is None:
            self._into = self._heading = []
        elif tag in self._BREAKS:
            self._into.append("\n")

    def _leave(self, tag: str) -> None:
        if tag == "title" or tag in self._HEADINGS:
            self._into = self._pieces
        if tag in self._BREAKS or tag in self._HEADINGS:
            self._into.append("\n")


def _without_comments(markup: str) -> str:
    kept = []
    rest = markup
    while rest:
        before, start, after = rest.partition("<!--")
        kept.append(before)
        rest = after.partition("-->")[2] if start else ""
    return "".join(kept)


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except (ValueError, OverflowError):  # a character reference of thousands of digits
        return text


# -- errors as data ----------------------------------------------------------------------------------------------------

_MESSAGE_MEMBERS: Final = ("detail", "message", "description", "error", "title")
_PLAIN_MEMBERS: Final = frozenset({*_MESSAGE_MEMBERS, "status", "status_code", "code", "type", "instance"})
_EMPTY_MEMBERS: Final = frozenset({"extra", "context", "link"})
_XML_ERROR: Final = re.compile(
    r"(?:<\?xml[^<>]*\?>)?\s*<(?P<root>[\w:.-]+)(?:\s[^<>]*)?>"
    r"(?P<members>(?:\s*<(?P<name>[\w.-]+)>[^<]*</(?P=name)>)*)\s*</(?P=root)>"
)
_XML_MEMBER: Final = re.compile(r"<([\w.-]+)>([^<]*)</")


def _read_json(status: int, text: str) -> Reading | None:
    """Read JSON; None where it is none."""
    try:
        data = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return Reading("json", "own")
    kind: Kind = "plain" if _is_plain(data) else "own"
    return Reading("json", kind, _message_among(status, data), data)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")  # RFC 8259, section 6; Python reads it all the same


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is beyond what can be sent on")
    return number


def _is_plain(members: Mapping[str, Any]) -> bool:
    return all(
        (name in _PLAIN_MEMBERS and (value is None or isinstance(value, str | int | float)))
        or (name in _EMPTY_MEMBERS and not value)
        for name, value in members.items()
    )


def _message_among(status: int, members: Mapping[str, Any]) -> str | None:
    if members.keys() == {"message", "code", "title"} and isinstance(members["message"], str):
        # WebOb puts its explanation before the detail.
        found = _WEBOB_DETAIL.fullmatch(members["message"])
        if found and is_name(status, str(members["code"])):
            return message_of(status, found[1])
    for name in _MESSAGE_MEMBERS:
        value = members.get(name)
        if isinstance(value, str) and (message := message_of(status, value)):
            return message
    return None


def _read_xml(status: int, text: str) -> Reading:
    # By pattern, never by a parser: entities can be bombs.
    found = _XML_ERROR.fullmatch(text)
    if found is None:
        return Reading("xml", "own")
    members = {name: _unescaped(value) for name, value in _XML_MEMBER.findall(found["members"])}
    return Reading("xml", "plain" if _is_plain(members) else "own", _message_among(status, members))


# -- messages ----------------------------------------------------------------------------------------------------------

_UNPRINTABLE: Final = re.compile(
    # Control characters, bidirectional controls that could reorder the page around them (Unicode UAX #9), surrogates
    # and non-characters that no encoding or XML document carries (XML 1.0, section 2.2).
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Make a message fit to be shown: no control characters, no blank ends, no more than 2,048 characters."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    cleaned = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return cleaned if len(cleaned) <= LONGEST_MESSAGE else f"{cleaned[: LONGEST_MESSAGE - 1].rstrip()}…"


def message_of(status: int, text: str) -> str | None:
    """Take a text as the application's message, or None where it says nothing of its own."""
    message = clean(text)
    return message if message and not is_stock(status, message) else None


# -- answers to HEAD ---------------------------------------------------------------------------------------------------


def has_stock_length(status: int, label: Family, length: int) -> bool:
    """Tell whether a framework's own body of this family would have this length in bytes."""
    return length in _stock_lengths(status).get(label, frozenset())


@lru_cache(maxsize=256)
def _stock_lengths(status: int) -> dict[Family, frozenset[int]]:
    names = _names(status)
    texts = {*names, *(f"{status}: {name}" for name in names), *(f"{status} {name}" for name in names)}
    texts.update(_SENTENCES.get(status, ()))
    pages = {
        _django_page(heading, "") for heading in (*(f"{name} ({status})" for name in names), f"{status} Forbidden")
    }
    pages |= {_django_page(f"Server Error ({status})", ""), _django_page("Not Found", _SENTENCES[404][0])}
    if status in default_exceptions:
        pages.add(default_exceptions[status]().get_body())
    data: set[str] = set()
    for name in names:
        data.add(json.dumps({"detail": name}, separators=(",", ":")))
        data.add(json.dumps({"status_code": status, "detail": name}, separators=(",", ":")))
        data.add(json.dumps({"title": f"{status} {name}"}))
    falcon = {f'<?xml version="1.0" encoding="UTF-8"?><error><title>{status} {name}</title></error>' for name in names}
    bodies: dict[Family, set[str]] = {"text": texts, "html": texts | pages, "none": texts, "json": data, "xml": falcon}
    return {family: _lengths(found) for family, found in bodies.items()}


def _lengths(bodies: set[str]) -> frozenset[int]:
    return frozenset(len(body.encode()) for body in bodies)


_DJANGO_PAGE: Final = (
    '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>{0}</title>\n</head>\n<body>\n'
    "  <h1>{0}</h1><p>{1}</p>\n</body>\n</html>\n"
)


def _django_page(heading: str, sentence: str) -> str:
    return _DJANGO_PAGE.format(heading, sentence)
