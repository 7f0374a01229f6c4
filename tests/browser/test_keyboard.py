"""The keyboard and the finger: links in their order, focus that shows, targets that are large enough."""

from __future__ import annotations

import pytest
from tests.browser.site import NAME
from tests.browser.visitor import Scheme, Visitor
from tests.pseudo_locales import LOCALES

from errorpages.library import THEMES

pytestmark = pytest.mark.browser

themes = pytest.mark.parametrize("theme", THEMES)


@themes
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tab_reaches_the_links_in_their_order_and_the_focus_shows(visitor: Visitor, theme: str, scheme: Scheme) -> None:
    visitor.prefers(scheme=scheme)
    visitor.open(503, coat=f"{theme} dressed")
    page = visitor.page
    reached = []
    for link in page.locator("a").all():
        box = link.bounding_box()
        assert box is not None
        room = {
            "x": max(0, box["x"] - 8),
            "y": max(0, box["y"] - 8),
            "width": box["width"] + 16,
            "height": box["height"] + 16,
        }
        before = page.screenshot(clip=room)  # type: ignore[arg-type]
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
        assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
        assert page.screenshot(clip=room) != before  # type: ignore[arg-type]
    assert reached == [NAME, "Try again", "See the status of this service", "Go to the home page", "Get help"]


@themes
def test_the_focus_shows_in_forced_colours(visitor: Visitor, theme: str) -> None:
    visitor.open(503, coat=theme)
    visitor.page.emulate_media(forced_colors="active")
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


@themes
@pytest.mark.parametrize("locale", LOCALES)
def test_every_link_is_a_large_target_apart_from_the_others(visitor: Visitor, theme: str, locale: str) -> None:
    visitor.prefers(locale=locale)
    visitor.open(503, coat=f"{theme} dressed")
    for width in (320, 1280):
        visitor.resize((width, 640))
        boxes = [link.bounding_box() for link in visitor.page.locator("a").all()]
        assert len(boxes) == 5
        edges = [(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]) for box in boxes if box]
        assert min(bottom - top for _, top, _, bottom in edges) >= 44
        overlaps = [
            (one, other)
            for index, one in enumerate(edges)
            for other in edges[index + 1 :]
            if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        ]
        assert overlaps == []
