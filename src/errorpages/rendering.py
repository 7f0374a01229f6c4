"""Pages: which template each is rendered with, and those that were rendered already.

A built-in page is rendered once for each combination of what shapes it. What differs with every request (the
reference, the time, the message) is rendered as a slot: a marker that the bytes are cut at, and filled when the page
is sent. An own template may do anything with its variables, so it gets the real ones, and its pages are remembered
only where none of them is of one request alone.
"""

from __future__ import annotations

import gzip
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, cast

import jinja2
from markupsafe import Markup, escape

from .cache import Cache
from .content import Author, Draft, Moment
from .csp import Needs, hash_source
from .exceptions import OptionError, any_of
from .exchange import Request
from .faults import find_faults
from .library import THEMES, Closure, Library

__all__ = ["Choice", "Rendered", "Renderer", "filled"]

_ROOM: Final = 1 << 20
"""Bytes of rendered pages that are kept; one takes about 15 kB with its gzip coding."""

_WORTH_COMPRESSING: Final = 1024
"""Bytes from which the gzip coding is prepared: shorter pages fit into one packet with their fields anyway."""

_MAIN: Final = re.compile(rb"<main\b.*</main>", re.DOTALL)
_STYLE: Final = re.compile(rb"<style\b[^>]*>(.*?)</style>", re.DOTALL)
_SCRIPT: Final = re.compile(rb"<script\b[^>]*>(.*?)</script>", re.DOTALL)
_DATA_ICON: Final = re.compile(rb'<link rel="?icon"? href="data:')

