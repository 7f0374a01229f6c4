"""Templates: which one is used, what is remembered, who sees what, and what the built-in pages are made of."""

from __future__ import annotations

import gc
import gzip
import json
import logging
import re
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jinja2
import pytest

from errorpages import ErrorPages, Page, Request, catalogue
from errorpages.core import Pending
from errorpages.exchange import ResponseHead
from errorpages.library import THEMES

BROWSER = (("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),)
ACCEPTS = {"html": "text/html", "text": "text/plain", "markdown": "text/markdown"}
STATUSES = [status.code for status in catalogue if status.code >= 400]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1"/></svg>'
PLAIN_TITLE = "Page not found"


def request(accept: str = "text/html", **more: Any) -> Request:
    headers = (("Accept", accept), *more.pop("headers", ()))
    return Request(headers=headers, **more)


def text_of(page: Page) -> str:
    return page.body.decode()


def field(page: Page, name: str) -> str | None:
    values = [value for field_name, value in page.headers if field_name.lower() == name.lower()]
    assert len(values) <= 1, f"{name} comes {len(values)} times"
    return values[0] if values else None


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, source in files.items():
        (folder / name).write_text(source, encoding="utf-8")
    return folder


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that were rendered, one entry for each time."""
    names: list[str] = []
    render = jinja2.Template.render

    def counted(template: jinja2.Template, *arguments: Any, **variables: Any) -> str:
        names.append(template.name or "")
        return render(template, *arguments, **variables)

    monkeypatch.setattr(jinja2.Template, "render", counted)
    return names


# -- which template ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format, extension", [("html", "html"), ("text", "txt"), ("markdown", "md")])
@pytest.mark.parametrize(
    "names, status, used",
    [
        pytest.param(["404", "4xx", "error"], 404, "404", id="the code's own comes first"),
        pytest.param(["4xx", "error"], 404, "4xx", id="then the class's"),
        pytest.param(["error"], 404, "error", id="then the one for all"),
        pytest.param(["410", "5xx"], 404, None, id="then the theme's"),
        pytest.param(["404", "4xx", "5xx"], 503, "5xx", id="the other class"),
        pytest.param(["404", "4xx"], 503, None, id="no class's for the other class"),
        pytest.param(["404", "error"], 410, "error", id="another code"),
    ],
)
def test_a_template_is_looked_for_by_code_then_class_then_for_all_then_in_the_theme(
    tmp_path: Path, format: str, extension: str, names: list[str], status: int, used: str | None
) -> None:
    write(tmp_path, {f"{name}.{extension}": f"own {name}" for name in names})
    page = ErrorPages(templates=tmp_path).page(request(ACCEPTS[format]), status)
    if used is None:
        assert str(catalogue[status].title) in text_of(page).replace("&#39;", "'")
    else:
        assert text_of(page) == f"own {used}"
    assert page.status == status


def test_a_template_of_one_format_changes_no_other(tmp_path: Path) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"404.html": "own"}))
    assert text_of(pages.page(request("text/html"), 404)) == "own"
    assert PLAIN_TITLE in text_of(pages.page(request("text/plain"), 404))
    assert f"# {PLAIN_TITLE}" in text_of(pages.page(request("text/markdown"), 404))


def test_of_several_folders_the_first_that_has_the_name_wins(tmp_path: Path) -> None:
    one = write(tmp_path / "one", {"404.html": "one"})
    two = write(tmp_path / "two", {"404.html": "two", "410.html": "two", "error.html": "two for all"})
    pages = ErrorPages(templates=[one, str(two)])
    assert text_of(pages.page(request(), 404)) == "one"
    assert text_of(pages.page(request(), 410)) == "two"
    assert text_of(pages.page(request(), 403)) == "two for all"


def test_a_more_exact_name_in_a_later_folder_comes_before_a_general_one_in_an_earlier(tmp_path: Path) -> None:
    one = write(tmp_path / "one", {"error.html": "general"})
    two = write(tmp_path / "two", {"404.html": "exact"})
    assert text_of(ErrorPages(templates=[one, two]).page(request(), 404)) == "exact"


def test_overriding_one_block_of_the_theme_keeps_the_rest(tmp_path: Path) -> None:
    own = '{% extends "plain.html" %}{% block header %}<p>Hello from Acme</p>{% endblock %}'
    pages = ErrorPages(templates=write(tmp_path, {"error.html": own}), site_name="Acme")
    body = text_of(pages.page(request(), 404, message="No such invoice"))
    assert "<p>Hello from Acme</p>" in body
    assert "<header>" not in body
    theme = text_of(ErrorPages(site_name="Acme", languages=["en"]).page(request(), 404, message="No such invoice"))
    for element in ("title", "style", "main"):
        found = re.search(rf"<{element}[ >].*?</{element}>", theme, re.DOTALL)
        assert found and found[0] in body


def test_a_template_of_the_themes_own_name_stands_in_its_place(tmp_path: Path) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"plain.html": "mine for all"}))
    assert text_of(pages.page(request(), 404)) == "mine for all"


@pytest.mark.parametrize("name", ["plain.html", "base.html"])
def test_one_that_stands_in_for_a_built_in_one_is_rendered_for_each_request_that_it_reads(
    tmp_path: Path, name: str
) -> None:
    pages = ErrorPages(templates=write(tmp_path, {name: "{{ request.path }}{% block style %}{% endblock %}"}))
    for path in ("/one", "/two"):
        page = pages.page(request(path=path), 404)
        assert text_of(page).startswith(path)
        assert field(page, "Cache-Control") == "private, no-store"
        assert field(page, "Content-Security-Policy") is None


def test_an_own_html_template_escapes_what_it_shows(tmp_path: Path) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"404.html": "{{ detail }}", "404.txt": "{{ detail }}"}))
    assert text_of(pages.page(request(), 404, message="<b>&</b>")) == "&lt;b&gt;&amp;&lt;/b&gt;"
    assert text_of(pages.page(request("text/plain"), 404, message="<b>&</b>")) == "<b>&</b>"


def test_an_own_page_gets_the_logo_as_trusted_markup(tmp_path: Path) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"404.html": "{{ logo }}"}), logo=SVG)
    assert text_of(pages.page(request(), 404)) == SVG


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("{{ 1 // 0 }}", id="a division by zero"),
        pytest.param("{{ labels.nope }}", id="an attribute that does not exist"),
        pytest.param("{{ request.native['nope'].nope }}", id="something of a request that has it not"),
    ],
)
def test_an_own_template_that_fails_in_front_of_a_visitor_is_logged_and_gives_way_to_the_built_in_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str
) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"404.html": source}))
    page = pages.page(request(), 404, message="No such invoice")
    assert page.status == 404
    assert PLAIN_TITLE in text_of(page) and "No such invoice" in text_of(page)
    (record,) = [record for record in caplog.records if record.name == "errorpages"]
    assert record.levelno == logging.ERROR and record.exc_info


def test_a_fragment_is_the_main_element_of_whichever_template(tmp_path: Path) -> None:
    pages = ErrorPages(
        templates=write(tmp_path, {"404.html": "<p>before</p><main class=x>\n<h1>x</h1></main><p>after"})
    )
    swap = request(headers=(("HX-Request", "true"),))
    assert text_of(pages.page(swap, 404)) == "<main class=x>\n<h1>x</h1></main>"
    built_in = text_of(ErrorPages().page(swap, 404))
    assert built_in.startswith('<main lang="en" dir="ltr">') and built_in.endswith("</main>")


# -- who sees what -----------------------------------------------------------------------------------------------------

OWN_VARIABLE_PLACES = [
    pytest.param({"404.html": "Hello {{ user }}"}, id="in the template"),
    pytest.param(
        {"404.html": '{% extends "layout.html" %}', "layout.html": "Hello {{ user }}"},
        id="in a template that is extended",
    ),
    pytest.param(
        {"404.html": '{% extends "a.html" %}', "a.html": '{% extends "b.html" %}', "b.html": "Hello {{ user }}"},
        id="two templates away",
    ),
    pytest.param(
        {"404.html": '{% extends "plain.html" %}{% block heading %}Hello {{ user }}{% endblock %}'}, id="in one block"
    ),
    pytest.param({"404.html": 'Hello {% include "user.html" %}', "user.html": "{{ user }}"}, id="in an included part"),
    pytest.param(
        {"404.html": '{% include ["user.html", "part.html"] %}', "user.html": "Hello {{ user }}", "part.html": ""},
        id="in a part out of a list",
    ),
    pytest.param(
        {
            "404.html": '{% import "m.html" as m with context %}{{ m.hello() }}',
            "m.html": "{% macro hello() %}Hello {{ user }}{% endmacro %}",
        },
        id="in an imported macro with context",
    ),
    pytest.param(
        {
            "404.html": '{% from "m.html" import hello %}{{ hello(user) }}',
            "m.html": "{% macro hello(name) %}Hello {{ name }}{% endmacro %}",
        },
        id="handed to an imported macro",
    ),
    pytest.param(
        {"404.html": "{% macro hello() %}Hello {{ user }}{% endmacro %}{{ hello() }}"}, id="in a macro of its own"
    ),
    pytest.param({"404.html": "{% set name = user %}Hello {{ name }}"}, id="in an assignment"),
    pytest.param(
        {"404.html": "{% include kind ~ '.html' %}", "part.html": "Hello {{ user }}"}, id="in a part named at run time"
    ),
    pytest.param({"404.html": '{% include "user.txt" %}', "user.txt": "Hello {{ user }}"}, id="in a part of text"),
]


@pytest.mark.parametrize("files", OWN_VARIABLE_PLACES)
def test_two_visitors_never_see_each_others_page(tmp_path: Path, files: dict[str, str]) -> None:
    def context(asked: Request) -> dict[str, Any]:
        return {"user": asked.query, "kind": "part"}

    pages = ErrorPages(templates=write(tmp_path, files), context=context)
    for user in ("visitor-ann", "visitor-bob", "visitor-ann", "visitor-cy"):
        page = pages.page(request(query=user), 404)
        assert f"Hello {user}" in text_of(page)
        assert set(re.findall(r"visitor-\w+", text_of(page))) == {user}
        assert field(page, "Cache-Control") == "private, no-store"
        assert field(page, "Content-Length") == str(len(page.body))


def test_the_built_in_page_with_a_context_is_private_too() -> None:
    # DESIGN, section 5: a page that depends on anything outside the URL and its Vary (`context`, …).
    page = ErrorPages(context=lambda asked: {"site_name": asked.query}).page(request(query="ann"), 404)
    assert field(page, "Cache-Control") == "private, no-store"


def test_a_context_that_raises_is_logged_and_counts_as_unset(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def context(asked: Request) -> dict[str, Any]:
        raise RuntimeError("no database")

    pages = ErrorPages(templates=write(tmp_path, {"404.html": "own"}), context=context)
    assert text_of(pages.page(request(), 404)) == "own"
    assert "context" in caplog.text and "no database" in caplog.text


REQUEST_READERS = [
    pytest.param({"404.html": "You asked for {{ request.path }}"}, id="in the template"),
    pytest.param(
        {"404.html": '{% extends "layout.html" %}', "layout.html": "You asked for {{ request.path }}"}, id="in a layout"
    ),
    pytest.param({"404.html": '{% include "p.html" %}', "p.html": "You asked for {{ request.path }}"}, id="in a part"),
    pytest.param(
        {
            "404.html": '{% import "m.html" as m with context %}{{ m.asked() }}',
            "m.html": "{% macro asked() %}You asked for {{ request.path }}{% endmacro %}",
        },
        id="in a macro",
    ),
]


@pytest.mark.parametrize("files", REQUEST_READERS)
def test_a_template_that_reads_the_request_is_rendered_for_each_and_stored_by_nobody(
    tmp_path: Path, renders: list[str], files: dict[str, str]
) -> None:
    pages = ErrorPages(templates=write(tmp_path, files))
    for path in ("/one", "/two", "/one"):
        page = pages.page(request(path=path), 404)
        assert text_of(page) == f"You asked for {path}"
        assert field(page, "Cache-Control") == "private, no-store"
    assert renders == ["404.html"] * 3


def test_a_path_in_a_page_is_escaped(tmp_path: Path) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"404.html": "{{ request.path }}"}))
    assert text_of(pages.page(request(path="/<script>"), 404)) == "/&lt;script&gt;"


def test_a_reference_to_a_template_named_at_run_time_counts_as_reading_the_request(
    tmp_path: Path, renders: list[str]
) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"404.html": '{% include "part" ~ ".html" %}', "part.html": "x"}))
    for _ in range(2):
        assert field(pages.page(request(), 404), "Cache-Control") == "private, no-store"
    assert renders == ["404.html"] * 2


# -- what is remembered ------------------------------------------------------------------------------------------------


def test_an_own_template_that_reads_no_request_is_rendered_once(tmp_path: Path, renders: list[str]) -> None:
    pages = ErrorPages(
        templates=write(tmp_path, {"404.html": '{% extends "plain.html" %}', "4xx.html": "{{ status }}"})
    )
    bodies = {pages.page(request(path=f"/{number}"), 404).body for number in range(50)}
    assert len(bodies) == 1
    assert renders == ["404.html"]
    assert [text_of(pages.page(request(), status)) for status in (403, 410, 403, 410)] == ["403", "410"] * 2
    assert renders == ["404.html", "4xx.html", "4xx.html"]
    assert field(pages.page(request(), 404), "Cache-Control") is None


def test_a_built_in_page_is_rendered_once_for_each_status_format_and_site(renders: list[str]) -> None:
    pages = ErrorPages()
    for _ in range(3):
        for path in ("/a", "/b"):
            for accept in ACCEPTS.values():
                pages.page(request(accept, path=path), 404)
    assert sorted(renders) == ["markdown.md", "plain.html", "text.txt"]
    pages.page(request(), 410)
    assert len(renders) == 4


def test_five_thousand_messages_cost_one_rendering(renders: list[str]) -> None:
    pages = ErrorPages()
    for number in range(5000):
        page = pages.page(request(), 404, message=f"No invoice {number}.")
        assert f"No invoice {number}." in text_of(page)
    assert renders == ["plain.html"]


def test_references_times_and_nonces_cost_one_rendering(renders: list[str]) -> None:
    pages = ErrorPages(csp=lambda asked: asked.query)
    references = {pages.page(request(query=f"nonce{number}"), 500).reference for number in range(100)}
    assert len(references) == 100
    assert renders == ["plain.html"]


@pytest.mark.parametrize("accept", ACCEPTS.values())
def test_a_million_different_requests_cost_no_more_memory_than_a_thousand(accept: str) -> None:
    pages = ErrorPages()

    def visit(numbers: range) -> None:
        for number in numbers:
            pages.page(request(f"{accept}, x/{number}", path=f"/{number}"), 404, message=f"No invoice {number}.")

    tracemalloc.start()
    try:
        visit(range(1200))
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        visit(range(1200, 2400))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 120_000, "1,200 remembered requests would take 400 kB"


def test_what_is_handed_out_is_not_shared() -> None:
    pages = ErrorPages()
    one, two = pages.page(request(), 404), pages.page(request(), 404)
    assert one.headers == two.headers and isinstance(one.headers, tuple)
    assert isinstance(one.body, bytes)


# -- slots -------------------------------------------------------------------------------------------------------------

MESSAGES = [
    pytest.param("<script>alert(1)</script>", id="a script"),
    pytest.param('"><img src=x onerror=alert(1)>', id="a way out of an attribute"),
    pytest.param("Müller & Söhne – 日本語 🎉", id="letters beyond ASCII"),
    pytest.param("{{ 7*7 }} {% raw %} %(count)d {0}", id="signs of templates and formats"),
    pytest.param("slot0123456789abcdefdetail_ slotreference_", id="what looks like a slot"),
    pytest.param("one\ntwo", id="two lines"),
    pytest.param("\\1 \\g<0> $1", id="signs of replacement patterns"),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_escaped_and_the_length_fits(message: str) -> None:
    pages = ErrorPages()
    page = pages.page(request(), 404, message=message)
    shown = text_of(page)
    quote = re.search(r"<blockquote[^>]*>(.*?)</blockquote>", shown, re.DOTALL)
    assert quote and "<" not in quote[1]
    assert read(shown).quotes == [message]
    assert field(page, "Content-Length") == str(len(page.body))


def test_every_slot_is_filled() -> None:
    pages = ErrorPages(csp=lambda asked: "abc123+/==", reference=lambda asked, head, error: "ref-42", retry_after=60)
    page = pages.page(request(), 503, message="Closed for repairs", headers=(("Retry-After", "120"),))
    body = text_of(page)
    assert "slot" not in body
    assert 'nonce="abc123+/=="' in body
    assert "<bdi>ref-42</bdi>" in body
    assert page.reference == "ref-42"
    times = re.findall(r'<time datetime="(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)">', body)
    assert len(times) == 2 and times[0] > times[1], "when to come back, then when it happened"
    assert "Please try again in about 2 minutes." in body
    assert "Closed for repairs" in body, "messages are for 4xx and 503 unless show_message says otherwise"
    assert field(page, "Content-Length") == str(len(page.body))


def test_a_page_has_no_slot_for_what_it_does_not_know() -> None:
    body = text_of(ErrorPages().page(request(), 404))
    for absent in ("<blockquote", "nonce=", "<time", "Reference", "None", "slot"):
        assert absent not in body


@pytest.mark.parametrize("accept", ACCEPTS.values())
def test_threads_do_not_mix_up_their_pages(accept: str) -> None:
    pages = ErrorPages(
        reference=lambda asked, head, error: f"ref-{asked.query}",
        csp=lambda asked: f"nonce{asked.query}",
        show_message="4xx 5xx",
    )
    start = threading.Barrier(8)

    def visit(thread: int) -> list[str]:
        wrong: list[str] = []
        start.wait()
        for number in range(500):
            mark = f"{thread}x{number}x"
            status = (500, 502, 503, 504)[number % 4]
            page = pages.page(request(accept, query=mark), status, message=f"Message{mark}")
            body = text_of(page)
            own = page.reference == f"ref-{mark}" and f"ref-{mark}" in body and f"Message{mark}" in body
            if not own or field(page, "Content-Length") != str(len(page.body)):
                wrong.append(mark)
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert [wrong for wrongs in pool.map(visit, range(8)) for wrong in wrongs] == []


# -- what the built-in pages are made of -------------------------------------------------------------------------------

VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "path", "circle"})
LOADING = frozenset({"src", "srcset", "data", "poster", "background", "manifest", "action", "formaction", "ping"})


class Document(HTMLParser):
    """A page, taken apart; it fails where elements are not closed in turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def close(self) -> None:
        super().close()
        assert self._open == []

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def quotes(self) -> list[str]:
        return self.texts.get("blockquote", [])


def read(page: str) -> Document:
    document = Document()
    document.feed(page)
    document.close()
    return document


DRESSED: dict[str, Any] = {
    "site_name": "Acme",
    "logo": SVG,
    "accent": "#0a6b2d",
    "support_url": "/help",
    "status_url": "https://status.acme.example/",
}


@pytest.fixture(scope="module", params=[pytest.param({}, id="as it comes"), pytest.param(DRESSED, id="dressed")])
def dress(request: pytest.FixtureRequest) -> dict[str, Any]:
    options: dict[str, Any] = request.param
    return options


@pytest.fixture(scope="module", params=THEMES)
def pages(request: pytest.FixtureRequest, dress: dict[str, Any]) -> ErrorPages:
    return ErrorPages(theme=request.param, **dress)


def test_a_bare_page_fits_two_kilobytes() -> None:
    bare = ErrorPages(theme="bare", site_name="Acme")
    for status in STATUSES:
        assert len(bare.page(Request(headers=BROWSER), status).body) < 2048, status


def test_a_built_in_page_is_small_but_not_so_small_that_browsers_replace_it(pages: ErrorPages) -> None:
    for status in STATUSES:
        page = pages.page(Request(headers=BROWSER), status)
        assert 513 <= len(page.body) <= 12_288, status
        assert len(gzip.compress(page.body)) < 4096, status
        fields = sum(len(name) + len(value) + 4 for name, value in page.headers)
        assert len(page.body) + fields < 14_600, status


def test_a_built_in_page_has_one_main_one_heading_without_digits_and_its_language(pages: ErrorPages) -> None:
    site = pages.options.site_name
    for status in STATUSES:
        page = pages.page(Request(headers=BROWSER), status)
        body = text_of(page)
        document = read(body)
        assert body.startswith("<!doctype html>"), status
        (html,) = document.named("html")
        assert html == {"lang": "en", "dir": "ltr"} and field(page, "Content-Language") == "en", status
        assert len(document.named("main")) == 1 and len(document.named("title")) == 1, status
        (heading,) = document.texts["h1"]
        assert heading == catalogue[status].title
        assert not re.search(r"\d", heading), status
        assert document.texts["title"] == [f"{heading} – {site}" if site else heading]


def test_a_built_in_page_loads_nothing_runs_nothing_and_moves_nothing(pages: ErrorPages) -> None:
    for status in STATUSES:
        body = text_of(pages.page(Request(headers=BROWSER), status))
        document = read(body)
        tags = {tag for tag, _ in document.elements}
        unwanted = {"script", "iframe", "img", "object", "embed", "form", "base", "noscript"}
        assert not tags & unwanted, status
        for tag, attributes in document.elements:
            names = set(attributes)
            assert not names & {"style", "autofocus", "role", *LOADING}, status
            assert not [name for name in names if name.startswith("on")], status
            if tag != "a" and (target := attributes.get("href")):
                assert target.startswith("data:"), status
        assert not re.search(r"url\(|@import|expression\(", "".join(document.texts["style"])), status
        assert "http-equiv" not in body.lower(), status


def test_a_built_in_page_tells_browsers_and_robots_what_it_is(pages: ErrorPages) -> None:
    document = read(text_of(pages.page(Request(headers=BROWSER), 404)))
    metas = {attributes.get("name"): attributes.get("content") for attributes in document.named("meta")}
    assert document.named("meta")[0] == {"charset": "utf-8"}
    assert metas["color-scheme"] == "light dark"
    assert metas["robots"] == "noindex"
    assert metas["turbo-visit-control"] == "reload"
    viewport = metas["viewport"]
    assert viewport == "width=device-width, initial-scale=1", "no limits on zoom"
    assert len(document.named("style")) == 1
    assert len(document.named("header")) == (1 if pages.options.site_name else 0), "no empty landmarks"


def test_a_logo_and_an_accent_reach_the_page() -> None:
    body = text_of(ErrorPages(logo=SVG, accent="#0A6B2D").page(Request(headers=BROWSER), 404))
    assert SVG in body
    light, dark = re.findall(r"--link:(#[0-9A-Fa-f]{6})[;}]", body)[:2]
    assert light == "#0A6B2D"
    assert dark != light, "a tint that can be read on a dark page"


def test_a_site_name_is_escaped_everywhere() -> None:
    document = read(text_of(ErrorPages(site_name="</title><script>x</script>").page(Request(headers=BROWSER), 404)))
    assert not document.named("script")
    assert document.texts["title"] == ["Page not found – </title><script>x</script>"]


# -- one set of words in three formats ---------------------------------------------------------------------------------


def one_line(text: str) -> str:
    return " ".join(text.split())


def words_in(pages: ErrorPages, format: str, **asked: Any) -> str:
    """Show a page as one line of words, without its markup."""
    status, message, headers = asked.pop("status"), asked.pop("message", None), asked.pop("headers", ())
    page = pages.page(request(ACCEPTS[format], **asked), status, message=message, headers=headers)
    body = text_of(page)
    if format == "html":
        return one_line(read(body).texts["main"][0])
    if format == "markdown":
        return one_line(re.sub(r"(?m)^(?:#|>|-)\s|\*\*|`|\\(?=\W)", "", body))
    return one_line(body)


@pytest.mark.parametrize("status", [429, 503])
def test_a_page_that_says_how_long_to_wait_does_not_say_to_wait_as_well(status: int) -> None:
    step = str(catalogue[status].next_step)
    for format in ACCEPTS:
        words = words_in(ErrorPages(), format, status=status, headers=(("Retry-After", "120"),))
        assert step not in words and "in about 2 minutes" in words, format
        assert step in words_in(ErrorPages(), format, status=status), format
        own = ErrorPages(wording={status: {"next_step": step}})
        assert step in words_in(own, format, status=status, headers=(("Retry-After", "120"),)), format


def test_problem_details_say_how_long_to_wait_in_place_of_the_step_that_only_says_to_wait() -> None:
    page = ErrorPages().page(request("application/json"), 503, headers=(("Retry-After", "120"),))
    assert json.loads(page.body)["detail"].endswith("done on it. Please try again in about 2 minutes.")


@cache
def told_apart() -> ErrorPages:
    return ErrorPages(reference=lambda asked, head, error: "ref-42", status_url="/status", support_url="/help")


@cache
def talkative() -> ErrorPages:
    return ErrorPages(show_message="4xx 5xx")


@pytest.mark.parametrize("status", STATUSES)
def test_every_format_says_the_same_sentences(status: int) -> None:
    known = catalogue[status]
    assert known.title and known.message and known.next_step
    pages = told_apart()
    expected = [known.title, known.message, known.next_step, str(status), "Go to the home page", "Get help", "Status"]
    if 500 <= status <= 599:
        expected += ["See the status of this service"]
    if pages.page(request(), status).reference:
        expected += ["Reference", "ref-42", "Time"]
    for format in ACCEPTS:
        words = words_in(pages, format, status=status)
        assert [sentence for sentence in expected if sentence not in words] == [], format


def test_every_format_says_the_caution_the_message_and_the_time_to_come_back() -> None:
    asked: dict[str, Any] = {
        "status": 429,
        "method": "POST",
        "message": "Ten letters a minute are enough.",
        "headers": (("Retry-After", "120"),),
    }
    for format in ACCEPTS:
        words = words_in(ErrorPages(), format, **asked)
        assert "What you sent may not have been received. Check before you send it again." in words, format
        assert "Ten letters a minute are enough." in words, format
        assert "Please try again in about 2 minutes." in words, format
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", words), format


def test_every_format_says_things_in_the_same_order() -> None:
    known = catalogue[500]
    order = [known.title, known.message, known.next_step, "Own words.", "in about 2 minutes", "home page", "Reference"]
    pages = ErrorPages(reference=lambda asked, head, error: "ref-42", show_message="5xx")
    for format in ACCEPTS:
        words = words_in(pages, format, status=500, message="Own words.", headers=(("Retry-After", "120"),))
        places = [words.index(str(sentence)) for sentence in order]
        assert places == sorted(places), format


@pytest.mark.parametrize("status", STATUSES)
def test_text_is_wrapped_at_72_columns(status: int) -> None:
    pages = talkative()
    message = "The quick brown fox jumps over the lazy dog. " * 8 + "\nAnd a second paragraph. " * 5
    page = pages.page(
        request("text/plain", method="POST"), status, message=message, headers=(("Retry-After", "86400"),)
    )
    lines = text_of(page).split("\n")
    assert max(map(len, lines)) <= 72
    assert any(len(line) > 50 for line in lines), "it is wrapped, not chopped"
    assert "\n\n\n" not in text_of(page)
    assert text_of(page).endswith("\n") or not text_of(page).endswith(" ")


def test_text_has_no_markup_and_breaks_no_long_word() -> None:
    word = "x" * 100
    body = text_of(ErrorPages().page(request("text/plain"), 404, message=f"See <b> & {word}"))
    assert word in body
    assert "<b> &" in body
    assert "&amp;" not in body


@pytest.mark.parametrize(
    "message, escaped",
    [
        pytest.param("*bold* _under_", r"\*bold\* \_under\_", id="emphasis"),
        pytest.param("[here](http://evil.example)", r"\[here\](http://evil.example)", id="a link"),
        pytest.param("![x](y)", r"!\[x\](y)", id="a picture"),
        pytest.param("<b>x</b> <http://evil.example>", r"\<b\>x\</b\> \<http://evil.example\>", id="markup"),
        pytest.param("`code` ~strike~ a|b", r"\`code\` \~strike\~ a\|b", id="code, strikes and tables"),
        pytest.param("# Heading", r"\# Heading", id="a heading"),
        pytest.param("a \\ b", r"a \\ b", id="a backslash"),
        pytest.param("AT&T &lt;", r"AT\&T \&lt;", id="an entity"),
        pytest.param("- item", r"\- item", id="a list"),
        pytest.param("+ item", r"\+ item", id="another list"),
        pytest.param("1. item", r"1\. item", id="a numbered list"),
        pytest.param("12) item", r"12\) item", id="another numbered list"),
    ],
)
def test_markdown_shows_a_message_as_it_was_written(message: str, escaped: str) -> None:
    body = text_of(ErrorPages().page(request("text/markdown"), 404, message=message))
    (line,) = [line for line in body.split("\n") if line.startswith("> ")]
    # A backslash before a digit would show: the sign after the digits is what has to be escaped.
    assert line == f"> {escaped}"


def test_markdown_does_not_let_a_message_make_a_heading_of_itself() -> None:
    body = text_of(ErrorPages().page(request("text/markdown"), 404, message="Total\n==="))
    # CommonMark, section 4.3: a line of equals signs turns the paragraph before it into a heading.
    assert "> ===" not in body


def test_markdown_quotes_every_line_of_a_message() -> None:
    body = text_of(ErrorPages().page(request("text/markdown"), 404, message="one\n\n# two\nthree"))
    lines = body.split("\n")
    start = next(index for index, line in enumerate(lines) if line == "> one")
    assert [line.rstrip() for line in lines[start : start + 4]] == ["> one", ">", "> \\# two", "> three"]


@pytest.mark.parametrize("status", STATUSES)
def test_markdown_is_a_heading_sentences_and_a_list_of_facts(status: int) -> None:
    body = text_of(talkative().page(request("text/markdown"), status))
    blocks = [block for block in body.strip().split("\n\n") if block]
    assert blocks[0] == f"# {catalogue[status].title}"
    assert body.count("\n# ") == 0
    facts = blocks[-1].split("\n")
    assert all(line.startswith("- ") for line in facts)
    assert facts[0].startswith(f"- Status: {status}")
    assert "\n\n\n" not in body


# -- through the whole decision ----------------------------------------------------------------------------------------


@pytest.fixture
def replaced() -> Iterator[Callable[..., Page]]:
    """Put an application's response to the question, and expect a page."""

    def replace(pages: ErrorPages, asked: Request, status: int, body: bytes, content_type: str) -> Page:
        pending = pages.consider(asked, ResponseHead(status, (("Content-Type", content_type),)))
        assert isinstance(pending, Pending)
        page = pending.settle(body)
        assert isinstance(page, Page)
        return page

    yield replace


def test_the_words_of_a_replaced_response_are_the_message_in_an_own_template(
    tmp_path: Path, replaced: Callable[..., Page]
) -> None:
    pages = ErrorPages(templates=write(tmp_path, {"404.html": "{{ status }}: {{ detail }}"}))
    page = replaced(pages, Request(headers=BROWSER), 404, b"No invoice <7>", "text/plain")
    assert text_of(page) == "404: No invoice &lt;7&gt;"


def test_an_own_template_gets_no_policy_added(tmp_path: Path, replaced: Callable[..., Page]) -> None:
    own = ErrorPages(templates=write(tmp_path, {"404.html": '{% extends "plain.html" %}'}))
    assert field(replaced(own, Request(headers=BROWSER), 404, b"", ""), "Content-Security-Policy") is None
    reader = ErrorPages(templates=write(tmp_path / "reader", {"404.html": "<style></style>{{ request.path }}"}))
    assert field(replaced(reader, Request(headers=BROWSER), 404, b"", ""), "Content-Security-Policy") is None
    built_in = replaced(ErrorPages(), Request(headers=BROWSER), 404, b"", "")
    assert "style-src 'sha256-" in (field(built_in, "Content-Security-Policy") or "")
