"""`errorpages check`: every rule finds its fault and says where, and what is right is left alone."""

from __future__ import annotations

import json
import logging
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from errorpages import ErrorPages, OptionError, Request, catalogue, translation
from errorpages.content import is_worth_retrying
from errorpages.library import BUILT_IN, THEMES
from errorpages.tools.checking import FORMATS, SITUATIONS, STATUSES, Finding, check
from errorpages.tools.rules import RULES
from errorpages.tools.templates import copy_templates

Run = Callable[..., Result]

EXAMPLE = Path(__file__).parents[2] / "examples" / "custom_templates" / "templates"
SOUND = """<!doctype html>
<html lang="{{ lang }}" dir="{{ dir }}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<!-- head -->
<main>
<h1>{{ title }}</h1>
<p>{{ message }} {{ next_step }} {% if detail %}{{ detail }}{% endif %}</p>
<p>{{ "Enough words that a browser shows this page rather than one of its own. " * 4 }}</p>
<!-- body -->
</main>
"""


def with_head(markup: str) -> str:
    return SOUND.replace("<!-- head -->", markup)


def with_body(markup: str) -> str:
    return SOUND.replace("<!-- body -->", markup)


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def found(folder: Path, *files: dict[str, str], **options: Any) -> tuple[Finding, ...]:
    for each in files:
        write(folder, each)
    return check([folder], **options).findings


