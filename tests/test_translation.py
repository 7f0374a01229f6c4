"""Languages: delays in words, catalogues compiled on the spot, direction and plural forms."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errorpages import ErrorPages, OptionError, Page, Request, catalogue, translation
from errorpages.translation import Delay, available_languages, delay_of, load_language

POLISH_PLURAL = (
    "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"  # as Babel writes it
)
ARABIC_PLURAL = "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
MINUTES = ("Please try again in about %(count)d minute.", "Please try again in about %(count)d minutes.")

Messages = Mapping[tuple[str, str] | tuple[str, str, str], str | tuple[str, ...]]
Install = Callable[[str, str, Messages], None]


def compiled(plural_rule: str, messages: Messages) -> bytes:
    """Compile a catalogue (GNU gettext manual, "The Format of GNU MO Files"); a key is context, singular, plural."""
    entries = {b"": f"Content-Type: text/plain; charset=UTF-8\nPlural-Forms: {plural_rule}\n".encode()}
    for (context, *texts), translated in messages.items():
        forms = (translated,) if isinstance(translated, str) else translated
        entries[f"{context}\x04".encode() + "\0".join(texts).encode()] = "\0".join(forms).encode()
    keys = sorted(entries)
    tables_end = 28 + 16 * len(keys)
    strings, keys_table, values_table = b"", b"", b""
    for key in keys:
        keys_table += struct.pack("<II", len(key), tables_end + len(strings))
        strings += key + b"\0"
    for key in keys:
        values_table += struct.pack("<II", len(entries[key]), tables_end + len(strings))
        strings += entries[key] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, tables_end)
    return head + keys_table + values_table + strings


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put catalogues in place of the shipped ones."""

    def install_one(tag: str, plural_rule: str, messages: Messages) -> None:
        folder = tmp_path / tag.replace("-", "_") / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "errorpages.mo").write_bytes(compiled(plural_rule, messages))
        load_language.cache_clear()

    monkeypatch.setattr(translation, "_locale", lambda: tmp_path)
    load_language.cache_clear()
    yield install_one
    load_language.cache_clear()


def visit(pages: ErrorPages, accept_language: str, status: int = 404, retry_after: int | None = None) -> Page:
    headers = (("Accept", "text/html"), ("Accept-Language", accept_language))
    response_headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return pages.page(Request(headers=headers), status, headers=response_headers)


def field(page: Page, name: str) -> str | None:
    return next((value for field_name, value in page.headers if field_name.lower() == name.lower()), None)


# -- delays ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seconds, sentence",
    [
        pytest.param(0, "Please try again in a moment.", id="none"),
        pytest.param(1, "Please try again in a moment.", id="one second"),
        pytest.param(10, "Please try again in about 10 seconds.", id="ten seconds"),
        pytest.param(30, "Please try again in about 30 seconds.", id="half a minute"),
        pytest.param(60, "Please try again in about 1 minute.", id="one minute, in the singular"),
        pytest.param(61, "Please try again in about 1 minute.", id="a second more"),
        pytest.param(120, "Please try again in about 2 minutes.", id="two minutes"),
        pytest.param(900, "Please try again in about 15 minutes.", id="a quarter of an hour"),
        pytest.param(7200, "Please try again in about 2 hours.", id="two hours"),
        pytest.param(36_000, "Please try again in about 10 hours.", id="ten hours"),
        pytest.param(259_200, "Please try again in about 3 days.", id="three days"),
        pytest.param(10**9, "Please try again in about 11574 days.", id="thirty years"),
    ],
)
def test_a_delay_is_said_in_words(seconds: int, sentence: str) -> None:
    assert load_language("en").delay(delay_of(seconds)) == sentence


@given(st.integers(min_value=10, max_value=10**9))
def test_a_delay_in_words_is_near_the_delay_in_seconds(seconds: int) -> None:
    unit, number = delay_of(seconds)
    spoken = number * {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}[unit]
    assert spoken == pytest.approx(seconds, rel=0.5)
    assert number >= 1


