"""What is looked for on the pages of own templates, as a table, and what can be seen of it on one page."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from errorpages.translation import load_language

from .markup import Markup, read

__all__ = ["RULES", "Level", "Rule", "Sight", "look", "marked"]

Level = Literal["error", "warning"]

LARGEST: Final = 12_288
LARGEST_COMPRESSED: Final = 4_096
SMALLEST: Final = 513
"""Bytes; with fewer, some browsers show a page of their own."""


class Rule(NamedTuple):
    """What is looked for.

    Attributes:
        level: Whether it must be mended, or should be looked at.
        problem: What is wrong; ``{subject}`` and ``{size}`` are filled in.
        remedy: How to mend it.
    """

    level: Level
    problem: str
    remedy: str


RULES: Final[Mapping[str, Rule]] = {
    # in the templates
    "syntax": Rule("error", "can't be parsed: {subject}", "Until it is mended the application does not start."),
    "encoding": Rule("error", "is not in UTF-8: {subject}", "Save it as UTF-8."),
    "reference": Rule(
        "error", "refers to {subject}, which there is not", 'Name one of the folder, or of "errorpages templates list".'
    ),
    "unreadable": Rule("error", "can't be read: {subject}", "Let the user that the application runs as read it."),
    "circle": Rule("error", "leads back to itself: {subject}", "Take one of these references away."),
    "variable": Rule(
        "error",
        "{subject} is no variable of a page",
        'Take one of those in docs/templates.md, or supply it: by the option "context", and here by --context.',
    ),
    "not-in-context": Rule(
        "warning",
        "{subject} is neither a variable of a page nor in the context that was given",
        "Add it to the context, or ask {{% if {subject} is defined %}} first.",
    ),
    "unused": Rule(
        "warning",
        "is used by no page",
        "A page looks for a name such as 404.html, 4xx.html, error.html, or that of its theme; name that with --theme.",
    ),
    # on every page
    "failure": Rule("error", "fails: {subject}", "Visitors get the built-in page; ask first whether there is a value."),
    "large": Rule("error", "a page has {size} bytes", f"Bring it down to {LARGEST:,}."),
    "none": Rule("error", "prints None", "Not every page has every value: ask with {{% if … %}} first."),
    # on pages in HTML
    "unescaped": Rule(
        "error",
        "the {subject} comes out unescaped: who sends it can put scripts into the page",
        "Remove |safe, and whatever else turns escaping off.",
    ),
    "unquoted": Rule("error", "the {subject} breaks out of an attribute", "Put the attribute's value in quotes."),
    "in-script": Rule(
        "error", "the {subject} stands in a script or style, where HTML's escaping is no help", "Print it with |tojson."
    ),
    "small": Rule("error", "a page has {size} bytes", f"Below {SMALLEST} some browsers show a page of their own."),
    "compressed": Rule(
        "warning", "a page has {size} bytes after gzip", f"Bring it down to {LARGEST_COMPRESSED:,}, to arrive at once."
    ),
    "doctype": Rule("error", "has no doctype", "Begin with <!doctype html>."),
    "lang": Rule("error", "names no language", 'Write <html lang="{{{{ lang }}}}" dir="{{{{ dir }}}}">.'),
    "other-lang": Rule(
        "warning",
        'says lang="{subject}" on pages in other languages',
        'Write lang="{{{{ lang }}}}" if the option "languages" is to offer more than one.',
    ),
    "direction": Rule(
        "warning",
        "does not turn the page around for languages that run from right to left",
        'Write dir="{{{{ dir }}}}" if the option "languages" is to offer one.',
    ),
    "title": Rule("error", "has no title, or an empty one", "Write <title>{{{{ title }}}}</title>."),
    "heading": Rule("error", "has {size} h1 elements with text", "Have one: <h1>{{{{ title }}}}</h1>."),
    "heading-digits": Rule(
        "error", "has a number in its h1", "Say it in words; the status code has its place in the details."
    ),
    "main": Rule("error", "has {size} main elements", "Have one: what htmx asks for is cut out of it."),
    "viewport": Rule(
        "warning", "has no viewport", 'Write <meta name="viewport" content="width=device-width, initial-scale=1">.'
    ),
    "zoom": Rule("error", "keeps visitors from zooming", "Take user-scalable and maximum-scale out of the viewport."),
    "refresh": Rule("error", "reloads or leaves by itself", "Remove the meta refresh; a link does (WCAG 2.2, F41)."),
    "alternative": Rule("error", "has an image without alt", 'Say what it shows, or alt="" where it only decorates.'),
    "same-id": Rule("error", 'has the id "{subject}" twice', "Give each element an id of its own."),
    "loads": Rule(
        "warning", "loads {subject}", "While a site is in trouble that may fail: put it into the page, or as data:."
    ),
    "style-attribute": Rule(
        "warning", "has style attributes", "A strict Content-Security-Policy ignores them: use the style element."
    ),
    "announces": Rule("warning", "has {subject}", "Remove it: a page that was just opened is read out from its start."),
    # on pages in text and Markdown
    "blank": Rule("error", "renders nothing", "Print at least title, message and next_step."),
    "markup": Rule(
        "warning", "the {subject} comes out with its markup", "Leave it out: what shows Markdown may take it for HTML."
    ),
}

_SOURCES: Final = ("message", "path", "query", "header")
_UNESCAPED: Final = re.compile(rf"<check-({'|'.join(_SOURCES)})>")
_ESCAPED: Final = re.compile(rf"&lt;check-({'|'.join(_SOURCES)})&gt;")
_NONE: Final = re.compile(r"(?<!\w)None(?!\w)")
_ZOOM_LIMIT: Final = re.compile(r"user-scalable\s*=\s*(?:no|0)|maximum-scale\s*=\s*[0-4](?:\.\d+)?\s*(?:[,;]|$)", re.I)
_STYLE_LOADS: Final = re.compile(r"(?:@import\s+|url\(\s*)[\"']?(?!data:|#|url\()([^\"')\s;]+)", re.I)
_LOADING: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "embed": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "image": "href",
    "use": "href",
    "object": "data",
}
_LOADING_LINKS: Final = frozenset({"stylesheet", "icon", "preload", "modulepreload", "apple-touch-icon", "manifest"})


def marked(source: str, words: str = "") -> str:
    """Write what a visitor could send: it shows wherever it is not escaped, or not within quotes.

    Args:
        source: ``message``, ``path``, ``query`` or ``header``.
        words: What it begins with.
    """
    return f"{words}\" data-check-{source} ' data-check-{source} > <check-{source}>&"


class Sight(NamedTuple):
    """What a rule saw on a page.

    Attributes:
        rule: The name of the rule.
        subject: What it is about.
        size: How many there are of it.
        file: The template, where that can be told.
        line: The line in it, counted from 1.
    """

    rule: str
    subject: str = ""
    size: int = 0
    file: str = ""
    line: int | None = None


def look(body: bytes, format: str, language: str, is_fullest: bool) -> Iterator[Sight]:
    """Look at a page.

    Args:
        body: Its content in UTF-8.
        format: ``html``, ``fragment``, ``text`` or ``markdown``.
        language: The tag of the language that it is in.
        is_fullest: Whether it shows all that such a page can.
    """
    text = body.decode()
    if len(body) > LARGEST:
        yield Sight("large", size=len(body))
    if format in ("text", "markdown"):
        yield from _on_plain_text(text, format)
    elif format == "fragment":
        # A part of the document, which is looked at more closely.
        yield from (Sight("unescaped", source) for source in _unescaped(text))
    else:
        if len(body) < SMALLEST:
            yield Sight("small", size=len(body))
        if is_fullest and (size := len(gzip.compress(body))) > LARGEST_COMPRESSED:
            yield Sight("compressed", size=size)
        markup = read(text)
        yield from _of_values(text, markup)
        yield from _of_structure(markup)
        yield from _of_language(markup, language)
        yield from _of_metadata(markup)
        yield from _of_elements(markup)


def _unescaped(text: str) -> Iterable[str]:
    return dict.fromkeys(_UNESCAPED.findall(text))


def _on_plain_text(text: str, format: str) -> Iterator[Sight]:
    if not text.strip():
        yield Sight("blank")
    if _NONE.search(text):
        yield Sight("none")
    if format == "markdown":
        yield from (Sight("markup", source) for source in _unescaped(text))


def _of_values(text: str, markup: Markup) -> Iterator[Sight]:
    if _NONE.search("\n".join(markup.words())):
        yield Sight("none")
    unescaped = _unescaped(text)
    yield from (Sight("unescaped", source) for source in unescaped)
    attributes = {name for _, attributes in markup.elements for name in attributes}
    for source in _SOURCES:
        if source not in unescaped and f"data-check-{source}" in attributes:
            yield Sight("unquoted", source)
    in_code = " ".join(text for tag, text in markup.texts if tag in ("script", "style"))
    yield from (Sight("in-script", source) for source in dict.fromkeys(_ESCAPED.findall(in_code)))


def _of_structure(markup: Markup) -> Iterator[Sight]:
    if not markup.has_doctype:
        yield Sight("doctype")
    if not markup.text("title"):
        yield Sight("title")
    headings = len(markup.named("h1")) if markup.text("h1") else 0
    if headings != 1:
        yield Sight("heading", size=headings)
    elif re.search(r"\d", markup.text("h1")):
        yield Sight("heading-digits")
    if (mains := len(markup.named("main"))) != 1:
        yield Sight("main", size=mains)


def _of_language(markup: Markup, language: str) -> Iterator[Sight]:
    root = next(iter(markup.named("html")), {})
    lang = root.get("lang", "").strip()
    if not lang:
        yield Sight("lang")
    elif not _are_alike(lang.lower(), language.lower()):
        yield Sight("other-lang", lang)
    if load_language(language).direction == "rtl" and root.get("dir", "").lower() != "rtl":
        yield Sight("direction")


def _are_alike(one: str, other: str) -> bool:
    """Tell whether one tag is the other, or adds a region or script to it (RFC 4647, section 3.3.1)."""
    return f"{one}-".startswith(f"{other}-") or f"{other}-".startswith(f"{one}-")


def _of_metadata(markup: Markup) -> Iterator[Sight]:
    metas = markup.named("meta")
    viewports = [meta.get("content", "") for meta in metas if meta.get("name", "").lower() == "viewport"]
    if not viewports:
        yield Sight("viewport")
    if any(_ZOOM_LIMIT.search(content) for content in viewports):
        yield Sight("zoom")
    if any(meta.get("http-equiv", "").lower() == "refresh" for meta in metas):
        yield Sight("refresh")


def _of_elements(markup: Markup) -> Iterator[Sight]:
    ids: set[str] = set()
    for tag, attributes in markup.elements:
        if tag == "img" and "alt" not in attributes:
            yield Sight("alternative")
        if (identifier := attributes.get("id", "")) and identifier in ids:
            yield Sight("same-id", identifier)
        ids.add(identifier)
        if (url := _loaded(tag, attributes)) and not url.lower().startswith(("data:", "#")):
            yield Sight("loads", url)
        if "style" in attributes:
            yield Sight("style-attribute")
        if "autofocus" in attributes:
            yield Sight("announces", "autofocus")
        if attributes.get("role") in ("alert", "alertdialog"):
            yield Sight("announces", f'role="{attributes["role"]}"')
    style = " ".join(text for tag, text in markup.texts if tag == "style")
    yield from (Sight("loads", url) for url in dict.fromkeys(_STYLE_LOADS.findall(style)))


def _loaded(tag: str, attributes: Mapping[str, str]) -> str:
    """Find what an element loads."""
    if tag == "link":
        return attributes.get("href", "") if _LOADING_LINKS & set(attributes.get("rel", "").lower().split()) else ""
    return attributes.get(_LOADING[tag], "") if tag in _LOADING else ""
