"""The gallery in Chromium: what is chosen is shown, templates show as they are saved, and axe is content."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect
from tests.commands import RunningCommand, running

from errorpages.tools.choices import STATUSES

pytestmark = [pytest.mark.browser, pytest.mark.server]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
DESKTOP: Any = {"width": 1280, "height": 800}
PHONE: Any = {"width": 390, "height": 844}
IS_DARK = """() => [matchMedia("(prefers-color-scheme: dark)").matches,
                    getComputedStyle(document.documentElement).backgroundColor]"""
LIGHT_PAGE, DARK_PAGE = [False, "rgb(255, 255, 255)"], [True, "rgb(21, 24, 28)"]
HEADING = '{{% extends "plain.html" %}}\n{{% block heading %}}\n{}\n{{% endblock %}}\n'

expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of own templates; empty but for what a test writes."""
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(scope="module")
def gallery(folder: Path) -> Iterator[RunningCommand]:
    with running("gallery", "--templates", str(folder)) as started:
        yield started


@pytest.fixture
def page(browser: Browser, folder: Path) -> Iterator[Page]:
    """A page that must meet no error but the statuses that it asks for."""
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(r"status of [4-9]\d\d|ERR_CONNECTION_REFUSED", message.text):
            errors.append(message.text)

    # "null": Chromium's own colour scheme, which an emulated one would override in the frame as well.
    with browser.new_context(viewport=DESKTOP, color_scheme="null") as context:
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    for template in folder.iterdir():
        template.unlink()
    assert errors == []


def framed(page: Page) -> FrameLocator:
    return page.frame_locator("#frame")


def heading(page: Page, text: str) -> None:
    expect(framed(page).locator("h1")).to_have_text(text)


def header(page: Page, name: str) -> str | None:
    """Read a field from the list beside the frame."""
    row = page.locator("#headers div").filter(has=page.locator("dt", has_text=re.compile(f"^{name}$")))
    return row.locator("dd").text_content() if row.count() else None


def in_frame(page: Page, script: str) -> Any:
    return page.frames[1].evaluate(script)


