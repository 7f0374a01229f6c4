"""Scripts, direction overrides and endless words, from whoever can put them on a page."""

from __future__ import annotations

import pytest
from tests.browser.site import HOSTILE
from tests.browser.visitor import Visitor
from tests.pseudo_locales import LOCALES

from errorpages.library import THEMES

pytestmark = pytest.mark.browser

themes = pytest.mark.parametrize("theme", THEMES)
SCRIPT = "<script>document.title='taken'</script>"
OVERRIDE = "\u202e"


def is_unharmed(visitor: Visitor) -> bool:
    """Tell whether no script came in, none ran, nothing was complained of, and nothing is too wide."""
    scripts = visitor.page.locator("script").count()
    return not scripts and visitor.page.title() != "taken" and not visitor.complaints and not visitor.overflows()


@themes
@pytest.mark.parametrize("locale", LOCALES)
def test_a_hostile_message_is_shown_as_text(visitor: Visitor, theme: str, locale: str) -> None:
    visitor.prefers(locale=locale)
    visitor.open(404, coat=theme, message=HOSTILE)
    shown = visitor.text("blockquote")
    assert SCRIPT in shown and "W" * 300 in shown
    assert OVERRIDE not in shown
    assert is_unharmed(visitor)
    assert visitor.axe().violations == []


@themes
@pytest.mark.parametrize("locale", LOCALES)
def test_a_hostile_site_name_is_isolated(visitor: Visitor, theme: str, locale: str) -> None:
    visitor.prefers(locale=locale)
    visitor.open(404, coat=f"{theme} hostile")
    assert SCRIPT in visitor.text("header")
    assert visitor.page.locator("header bdi").count() == 1
    assert visitor.page.evaluate("getComputedStyle(document.querySelector('header bdi')).unicodeBidi") == "isolate"
    assert SCRIPT in visitor.page.title()
    assert is_unharmed(visitor)


def test_what_stands_beside_an_isolated_override_is_not_reversed(visitor: Visitor) -> None:
    visitor.open(404, coat="own templates", path=f"/{OVERRIDE}abc")
    letters = visitor.page.evaluate(
        "[1, 4].map(index => { const range = document.createRange();"
        " const text = document.querySelector('#path').nextSibling;"
        " range.setStart(text, index); range.setEnd(text, index + 1);"
        " return [range.toString(), range.getBoundingClientRect().left] })"
    )
    assert [letter for letter, _ in letters] == ["d", "n"]
    assert letters[0][1] < letters[1][1]


@themes
def test_a_hostile_reference_is_not_shown_and_a_long_one_wraps(visitor: Visitor, theme: str) -> None:
    visitor.page.set_extra_http_headers({"X-Request-ID": "<script>x</script>"})
    visitor.open(503, coat=theme)
    assert "script" not in visitor.text()
    visitor.open(503, coat=theme, reference="W" * 128)
    assert "W" * 128 in visitor.text("main bdi >> nth=1")
    assert is_unharmed(visitor)


@themes
@pytest.mark.parametrize("path", [f"/{SCRIPT}", f"/{OVERRIDE}txt.exe", "/" + "W" * 300])
def test_a_hostile_path_does_not_reach_a_built_in_page(visitor: Visitor, theme: str, path: str) -> None:
    visitor.open(404, coat=theme, path=path)
    assert path not in visitor.page.content()
    assert is_unharmed(visitor)


@pytest.mark.parametrize("path", [f"/{SCRIPT}", f"/{OVERRIDE}txt.exe", "/" + "W" * 300])
def test_a_hostile_path_in_an_own_template_is_escaped_and_isolated(visitor: Visitor, path: str) -> None:
    visitor.open(404, coat="own templates", path=path)
    assert visitor.page.locator("#path").text_content() == f"/404{path}"
    assert is_unharmed(visitor)