@pytest.fixture
def languages(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Offer German and Arabic beside English, by catalogues that translate nothing."""
    locale = tmp_path_factory.mktemp("locale")
    for tag in ("de", "ar"):
        (locale / tag / "LC_MESSAGES").mkdir(parents=True)
        # GNU gettext manual, "The Format of GNU MO Files": magic, revision, no strings.
        empty = struct.pack("<7I", 0x950412DE, 0, 0, 28, 28, 0, 28)
        (locale / tag / "LC_MESSAGES" / "errorpages.mo").write_bytes(empty)
    monkeypatch.setattr(translation, "_locale", lambda: locale)
    translation.load_language.cache_clear()
    yield
    translation.load_language.cache_clear()


# -- what is right -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_a_copy_of_each_theme_has_nothing_to_mend(tmp_path: Path, theme: str) -> None:
    copy_templates(tmp_path, ["base.html", f"{theme}.html", "text.txt", "markdown.md"])
    report = check([tmp_path], [theme])
    assert report.findings == ()
    assert report.statuses == tuple(sorted(STATUSES)) and report.formats == tuple(FORMATS)
    once = len(STATUSES) * len(FORMATS) * (len(SITUATIONS) - 1 + len(report.languages))
    with_control = [status for status in STATUSES if is_worth_retrying(status)]
    assert report.pages == once + len(with_control) * len(("html", "fragment"))


def test_every_error_of_the_catalogue_is_rendered_and_one_unknown_of_each_class() -> None:
    unknown = [code for code in STATUSES if catalogue.get(code) is None]
    assert {status.code for status in catalogue if status.code >= 400} == set(STATUSES) - set(unknown)
    assert [code // 100 for code in unknown] == [4, 5]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>{{ request.path }} {{ request.query }} {{ request.header('Referer') }}</p>", id="escaped"),
        pytest.param('<a href="/find?{{ request.query|urlencode }}">x</a>', id="in a link"),
        pytest.param("<script>const path = {{ request.path|tojson }}</script>", id="in a script with tojson"),
        pytest.param("{{ logo if logo }}{{ '<b>ours</b>'|safe }}", id="the template's own markup"),
        pytest.param("{{ detail|e|safe if detail }}", id="escaped by hand"),
        pytest.param("{% if support_url %}<a href='{{ support_url }}'>Nonesuch</a>{% endif %}", id="asked first"),
        pytest.param('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="">', id="an image as data"),
        pytest.param("<svg><title>1</title><use href='#a'/></svg>", id="a drawing with its own title"),
        pytest.param("<style>p{background:url(data:image/gif;base64,R0lGODlhAQABAAAAACw=)}</style>", id="a style"),
    ],
)
def test_what_is_sound_is_left_alone(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, {"404.html": with_body(body)}) == ()


@pytest.mark.parametrize(
    ("part", "other"),
    [
        pytest.param("{{ lang }}", "{{ lang }}-x-mine", id="a more exact language"),
        pytest.param("<!doctype html>", '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">', id="an older doctype"),
        pytest.param("initial-scale=1", "initial-scale=1, maximum-scale=10", id="much zoom"),
        pytest.param("<main>", "<MAIN class=page>", id="capitals"),
    ],
)
def test_what_is_sound_may_be_written_otherwise(tmp_path: Path, languages: None, part: str, other: str) -> None:
    assert part in SOUND
    assert found(tmp_path, {"404.html": SOUND.replace(part, other)}) == ()


def test_the_example_needs_its_context_and_then_has_nothing_to_mend() -> None:
    assert {finding.rule for finding in check([EXAMPLE]).findings} == {"variable"}
    assert check([EXAMPLE], context={"recipes": ["goulash"]}).findings == ()


def test_only_pages_that_an_own_template_has_a_part_in_are_rendered(tmp_path: Path) -> None:
    write(tmp_path, {"404.html": SOUND, "5xx.txt": "{{ title }}"})
    report = check([tmp_path])
    assert report.formats == ("html", "fragment", "text")
    assert report.statuses == (404, *sorted(code for code in STATUSES if 500 <= code <= 599))


def test_a_page_that_two_themes_have_alike_is_rendered_once(tmp_path: Path) -> None:
    write(tmp_path, {"404.html": SOUND})
    assert check([tmp_path], THEMES).pages == check([tmp_path], ["plain"]).pages == 2 * len(SITUATIONS)


def test_of_several_folders_the_first_that_has_a_template_counts(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write(one, {"404.html": SOUND})
    write(two, {"404.html": "broken", "410.html": SOUND.replace("<h1>", "<h1>2 ")})
    (finding,) = check([one, two]).findings
    assert (finding.rule, finding.file) == ("heading-digits", str(two / "410.html"))


# -- every rule --------------------------------------------------------------------------------------------------------

BLOCKS = '{%% extends "plain.html" %%}{%% block head %%}%s{%% endblock %%}'
FAULTS = [
    # rule, files, file, line, what the problem says
    pytest.param("syntax", {"404.html": "<p>\n{% if %}"}, "404.html", 2, "Expected an expression", id="syntax"),
    pytest.param("reference", {"404.html": '{% include "a.html" %}'}, "404.html", 1, "a.html", id="reference"),
    pytest.param(
        "circle",
        {"404.html": '\n{% include "a.html" %}', "a.html": '{% extends "404.html" %}'},
        "404.html",
        2,
        "404.html → a.html → 404.html",
        id="a circle",
    ),
    pytest.param("variable", {"404.html": "\n{{ titel }}"}, "404.html", 2, "titel", id="an unknown variable"),
    pytest.param(
        "variable",
        {"404.html": '{% include "part/a.html" %}', "part/a.html": "\n\n{{ x }}"},
        "part/a.html",
        3,
        "x",
        id="an unknown variable in a part",
    ),
    pytest.param("unused", {"404.html": SOUND, "not_found.html": SOUND}, "not_found.html", None, "", id="unused"),
    pytest.param(
        "failure",
        {"404.html": with_body("{{ reference.upper() }}")},
        "404.html",
        11,
        "'None' has no attribute 'upper'",
        id="a value that is not there",
    ),
    pytest.param(
        "failure",
        {"404.html": '{% extends "lay.html" %}', "lay.html": with_body("{{ 1 // 0 }}")},
        "lay.html",
        11,
        "ZeroDivisionError",
        id="a failing layout",
    ),
    pytest.param("failure", {"404.txt": "\n{{ retry_at.iso }}"}, "404.txt", 2, "iso", id="failing text"),
    pytest.param("none", {"404.html": with_body("{{ detail }}")}, "404.html", None, "None", id="a missing value"),
    pytest.param(
        "none", {"404.html": with_body("<a href='{{ support_url }}'>x</a>")}, "404.html", None, "", id="a link"
    ),
    pytest.param("none", {"404.md": "{{ title }} {{ when }}"}, "404.md", None, "", id="a missing value in Markdown"),
    pytest.param("large", {"404.html": with_body("x" * 12_288)}, "404.html", None, "13,", id="too large"),
    pytest.param("large", {"404.txt": "x" * 12_289}, "404.txt", None, "12,289 bytes", id="too large a text"),
    pytest.param(
        "unescaped",
        {"404.html": with_body("{{ detail|safe if detail }}")},
        "404.html",
        11,
        "message",
        id="a raw message",
    ),
    pytest.param(
        "unescaped", {"404.html": with_body("{{ request.path|safe }}")}, "404.html", 11, "path", id="a raw path"
    ),
    pytest.param(
        "unescaped", {"404.html": with_body("{{ request.query | safe }}")}, "404.html", 11, "query", id="a raw query"
    ),
    pytest.param(
        "unescaped",
        {"404.html": with_body('{{ request.header("Referer")|safe }}')},
        "404.html",
        11,
        "header",
        id="a raw field",
    ),
    pytest.param(
        "unescaped",
        {"404.html": with_body("{% autoescape false %}{{ request.path }}{% endautoescape %}")},
        "404.html",
        11,
        "path",
        id="escaping turned off",
    ),
    pytest.param(
        "unescaped",
        {"404.html": with_head("<script>let path = '{{ request.path|safe }}'</script>")},
        "404.html",
        6,
        "path",
        id="raw in a script",
    ),
    pytest.param(
        "unescaped",
        {"404.html": with_body("{{ title|safe }}\n{{ request.path|safe }}")},
        "404.html",
        12,
        "path",
        id="the line that names it among others",
    ),
    pytest.param(
        "unquoted", {"404.html": with_body("<a href={{ request.path }}>x</a>")}, "404.html", None, "path", id="unquoted"
    ),
    pytest.param(
        "unquoted",
        {"404.html": with_body('<p title="{{ request.query|striptags|safe }}">x</p>')},
        "404.html",
        None,
        "query",
        id="raw quotes in an attribute",
    ),
    pytest.param(
        "in-script",
        {"404.html": with_body("<script>let path = '{{ request.path }}'</script>")},
        "404.html",
        None,
        "path",
        id="in a script",
    ),
    pytest.param("small", {"404.html": SOUND.replace("* 4", "* 0")}, "404.html", None, "bytes", id="too small"),
    pytest.param(
        "compressed",
        {"404.html": with_body("".join(f"{number * 7919:x} " for number in range(1500)))},
        "404.html",
        None,
        "gzip",
        id="too large after gzip",
    ),
    pytest.param("doctype", {"404.html": SOUND[15:]}, "404.html", None, "doctype", id="no doctype"),
    pytest.param("lang", {"404.html": SOUND.replace('lang="{{ lang }}" ', "")}, "404.html", None, "", id="no lang"),
    pytest.param("lang", {"404.html": SOUND.replace("{{ lang }}", "")}, "404.html", None, "", id="an empty lang"),
    pytest.param(
        "other-lang", {"404.html": SOUND.replace("{{ lang }}", "en")}, "404.html", None, '"en"', id="one lang"
    ),
    pytest.param(
        "direction", {"404.html": SOUND.replace("{{ dir }}", "ltr")}, "404.html", None, "", id="one direction"
    ),
    pytest.param(
        "title", {"404.html": SOUND.replace("<title>{{ title }}</title>", "")}, "404.html", None, "", id="no title"
    ),
    pytest.param(
        "title",
        {"404.html": SOUND.replace("<title>{{ title }}", "<title> ")},
        "404.html",
        None,
        "",
        id="an empty title",
    ),
    pytest.param("heading", {"404.html": SOUND.replace("h1", "h2")}, "404.html", None, "0 h1", id="no h1"),
    pytest.param("heading", {"404.html": with_body("<h1>x</h1>")}, "404.html", None, "2 h1", id="two h1"),
    pytest.param(
        "heading", {"404.html": SOUND.replace("<h1>{{ title }}", "<h1> ")}, "404.html", None, "0 h1", id="an empty h1"
    ),
    pytest.param(
        "heading-digits",
        {"404.html": SOUND.replace("<h1>", "<h1>{{ status }}")},
        "404.html",
        None,
        "number",
        id="digits",
    ),
    pytest.param("main", {"404.html": SOUND.replace("main>", "div>")}, "404.html", None, "0 main", id="no main"),
    pytest.param("main", {"404.html": with_body("<main></main>")}, "404.html", None, "2 main", id="two main"),
    pytest.param(
        "viewport", {"404.html": SOUND.replace('name="viewport"', 'name="v"')}, "404.html", None, "", id="no viewport"
    ),
    pytest.param(
        "zoom",
        {"404.html": SOUND.replace("initial-scale=1", "user-scalable=no")},
        "404.html",
        None,
        "zoom",
        id="no zoom",
    ),
    pytest.param(
        "zoom", {"404.html": SOUND.replace("initial", "maximum")}, "404.html", None, "zoom", id="zoom with a limit"
    ),
    pytest.param(
        "refresh",
        {"404.html": with_head('<meta http-equiv="Refresh" content="5">')},
        "404.html",
        None,
        "by itself",
        id="refresh",
    ),
    pytest.param("alternative", {"404.html": with_body('<img src="data:,">')}, "404.html", None, "alt", id="no alt"),
    pytest.param("same-id", {"404.html": with_body("<p id=a><p id=a>")}, "404.html", None, '"a"', id="the same id"),
    pytest.param(
        "loads", {"404.html": with_head('<script src="/x.js"></script>')}, "404.html", None, "/x.js", id="a script"
    ),
    pytest.param(
        "loads",
        {"404.html": with_head('<link rel="Stylesheet" href="https://cdn.example/a.css">')},
        "404.html",
        None,
        "https://cdn.example/a.css",
        id="a style sheet",
    ),
    pytest.param(
        "loads",
        {"404.html": with_head('<style>@import url("https://cdn.example/a.css");</style>')},
        "404.html",
        None,
        "https://cdn.example/a.css",
        id="an imported style sheet",
    ),
    pytest.param(
        "loads",
        {"404.html": with_head("<style>p{background:url(/a.png)}</style>")},
        "404.html",
        None,
        "/a.png",
        id="a background",
    ),
    pytest.param(
        "loads",
        {"error.html": BLOCKS % '<link rel="icon" href="/favicon.ico">'},
        "error.html",
        None,
        "ico",
        id="an icon",
    ),
    pytest.param(
        "style-attribute", {"404.html": with_body("<p style='color:red'>")}, "404.html", None, "", id="style attribute"
    ),
    pytest.param(
        "announces", {"404.html": with_body("<input autofocus>")}, "404.html", None, "autofocus", id="autofocus"
    ),
    pytest.param(
        "announces", {"404.html": with_body("<p role=alert>")}, "404.html", None, 'role="alert"', id="an alert"
    ),
    pytest.param("blank", {"404.txt": " \n"}, "404.txt", None, "nothing", id="an empty text"),
    pytest.param("markup", {"404.md": "{{ title }} {{ request.path }}"}, "404.md", None, "path", id="Markdown"),
]


PREVENTS_THE_START = {"syntax", "reference", "circle", "variable"}
TOGETHER = {"large": {"compressed"}, "unescaped": {"in-script"}, "none": {"failure"}}


@pytest.mark.parametrize(("rule", "files", "file", "line", "says"), FAULTS)
def test_a_fault_is_found_once_says_where_it_is_and_brings_no_other_that_has_another_cause(
    tmp_path: Path, languages: None, rule: str, files: dict[str, str], file: str, line: int | None, says: str
) -> None:
    report = check([write(tmp_path, files)])
    (finding,) = [finding for finding in report.findings if finding.rule == rule]
    assert (finding.file, finding.line) == (str(tmp_path / file), line)
    assert finding.level == RULES[rule].level
    assert says in finding.problem
    assert "{" not in finding.problem and finding.remedy
    assert {finding.rule for finding in report.findings} <= {rule, *TOGETHER.get(rule, set())}
    assert (report.pages == 0) == (rule in PREVENTS_THE_START)


@pytest.mark.parametrize(("rule", "files"), [case.values[:2] for case in FAULTS])
def test_what_keeps_an_application_from_starting_is_an_error_and_nothing_else_does(
    tmp_path: Path, rule: str, files: dict[str, str]
) -> None:
    write(tmp_path, files)
    if rule in PREVENTS_THE_START:
        with pytest.raises(OptionError):
            ErrorPages(templates=tmp_path)
    else:
        ErrorPages(templates=tmp_path)


def test_every_rule_is_tried() -> None:
    elsewhere = {"encoding", "unreadable", "not-in-context"}
    assert {case.values[0] for case in FAULTS} | elsewhere == set(RULES)


def test_a_template_that_is_not_in_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_bytes("<p>\nlängst".encode("latin-1"))
    (finding,) = check([tmp_path]).findings
    assert (finding.rule, finding.file, finding.line) == ("encoding", str(tmp_path / "404.html"), 2)


def test_a_template_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "404.html").symlink_to("nowhere")
    (finding,) = check([tmp_path]).findings
    assert (finding.rule, finding.file) == ("unreadable", str(tmp_path / "404.html"))


def test_all_faults_that_keep_an_application_from_starting_are_named_at_once(tmp_path: Path) -> None:
    files = {"404.html": "{% if %}", "410.html": "{{ a }}\n{{ b }}", "410.txt": '{% extends "no.txt" %}'}
    assert [(finding.rule, finding.line) for finding in found(tmp_path, files)] == [
        ("syntax", 1),
        ("variable", 1),
        ("variable", 2),
        ("reference", 1),
    ]


# -- where a fault shows -----------------------------------------------------------------------------------------------


def test_a_fault_is_told_with_the_pages_that_it_is_on(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, {"4xx.html": with_body("{{ retry_at.text }}"), "404.html": SOUND})
    assert finding.rule == "failure"
    assert finding.statuses == tuple(sorted(code for code in STATUSES if not 500 <= code <= 599 and code != 404))
    assert finding.formats == ("html", "fragment")
    assert "nothing but the status" in finding.situations and "Retry-After" not in finding.situations


def test_a_fault_in_some_languages_is_told_with_them(tmp_path: Path, languages: None) -> None:
    markup = SOUND.replace("{{ lang }}", "de").replace("{{ dir }}", "ltr")
    by_rule = {finding.rule: finding.languages for finding in found(tmp_path, {"404.html": markup})}
    assert by_rule == {"other-lang": ("en", "ar"), "direction": ("ar",)}


@pytest.mark.parametrize(
    ("status", "condition", "situations"),
    [
        pytest.param(503, "caution and not detail", {"a failed POST"}, id="a failed POST"),
        pytest.param(503, "when and not detail", {"Retry-After"}, id="a time to come back"),
        pytest.param(503, "detail and not when", {"a message"}, id="a message"),
        pytest.param(
            503,
            "not (detail or when or support_url or reference or caution or site_name)",
            {"nothing but the status"},
            id="nothing at all",
        ),
        pytest.param(
            503,
            "reference and time and status_url and logo and accent",
            {"everything", "links with a reference", "a failed POST with everything"},
            id="all that a site gives",
        ),
        pytest.param(
            451,
            "not detail and actions|selectattr('kind', 'eq', 'blocked_by')|list",
            {"links with a reference"},
            id="who asked for the block",
        ),
    ],
)
def test_each_branch_of_a_template_is_taken(tmp_path: Path, status: int, condition: str, situations: set[str]) -> None:
    body = f"{{% if {condition} %}}{{{{ 1 // 0 }}}}{{% endif %}}"
    (finding,) = found(tmp_path, {f"{status}.html": with_body(body)})
    assert set(finding.situations) == situations


def test_of_several_sizes_the_farthest_off_is_told(tmp_path: Path) -> None:
    body = "{% if status == 410 %}" + "x" * 13_000 + "{% elif status == 404 %}" + "x" * 15_000 + "{% endif %}"
    (finding,) = [each for each in found(tmp_path, {"4xx.txt": "{{ title }}" + body}) if each.rule == "large"]
    assert finding.problem == "a page has 15,014 bytes"
    assert finding.statuses == (404, 410)


# -- the control that checks again -------------------------------------------------------------------------------------

FAILS = "{{ 1 // 0 }}"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"retry.html": FAILS}, id="an own script"),
        pytest.param(
            {
                "error.html": '{% extends "plain.html" %}{% block script %}{% if auto_retry %}'
                + FAILS
                + "{% endif %}{% endblock %}"
            },
            id="the block for the script",
        ),
        pytest.param(
            {
                "error.html": '{% extends "plain.html" %}{% block retry %}{% include "part.html" %}{% endblock %}',
                "part.html": "{% if auto_retry %}" + FAILS + "{% endif %}",
            },
            id="the block for the control",
        ),
        pytest.param({"error.html": with_body("{% if auto_retry %}" + FAILS + "{% endif %}")}, id="a page of its own"),
        pytest.param(
            {
                "error.html": with_body("{% include 'pa' ~ 'rt.html' %}"),
                "part.html": "{% if auto_retry %}" + FAILS + "{% endif %}",
            },
            id="a part named when rendered",
        ),
    ],
)
def test_a_fault_of_the_control_is_told_for_the_pages_that_offer_it(tmp_path: Path, files: dict[str, str]) -> None:
    (finding,) = found(tmp_path, files)
    assert (finding.rule, finding.situations) == ("failure", ("auto_retry",))
    assert finding.statuses == tuple(sorted(status for status in STATUSES if is_worth_retrying(status)))


def test_a_fault_that_shows_without_the_control_is_not_told_for_it(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, {"503.html": with_body("{{ auto_retry }}{{ reference.upper() }}")})
    assert finding.situations and "auto_retry" not in finding.situations


def test_our_own_script_is_nothing_to_mend(tmp_path: Path) -> None:
    copy_templates(tmp_path, ["retry.html"])
    report = check([tmp_path])
    assert (report.findings, report.formats) == ((), ("html", "fragment"))


def test_pages_whose_templates_leave_the_control_alone_are_not_rendered_for_it(tmp_path: Path) -> None:
    own = {"503.html": '{% extends "plain.html" %}{% block heading %}Back soon{% endblock %}'}
    write(tmp_path, own)
    report = check([tmp_path])
    assert report.findings == () and report.pages == 2 * (len(SITUATIONS) - 1 + len(report.languages))


# -- context -----------------------------------------------------------------------------------------------------------


def test_context_supplies_variables(tmp_path: Path) -> None:
    write(tmp_path, {"404.html": with_body("{{ user.name }}")})
    assert check([tmp_path], context={"user": {"name": "Ann"}}).findings == ()
    (finding,) = check([tmp_path], context={"user": {}}).findings
    assert (finding.rule, finding.line) == ("failure", 11)


def test_a_variable_that_the_context_lacks_is_told_where_no_page_reached_it(tmp_path: Path) -> None:
    write(tmp_path, {"404.html": with_body("{% if status == 200 %}{{ user }}{% endif %}")})
    (finding,) = check([tmp_path], context={}).findings
    assert (finding.rule, finding.level, finding.line) == ("not-in-context", "warning", 11)


def test_a_variable_that_the_context_lacks_is_told_once_where_a_page_fails_for_it(tmp_path: Path) -> None:
    write(tmp_path, {"404.html": with_body("{{ user }}")})
    (finding,) = check([tmp_path], context={}).findings
    assert (finding.rule, finding.problem) == ("failure", "fails: UndefinedError: 'user' is undefined")


def test_a_template_named_when_rendered_is_not_called_unused(tmp_path: Path) -> None:
    files = {"404.html": with_body("{% include 'part_' ~ status ~ '.html' %}"), "part_404.html": "<p>x</p>"}
    assert found(tmp_path, files) == ()


# -- what it leaves behind ---------------------------------------------------------------------------------------------


def test_nothing_is_logged_and_the_logger_is_left_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("errorpages")
    before = (list(logger.handlers), logger.propagate)
    found(tmp_path, {"404.html": "{{ retry_at.iso }}"})
    assert caplog.records == []
    assert (list(logger.handlers), logger.propagate) == before


def test_a_failing_page_is_what_a_visitor_would_get_the_built_in_one_for(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, {"404.html": with_body("{{ reference.upper() }}")})
    assert finding.rule == "failure"
    page = ErrorPages(templates=tmp_path).page(Request(headers=(("Accept", "text/html"),)), 404)
    assert b"Enough words" not in page.body and b"<h1>Page not found</h1>" in page.body


# -- the command -------------------------------------------------------------------------------------------------------


def test_with_nothing_to_mend_the_command_tells_how_much_it_rendered(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": SOUND})
    result = run("check", "--templates", str(tmp_path))
    assert result.exit_code == 0
    pages = check([tmp_path]).pages
    count = len(translation.available_languages())
    languages = f"{count} language{'s' if count > 1 else ''}"
    assert result.output == f"Nothing to mend. {pages} pages rendered: 404, as html and fragment, in {languages}.\n"


def test_a_finding_is_one_line_with_file_fault_pages_and_remedy(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": with_body("{{ detail|safe if detail }}")})
    result = run("check", "--templates", str(tmp_path))
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == (
        f"{tmp_path / '404.html'}:11: error: the message comes out unescaped: who sends it can put scripts into the"
        " page (for 404 with everything, a message and a failed POST with everything)."
        " Remove |safe, and whatever else turns escaping off."
    )
    assert result.output.splitlines()[2].startswith("1 error. ")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param({"404.html": SOUND.replace("h1", "h2")}, "(for 404 as html)", id="one status"),
        pytest.param({"5xx.html": SOUND.replace("h1", "h2")}, "(for every status as html)", id="every status there is"),
        pytest.param(
            {"error.html": SOUND.replace("h1", "h2"), "404.html": SOUND, "500.html": SOUND},
            "(for every status but 404 and 500 as html)",
            id="nearly every one",
        ),
        pytest.param(
            {"error.html": with_body("{% if 409 < status < 430 %}{{ 1 // 0 }}{% endif %}")},
            "(for 410, 411, 412, 413, 414 and 15 more)",
            id="many",
        ),
        pytest.param(
            {"error.html": with_body("{% if status in (401, 404) %}{{ 1 // 0 }}{% endif %}")},
            "(for 401 and 404)",
            id="a few",
        ),
    ],
)
def test_the_pages_are_told_in_few_words(run: Run, tmp_path: Path, files: dict[str, str], words: str) -> None:
    write(tmp_path, files)
    assert words in run("check", "--templates", str(tmp_path)).output.splitlines()[0]


def test_the_languages_are_told_where_the_source_language_is_free_of_the_fault(
    run: Run, tmp_path: Path, languages: None
) -> None:
    write(tmp_path, {"404.html": SOUND.replace("{{ lang }}", "en")})
    assert "with everything in ar and de). " in run("check", "--templates", str(tmp_path)).output


def test_warnings_alone_are_no_failure(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": with_body("<p style='color:red'>"), "nowhere.html": "x"})
    result = run("check", "--templates", str(tmp_path))
    assert result.exit_code == 0
    assert "\n2 warnings. " in result.output


def test_errors_come_before_warnings(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": with_body("<p style='color:red'>"), "410.html": SOUND.replace("h1", "h2")})
    lines = run("check", "--templates", str(tmp_path)).output.splitlines()
    assert [": error: " in line for line in lines[:2]] == [True, False]
    assert lines[-1].startswith("1 error and 1 warning. ")


def test_a_template_that_keeps_the_application_from_starting_is_an_error(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": "{{ titel }}"})
    result = run("check", "--templates", str(tmp_path))
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == (
        "1 error. No page was rendered: with these templates an application does not start."
    )


def test_json_tells_the_same(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": SOUND.replace("h1", "h2")})
    result = run("check", "--templates", str(tmp_path), "--json")
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert (told["errors"], told["warnings"], told["statuses"]) == (1, 0, [404])
    (finding,) = told["findings"]
    assert finding["rule"] == "heading" and finding["file"] == str(tmp_path / "404.html")
    assert told["pages"] == check([tmp_path]).pages


def test_folders_and_themes_may_be_given_more_than_once(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    copy_templates(one, ["card.html"])
    copy_templates(two, [name for name in BUILT_IN if name not in ("plain.html", "bare.html", "illustrated.html")])
    themes = [word for theme in ("card", "status") for word in ("--theme", theme)]
    result = run("check", "--templates", str(one), "--templates", str(two), *themes)
    assert (result.exit_code, result.output.splitlines()[0][:16]) == (0, "Nothing to mend.")


def test_the_context_comes_from_a_file(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": with_body("{{ user }}")})
    (tmp_path / "context.json").write_text('{"user": "Ann"}')
    command = ("check", "--templates", str(tmp_path))
    assert run(*command).exit_code == 1
    assert run(*command, "--context", str(tmp_path / "context.json")).exit_code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"{", "holds no JSON", id="broken JSON"),
        pytest.param(b"[1]", "holds no JSON object", id="a list"),
        pytest.param(b"\xff\xff", "holds no JSON", id="no UTF-8"),
    ],
)
def test_a_context_that_can_not_be_used_is_named(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "context.json"
    file.write_bytes(content)
    result = run("check", "--templates", str(tmp_path), "--context", str(file))
    assert result.exit_code == 2
    assert "--context" in result.stderr and words in result.stderr and "context.json" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param([], "--templates", id="no folder"),
        pytest.param(["--templates", "nowhere"], "'nowhere' does not exist", id="a folder that is none"),
        pytest.param(["--templates", ".", "--theme", "fancy"], "'plain', 'card'", id="an unknown theme"),
        pytest.param(["--templates", ".", "--context", "nowhere.json"], "nowhere.json", id="a file that is none"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_allowed(run: Run, arguments: list[str], words: str) -> None:
    result = run("check", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize("files", [{}, {"not_found.html": SOUND}], ids=["empty", "no name that is looked for"])
def test_a_folder_that_no_page_uses_is_an_error(run: Run, tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, files)
    result = run("check", "--templates", str(tmp_path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"No page uses a template of {tmp_path}" in result.stderr


def test_a_terminal_gets_colours_and_a_pipe_none(run: Run, tmp_path: Path) -> None:
    write(tmp_path, {"404.html": SOUND.replace("h1", "h2")})
    assert "\x1b[" in run("check", "--templates", str(tmp_path), columns=100).output
    assert "\x1b[" not in run("check", "--templates", str(tmp_path)).output
