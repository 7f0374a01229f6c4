"""The gallery: what it shows is what ErrorPages sends, what stands in the way is named, and the command stops."""

from __future__ import annotations

import asyncio
import html
import json
import re
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from click.testing import Result
from tests.commands import running

from errorpages import ErrorPages, Request, catalogue, translation
from errorpages.library import THEMES
from errorpages.tools.choices import FORMATS, STATUSES, Choices
from errorpages.tools.gallery import Gallery

Run = Callable[..., Result]

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "json": "application/problem+json",
    "xml": "application/problem+xml",
    "fragment": "text/html; charset=utf-8",
}
EXTENDED = '{{% extends "plain.html" %}}\n{{% block heading %}}\n{}\n{{% endblock %}}\n'


class Client:
    """Asks a gallery in this process; an exception of its own is raised here."""

    def __init__(self, gallery: Gallery) -> None:
        self._app = gallery.app

    def get(self, url: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gallery") as client:
                return await client.get(url, headers=headers)

        return asyncio.run(ask())


@pytest.fixture
def client() -> Client:
    return Client(Gallery())


@pytest.fixture
def own(tmp_path: Path) -> Client:
    """A gallery of the templates in `tmp_path`."""
    return Client(Gallery(tmp_path))


def preview(client: Client, **choices: str | int) -> httpx.Response:
    return client.get(f"/preview?{urlencode(choices)}")


def problems(client: Client, **choices: str | int) -> str:
    """Read what stands in the way, as words."""
    answer = client.get(f"/problems?{urlencode(choices)}")
    assert answer.status_code == 200
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", answer.text).split()))


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_of_the_catalogue_has_a_preview_in_every_format(client: Client, status: int) -> None:
    for format, media_type in MEDIA_TYPES.items():
        response = preview(client, status=status, format=format)
        assert response.status_code == (status if status < 600 else 200)
        assert response.headers["Content-Type"] == media_type
        assert response.headers["X-Error-Pages"] == "page"
        assert problems(client, status=status, format=format) == "" or status in (407, 783, 999)


def test_every_error_of_the_catalogue_can_be_chosen(client: Client) -> None:
    page = client.get("/").text
    for status in (status.code for status in catalogue if status.code >= 400):
        assert f'<option value="{status}"' in page


@pytest.mark.parametrize("theme", THEMES)
def test_a_preview_is_what_errorpages_sends(client: Client, theme: str) -> None:
    pages = ErrorPages(theme=theme, site_name="Acme", support_url="/help", status_url="/status", reference=False)
    query = urlencode({"status": 410, "theme": theme, "message": "Sold out", "reference": "off"})
    page = pages.page(Request(headers=(("Accept", "text/html"),)), 410, message="Sold out")
    response = client.get(f"/preview?{query}", headers={"Accept-Encoding": "identity"})
    assert response.content == page.body
    assert response.headers.multi_items() == [(name.lower(), value) for name, value in page.headers]
    assert "sha256-" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("choices", "shown"),
    [
        pytest.param(
            {"message": "No such invoice"}, '<blockquote dir="auto">No such invoice</blockquote>', id="message"
        ),
        pytest.param({"message": "<script>"}, '<blockquote dir="auto">&lt;script&gt;</blockquote>', id="tags"),
        pytest.param({"status": 503, "retry_after": "120"}, "in about 2 minutes", id="Retry-After"),
        pytest.param({"status": 503}, "<dt>Reference</dt>", id="reference"),
        pytest.param({"site_name": "Bolt & Co"}, "<bdi>Bolt &amp; Co</bdi>", id="site name"),
        pytest.param({"accent": "#8a1c4a"}, "--link:#8a1c4a", id="accent"),
        pytest.param({"logo": "on"}, '<header><a href="/"><svg', id="logo"),
        pytest.param({"theme": "card"}, "main{inline-size:min(100%,35rem)", id="theme"),
        pytest.param({"status": 503, "auto_retry": "on"}, "Check automatically", id="the control that checks"),
        pytest.param({"format": "text", "message": "No such invoice"}, "No such invoice", id="message in text"),
    ],
)
def test_a_choice_shows_and_its_opposite_does_not(client: Client, choices: dict[str, str | int], shown: str) -> None:
    opposite = {name: choices[name] for name in ("status", "format") if name in choices}
    assert shown in preview(client, **choices).text
    assert shown not in preview(client, **opposite, reference="off").text


