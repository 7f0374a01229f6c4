"""Every theme, status, language and colour scheme, sampled in pairs: accessible, whole, alone, and never too wide."""

from __future__ import annotations

import itertools
import re
from typing import Any, NamedTuple

import pytest
from tests.browser.visitor import Scheme, Visitor
from tests.pseudo_locales import DIRECTIONS, LOCALES

from errorpages import catalogue
from errorpages.library import THEMES

pytestmark = pytest.mark.browser

STATUSES = [status.code for status in catalogue if status.title]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
FULL = {
    "message": "There is no invoice with the number 2026-0417.",
    "retry_after": "120",
    "reference": "7f1d2c3b-9a48-4e0b-8d5e-3f1c2b7a6d90",
    "link": '<https://court.example/order>; rel="blocked-by"',
}


class Sample(NamedTuple):
    """One page of the product of everything that shapes it."""

    theme: str
    status: int
    locale: str
    scheme: Scheme
    is_full: bool

    def query(self) -> dict[str, Any]:
        """Say how the page is asked for; a full one has all that a page can have."""
        return {"coat": f"{self.theme} dressed", **FULL} if self.is_full else {"coat": self.theme}


SAMPLES = [
    Sample(theme, status, LOCALES[(row + column) % 3], SCHEMES[(row // 3 + column) % 2], (row // 2 + column) % 2 == 0)
    for row, status in enumerate(STATUSES)
    for column, theme in enumerate(THEMES)
]


def test_the_samples_cover_every_pair_of_values() -> None:
    dimensions = (THEMES, STATUSES, LOCALES, SCHEMES, (True, False))
    for one, other in itertools.combinations(range(len(dimensions)), 2):
        pairs = {(sample[one], sample[other]) for sample in SAMPLES}
        assert pairs == set(itertools.product(dimensions[one], dimensions[other]))


def problems(visitor: Visitor, sample: Sample) -> list[str]:
    """Open a page and list all that is not as it should be."""
    visitor.prefers(locale=sample.locale, scheme=sample.scheme)
    response = visitor.open(sample.status, **sample.query())
    page = visitor.page
    found = visitor.axe().violations
    html = page.evaluate(
        "({lang: document.documentElement.lang, dir: document.documentElement.dir,"
        " shown: getComputedStyle(document.body).direction, mains: document.querySelectorAll('main').length,"
        " headings: [...document.querySelectorAll('h1')].map(heading => heading.innerText)})"
    )
    languages = {html["lang"], response.headers["content-language"], sample.locale}
    directions = {html["dir"], html["shown"], DIRECTIONS[sample.locale]}
    if len(languages) > 1 or len(directions) > 1:
        found.append(f"languages {languages}, directions {directions}")
    if html["mains"] != 1 or len(html["headings"]) != 1 or re.search(r"\d", html["headings"][0]):
        found.append(f"{html['mains']} main, headings {html['headings']}")
    found += visitor.overflows()
    if visitor.requests != [page.url]:
        found.append(f"requests {visitor.requests}")
    return found + visitor.complaints


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("theme", THEMES)
def test_a_page_is_accessible_whole_alone_and_never_wider_than_the_window(
    visitor: Visitor, theme: str, locale: str
) -> None:
    samples = [sample for sample in SAMPLES if (sample.theme, sample.locale) == (theme, locale)]
    assert {sample: found for sample in samples if (found := problems(visitor, sample))} == {}


def test_axe_ran_the_rules_about_targets_contrast_and_language(visitor: Visitor) -> None:
    visitor.open(503)
    assert {"target-size", "color-contrast", "html-has-lang", "valid-lang", "region"} <= visitor.axe().passed
