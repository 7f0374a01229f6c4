"""The tables of docs/replacement.md say what the code does."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests import bodies
from tests.drivers import Answer, Response, ask, data, markup, text, through_core

from errorpages import ErrorPages, Request
from errorpages.replacement import METHODS

PAGE = (Path(__file__).parents[1] / "docs" / "replacement.md").read_text(encoding="utf-8")
PAGES = ErrorPages(languages=["en"])
WORDS = "No such invoice"
OWN_PAGE = '<!doctype html><body class="shop"><h1>We looked everywhere</h1></body>'

WHO: dict[str, list[Request]] = {
    "a browser that opens a page": [ask(), ask(sec_fetch_mode="navigate", sec_fetch_dest="document")],
    "htmx (`HX-Request`, `*/*`)": [ask("*/*", hx_request="true", sec_fetch_mode="cors", sec_fetch_dest="empty")],
    "a script, curl, requests (`*/*`, no Accept)": [
        ask("*/*"),
        ask(None),
        ask("*/*", sec_fetch_mode="cors", sec_fetch_dest="empty"),
    ],
    "Java's HttpURLConnection": [
        ask("text/html, image/gif, image/jpeg, */*; q=0.2"),
        ask("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"),
    ],
    "an API client (`application/json`)": [ask("application/json")],
    "a program that takes `text/html` alone": [ask("text/html")],
    "a program that takes `application/xml`": [ask("application/xml")],
    "an agent (`text/markdown`)": [ask("text/markdown")],
    "an image, script or style element": [
        ask("image/avif,image/webp,*/*;q=0.8", sec_fetch_mode="no-cors", sec_fetch_dest="image"),
        ask("text/css,*/*;q=0.1", sec_fetch_mode="no-cors", sec_fetch_dest="style"),
        ask("*/*", sec_fetch_mode="no-cors", sec_fetch_dest="script"),
    ],
}
SENT: dict[str, list[Response]] = {
    "a stock page or text": [markup(bodies.werkzeug()), text("Not Found"), markup(bodies.django())],
    "plain JSON": [data(f'{{"detail":"{WORDS}"}}')],
    "bare words, 404": [text(WORDS)],
    "bare words, 502": [text(WORDS, 502)],
    "bare words, 503": [text(WORDS, 503)],
    "your own page": [markup(OWN_PAGE), markup(OWN_PAGE, 500), markup(bodies.FORM_422, 422)],
}
FORMATS = {
    "text/html; charset=utf-8": "page",
    "text/plain; charset=utf-8": "text",
    "application/problem+json": "JSON",
    "application/problem+xml": "XML",
    "text/markdown; charset=utf-8": "Markdown",
}


def outcome(request: Request, response: Response) -> str:
    answer: Answer = through_core(PAGES, request, response)
    assert answer.status == response.status
    if not answer.is_page:
        assert answer.body == response.body
        return "kept"
    body = gzip.decompress(answer.body) if answer.field("Content-Encoding") else answer.body
    what = FORMATS[str(answer.field("Content-Type"))]
    if what == "page" and not body.startswith(b"<!doctype"):
        what = "fragment"
    if what == "text" and body.count(b"\n") == 1:
        what = "one line"
    return f"{what} with its words" if WORDS.encode() in body else what


def test_the_table_of_who_asks_says_what_goes_out() -> None:
    lines = [f"| {' | '.join(['who asks', *SENT])} |", f"|{' --- |' * (len(SENT) + 1)}"]
    for who, requests in WHO.items():
        cells = [
            "/".join(dict.fromkeys(outcome(request, response) for request in requests for response in responses))
            for responses in SENT.values()
        ]
        lines.append(f"| {' | '.join([who, *cells])} |")
    table = "\n".join(lines)
    assert table in PAGE, f"docs/replacement.md should have this table:\n{table}"


EXAMPLES: dict[int, list[tuple[Request, Response]]] = {
    1: [(ask(), text("", 404, ("X-Error-Pages", "page")))],
    2: [(ask(), text("", 404, ("X-Error-Pages", "keep"))), (ask(native={"errorpages.keep": True}), text("", 404))],
    3: [(ask(native={"werkzeug.debug.preserve_context": print}), text("", 500))],
    4: [(ask(method="PROPFIND"), text("")), (ask(), text("", 404, ("Content-Disposition", "attachment")))],
    5: [(ask("*/*"), data('{"detail":"No"}')), (ask(), data('{"detail":"No","x":1}'))],
    6: [(ask(), data('{"detail":"No"}')), (ask("*/*", hx_request="true"), data('{"detail":"No"}'))],
    7: [(ask("*/*"), text("Not Found")), (ask(), text("", 412))],
    8: [(ask(), text(WORDS)), (ask("application/json"), text(WORDS))],
    9: [(ask(), markup(OWN_PAGE)), (ask("*/*"), text(WORDS))],
}


@pytest.mark.parametrize("number", EXAMPLES)
def test_each_row_of_the_rules_does_what_it_says(number: int) -> None:
    found = re.search(rf"^\| {number} \| .+ \| (keep|replace)[^|]* \|$", PAGE, re.MULTILINE)
    assert found, f"row {number} is missing"
    for request, response in EXAMPLES[number]:
        fresh = replace(request, native=dict(request.native))
        answer = through_core(PAGES, fresh, response)
        is_replaced = answer.is_page and response.field("X-Error-Pages") is None
        assert is_replaced == (found[1] == "replace")


def test_the_page_names_the_methods_that_are_looked_at() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| 4 |"))
    assert set(re.findall(r"\b[A-Z]{3,}\b", row.partition("(")[0])) == METHODS