@given(st.integers(min_value=0, max_value=10**7))
def test_a_longer_delay_is_never_said_to_be_shorter(seconds: int) -> None:
    def spoken(delay: Delay) -> int:
        return delay.number * {"moment": 0, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}[delay.unit]

    assert spoken(delay_of(seconds)) <= spoken(delay_of(seconds + 1))


# -- English -----------------------------------------------------------------------------------------------------------


def test_english_is_there_without_a_catalogue_and_comes_first(install: Install) -> None:
    assert available_languages() == ("en",)
    install("pl", POLISH_PLURAL, {})
    install("ar", ARABIC_PLURAL, {})
    install("pt-BR", "nplurals=2; plural=(n>1);", {})
    assert available_languages() == ("en", "ar", "pl", "pt-BR")


def test_english_reads_from_left_to_right() -> None:
    language = load_language("en")
    assert (language.tag, language.direction) == ("en", "ltr")
    assert language.text("title", "Page not found") == "Page not found"


@pytest.mark.parametrize(
    "tag, direction",
    [("ar", "rtl"), ("fa", "rtl"), ("he", "rtl"), ("ar-EG", "rtl"), ("en", "ltr"), ("ja", "ltr"), ("arn", "ltr")],
)
def test_direction_follows_the_language(tag: str, direction: str) -> None:
    assert load_language(tag).direction == direction


def test_no_label_is_empty() -> None:
    labels = load_language("en").labels
    assert all(labels)
    assert len(set(labels)) == len(labels)


# -- a catalogue compiled on the spot ----------------------------------------------------------------------------------


def test_a_page_comes_in_the_visitors_language(install: Install) -> None:
    known = catalogue[404]
    assert known.title and known.message and known.next_step
    install(
        "ar",
        ARABIC_PLURAL,
        {
            ("title", known.title): "الصفحة غير موجودة",
            ("message", known.message): "لم نجد هذه الصفحة.",
            ("next_step", known.next_step): "تحقق من العنوان.",
            ("action", "Go to the home page"): "الصفحة الرئيسية",
            ("label", "Status"): "الحالة",
        },
    )
    page = visit(ErrorPages(), "ar-EG,ar;q=0.9,en;q=0.8")
    body = page.body.decode()
    assert '<html lang="ar" dir="rtl">' in body
    assert field(page, "Content-Language") == "ar"
    assert "Accept-Language" in (field(page, "Vary") or "")
    for words in ("الصفحة غير موجودة", "لم نجد هذه الصفحة.", "تحقق من العنوان.", "الصفحة الرئيسية", "الحالة"):
        assert words in body
    assert known.title not in body and known.message not in body
    assert int(field(page, "Content-Length") or 0) == len(page.body)


def test_two_visitors_get_two_languages(install: Install) -> None:
    install("pl", POLISH_PLURAL, {("title", "Page not found"): "Nie znaleziono strony"})
    pages = ErrorPages()
    for _ in range(2):
        assert "Nie znaleziono strony" in visit(pages, "pl").body.decode()
        assert "Page not found" in visit(pages, "en").body.decode()
        assert "Page not found" in visit(pages, "ja").body.decode()


def test_the_context_of_a_sentence_counts(install: Install) -> None:
    install("pl", POLISH_PLURAL, {("label", "Page not found"): "wrong slot"})
    assert "wrong slot" not in visit(ErrorPages(), "pl").body.decode()


def test_what_a_catalogue_lacks_is_said_in_english(install: Install) -> None:
    install("pl", POLISH_PLURAL, {("title", "Page not found"): "Nie znaleziono strony"})
    body = visit(ErrorPages(), "pl").body.decode()
    assert "Go to the home page" in body


@pytest.mark.parametrize(
    "minutes, sentence",
    [
        pytest.param(1, "za 1 minutę", id="one"),
        pytest.param(2, "za 2 minuty", id="few"),
        pytest.param(4, "za 4 minuty", id="few still"),
        pytest.param(5, "za 5 minut", id="many"),
        pytest.param(12, "za 12 minut", id="a dozen is many"),
        pytest.param(22, "za 22 minuty", id="twenty-two is few"),
    ],
)
def test_plural_forms_follow_the_languages_rule(install: Install, minutes: int, sentence: str) -> None:
    forms = ("Spróbuj za %(count)d minutę.", "Spróbuj za %(count)d minuty.", "Spróbuj za %(count)d minut.")
    install("pl", POLISH_PLURAL, {("when", *MINUTES): forms})
    body = visit(ErrorPages(), "pl", 503, minutes * 60).body.decode()
    assert f"Spróbuj {sentence}." in body


