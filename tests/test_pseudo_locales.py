"""The made-up translations are as complete, as long and as foreign as the tests of the pages take them to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pseudo_locales import DIRECTIONS, GROWTH, LONG, RTL, Message, installed, messages, write_catalogues

from errorpages import catalogue
from errorpages.codes import MAINTENANCE
from errorpages.translation import Delay, available_languages, load_language

MESSAGES = messages()


@pytest.fixture(autouse=True, scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("locale")
    write_catalogues(folder)
    with installed(folder):
        yield


def test_they_are_offered_beside_english() -> None:
    assert available_languages() == ("en", RTL, LONG)
    assert {tag: load_language(tag).direction for tag in DIRECTIONS} == DIRECTIONS


def test_every_wording_and_every_sentence_about_time_is_among_the_messages() -> None:
    said = {text for _, *texts in MESSAGES for text in texts}
    for status in catalogue:
        if status.code >= 400:
            assert {status.title, status.message, status.next_step} <= said
    assert {MAINTENANCE.title, MAINTENANCE.message, MAINTENANCE.next_step} <= said
    assert len([message for message in MESSAGES if len(message) == 3]) == 4, "seconds, minutes, hours, days"
    assert {text for text in load_language("en").labels} <= said
    assert load_language("en").caution in said


@pytest.mark.parametrize("tag", [LONG, RTL])
@pytest.mark.parametrize("message", [message for message in MESSAGES if len(message) == 2], ids=lambda m: m[1][:40])
def test_a_sentence_has_another_form(tag: str, message: Message) -> None:
    context, english = message
    translated = load_language(tag).text(context, english)
    if tag == LONG:
        assert translated.startswith("[") and translated.endswith("]") and len(translated) >= GROWTH * len(english)
    else:
        assert re.search("[\u0621-\u064a]", translated) and not re.search("[A-Za-z]", translated)


@pytest.mark.parametrize("tag", [LONG, RTL])
@pytest.mark.parametrize("number", [1, 2, 3, 11, 100])
def test_a_delay_keeps_its_number_in_every_plural_form(tag: str, number: int) -> None:
    for unit in ("seconds", "minutes", "hours", "days"):
        sentence = load_language(tag).delay(Delay(unit, number))
        assert str(number) in sentence and "%" not in sentence
        assert sentence != load_language("en").delay(Delay(unit, number))