def violations(page: Page) -> Any:
    return Axe().run(page, options=RULES).response["violations"]


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_a_status_and_a_theme_change_the_frame_and_what_stands_beside_it(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    heading(page, "Page not found")
    expect(page.locator("#line")).to_have_text("HTTP/1.1 404 Not Found")
    page.get_by_label("Status").select_option("503")
    page.get_by_label("Theme").select_option("card")
    page.get_by_label("Retry-After").fill("120")
    heading(page, "The service isn't available right now")
    expect(framed(page).locator(".when")).to_contain_text("in about 2 minutes")
    expect(page.locator("#line")).to_have_text("HTTP/1.1 503 Service Unavailable")
    expect(page.locator("#headers")).to_contain_text("retry-after")
    assert header(page, "retry-after") == "120"
    assert header(page, "cache-control") == "no-cache, no-store, must-revalidate"
    size, small = (
        int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", page.locator("#bytes").inner_text())
    )
    assert header(page, "content-encoding") is None and int(header(page, "content-length") or 0) == size
    assert 512 < small < 4096 and small < size < 12_288


def test_a_page_that_is_kept_whole_is_seen_to_be_sent_gzipped(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    expect(page.locator("#bytes")).to_contain_text("by gzip")
    size, small = (
        int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", page.locator("#bytes").inner_text())
    )
    assert header(page, "content-encoding") == "gzip" and int(header(page, "content-length") or 0) == small < size
    expect(page.locator("#asked")).to_contain_text(re.compile("Accept-Encoding.*gzip"))
    page.get_by_label("Status").select_option("503")
    expect(page.locator("#bytes")).to_contain_text("if gzipped")


def test_the_control_that_checks_automatically_is_shown_and_works(gallery: RunningCommand, page: Page) -> None:
    page.goto(f"{gallery.url}?status=503")
    heading(page, "The service isn't available right now")
    page.get_by_label("Check automatically").check()
    control = framed(page).get_by_label("Check automatically")
    control.check()
    expect(framed(page).get_by_role("status")).not_to_be_empty()
    expect(page).to_have_url(re.compile("auto_retry=on"))


def test_the_fields_beside_the_frame_are_those_of_the_framed_response(gallery: RunningCommand, page: Page) -> None:
    with page.expect_response(lambda response: response.request.frame != page.main_frame) as framed_response:
        page.goto(f"{gallery.url}?status=503&theme=illustrated")
    expect(page.locator("#headers div").first).to_be_visible()
    response = framed_response.value
    assert response.status == 503
    shown = {name: header(page, name) for name in response.headers}
    assert shown == response.headers
    assert "sha256-" in str(header(page, "content-security-policy"))
    assert in_frame(page, "getComputedStyle(document.querySelector('main')).paddingTop") != "0px", "it is styled"


def test_what_was_chosen_is_in_the_url_and_comes_back_from_it(
    gallery: RunningCommand, page: Page, browser: Browser
) -> None:
    page.goto(gallery.url)
    page.get_by_label("Status").select_option("410")
    page.get_by_label("Theme").select_option("status")
    page.get_by_role("radio", name="Dark").check()
    page.get_by_role("radio", name="768").check()
    page.get_by_label("Message").fill("Sold out")
    page.get_by_label("Reference").uncheck()
    page.get_by_label("Logo").check()
    expect(framed(page).locator("blockquote")).to_have_text("Sold out")
    expect(framed(page).locator("header svg")).to_be_visible()
    with browser.new_context(viewport=DESKTOP) as context:
        other = context.new_page()
        other.goto(page.url)
        expect(framed(other).locator("blockquote")).to_have_text("Sold out")
        expect(framed(other).locator("header svg")).to_be_visible()
        expect(other.get_by_label("Status")).to_have_value("410")
        expect(other.get_by_label("Theme")).to_have_value("status")
        expect(other.get_by_role("radio", name="Dark")).to_be_checked()
        expect(other.get_by_role("radio", name="768")).to_be_checked()
        expect(other.get_by_label("Reference")).not_to_be_checked()
        assert other.url == page.url


@pytest.mark.parametrize(
    ("format", "beginning"),
    [
        pytest.param("text", "Page not found", id="text"),
        pytest.param("markdown", "# Page not found", id="markdown"),
        pytest.param("json", '{"type":"about:blank"', id="json"),
        pytest.param("xml", "<?xml", id="xml"),
    ],
)
def test_a_format_without_a_page_shows_as_the_text_that_it_is(
    gallery: RunningCommand, page: Page, format: str, beginning: str
) -> None:
    page.goto(gallery.url)
    page.get_by_label("Format").select_option(format)
    expect(page.locator("#text")).to_contain_text(beginning)
    expect(page.locator("#frame")).to_be_hidden()
    assert page.locator("#text").inner_text().startswith(beginning)
    page.get_by_label("Format").select_option("fragment")
    heading(page, "Page not found")
    expect(page.locator("#text")).to_be_hidden()
    expect(framed(page).locator("style")).to_have_count(0)


def test_every_status_reaches_chromium_as_it_is_where_that_is_possible(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    script = "status => fetch(`/preview?status=${status}`).then(answer => answer.status, error => `${error}`)"
    assert {status: page.evaluate(script, status) for status in STATUSES} == {
        status: 200 if status in (407, 783, 999) else status for status in STATUSES
    }
    page.get_by_label("Status").select_option("407")
    heading(page, "Sign in to your network first")
    expect(page.locator("#problems")).to_contain_text("Browsers take a 407 from a proxy alone")


def test_nothing_is_loaded_from_elsewhere(gallery: RunningCommand, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{gallery.url}?theme=illustrated&logo=on")
    expect(page.locator("#headers div").first).to_be_visible()
    assert asked and all(url.startswith((gallery.url, "data:")) for url in asked)


def test_links_of_the_page_lead_back_to_it(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    framed(page).get_by_role("link", name="Go to the home page").click()
    heading(page, "This link leads to /")
    framed(page).get_by_role("link", name="Back to the error page").click()
    heading(page, "Page not found")


# -- light and dark, direction, width ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dark_browser(browser: Browser) -> Iterator[Browser]:
    """Chromium on a machine that prefers dark, which is no emulation."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    launched = browser.browser_type.launch(
        executable_path=shutil.which("chromium"), args=[*arguments, "--blink-settings=preferredColorScheme=0"]
    )
    yield launched
    launched.close()


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_frame_is_light_or_dark_whatever_the_gallery_is(
    gallery: RunningCommand, browser: Browser, dark_browser: Browser, system: Literal["light", "dark"]
) -> None:
    with {"light": browser, "dark": dark_browser}[system].new_context(color_scheme="null") as context:
        page = context.new_page()
        page.goto(gallery.url)
        heading(page, "Page not found")
        assert page.evaluate(IS_DARK)[0] is (system == "dark")
        assert in_frame(page, IS_DARK) == LIGHT_PAGE
        page.get_by_role("radio", name="Dark").check()
        expect(framed(page).locator("html")).to_have_css("background-color", "rgb(21, 24, 28)")
        assert in_frame(page, IS_DARK) == DARK_PAGE
        assert page.evaluate(IS_DARK)[0] is (system == "dark")


def test_the_frame_is_written_in_the_chosen_direction(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    expect(framed(page).locator("html")).to_have_attribute("dir", "ltr")
    expect(page.get_by_text("pseudo-locale")).to_be_hidden()
    page.get_by_role("radio", name="Right to left").check()
    expect(framed(page).locator("html")).to_have_attribute("dir", "rtl")
    expect(framed(page).locator("html")).to_have_attribute("lang", "ar-XB")
    expect(page.get_by_text("pseudo-locale")).to_be_visible()
    assert in_frame(page, "getComputedStyle(document.querySelector('h1')).direction") == "rtl"
    expect(page.locator("html")).to_have_attribute("dir", "ltr")


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["1280 pixels", "390 pixels"])
def test_the_frame_is_as_wide_as_chosen_and_the_gallery_never_wider_than_its_window(
    gallery: RunningCommand, page: Page, window: Any
) -> None:
    page.set_viewport_size(window)
    page.goto(f"{gallery.url}?theme=card")
    for width in ("320", "390", "768", "1280"):
        page.get_by_role("radio", name=width, exact=True).check()
        expect(page.locator("#size")).to_contain_text(f"{width} × ")
        assert in_frame(page, "innerWidth") == int(width)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        box, stage = page.locator("#box").bounding_box(), page.locator("#stage").bounding_box()
        assert box and stage and box["width"] <= stage["width"]


# -- own templates -----------------------------------------------------------------------------------------------------


def test_a_saved_template_shows_at_once_and_the_gallery_stays(
    gallery: RunningCommand, page: Page, folder: Path
) -> None:
    page.goto(gallery.url)
    heading(page, "Page not found")
    page.evaluate("window.stayed = true")
    page.get_by_label("Message").focus()
    for words in ("Nothing here", "Nothing here yet"):
        (folder / "404.html").write_text(HEADING.format(words))
        heading(page, words)
    expect(page.locator("#watch")).to_contain_text("saved at")
    (folder / "404.html").unlink()
    heading(page, "Page not found")
    assert page.evaluate("window.stayed") is True
    expect(page.get_by_label("Message")).to_be_focused()


def test_a_long_line_of_source_scrolls_in_its_frame_and_not_the_page(
    gallery: RunningCommand, page: Page, folder: Path
) -> None:
    page.set_viewport_size(PHONE)
    for name in ("404.html", "410.html"):
        (folder / name).write_text("{{ titel }}" + "<b>words</b>" * 40)
    page.goto(gallery.url)
    expect(page.locator(".problem .source")).to_have_count(2)
    page.wait_for_function("(source => source.scrollWidth > source.clientWidth)(document.querySelector('.source'))")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_an_error_in_a_template_shows_with_file_line_and_source_until_it_is_mended(
    gallery: RunningCommand, page: Page, folder: Path
) -> None:
    template = folder / "404.html"
    page.goto(gallery.url)
    heading(page, "Page not found")
    template.write_text(HEADING.format("{{ titel }}"))
    problems = page.get_by_role("alert")
    expect(problems).to_contain_text(f"{template}, line 3")
    expect(problems.locator(".wrong")).to_contain_text("{{ titel }}")
    expect(page.locator("#frame")).to_be_hidden()
    template.write_text(HEADING.format("{{ actions[9].label }}"))
    expect(problems).to_contain_text("UndefinedError: tuple object has no element 9")
    expect(problems.locator(".wrong")).to_contain_text("{{ actions[9].label }}")
    heading(page, "Page not found")
    template.write_text(HEADING.format("Mended"))
    heading(page, "Mended")
    expect(problems).to_be_empty()


def test_the_gallery_says_when_it_was_stopped_and_goes_on_when_it_is_back(page: Page, tmp_path: Path) -> None:
    with running("gallery", "--templates", str(tmp_path)) as first:
        page.goto(first.url)
        heading(page, "Page not found")
        first.stop(signal.SIGINT)
    expect(page.locator("#watch")).to_contain_text("lost the gallery")
    page.get_by_label("Theme").select_option("card")
    expect(page.get_by_role("alert")).to_contain_text("The gallery does not answer")
    (tmp_path / "404.html").write_text(HEADING.format("Back again"))
    port = int(first.url.rstrip("/").rpartition(":")[2])
    with running("gallery", "--templates", str(tmp_path), port=port):
        heading(page, "Back again")
        expect(page.get_by_role("alert")).to_be_empty()


# -- choices that can't be used ----------------------------------------------------------------------------------------


def test_an_accent_without_contrast_is_refused_by_name_until_another_is_given(
    gallery: RunningCommand, page: Page
) -> None:
    page.goto(gallery.url)
    accent = page.get_by_label("Accent", exact=True)
    accent.fill("#ff0")
    expect(page.get_by_role("alert")).to_contain_text("accent: '#ff0' can't be used")
    expect(page.get_by_role("alert")).to_contain_text("at least 4.5:1 on white; this has 1.07:1")
    expect(accent).to_have_attribute("aria-invalid", "true")
    accent.fill("#8a1c4a")
    expect(page.get_by_role("alert")).to_be_empty()
    expect(accent).not_to_have_attribute("aria-invalid", "true")
    expect(framed(page).locator(".first")).to_have_css("background-color", "rgb(138, 28, 74)")


def test_a_colour_that_is_half_typed_waits_until_the_field_is_left(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    heading(page, "Page not found")
    accent = page.get_by_label("Accent", exact=True)
    accent.press_sequentially("#8a1c")
    accent.press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("accent: '#8a1c' can't be used")


def test_an_unknown_theme_in_the_url_is_named_and_another_can_be_chosen(gallery: RunningCommand, page: Page) -> None:
    page.goto(f"{gallery.url}?theme=fancy&status=503")
    expect(page.get_by_role("alert")).to_contain_text("theme: 'fancy' can't be used; allowed: any of plain, card")
    assert page.url.endswith("?theme=fancy&status=503")
    page.get_by_label("Theme").select_option("card")
    heading(page, "The service isn't available right now")
    expect(page.get_by_role("alert")).to_be_empty()


# -- for everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["1280 pixels", "390 pixels"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="a page"),
        pytest.param("?format=json&direction=rtl", id="text"),
        pytest.param("?theme=fancy", id="a wrong choice"),
        pytest.param("?status=410", id="a failing template"),
        pytest.param("?status=407", id="a refused status"),
    ],
)
def test_axe_finds_nothing(
    gallery: RunningCommand, page: Page, folder: Path, query: str, scheme: Literal["light", "dark"], window: Any
) -> None:
    (folder / "410.html").write_text(HEADING.format("{{ actions[9].label }}"))
    page.set_viewport_size(window)
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{gallery.url}{query}")
    expect(page.locator("#headers div, [data-fatal]").first).to_be_visible()
    if page.locator("details").get_attribute("open") is None:
        page.get_by_text("Response and site").click()
    assert violations(page) == []


def test_every_control_is_reached_by_keyboard_and_shows_its_focus(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    expect(page.locator("#headers div").first).to_be_visible()
    reached = []
    for _ in range(18):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => {
                    const control = document.activeElement;
                    const shown = control.type === "radio" ? control.nextElementSibling : control;
                    const style = getComputedStyle(shown);
                    return [control.name || control.id || control.localName, style.outlineStyle, style.outlineWidth];
                }"""
            )
        )
    names = [name for name, *_ in reached]
    expected = ["status", "theme", "format", "language", "scheme", "direction", "width", "summary", "message"]
    expected += ["retry_after", "site_name", "accent", "picker", "reference", "logo", "auto_retry", "open", "frame"]
    assert names == expected
    assert all(outline[1:] == ["solid", "3px"] for outline in reached[:-1]), json.dumps(reached)


def test_the_arrow_keys_choose(gallery: RunningCommand, page: Page) -> None:
    page.goto(gallery.url)
    page.get_by_role("radio", name="Light").focus()
    page.keyboard.press("ArrowRight")
    expect(framed(page).locator("html")).to_have_css("background-color", "rgb(21, 24, 28)")
    page.get_by_label("Theme").focus()
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("theme=card"))


def test_without_javascript_a_button_shows_what_was_chosen(gallery: RunningCommand, browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(gallery.url)
        page.get_by_label("Status").select_option("410")
        page.get_by_label("Theme").select_option("card")
        page.get_by_role("button", name="Show").click()
        heading(page, "This page has been removed")
        assert "status=410" in page.url
