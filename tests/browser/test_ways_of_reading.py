"""Dark, printed, still, in forced colours, without style or script: the same page, readable each time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.visitor import SPACING, Visitor
from tests.pseudo_locales import LOCALES, LONG, RTL

from errorpages.library import THEMES

pytestmark = pytest.mark.browser

FULL = {"retry_after": "120", "reference": "7f1d2c3b-9a48-4e0b-8d5e-3f1c2b7a6d90"}
themes = pytest.mark.parametrize("theme", THEMES)


def brightness(colour: str) -> float:
    """Weigh a computed colour from 0, black, to 1, white."""
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def background(visitor: Visitor) -> float:
    """Find the brightness of the window's background."""
    colour = visitor.style("html", "backgroundColor")
    assert colour != "rgba(0, 0, 0, 0)", "none at all"
    return brightness(colour)


@themes
@pytest.mark.parametrize(
    "media",
    [
        pytest.param({"color_scheme": "light"}, id="light"),
        pytest.param({"color_scheme": "dark"}, id="dark"),
        pytest.param({"media": "print"}, id="print"),
        pytest.param({"media": "print", "color_scheme": "dark"}, id="print on a dark screen"),
        pytest.param({"reduced_motion": "reduce"}, id="reduced motion"),
        pytest.param({"forced_colors": "active"}, id="forced colours"),
        pytest.param({"forced_colors": "active", "color_scheme": "dark"}, id="forced colours in the dark"),
        pytest.param({"contrast": "more"}, id="more contrast"),
    ],
)
def test_heading_text_and_links_show(visitor: Visitor, theme: str, media: dict[str, Any]) -> None:
    visitor.open(503, coat=f"{theme} dressed", **FULL)
    everything = visitor.text("main")
    visitor.page.emulate_media(**media)
    assert visitor.page.locator("h1").is_visible()
    assert all(link.is_visible() for link in visitor.page.locator("a").all())
    assert visitor.text("main") == everything
    assert visitor.page.evaluate("document.getAnimations().length") == 0


@themes
def test_a_dark_page_is_light_on_dark(visitor: Visitor, theme: str) -> None:
    visitor.open(404, coat=theme)
    assert background(visitor) > 0.9
    assert brightness(visitor.style("body", "color")) < 0.2
    visitor.prefers(scheme="dark")
    assert background(visitor) < 0.15
    assert brightness(visitor.style("body", "color")) > 0.8


@themes
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_black_on_white_without_buttons(visitor: Visitor, theme: str, scheme: Any) -> None:
    visitor.open(503, coat=f"{theme} dressed", **FULL)
    visitor.page.emulate_media(media="print", color_scheme=scheme)
    assert brightness(visitor.style("body", "color")) == 0
    assert background(visitor) == pytest.approx(1)
    for selector in ("h1", "main p", "main bdi", ".actions a", ".actions a.first"):
        assert brightness(visitor.style(selector, "color")) == 0, selector
    first = {name: visitor.style("ul a", name) for name in ("backgroundColor", "borderTopWidth", "textDecorationLine")}
    assert first == {"backgroundColor": "rgba(0, 0, 0, 0)", "borderTopWidth": "0px", "textDecorationLine": "underline"}


@themes
def test_shapes_stay_in_forced_colours(visitor: Visitor, theme: str) -> None:
    visitor.open(503, coat=theme, **FULL)
    visitor.page.emulate_media(forced_colors="active")
    if theme != "bare":  # which has no button
        assert visitor.style(".actions .first", "borderTopStyle") == "solid"
    assert visitor.axe().violations == []


@themes
@pytest.mark.parametrize("locale", LOCALES)
def test_the_text_is_the_same_without_javascript(browser: Browser, visitor: Visitor, theme: str, locale: str) -> None:
    visitor.prefers(locale=locale)
    visitor.open(404, coat=f"{theme} dressed", message="No such invoice.")
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_extra_http_headers({"Accept-Language": locale})
        page.goto(visitor.page.url)
        assert " ".join(page.locator("body").inner_text().split()) == visitor.text()


@themes
@pytest.mark.parametrize("locale", [LONG, RTL])
def test_nothing_is_cut_off_in_a_long_or_mirrored_language(visitor: Visitor, theme: str, locale: str) -> None:
    visitor.prefers(locale=locale)
    visitor.open(503, coat=f"{theme} dressed", **FULL)
    for size in ((320, 256), (1280, 720)):
        visitor.resize(size)
        for sheets in ((), (SPACING,)):
            visitor.restyle(*sheets)
            cut = visitor.page.evaluate(
                "[...document.querySelectorAll('body *')].filter(element =>"
                " getComputedStyle(element).display != 'inline' && element.namespaceURI.endsWith('xhtml') &&"
                " (element.scrollWidth > element.clientWidth + 1 && element.clientWidth)"
                ").map(element => element.outerHTML)"
            )
            assert cut == []
    if locale == LONG:
        for text in visitor.page.locator("h1, .lead, .actions a").all_inner_texts():
            assert text.startswith("[") and text.endswith("]")


@themes
def test_a_line_is_no_longer_than_75_characters(visitor: Visitor, theme: str) -> None:
    visitor.resize((1280, 720))
    visitor.open(404, coat=theme, message="lorem ipsum dolor sit amet " * 20)
    longest = visitor.page.evaluate(
        "[...document.querySelectorAll('main p, blockquote')].map(element => {"
        " const range = document.createRange(); const text = element.firstChild; let top, start = 0, longest = 0;"
        " for (let index = 0; index < text.length; index++) {"
        "  range.setStart(text, index); range.setEnd(text, index + 1);"
        "  const here = range.getBoundingClientRect().top;"
        "  if (here !== top) { top = here; start = index }"
        "  longest = Math.max(longest, index - start + 1) }"
        " return longest })"
    )
    assert 0 < max(longest) <= 75


def test_the_themes_look_different_from_one_another(visitor: Visitor) -> None:
    looks = set()
    for theme in THEMES:
        visitor.open(404, coat=theme)
        looks.add(
            (
                visitor.style("main", "display"),
                visitor.style("main", "borderTopWidth"),
                visitor.style("main", "maxWidth"),
                visitor.style("html", "backgroundColor"),
                visitor.style("a", "color"),
            )
        )
    assert len(looks) == len(THEMES)
