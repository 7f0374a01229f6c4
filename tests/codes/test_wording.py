"""The words that visitors read keep the rules of plain language."""

from __future__ import annotations

import re

import pytest

from errorpages.codes import CLASS_WORDING, MAINTENANCE, Wording, catalogue

BANNED = (
    # jokes, blame, and what sounds like it
    *("oops", "whoops", "uh-oh", "alas", "mistake", "mistakes", "you made", "you failed", "wrong with you", "bad"),
    *("illegal", "forbidden", "unauthorized", "invalid"),
    # talk of machinery
    *("error", "errors", "exception", "gateway", "upstream", "origin", "backend", "stack", "traceback", "crash", "bug"),
    *("server", "servers", "proxy", "cache", "header", "headers", "method", "payload", "syntax", "parse", "token"),
    *("http", "ssl", "tls", "url", "uri", "status code", "protocol", "timeout", "timed out", "failed", "failure"),
    "technical difficulties",
    # promises that cannot be known, and times
    *("notified", "working on it", "soon", "shortly", "moments", "minute", "minutes", "hour", "hours", "seconds"),
    *("apologies", "apologise", "apologize", "inconvenience", "please"),
)
BANNED_WORDS = re.compile(rf"\b({'|'.join(BANNED)})\b", re.IGNORECASE)
APOLOGY = re.compile(r"\bsorry\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"\.(?: |$)")

WORDING = {
    str(status.code): Wording(status.title or "", status.message or "", status.next_step or "")
    for status in catalogue
    if status.code >= 400
} | {**CLASS_WORDING, "maintenance": MAINTENANCE}


def wordings() -> list[object]:
    return [pytest.param(code, words, id=code) for code, words in WORDING.items()]


def whole(words: Wording) -> str:
    return f"{words.title}. {words.message} {words.next_step}"


def test_every_code_from_400_up_has_all_three_texts_and_no_other_code_has_any() -> None:
    for status in catalogue:
        texts = (status.title, status.message, status.next_step)
        if status.code >= 400:
            assert all(texts), status.code
        else:
            assert texts == (None, None, None), status.code


def test_both_classes_of_errors_have_words_for_codes_that_nobody_defined() -> None:
    assert sorted(CLASS_WORDING) == ["4xx", "5xx"]


@pytest.mark.parametrize("code, words", wordings())
def test_a_title_is_a_short_plain_heading(code: str, words: Wording) -> None:
    assert len(words.title) <= 60
    assert not re.search(r"\d", words.title)
    assert not words.title.endswith((".", "!", "?"))
    assert words.title[0].isupper()
    later_words = words.title.split()[1:]
    assert not [word for word in later_words if word[0].isupper()], "sentence case"


@pytest.mark.parametrize("code, words", wordings())
def test_a_text_is_one_or_two_short_sentences(code: str, words: Wording) -> None:
    for text in (words.message, words.next_step):
        assert text.endswith(".")
        assert len(SENTENCE_END.findall(text)) <= 2
        assert len(text) <= 140
        assert all(sentence[0].isupper() for sentence in text.split(". "))


@pytest.mark.parametrize("code, words", wordings())
def test_no_text_has_a_banned_word(code: str, words: Wording) -> None:
    assert BANNED_WORDS.findall(whole(words)) == []


@pytest.mark.parametrize("code, words", wordings())
def test_a_text_is_plain(code: str, words: Wording) -> None:
    text = whole(words)
    assert text == " ".join(text.split())
    assert not re.search(r"[<>&{}%’‘“”!…]", text)


@pytest.mark.parametrize("code, words", wordings())
def test_only_a_failure_of_the_service_may_apologise_and_once_at_most(code: str, words: Wording) -> None:
    allowed = 1 if code.startswith("5") else 0
    assert len(APOLOGY.findall(whole(words))) <= allowed


def test_a_removed_page_does_not_suggest_another_try() -> None:
    assert not re.search(r"\b(again|retry|reload|later)\b", whole(WORDING["410"]), re.IGNORECASE)
    assert "home page" in WORDING["410"].next_step


@pytest.mark.parametrize(
    "code, title",
    [
        ("401", "You need to sign in"),
        ("403", "You don't have access to this page"),
        ("404", "Page not found"),
        ("410", "This page has been removed"),
        ("500", "There's a problem with the service"),
        ("503", "The service isn't available right now"),
        ("511", "Sign in to this network"),
        ("4xx", "This request couldn't be completed"),
        ("5xx", "There's a problem with the service"),
        ("maintenance", "The service is closed for maintenance"),
    ],
)
def test_the_best_known_pages_have_their_agreed_headings(code: str, title: str) -> None:
    assert WORDING[code].title == title


@pytest.mark.parametrize("code", [520, 521, 522, 523, 524, 525, 526, 527])
def test_what_a_network_in_between_reports_reads_as_a_service_that_does_not_respond(code: int) -> None:
    assert WORDING[str(code)].title == "The service isn't responding"


@pytest.mark.parametrize("code", [408, 504])
def test_what_took_too_long_asks_to_check_before_sending_twice(code: int) -> None:
    assert "check" in WORDING[str(code)].next_step


@pytest.mark.parametrize("words", ["Oops, page not found", "The server returned an error", "Our team was notified."])
def test_the_banned_words_are_recognised(words: str) -> None:
    assert BANNED_WORDS.search(words)