@pytest.mark.parametrize("minutes, form", [(1, "one"), (2, "two"), (3, "few"), (11, "many"), (60, "many")])
def test_a_language_may_have_six_plural_forms(install: Install, minutes: int, form: str) -> None:
    forms = tuple(f"{name} %(count)d" for name in ("zero", "one", "two", "few", "many", "other"))
    install("ar", ARABIC_PLURAL, {("when", *MINUTES): forms})
    assert f"{form} {minutes}" in visit(ErrorPages(), "ar", 503, minutes * 60).body.decode()


def test_own_words_come_before_the_catalogues(install: Install) -> None:
    install("pl", POLISH_PLURAL, {("title", "Page not found"): "Nie znaleziono strony"})
    wording = {"pl": {404: {"title": "Nie ma takiej strony"}}}
    assert "Nie ma takiej strony" in visit(ErrorPages(wording=wording), "pl").body.decode()


def test_only_the_offered_languages_are_spoken(install: Install) -> None:
    install("pl", POLISH_PLURAL, {("title", "Page not found"): "Nie znaleziono strony"})
    page = visit(ErrorPages(languages=["en"]), "pl")
    assert field(page, "Content-Language") == "en"
    assert "Accept-Language" not in (field(page, "Vary") or ""), "with one language the field is not consulted"


def test_flat_words_and_own_templates_leave_the_default_language_alone(install: Install, tmp_path: Path) -> None:
    install("pl", POLISH_PLURAL, {})
    templates = tmp_path / "templates"
    templates.mkdir()
    for pages in (ErrorPages(wording={404: {"title": "Gone"}}), ErrorPages(templates=templates)):
        page = visit(pages, "pl")
        assert field(page, "Content-Language") == "en"
        assert "Accept-Language" not in (field(page, "Vary") or "")
    both = ErrorPages(wording={404: {"title": "Gone"}}, languages=["en", "pl"])
    assert field(visit(both, "pl"), "Content-Language") == "pl"


def test_the_default_language_is_for_who_asks_for_none_of_them(install: Install) -> None:
    install("pl", POLISH_PLURAL, {("title", "Page not found"): "Nie znaleziono strony"})
    pages = ErrorPages(default_language="pl")
    assert field(visit(pages, "ja"), "Content-Language") == "pl"
    assert field(visit(pages, "en"), "Content-Language") == "en"


def test_a_language_of_a_region_finds_its_catalogue(install: Install) -> None:
    install("pt-BR", "nplurals=2; plural=(n>1);", {("title", "Page not found"): "Página não encontrada"})
    page = visit(ErrorPages(), "pt-PT, en;q=0.1")
    assert field(page, "Content-Language") == "pt-BR"
    assert '<html lang="pt-BR" dir="ltr">' in page.body.decode()
    assert "Página não encontrada" in page.body.decode()


def test_a_callable_decides_first_and_what_it_names_is_not_stored(install: Install) -> None:
    install("pl", POLISH_PLURAL, {("title", "Page not found"): "Nie znaleziono strony"})
    page = visit(ErrorPages(language=lambda request: "pl"), "en")
    assert field(page, "Content-Language") == "pl"
    assert field(page, "Cache-Control") == "private, no-store"
    undecided = visit(ErrorPages(language=lambda request: None), "pl")
    assert field(undecided, "Content-Language") == "pl"


def test_an_unknown_language_is_refused_with_those_there_are(install: Install) -> None:
    install("pl", POLISH_PLURAL, {})
    with pytest.raises(OptionError, match="languages: 'de' can't be used; allowed: .*en, pl"):
        ErrorPages(languages=["en", "de"])
    with pytest.raises(OptionError, match="default_language: 'pl'.*en"):
        ErrorPages(languages=["en"], default_language="pl")