def test_the_content_coding_is_the_clients_own_choice(client: Client) -> None:
    plain = client.get("/preview?status=410", headers={"Accept-Encoding": "identity"})
    coded = client.get("/preview?status=410", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == "gzip"
    assert int(coded.headers["Content-Length"]) < int(plain.headers["Content-Length"]) == len(coded.content)


def test_the_field_that_the_browser_chooses_is_shown_among_those_asked_with(client: Client) -> None:
    page = client.get("/", headers={"Accept-Encoding": "br, gzip"}).text
    assert 'data-codings="br, gzip"' in page
    assert 'data-codings=""' in client.get("/", headers={"Accept-Encoding": ""}).text


@pytest.mark.parametrize(
    "choices", [{"theme": "bare", "status": 503, "reference": "off"}, {"status": 404}], ids=["bare", "404"]
)
def test_there_is_no_control_that_checks_on_a_page_that_has_none(client: Client, choices: dict[str, str | int]) -> None:
    assert preview(client, **choices, auto_retry="on").content == preview(client, **choices).content


def test_a_fragment_is_the_main_element(client: Client) -> None:
    body = preview(client, format="fragment").text
    assert body.startswith("<main ") and body.endswith("</main>")


@pytest.mark.parametrize(
    ("status", "field"),
    [
        pytest.param(401, "WWW-Authenticate", id="401"),
        pytest.param(405, "Allow", id="405"),
        pytest.param(451, "Link", id="451"),
    ],
)
def test_a_status_carries_the_field_that_belongs_to_it(client: Client, status: int, field: str) -> None:
    assert field in preview(client, status=status).headers


def test_there_is_no_retry_after_but_the_chosen_one(client: Client) -> None:
    for status in STATUSES:
        assert "Retry-After" not in preview(client, status=status).headers
    assert preview(client, status=429, retry_after="30").headers["Retry-After"] == "30"


def test_a_407_reaches_a_browser_with_200_and_that_is_said(client: Client) -> None:
    assert preview(client, status=407).status_code == 407
    response = client.get("/preview?status=407", headers={"Sec-Fetch-Mode": "navigate"})
    assert response.status_code == 200
    assert "Sign in to your network" in response.text
    assert "Browsers take a 407 from a proxy alone" in problems(client, status=407)


def test_a_status_that_the_server_cant_send_is_said_to_come_with_200(client: Client) -> None:
    assert "uvicorn, which the gallery runs on, can't send a 999" in problems(client, status=999)
    response = preview(client, status=999)
    assert response.status_code == 200 and "<h1>This request was blocked</h1>" in response.text


@pytest.mark.parametrize("format", FORMATS)
def test_the_page_does_not_depend_on_what_the_gallerys_own_client_accepts(client: Client, format: str) -> None:
    browser = client.get(f"/preview?format={format}", headers={"Accept": "text/html", "Sec-Fetch-Dest": "iframe"})
    script = client.get(f"/preview?format={format}", headers={"Accept": "*/*", "Sec-Fetch-Dest": "empty"})
    assert (browser.content, browser.headers) == (script.content, script.headers)


# -- languages and directions ------------------------------------------------------------------------------------------


def test_the_other_direction_is_shown_with_a_pseudo_locale_in_english_words(client: Client) -> None:
    body = preview(client, direction="rtl").text
    assert '<html lang="ar-XB" dir="rtl">' in body
    assert "<h1>Page not found</h1>" in body
    assert preview(client, direction="rtl").headers["Content-Language"] == "ar-XB"
    assert '<html lang="en" dir="ltr">' in preview(client, direction="ltr").text


@pytest.fixture
def arabic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let a catalogue for Arabic arrive, without any words yet."""
    folder = tmp_path / "locale" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "errorpages.mo").write_bytes(struct.pack("<7I", 0x950412DE, 0, 0, 28, 28, 0, 28))
    monkeypatch.setattr(translation, "_locale", lambda: tmp_path / "locale")
    translation.load_language.cache_clear()
    yield
    translation.load_language.cache_clear()


def test_a_language_that_arrives_is_offered_and_shows_in_its_own_direction(arabic: None, client: Client) -> None:
    page = client.get("/?language=ar").text
    assert '<option value="ar" data-direction="rtl" selected>' in page
    assert 'value="rtl" checked' in page
    response = preview(client, language="ar")
    assert '<html lang="ar" dir="rtl">' in response.text
    assert "Accept-Language" in response.headers["Vary"]
    assert '<html lang="en-XA" dir="ltr">' in preview(client, language="ar", direction="ltr").text


# -- the gallery itself ------------------------------------------------------------------------------------------------


def test_every_choice_has_a_control(client: Client) -> None:
    page = client.get("/").text
    for field in fields(Choices):
        assert f'name="{field.name}"' in page


def test_what_the_url_says_is_chosen(client: Client) -> None:
    query = (
        "status=503&theme=card&format=json&scheme=dark&direction=rtl&width=390&message=Back+%22soon%22&reference=off"
    )
    page = client.get(f"/?{query}&retry_after=60&site_name=Bolt&accent=%238a1c4a&logo=on").text
    for chosen in (
        '<option value="503" selected>',
        "<option selected>card</option>",
        'data-scheme="dark" data-width="390"',
        'name="direction" value="rtl" checked',
        'name="width" value="390" checked',
        'value="Back &#34;soon&#34;"',
        'value="60"',
        'value="Bolt"',
        'value="#8a1c4a"',
        'name="logo" value="on" aria-describedby="logo-hint" checked',
    ):
        assert chosen in page
    assert re.search(r'value="json" data-asked="Accept: application/json" selected', page)
    assert 'name="reference" value="on" aria-describedby="reference-hint">' in page


def test_the_gallery_loads_nothing_from_elsewhere_and_allows_its_own_script_alone(client: Client) -> None:
    response = client.get("/")
    policy = response.headers["Content-Security-Policy"]
    (nonce,) = set(re.findall(r'nonce="([^"]+)"', response.text))
    assert f"script-src 'nonce-{nonce}'" in policy and f"style-src 'nonce-{nonce}'" in policy
    assert "default-src 'none'" in policy and "frame-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(?:src|href)="(?!/|data:)', response.text)
    assert nonce not in client.get("/").text


def test_the_defaults_that_the_url_leaves_out_are_those_of_the_choices(client: Client) -> None:
    found = re.search(r'data-defaults="([^"]*)"', client.get("/").text)
    assert found
    defaults = json.loads(html.unescape(found[1]))
    assert Choices.of({name: value for name, value in defaults.items() if value}) == Choices()


@pytest.mark.parametrize("path", ["/help", "/status", "/favicon.ico", "/a/b"])
def test_a_link_of_the_page_leads_to_a_word_about_it(client: Client, path: str) -> None:
    back = "http://gallery/preview?status=404&message=%3Cb%3E"
    response = client.get(path, headers={"Referer": back})
    assert response.status_code == 404
    assert f"<code>{path}</code>" in response.text
    assert 'href="/preview?status=404&amp;message=%3Cb%3E"' in response.text


@pytest.mark.parametrize("referrer", ["", "http://elsewhere.example/preview?x", "javascript:alert(1)"])
def test_the_way_back_leads_to_the_preview_alone(client: Client, referrer: str) -> None:
    assert "Back to the error page" not in client.get("/help", headers={"Referer": referrer}).text


def test_the_pages_link_home_does_not_open_a_gallery_in_the_gallery(client: Client) -> None:
    response = client.get("/", headers={"Sec-Fetch-Dest": "iframe"})
    assert "<form" not in response.text and "<code>/</code>" in response.text


# -- choices that can't be used ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        pytest.param({"theme": "fancy"}, ("theme: 'fancy'", "plain, card, illustrated, status, bare"), id="theme"),
        pytest.param({"status": 200}, ("status: '200'", "from 400 up"), id="a success"),
        pytest.param({"status": "4O4"}, ("status: '4O4'", "from 400 up"), id="no number"),
        pytest.param({"language": "tlh"}, ("language: 'tlh'", "one of en"), id="language"),
        pytest.param({"direction": "up"}, ("direction: 'up'", "one of ltr, rtl"), id="direction"),
        pytest.param({"format": "pdf"}, ("format: 'pdf'", "html, text, markdown, json, xml, fragment"), id="format"),
        pytest.param({"scheme": "dim"}, ("scheme: 'dim'", "one of light, dark"), id="scheme"),
        pytest.param({"width": "1"}, ("width: '1'", "320, 390, 768, 1280, full"), id="width"),
        pytest.param({"retry_after": "soon"}, ("retry_after: 'soon'", "whole seconds"), id="Retry-After"),
        pytest.param({"retry_after": "٣"}, ("retry_after: '٣'", "whole seconds"), id="Retry-After in Arabic digits"),
        pytest.param({"accent": "#ff0"}, ("accent: '#ff0'", "4.5:1", "this has 1.07:1"), id="accent without contrast"),
        pytest.param({"accent": "blue"}, ("accent: 'blue'", "#rrggbb"), id="accent by name"),
        pytest.param({"logo": "yes"}, ("logo: 'yes'", "one of on, off"), id="logo"),
        pytest.param({"thme": "card"}, ("'thme'", "one of status, theme, language"), id="an unknown choice"),
        pytest.param({"theme": "<b>"}, ("theme: '<b>'",), id="tags"),
    ],
)
def test_a_choice_that_cant_be_used_is_named_with_those_allowed(
    client: Client, choices: dict[str, str | int], named: tuple[str, ...]
) -> None:
    refused = preview(client, **choices)
    assert refused.status_code == 400
    assert refused.headers["Content-Type"] == "text/plain; charset=utf-8"
    page = client.get(f"/?{urlencode(choices)}")
    assert page.status_code == 200 and "data-fatal" in page.text and "<b>" not in page.text
    for words in named:
        assert words in refused.text
        assert words in problems(client, **choices)
        assert words in html.unescape(page.text)


def test_a_choice_that_cant_be_used_leaves_the_others(client: Client) -> None:
    page = client.get("/?status=503&width=7&nonsense=1&accent=%23ff0").text
    assert '<option value="503" selected>' in page
    assert 'value="full" checked' in page
    assert 'value="#ff0"' in page


# -- own templates -----------------------------------------------------------------------------------------------------


def test_an_own_template_is_previewed_and_anew_after_every_change(tmp_path: Path, own: Client) -> None:
    template = tmp_path / "404.html"
    assert "<h1>Page not found</h1>" in preview(own).text
    for words in ("One", "Two and more"):
        template.write_text(EXTENDED.format(words))
        assert words in preview(own).text
    template.unlink()
    assert "<h1>Page not found</h1>" in preview(own).text


def test_a_part_in_a_folder_below_counts(tmp_path: Path, own: Client) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "404.html").write_text('{% include "parts/top.html" %}')
    for words in ("One", "Two and more"):
        (tmp_path / "parts" / "top.html").write_text(words)
        assert preview(own).text == words


def test_own_templates_are_previewed_in_every_language_and_direction(arabic: None, tmp_path: Path, own: Client) -> None:
    (tmp_path / "404.html").write_text("{{ lang }} {{ dir }}")
    assert preview(own, language="ar").text == "ar rtl"
    assert preview(own, language="en", direction="rtl").text == "ar-XB rtl"


WOULD_NOT_START = "An application with these templates would not start"
FAILED = "This template failed: visitors get the built-in page instead"


@pytest.mark.parametrize(
    ("files", "kind", "place", "words"),
    [
        pytest.param(
            {"404.html": EXTENDED.format("{% if %}")}, WOULD_NOT_START, "404.html, line 3", "an expression", id="syntax"
        ),
        pytest.param(
            {"404.html": EXTENDED.format("{{ titel }}")}, WOULD_NOT_START, "404.html, line 3", "titel", id="variable"
        ),
        pytest.param(
            {"404.html": '{% include "top.html" %}', "top.html": "\n{{ titel }}"},
            WOULD_NOT_START,
            "top.html, line 2",
            "titel",
            id="variable in a part",
        ),
        pytest.param(
            {"404.html": '\n{% extends "nowhere.html" %}'},
            WOULD_NOT_START,
            "404.html, line 2",
            "nowhere.html",
            id="missing template",
        ),
        pytest.param(
            {"error.txt": "{{ title|shout }}"}, WOULD_NOT_START, "error.txt, line 1", "shout", id="another format"
        ),
        pytest.param(
            {"404.html": "fine\n{{ title }}\nSeite ist l\udce4ngst weg"},
            WOULD_NOT_START,
            "404.html, line 3",
            "utf-8",
            id="encoding",
        ),
        pytest.param(
            {"404.html": '{% extends "404.html" %}'}, WOULD_NOT_START, "404.html, line 1", "circle", id="circle"
        ),
        pytest.param(
            {"404.html": EXTENDED.format("{{ actions[9].label }}")},
            FAILED,
            "404.html, line 3",
            "UndefinedError: tuple object has no element 9",
            id="attribute",
        ),
        pytest.param(
            {"404.html": '{% include "top.html" %}', "top.html": "\n\n{{ 1 // (status - 404) }}"},
            FAILED,
            "top.html, line 3",
            "ZeroDivisionError",
            id="failure in a part",
        ),
    ],
)
def test_an_error_in_a_template_is_shown_with_its_line_and_is_gone_once_mended(
    tmp_path: Path, own: Client, files: dict[str, str], kind: str, place: str, words: str
) -> None:
    for name, source in files.items():
        (tmp_path / name).write_bytes(source.encode(errors="surrogateescape"))
    told = problems(own)
    assert kind in told
    assert f"{tmp_path}/{place}" in told
    assert words in told
    page = own.get("/").text
    assert place in page
    line = int(place.rpartition(" ")[2])
    assert re.search(rf'<span class="wrong"><i> *{line} ▸</i>', page)
    response = preview(own)
    if kind == FAILED:
        assert "<h1>Page not found</h1>" in response.text
    else:
        assert response.status_code == 500 and words in response.text
    for name in files:
        (tmp_path / name).write_text("Mended at last")
    assert problems(own) == ""
    assert preview(own).status_code == 404


def test_everything_that_is_wrong_is_shown_at_once(tmp_path: Path, own: Client) -> None:
    (tmp_path / "404.html").write_text("{% if %}")
    (tmp_path / "error.txt").write_text("\n{{ titel }}")
    told = problems(own)
    assert f"{tmp_path}/404.html, line 1" in told and f"{tmp_path}/error.txt, line 2" in told


def test_the_gallery_outlives_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    client = Client(Gallery(folder))
    assert problems(client) == ""
    folder.rmdir()
    told = problems(client)
    assert "existing folders" in told and str(folder) in told
    folder.mkdir()
    assert problems(client) == ""


def test_a_template_that_leads_nowhere_is_an_error_and_not_the_end(tmp_path: Path, own: Client) -> None:
    (tmp_path / "404.html").symlink_to(tmp_path / "nowhere.html")
    assert WOULD_NOT_START in problems(own)
    (tmp_path / "404.html").unlink()
    (tmp_path / "404.html").write_text("{% include [" * 3000)
    assert WOULD_NOT_START in problems(own)
    (tmp_path / "404.html").write_text("Mended")
    assert preview(own).text == "Mended"


# -- the command -------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_stops_the_gallery_quietly_also_while_it_is_watched(tmp_path: Path, number: int) -> None:
    port = free_port()
    with (
        running("gallery", "--templates", str(tmp_path), port=port) as gallery,
        httpx.Client(trust_env=False) as client,
    ):
        assert gallery.url == f"http://127.0.0.1:{port}/"
        assert str(tmp_path) in gallery.printed
        assert client.get(gallery.url).status_code == 200
        with client.stream("GET", f"{gallery.url}changes") as stream:
            assert next(stream.iter_lines()).startswith("data: ")
            assert gallery.stop(number) == (0, "")
    socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.server
def test_a_save_is_told_to_who_listens(tmp_path: Path) -> None:
    with (
        running("gallery", "--templates", "mine", folder=_with_folder(tmp_path)) as gallery,
        httpx.Client(trust_env=False, timeout=30) as client,
        client.stream("GET", f"{gallery.url}changes") as stream,
    ):
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        first = next(lines)
        (tmp_path / "mine" / "404.html").write_text("Saved")
        assert next(lines) != first
        assert client.get(f"{gallery.url}preview").text == "Saved"


def _with_folder(folder: Path) -> Path:
    (folder / "mine").mkdir()
    return folder


@pytest.mark.server
def test_a_failing_template_leaves_the_terminal_quiet(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("{{ 1 // 0 }}")
    with running("gallery", "--templates", str(tmp_path)) as gallery, httpx.Client(trust_env=False) as client:
        response = client.get(f"{gallery.url}preview")
        assert response.status_code == 404
        assert "server" not in response.headers and "date" not in response.headers
        assert gallery.stop() == (0, "")


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("gallery", "--port", str(port))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: The gallery can't start: Address already in use")
    assert str(port) in result.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["--templates", "nowhere"], ("--templates", "Directory 'nowhere' does not exist"), id="no folder"),
        pytest.param(["--templates", __file__], ("--templates", "is a file"), id="a file"),
        pytest.param(["--port", "70000"], ("--port", "70000", "0<=x<=65535"), id="no port"),
        pytest.param(["--port", "http"], ("--port", "'http'"), id="no number"),
    ],
)
def test_an_option_that_cant_be_used_is_named(run: Run, arguments: list[str], named: tuple[str, ...]) -> None:
    result = run("gallery", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    for words in named:
        assert words in result.stderr


def test_an_address_that_is_not_of_this_machine_is_an_error(run: Run) -> None:
    result = run("gallery", "--host", "192.0.2.1")
    assert result.exit_code == 1
    assert "192.0.2.1" in result.stderr