Shape = Literal["document", "fragment", "line"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page's content, and what follows from how it was made.

    Attributes:
        body: The content in UTF-8.
        is_own: Whether an own template had a part in it.
        is_private: Whether it was made for this request alone.
        needs: What a Content-Security-Policy must allow it.
        gzip: The same content in the gzip coding, where it was prepared with the page.
        parts: The content as it is kept for every request, cut at its slots; empty where none is.
    """

    body: bytes
    is_own: bool = False
    is_private: bool = False
    needs: Needs = Needs()
    gzip: bytes | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The template for a status code and format, and what it asks for, in all that it extends and includes.

    Attributes:
        template: The template.
        is_own: Whether an own template has a part in it.
        reads_request: Whether it may read the request.
        own_parts: The names of the own templates in it.
        is_dynamic: Whether it refers to templates whose names are known only when it is rendered.
    """

    template: jinja2.Template
    is_own: bool
    reads_request: bool
    own_parts: tuple[str, ...] = field(default=(), compare=False)
    is_dynamic: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Skeleton:
    """A rendered page, cut at its slots: every second part is the name of one.

    Attributes:
        whole: The page itself, where it has no slots.
    """

    parts: tuple[str, ...]
    needs: Needs
    whole: Rendered | None

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        size = sum(map(len, self.parts))
        return size if self.whole is None else size + len(self.whole.body) + len(self.whole.gzip or b"")


class Renderer:
    """Renders pages with the theme's templates, and with own ones before them.

    Args:
        author: Who writes the words.
        theme: A built-in theme.
        folders: Folders of own templates, searched first.
        has_context: Whether a ``context`` callable supplies more variables.
        compress: Whether pages that are kept whole are kept in the gzip coding too.

    Raises:
        OptionError: The theme does not exist, or an own template can't be rendered.
    """

    def __init__(
        self,
        author: Author,
        theme: str,
        folders: Sequence[str | os.PathLike[str]] = (),
        has_context: bool = False,
        compress: bool = False,
    ) -> None:
        if theme not in THEMES:
            raise OptionError("theme", theme, any_of(THEMES, theme))
        self._author = author
        self._theme = theme
        self._compress = compress
        self._library = Library(folders)
        self._mark = f"slot{secrets.token_hex(8)}"
        self._slot = re.compile(rf"{self._mark}([a-z_]+)_")
        for fault in find_faults(self._library, has_context):
            raise fault.error
        self._choice = lru_cache(maxsize=256)(self._examine)
        self._choose = lru_cache(maxsize=1024)(self._look_up)
        self._pages: Cache[_Skeleton] = Cache(_ROOM)

    def render(
        self,
        draft: Draft,
        format: str,
        shape: Shape,
        request: Request,
        context: Mapping[str, Any] | None = None,
    ) -> Rendered:
        """Render a page.

        Args:
            draft: What is known of it.
            format: ``html``, ``text`` or ``markdown``.
            shape: The whole document, or the main element alone.
            request: What the client asked for; read only where the template does.
            context: More variables.

        Raises:
            jinja2.TemplateError: An own template failed.
        """
        choice = self._choose(draft.status, format)
        if choice.is_own and (choice.reads_request or context is not None):
            text = self._rendered(choice, draft, format, {**(context or {}), "request": request}, context)
            return Rendered(_shaped(text.encode(), shape), is_own=True, is_private=True)
        skeleton = self._skeleton(choice, draft if choice.is_own else self._with_slots(draft, format), format, shape)
        if skeleton.whole is not None and context is None:
            return skeleton.whole
        body = "".join(filled(skeleton.parts, draft)).encode()
        parts = skeleton.parts if context is None else ()
        return Rendered(body, is_private=context is not None, needs=skeleton.needs, parts=parts)

    def _with_slots(self, draft: Draft, format: str) -> Draft:
        """Put a slot in place of everything that is of one request alone, so that one page serves all of them."""
        mark = self._mark
        return draft._replace(
            retry_after=cast(int, f"{mark}retry_after_") if draft.retry_after else None,  # templates only print it
            detail=f"{mark}detail_" if draft.detail and format == "html" else draft.detail,
            reference=f"{mark}reference_" if draft.reference else None,
            csp_nonce=f"{mark}csp_nonce_" if draft.csp_nonce else None,
            retry_at=Moment(f"{mark}retry_iso_", f"{mark}retry_text_") if draft.retry_at else None,
            time=Moment(f"{mark}time_iso_", f"{mark}time_text_") if draft.time else None,
        )

    def _skeleton(self, choice: Choice, draft: Draft, format: str, shape: Shape) -> _Skeleton:
        """Find a page as it was rendered before, or render it; one that only this request will see is not kept."""
        is_for_all = not choice.is_own or (draft.reference, draft.time, draft.retry_at, draft.csp_nonce) == (None,) * 4
        if not is_for_all or (draft.detail is not None and (choice.is_own or format != "html")):
            return self._render_skeleton(choice, draft, format, shape, compress=False)
        key = (draft, format, shape)
        skeleton = self._pages.get(key)
        if skeleton is None:
            skeleton = self._render_skeleton(choice, draft, format, shape, compress=self._compress)
            self._pages.put(key, skeleton, skeleton.size + len(draft.root_path) + len(draft.blocked_by or ""))
        return skeleton

    def _render_skeleton(self, choice: Choice, draft: Draft, format: str, shape: Shape, *, compress: bool) -> _Skeleton:
        page = _shaped(self._rendered(choice, draft, format).encode(), shape)
        compressed = gzip.compress(page, mtime=0) if compress and len(page) >= _WORTH_COMPRESSING else None
        if choice.is_own:
            return _Skeleton((), Needs(), Rendered(page, is_own=True, gzip=compressed))
        needs = _needs_of(page)
        parts = tuple(self._slot.split(page.decode()))
        if len(parts) > 1:
            return _Skeleton(parts, needs, None)
        return _Skeleton(parts, needs, Rendered(page, needs=needs, gzip=compressed, parts=parts))

    def _rendered(
        self,
        choice: Choice,
        draft: Draft,
        format: str,
        more: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> str:
        content = self._author.write(draft)
        variables = {**content._asdict(), **(more or {}), **(context or {})}
        if format == "html" and content.logo:
            variables["logo"] = Markup(content.logo)  # documented as trusted
        if format == "markdown" and content.detail:
            variables["detail"] = _markdown_escaped(content.detail)
        return choice.template.render(variables)

    # -- which template ------------------------------------------------------------------------------------------------

    def choice(self, status: int, format: str) -> Choice:
        """Find the template that pages are rendered with.

        Args:
            status: The status code.
            format: ``html``, ``text`` or ``markdown``.
        """
        return self._choose(status, format)

    def _look_up(self, status: int, format: str) -> Choice:
        return self._choice(self._library.name_for(status, format, self._theme))

    def _examine(self, name: str) -> Choice:
        closure = Closure(self._library, name)
        own_parts = tuple(sorted(closure.names & self._library.own))
        return Choice(
            self._library.environment.get_template(name),
            is_own=bool(own_parts),
            reads_request=closure.is_dynamic or "request" in closure.reads,
            own_parts=own_parts,
            is_dynamic=closure.is_dynamic,
        )


def _shaped(page: bytes, shape: Shape) -> bytes:
    """Cut a page down to its main element, where it has one."""
    if shape == "fragment" and (main := _MAIN.search(page)):
        return main[0]
    return page


def _needs_of(page: bytes) -> Needs:
    style, script, icon = _STYLE.search(page), _SCRIPT.search(page), _DATA_ICON.search(page)
    return Needs(
        style=hash_source(style[1]) if style else None,
        img="data:" if icon else None,
        script=hash_source(script[1]) if script else None,
        connect="'self'" if script else None,
    )


def filled(parts: Sequence[str], draft: Draft) -> Iterator[str]:
    """Fill a page's slots.

    Args:
        parts: The page, cut at its slots: every second part is the name of one.
        draft: What is known of the page.
    """
    for index, part in enumerate(parts):
        yield part if index % 2 == 0 else _slot_text(part, draft)


def _slot_text(name: str, draft: Draft) -> str:
    """Write what stands in a slot; only the message may hold anything that needs escaping."""
    match name:
        case "detail":
            return str(escape(draft.detail))
        case "reference":
            return draft.reference or ""
        case "retry_after":
            return str(draft.retry_after)
        case "csp_nonce":
            return draft.csp_nonce or ""
    moment = draft.retry_at if name.startswith("retry") else draft.time
    assert moment is not None
    return moment.iso if name.endswith("iso") else moment.text


def _markdown_escaped(text: str) -> str:
    """Escape Markdown's own signs, so that a message shows as it was written (CommonMark, sections 2.4 and 6)."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", text)
    return re.sub(r"(?m)^(\s*\d*)([-+=.)])", r"\1\\\2", escaped)
