"""The languages: gettext catalogues, the fixed words around a page, and delays in words.

English is the source and needs no catalogue. Every other language is a folder of ``locale`` with a compiled catalogue.
"""

from __future__ import annotations

import gettext
import importlib.resources
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Final, Literal, NamedTuple

__all__ = ["Delay", "Labels", "Language", "available_languages", "delay_of", "load_language"]

SOURCE: Final = "en"
_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"})
_DOMAIN: Final = "errorpages"


def _locale() -> Traversable:
    return importlib.resources.files("errorpages") / "locale"


class Delay(NamedTuple):
    """A delay as it is spoken of: rounded, in one unit."""

    unit: Literal["moment", "seconds", "minutes", "hours", "days"]
    number: int


def delay_of(seconds: int) -> Delay:
    """Round a delay in seconds to what a person would say."""
    if seconds < 10:
        return Delay("moment", 0)
    if seconds < 55:
        return Delay("seconds", -(-seconds // 5) * 5)
    minutes = max(1, round(seconds / 60))
    if minutes < 90:
        return Delay("minutes", minutes)
    hours = round(minutes / 60)
    return Delay("hours", hours) if hours < 36 else Delay("days", round(hours / 24))


class Labels(NamedTuple):
    """The fixed words around a page, in one language."""

    site_message: str
    retry: str
    auto_retry: str
    retry_started: str
    retry_stopped: str
    retry_ended: str
    home: str
    support: str
    status_page: str
    blocked_by: str
    reference: str
    time: str
    details: str
    status: str


class Language:
    """One language that pages are written in.

    Args:
        tag: The BCP 47 tag.
        translations: Its gettext catalogue; the null one for English.
    """

    def __init__(self, tag: str, translations: gettext.NullTranslations) -> None:
        self.tag = tag
        self.direction: Literal["ltr", "rtl"] = "rtl" if tag.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
        self._translations = translations

    def text(self, context: str, message: str) -> str:
        """Translate a sentence; the context tells the slot that it stands in."""
        return self._translations.pgettext(context, message)

    def delay(self, delay: Delay) -> str:
        """Say in a whole sentence when to try again."""
        if delay.unit == "moment":
            return self.text("when", "Please try again in a moment.")
        singular, plural = _DELAYS[delay.unit]
        return self._translations.npgettext("when", singular, plural, delay.number) % {"count": delay.number}

    @property
    def caution(self) -> str:
        """Warn who sent something that it may not have arrived."""
        return self.text("caution", "What you sent may not have been received. Check before you send it again.")

    @property
    def labels(self) -> Labels:
        """The fixed words around a page."""
        return Labels(
            site_message=self.text("label", "This site's own message"),
            retry=self.text("action", "Try again"),
            auto_retry=self.text("action", "Check automatically"),
            retry_started=self.text("status", "Checking from time to time. Untick the box to stop."),
            retry_stopped=self.text("status", "Stopped checking."),
            retry_ended=self.text("status", "Stopped checking: it isn't back yet."),
            home=self.text("action", "Go to the home page"),
            support=self.text("action", "Get help"),
            status_page=self.text("action", "See the status of this service"),
            blocked_by=self.text("action", "See who asked for this"),
            reference=self.text("label", "Reference"),
            time=self.text("label", "Time"),
            details=self.text("label", "Details"),
            status=self.text("label", "Status"),
        )


_DELAYS: Final[Mapping[str, tuple[str, str]]] = {
    "seconds": ("Please try again in about %(count)d second.", "Please try again in about %(count)d seconds."),
    "minutes": ("Please try again in about %(count)d minute.", "Please try again in about %(count)d minutes."),
    "hours": ("Please try again in about %(count)d hour.", "Please try again in about %(count)d hours."),
    "days": ("Please try again in about %(count)d day.", "Please try again in about %(count)d days."),
}


def available_languages() -> tuple[str, ...]:
    """List the tags of the languages that pages can be written in, the source language first."""
    folder = _locale()
    names = [entry.name for entry in folder.iterdir() if _catalogue_in(entry).is_file()] if folder.is_dir() else []
    return (SOURCE, *sorted(name.replace("_", "-") for name in names if name != SOURCE))


@lru_cache(maxsize=64)
def load_language(tag: str) -> Language:
    """Load a language; one without a catalogue speaks English.

    Args:
        tag: A BCP 47 tag.
    """
    catalogue = _catalogue_in(_locale() / tag.replace("-", "_"))
    if not catalogue.is_file():
        return Language(tag, gettext.NullTranslations())
    with catalogue.open("rb") as file:
        return Language(tag, gettext.GNUTranslations(file))


def _catalogue_in(folder: Traversable) -> Traversable:
    return folder / "LC_MESSAGES" / f"{_DOMAIN}.mo"
