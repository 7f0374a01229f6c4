"""A person's browser window: it opens error pages, and notes what they load and what the browser complains of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote, urlencode

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import ConsoleMessage, Page, Response
from tests.browser.site import SHOWN_AS

Scheme = Literal["light", "dark"]

SIZES: Final = ((320, 256), (390, 844), (1280, 720))
RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
LARGE_TEXT: Final = "html { font-size: 200% !important }"
SPACING: Final = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""  # WCAG 2.2, success criterion 1.4.12
_TELL_VIOLATIONS: Final = """
addEventListener("securitypolicyviolation", event =>
  console.error(`violation: ${event.effectiveDirective} (${event.disposition}) of ${event.blockedURI}`))
"""


class AxeFindings(NamedTuple):
    """What axe found, and the rules that found something to check and nothing wrong."""

    violations: list[str]
    passed: set[str]


@dataclass
class Visitor:
    """A window of its own, with what was seen through it.

    Attributes:
        page: Playwright's page.
        site: The site's address.
        requests: The addresses that were loaded since a page was opened; the data icon is none.
        complaints: What the console said since then, beyond the status itself.
    """

    page: Page
    site: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _status: int = 0

    def __post_init__(self) -> None:
        self.page.add_init_script(_TELL_VIOLATIONS)
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        self.page.on("request", lambda request: self._note_request(request.url))

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type != "info" and f"status of {self._status} " not in message.text:
            self.complaints.append(message.text)

    def _note_request(self, url: str) -> None:
        if not url.startswith("data:"):
            self.requests.append(url)

    def open(self, status: int, *, path: str = "", **query: Any) -> Response:
        """Open the page for a status code; it must come with that code."""
        self.requests.clear()
        self.complaints.clear()
        self._status = SHOWN_AS.get(status, status)
        response = self.page.goto(f"{self.site}/{status}{quote(path)}?{urlencode(query, doseq=True)}")
        assert response is not None and response.status == self._status
        assert response.headers["x-error-pages"] == "page"
        return response

    def reset(self) -> None:
        """Forget every preference and size that was set."""
        self.page.emulate_media(media="null", reduced_motion="null", forced_colors="null", contrast="null")
        self.prefers()
        self.resize((1280, 720))

    def prefers(self, *, locale: str = "en", scheme: Scheme = "light") -> None:
        """Set what the browser asks for."""
        self.page.set_extra_http_headers({"Accept-Language": locale})
        self.page.emulate_media(color_scheme=scheme)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window's inside a width and height, in CSS pixels."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def restyle(self, *sheets: str) -> None:
        """Put these style sheets of the reader's in place of those before; no policy of the page's hinders them."""
        self.page.evaluate(
            "texts => { document.adoptedStyleSheets = texts.map(text => {"
            " const sheet = new CSSStyleSheet(); sheet.replaceSync(text); return sheet }) }",
            list(sheets),
        )

    def text(self, selector: str = "body") -> str:
        """Read what is shown, as one line."""
        return " ".join(self.page.locator(selector).inner_text().split())

    def style(self, selector: str, name: str) -> str:
        """Look up the computed style of the first such element."""
        value: str = self.page.evaluate(
            "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]", [selector, name]
        )
        return value

    def is_styled(self) -> bool:
        """Tell whether the page's own style is in force."""
        return self.style("ul", "listStyleType") == "none"

    def axe(self) -> AxeFindings:
        """Run axe; each violation is named with the elements it is about."""
        found = Axe().run(self.page, options=RULES).response
        violations = [f"axe {rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found["violations"]]
        return AxeFindings(violations, {rule["id"] for rule in found["passes"]})

    def overflows(self) -> list[str]:
        """Name the window sizes and reading aids under which something is wider than the window."""
        found = []
        aids: dict[str, tuple[str, ...]] = {"as it is": (), "text at 200%": (LARGE_TEXT,), "text spacing": (SPACING,)}
        for size in SIZES:
            self.resize(size)
            for aid, sheets in aids.items():
                self.restyle(*sheets)
                widths = self.page.evaluate(
                    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
                )
                if widths[0] > widths[1]:
                    found.append(f"{widths[0]} pixels wide at {size[0]}×{size[1]}, {aid}")
        self.restyle()
        return found
