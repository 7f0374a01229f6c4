"""The retry control under a fake clock: it keeps its promises, and asks no more often than they allow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from errorpages.library import THEMES
from errorpages.wsgi import ErrorPagesMiddleware

pytestmark = pytest.mark.browser

SECOND = 1000  # milliseconds
HOUR = 3600 * SECOND
WITHIN = 60  # seconds that a request may take to arrive on a busy machine
EVERY_TRY = (10, 20, 40, 80, 160, 320)  # seconds: doubled from ten on


@dataclass
class Shop:
    """An application that is away, until it is told otherwise.

    Attributes:
        status: The answer to everything.
        fields: Its fields.
        probes: How often a script asked.
    """

    status: int = 503
    fields: dict[str, str] = field(default_factory=dict)
    probes: int = 0
    url: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.headers.get("Sec-Fetch-Dest") == "empty":
            self.probes += 1
        if self.status == 200:
            return Response("<title>Shop</title><p>Open again", mimetype="text/html")(environ, start_response)
        return Response(status=self.status, headers=self.fields, mimetype="text/html")(environ, start_response)

    def wait_for(self, probes: int) -> None:
        """Wait until so many probes have arrived."""
        deadline = time.monotonic() + WITHIN
        while self.probes < probes and time.monotonic() < deadline:
            time.sleep(0.01)
        assert self.probes == probes


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    with serving(shop):
        yield shop


class QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class serving:
    """Serves a shop behind its error pages on a free port, as a context manager."""

    def __init__(self, shop: Shop, **options: Any) -> None:
        app = ErrorPagesMiddleware(shop, **{"auto_retry": True, **options})
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        shop.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Open a page whose clock stands still until the test moves it."""
    contexts = []

    def open_page(url: str, random: float = 0, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.clock.install(time=1_800_000_000)
        page.add_init_script(
            f"Math.random = () => {random};"
            "Object.defineProperty(document, 'hidden', { get: () => Boolean(window.away) });"
            "window.answered = 0; const ask = fetch;"
            "fetch = async (...how) => { try { return await ask(...how) } finally { window.answered++ } };"
        )
        page.goto(url)
        page.clock.pause_at(1_800_003_600)
        page.evaluate("window.isSamePage = true")
        return page

    yield open_page
    for context in contexts:
        context.close()


def pass_time(page: Page, milliseconds: float) -> None:
    """Let time pass for the page."""
    page.clock.run_for(int(milliseconds))


def probe_after(page: Page, milliseconds: float) -> None:
    """Let time pass until a probe is due, and wait until the script has dealt with its answer."""
    before = page.evaluate("window.answered")
    pass_time(page, milliseconds)
    deadline = time.monotonic() + WITHIN
    while page.evaluate("window.answered") == before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert page.evaluate("window.answered") == before + 1


def tick(page: Page) -> None:
    page.get_by_label("Check automatically").check()


def announced(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def away(page: Page, is_away: bool) -> None:
    """Put the tab behind another one, or in front again."""
    page.evaluate("away => { window.away = away; document.dispatchEvent(new Event('visibilitychange')) }", is_away)


# -- when it is offered ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", sorted(set(THEMES) - {"bare"}))
def test_a_page_about_a_temporary_condition_offers_the_control_unchecked(opened: Opener, theme: str) -> None:
    shop = Shop()
    with serving(shop, theme=theme):
        page = opened(shop.url)
        box = page.get_by_role("checkbox", name="Check automatically")
        assert box.is_visible() and not box.is_checked() and announced(page) == ""
        pass_time(page, HOUR)
        assert shop.probes == 0


def test_it_is_off_by_default(opened: Opener) -> None:
    shop = Shop()
    with serving(shop, auto_retry=False):
        page = opened(shop.url)
        assert page.locator("script").count() == page.get_by_role("checkbox").count() == 0


@pytest.mark.parametrize("status", [404, 410, 422, 403])
def test_what_lasts_offers_no_control(opened: Opener, shop: Shop, status: int) -> None:
    shop.status = status
    page = opened(shop.url)
    assert page.locator("script, input").count() == 0


def test_after_a_post_there_is_none(opened: Opener, shop: Shop) -> None:
    page = opened("about:blank")
    page.set_content(f'<form method="post" action="{shop.url}"><button>Send</button></form>')
    page.get_by_role("button").click()
    page.wait_for_selector("h1")
    assert page.locator("script, input").count() == 0


def test_without_a_script_there_is_no_control_to_see(opened: Opener, shop: Shop, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(shop.url)
    assert page.get_by_role("link", name="Try again").is_visible()
    assert not page.locator("input").is_visible()
    context.close()


# -- how often it asks -------------------------------------------------------------------------------------------------


def test_the_first_probe_waits_for_retry_after(opened: Opener, shop: Shop) -> None:
    shop.fields["Retry-After"] = "120"
    page = opened(shop.url)
    tick(page)
    pass_time(page, 120 * SECOND - 1)
    assert shop.probes == 0
    pass_time(page, 1)
    shop.wait_for(1)


def test_chance_adds_up_to_half_and_never_takes_away(opened: Opener, shop: Shop) -> None:
    shop.fields["Retry-After"] = "120"
    page = opened(shop.url, random=0.999)
    tick(page)
    pass_time(page, 179 * SECOND)
    assert shop.probes == 0
    pass_time(page, SECOND)
    shop.wait_for(1)


def test_it_waits_twice_as_long_each_time_and_gives_up_after_six_tries(opened: Opener, shop: Shop) -> None:
    page = opened(shop.url)
    tick(page)
    for tries, seconds in enumerate(EVERY_TRY, 1):
        pass_time(page, seconds * SECOND - 1)
        assert shop.probes == tries - 1
        probe_after(page, 1)
    page.get_by_text("Stopped checking: it isn't back yet.").wait_for()
    assert not page.get_by_role("checkbox").is_checked()
    pass_time(page, 24 * HOUR)
    assert shop.probes == 6 and page.evaluate("window.isSamePage")


@pytest.mark.parametrize("form", ["seconds", "a date"])
def test_a_later_retry_after_counts(opened: Opener, shop: Shop, form: str) -> None:
    page = opened(shop.url)
    tick(page)
    shop.fields["Retry-After"] = "300" if form == "seconds" else formatdate(time.time() + 300, usegmt=True)
    probe_after(page, 10 * SECOND)
    pass_time(page, 295 * SECOND)
    assert shop.probes == 1
    pass_time(page, 6 * SECOND)
    shop.wait_for(2)


def test_a_retry_after_beyond_what_a_timer_can_hold_is_kept_too(opened: Opener, shop: Shop) -> None:
    shop.fields["Retry-After"] = str(40 * 24 * 3600)
    page = opened(shop.url)
    tick(page)
    pass_time(page, 24 * HOUR)
    assert shop.probes == 0


# -- recovery and stopping ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 404], ids=["the page is back", "the page is missing now"])
def test_it_reloads_on_recovery_and_only_then(opened: Opener, shop: Shop, status: int) -> None:
    page = opened(shop.url)
    tick(page)
    probe_after(page, 10 * SECOND)
    assert page.evaluate("window.isSamePage")
    shop.status = status
    with page.expect_navigation():
        pass_time(page, 20 * SECOND)
    page.get_by_text("Open again" if status == 200 else "Page not found").wait_for()
    assert shop.probes == 2


def test_a_redirect_is_a_recovery(opened: Opener, shop: Shop) -> None:
    page = opened(shop.url)
    tick(page)
    shop.status, shop.fields = 302, {"Location": "https://errorpages.invalid/"}
    with page.expect_request(lambda request: "invalid" in request.url and request.is_navigation_request()):
        pass_time(page, 10 * SECOND)


def test_a_server_that_is_gone_counts_as_a_try(opened: Opener) -> None:
    shop = Shop()
    with serving(shop):
        page = opened(shop.url)
        tick(page)
    probe_after(page, 10 * SECOND)
    assert page.get_by_role("checkbox").is_checked() and page.evaluate("window.isSamePage")


def test_a_hidden_tab_asks_nothing_until_it_is_seen_again(opened: Opener, shop: Shop) -> None:
    page = opened(shop.url)
    tick(page)
    away(page, True)
    pass_time(page, HOUR)
    assert shop.probes == 0
    away(page, False)
    pass_time(page, 1)
    shop.wait_for(1)


def test_unticking_stops_at_once(opened: Opener, shop: Shop) -> None:
    page = opened(shop.url)
    tick(page)
    assert announced(page) == "Checking from time to time. Untick the box to stop."
    page.get_by_label("Check automatically").uncheck()
    assert announced(page) == "Stopped checking."
    pass_time(page, HOUR)
    assert shop.probes == 0


def test_ticking_again_starts_one_chain_of_tries_and_not_two(opened: Opener, shop: Shop) -> None:
    page = opened(shop.url)
    for _ in range(3):
        tick(page)
        page.get_by_label("Check automatically").uncheck()
    tick(page)
    probe_after(page, 10 * SECOND)
    pass_time(page, 9 * SECOND)
    assert shop.probes == 1


def test_it_is_worked_by_keyboard(opened: Opener, shop: Shop) -> None:
    page = opened(shop.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "checkbox"
    page.keyboard.press("Space")
    assert announced(page).startswith("Checking")


# -- policies and accessibility ----------------------------------------------------------------------------------------

POLICIES = [
    pytest.param("", id="our own"),
    pytest.param("default-src 'none'", id="one that allows nothing"),
    pytest.param("default-src 'self'; script-src 'strict-dynamic' 'nonce-abc'", id="one with a nonce"),
    pytest.param("script-src 'self'; require-trusted-types-for 'script'", id="one that demands trusted types"),
]


@pytest.mark.parametrize("policy", POLICIES)
def test_it_works_under_a_policy(opened: Opener, shop: Shop, policy: str) -> None:
    if policy:
        shop.fields["Content-Security-Policy"] = policy
    page = opened(shop.url)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    tick(page)
    probe_after(page, 10 * SECOND)
    assert all("503" in complaint for complaint in complaints)
    assert page.evaluate("getComputedStyle(document.querySelector('.retry label')).display") == "inline-flex"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", sorted(set(THEMES) - {"bare"}))
def test_the_control_has_no_accessibility_violations(opened: Opener, theme: str, scheme: str) -> None:
    shop = Shop(fields={"Retry-After": "120"})
    with serving(shop, theme=theme):
        page = opened(shop.url, color_scheme=scheme, bypass_csp=True, viewport={"width": 320, "height": 640})
        tick(page)
        page.clock.resume()
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        box = page.locator(".retry label").bounding_box()
        assert box is not None and box["height"] >= 44
