"""Two made-up translations: one much longer than English, one that runs from right to left.

They bear the tags that CLDR sets apart for this, ``en-XA`` and ``ar-XB``, and are real catalogues with everything that
the pages say, so that layout and direction are tested whatever languages the package has.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from errorpages import ErrorPages, Request, catalogue, translation
from errorpages.maintenance import State
from errorpages.maintenance.gate import Closing
from errorpages.translation import load_language

LONG: Final = "en-XA"
RTL: Final = "ar-XB"
LOCALES: Final = ("en", LONG, RTL)
DIRECTIONS: Final = {"en": "ltr", LONG: "ltr", RTL: "rtl"}
GROWTH: Final = 1.6

Message = tuple[str, ...]
"""A context and a sentence, or a context, a singular and a plural."""

_PLACEHOLDER: Final = re.compile(r"(%\(\w+\)[sd])")
_ACCENTED: Final = str.maketrans("ACDEGHIJKLNORSTUWYZacdeghijklnorstuwyz", "ÅÇÐÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽåçðéĝĥîĵķļñöŕšţûŵýž")
_FILLING: Final = ("öñé", "ţŵö", "ţĥŕéé", "ƒöûŕ", "ƒîvé", "šîx", "šévéñ", "éîĝĥţ")
_ARABIC: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz,;?", "ابتثجحخدذرزسشصضطظعغفقكلمنه،؛؟")
_WAITS: Final = ((), *((("Retry-After", str(delay)),) for delay in (5, 30, 60, 120, 7200, 259_200)))
"""None, and in seconds one for each sentence about coming back."""


class _Listener(gettext.NullTranslations):
    """A catalogue that translates nothing and notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: set[Message] = set()

    def pgettext(self, context: str, message: str) -> str:
        self.messages.add((context, message))
        return message

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        self.messages.add((context, msgid1, msgid2))
        return msgid1 if n == 1 else msgid2


def messages() -> list[Message]:
    """Collect what the pages say, by making them all."""
    listener = _Listener()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load_language("en"), "_translations", listener)
        pages = ErrorPages(languages=["en"], site_name="Acme", support_url="/help", status_url="/status")
        for status in (*(known.code for known in catalogue if known.code >= 400), 432, 532):
            for method in ("GET", "POST"):
                for wait in _WAITS:
                    asked = Request(method=method, headers=(("Accept", "text/html"),))
                    pages.page(asked, status, message="Own words.", headers=wait)
        pages.closed(Request(headers=(("Accept", "text/html"),)), Closing(State(on=True), datetime.now(UTC)))
    return sorted(listener.messages)


def longer(text: str) -> str:
    """Write a sentence with accents, longer words and more of them, in brackets that show where it is cut."""
    words = "".join(
        part if _PLACEHOLDER.fullmatch(part) else re.sub("([aeiou])", r"\1\1", part).translate(_ACCENTED)
        for part in _PLACEHOLDER.split(text)
    )
    number = 0
    while len(words) + 2 < GROWTH * len(text):
        words += f" {_FILLING[number % len(_FILLING)]}"
        number += 1
    return f"[{words}]"


def mirrored(text: str) -> str:
    """Write a sentence in Arabic letters, one for each of English."""
    return "".join(
        part if _PLACEHOLDER.fullmatch(part) else part.lower().replace("'", "").translate(_ARABIC)
        for part in _PLACEHOLDER.split(text)
    )


def write_catalogues(folder: Path) -> None:
    """Compile both translations.

    Args:
        folder: Where they are put, as in ``errorpages/locale``.
    """
    asked = messages()
    for tag, translated in ((LONG, longer), (RTL, mirrored)):
        made = _made(tag, asked, translated)
        path = folder / tag.replace("-", "_") / "LC_MESSAGES" / "errorpages.mo"
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_mo(file, made)


def _made(tag: str, asked: list[Message], translated: Callable[[str], str]) -> Catalog:
    made = Catalog(locale=tag.partition("-")[0], fuzzy=False)
    for context, *texts in asked:
        if len(texts) == 1:
            made.add(texts[0], translated(texts[0]), context=context)
        else:
            singular, plural = (translated(text) for text in texts)
            made.add((texts[0], texts[1]), (singular, *[plural] * (made.num_plurals - 1)), context=context)
    return made


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Put the translations of a folder in place of the package's.

    Args:
        folder: Where `write_catalogues` put them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translation, "_locale", lambda: folder)
        load_language.cache_clear()
        yield
    load_language.cache_clear()
