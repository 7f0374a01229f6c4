"""What can't work in own templates: each fault is found once, in its own file, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from errorpages import ErrorPages, OptionError
from errorpages.faults import Fault, find_faults
from errorpages.library import Library

LATIN_1 = "<p>\n\nlängst".encode("latin-1")


def faults_in(folder: Path, files: dict[str, str | bytes]) -> list[Fault]:
    """Write files and find their faults, each with the file's name alone."""
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return [
        fault._replace(file=Path(fault.file).relative_to(folder).as_posix()) for fault in find_faults(Library([folder]))
    ]


@pytest.mark.parametrize(
    ("files", "faults"),
    [
        pytest.param(
            {"404.html": "{% if %}", "410.html": "\n{{ x|no }}"},
            [("syntax", "404.html", 1), ("syntax", "410.html", 2)],
            id="two that can't be parsed",
        ),
        pytest.param(
            {"404.html": '{% include "part.html" %}', "410.html": '{% include "part.html" %}', "part.html": "\n{% if"},
            [("syntax", "part.html", 2)],
            id="a part of two pages that can't be parsed",
        ),
        pytest.param(
            {"404.html": '{% include "part.html" %}', "part.html": LATIN_1},
            [("encoding", "part.html", 3)],
            id="a part that is not in UTF-8",
        ),
        pytest.param(
            {"404.html": '{% include "drawing.svg" %}', "drawing.svg": LATIN_1},
            [("encoding", "drawing.svg", 3)],
            id="a drawing that is not in UTF-8",
        ),
        pytest.param(
            {"404.html": '{% include "drawing.svg" %}', "drawing.svg": '\n{% include "path.svg" %}'},
            [("reference", "drawing.svg", 2)],
            id="a drawing that refers to a missing one",
        ),
        pytest.param({"404.html": "{{ [" * 3000}, [("syntax", "404.html", None)], id="one that is nested too deeply"),
        pytest.param(
            {"404.html": '{% extends "a.html" %}\n{% import "b.html" as b %}{% from "c.html" import c %}'},
            [("reference", "404.html", 1), ("reference", "404.html", 2), ("reference", "404.html", 2)],
            id="three that are missing",
        ),
        pytest.param(
            {
                "404.html": '{% extends "no.html" %}\n{{ x }}',
                "410.html": '{% include "part/y.txt" %}',
                "part/y.txt": "{{",
            },
            [("syntax", "part/y.txt", 1), ("reference", "404.html", 1), ("variable", "404.html", 2)],
            id="one of each kind",
        ),
        pytest.param(
            {"404.html": "{{ b }}\n{{ a }}{{ b }}"},
            [("variable", "404.html", 2), ("variable", "404.html", 1)],
            id="two unknown variables",
        ),
        pytest.param(
            {"404.html": '{% extends "l.html" %}', "410.html": '{% extends "l.html" %}', "l.html": "\n{{ x }}"},
            [("variable", "l.html", 2)],
            id="an unknown variable in a layout of two pages",
        ),
        pytest.param(
            {"404.html": "{% for x in actions %}{% endfor %}\n{{ x }}"},
            [("variable", "404.html", 2)],
            id="the variable of a loop after it",
        ),
        pytest.param(
            {"404.html": '\n{% include "a.html" %}', "a.html": '{% extends "404.html" %}'},
            [("circle", "404.html", 2)],
            id="two in a circle",
        ),
        pytest.param(
            {
                "404.html": '{% include "a.html" %}',
                "a.html": '{% include "b.html" %}',
                "b.html": '{% include "a.html" %}',
            },
            [("circle", "a.html", 1)],
            id="two in a circle below a page",
        ),
        pytest.param(
            {"404.html": '{% include "a.svg" %}', "a.svg": '{% include "a.svg" %}'},
            [("circle", "a.svg", 1)],
            id="a drawing in a circle with itself",
        ),
        pytest.param({"base.html": '{% extends "plain.html" %}'}, [("circle", "base.html", 1)], id="a built-in one"),
        pytest.param({"404.html": '{% include ["no.html", "nor.html"] %}'}, [], id="alternatives"),
        pytest.param({"404.html": '{% include "no.html" ignore missing %}'}, [], id="what may be missing"),
        pytest.param({"404.html": "{% include 'a' ~ status %}"}, [], id="a name made when rendered"),
    ],
)
def test_each_fault_is_found_once_and_where_it_is(
    tmp_path: Path, files: dict[str, str | bytes], faults: list[tuple[str, str, int | None]]
) -> None:
    found = faults_in(tmp_path, files)
    assert sorted(map(str, (fault[:3] for fault in found))) == sorted(map(str, faults))


def test_a_link_to_nowhere_is_a_fault_rather_than_an_accident(tmp_path: Path) -> None:
    (tmp_path / "404.html").symlink_to("nowhere")
    (fault,) = find_faults(Library([tmp_path]))
    assert (fault.kind, fault.file, fault.line) == ("unreadable", str(tmp_path / "404.html"), None)
    with pytest.raises(OptionError, match=r"404\.html.* templates that can be read"):
        ErrorPages(templates=tmp_path)


def test_of_several_folders_the_file_is_the_one_that_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "404.html").write_text("{{ title }}")
    (tmp_path / "two" / "404.html").write_text("{% if %}")
    (tmp_path / "two" / "410.html").write_text("{{ x }}")
    folders = [tmp_path / "one", tmp_path / "two"]
    assert [fault.file for fault in find_faults(Library(folders))] == [str(tmp_path / "two" / "410.html")]


def test_variables_are_no_fault_where_context_supplies_more(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text('{{ user }}{% include "no.html" %}')
    assert [fault.kind for fault in find_faults(Library([tmp_path]), has_context=True)] == ["reference"]


def test_the_page_that_needs_a_variable_is_named_where_another_file_reads_it(tmp_path: Path) -> None:
    (fault,) = faults_in(tmp_path, {"404.html": '{% include "part.html" %}', "part.html": "{{ user }}"})
    assert (fault.subject, fault.page) == ("user", "404.html")
