"""Reads a page's HTML for what a machine can see cheaply: its elements, and the text of those that matter."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

__all__ = ["Attributes", "Markup", "read"]

Attributes = dict[str, str]
"""An element's attributes; one without a value has an empty one."""

_APART: Final = frozenset({"h1", "title", "script", "style", "svg"})
"""Elements whose text is kept apart from the rest."""


class Markup(HTMLParser):
    """What was read of a page; `read` makes one.

    Attributes:
        has_doctype: Whether it begins with one.
        elements: Every element in its order, with its attributes.
        texts: Every piece of text, with the nearest of the elements that are kept apart, or an empty name.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.has_doctype = False
        self.elements: list[tuple[str, Attributes]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []

    def named(self, tag: str) -> list[Attributes]:
        """Find the attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> str:
        """Join the text of every element of a kind that is kept apart."""
        return " ".join("".join(text for name, text in self.texts if name == tag).split())

    def words(self) -> Iterator[str]:
        """Go through what a visitor reads or a link says: texts and the values of attributes."""
        yield from (text for name, text in self.texts if name not in ("script", "style"))
        yield from (value for _, attributes in self.elements for value in attributes.values())

    def handle_decl(self, decl: str) -> None:
        """Note the doctype."""
        self.has_doctype |= decl.lower().startswith("doctype html")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.handle_startendtag(tag, attrs)
        if tag in _APART:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that ends at once."""
        # The title of a drawing is not the page's.
        name = f"svg {tag}" if tag == "title" and "svg" in self._open else tag
        self.elements.append((name, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element, and those within it that were left open."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note a piece of text."""
        kept_apart = "svg" if "svg" in self._open else self._open[-1] if self._open else ""
        self.texts.append((kept_apart, data))


def read(html: str) -> Markup:
    """Read a page.

    Args:
        html: A document or a part of one.
    """
    markup = Markup()
    markup.feed(html)
    markup.close()
    return markup
