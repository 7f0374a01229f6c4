"""`errorpages templates`: what is built in, copies of it, and that what is printed about them is true."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from errorpages import ErrorPages, Request
from errorpages.library import BUILT_IN, THEMES
from errorpages.tools.templates import USES, copy_templates, source

Run = Callable[..., Result]

ROOT = Path(__file__).parents[2]
ACCEPTS = {"HTML": "text/html", "plain text": "text/plain", "Markdown": "text/markdown"}
NOT_PARTS_OF_A_PAGE = {"demo.html", "gallery.html"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder to work in."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def page(pages: ErrorPages, accept: str) -> bytes:
    return pages.page(Request(headers=(("Accept", accept),)), 404, message="No such invoice").body


# -- list --------------------------------------------------------------------------------------------------------------


def test_every_template_of_a_page_is_listed_with_its_use(run: Run) -> None:
    shipped = {path.name for path in (ROOT / "templates").iterdir() if path.suffix in (".html", ".txt", ".md")}
    lines = run("templates", "list").output.splitlines()
    assert {line.split()[0] for line in lines} == shipped - NOT_PARTS_OF_A_PAGE == set(USES) == set(BUILT_IN)
    assert [line.split(maxsplit=1)[1] for line in lines] == [USES[name] for name in BUILT_IN]


# -- copy --------------------------------------------------------------------------------------------------------------


def test_all_are_copied_byte_for_byte_into_a_new_folder(run: Run, folder: Path) -> None:
    result = run("templates", "copy", "a/b")
    assert result.exit_code == 0
    copies = {path.name: path.read_bytes() for path in (folder / "a" / "b").iterdir()}
    assert copies == {name: (ROOT / "templates" / name).read_bytes() for name in BUILT_IN}


def test_those_that_are_named_are_copied_and_no_others(run: Run, folder: Path) -> None:
    assert run("templates", "copy", "own", "card.html", "text.txt", "card.html").exit_code == 0
    assert sorted(path.name for path in (folder / "own").iterdir()) == ["card.html", "text.txt"]


def test_a_file_that_is_there_is_named_and_nothing_is_written(run: Run, folder: Path) -> None:
    (folder / "own").mkdir()
    (folder / "own" / "card.html").write_text("mine")
    result = run("templates", "copy", "own")
    assert (result.exit_code, result.stdout) == (1, "")
    there = Path("own") / "card.html"
    assert result.stderr == f"Error: Nothing was written, for there are already: {there}. --force overwrites.\n"
    assert [path.read_text() for path in (folder / "own").iterdir()] == ["mine"]


def test_a_link_that_leads_nowhere_is_not_written_through(run: Run, folder: Path) -> None:
    (folder / "card.html").symlink_to(folder / "elsewhere")
    assert run("templates", "copy", ".", "card.html").exit_code == 1
    assert not (folder / "elsewhere").exists()


def test_force_overwrites_and_leaves_other_files_alone(run: Run, folder: Path) -> None:
    (folder / "card.html").write_text("mine")
    (folder / "404.html").write_text("mine")
    assert run("templates", "copy", ".", "card.html", "--force").exit_code == 0
    assert (folder / "card.html").read_bytes() == source("card.html")
    assert (folder / "404.html").read_text() == "mine"


@pytest.mark.parametrize("name", ["nowhere.html", "demo.html", "__init__.py", "../pyproject.toml", "plain"])
def test_a_name_that_there_is_not_is_an_error_that_lists_those_there_are(run: Run, folder: Path, name: str) -> None:
    result = run("templates", "copy", "own", name)
    assert result.exit_code == 2
    assert f"'{name}'" in result.stderr
    assert all(f"'{allowed}'" in result.stderr for allowed in BUILT_IN)
    assert not (folder / "own").exists()


@pytest.mark.parametrize("there", ["file", "file/inside"])
def test_a_folder_that_can_not_be_made_is_named(run: Run, folder: Path, there: str) -> None:
    (folder / "file").write_text("x")
    result = run("templates", "copy", there)
    assert result.exit_code in (1, 2)
    assert there in result.stderr and "Traceback" not in result.output


# -- what is printed is true -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_copy_changes_what_its_use_says_and_nothing_else(folder: Path, name: str) -> None:
    copy_templates(folder, [name])
    (folder / name).write_text("mine")
    named = re.search(r'theme="(\w+)"', USES[name])
    for theme in THEMES:
        for words, accept in ACCEPTS.items():
            is_meant = words in USES[name] and (named is None or named[1] == theme)
            assert (page(ErrorPages(theme=theme, templates=folder), accept) == b"mine") == is_meant, (theme, words)


def printed_commands(output: str) -> list[str]:
    """Find the lines that are there to be copied."""
    return [line.strip() for line in output.splitlines() if line.startswith("     ")]


@pytest.mark.parametrize(
    ("target", "names"),
    [
        pytest.param("own", [], id="all"),
        pytest.param("own", ["plain.html"], id="the default theme"),
        pytest.param("own", ["card.html"], id="another theme"),
        pytest.param("own", ["status.html", "base.html"], id="another theme and the base"),
        pytest.param("own", ["base.html"], id="the base"),
        pytest.param("own", ["text.txt"], id="text"),
        pytest.param("own pages'", ["markdown.md"], id="a name to quote"),
        pytest.param('seiten "für" uns', ["bare.html"], id="another name to quote"),
        pytest.param(".", ["plain.html"], id="here"),
    ],
)
def test_who_follows_what_is_printed_gets_the_copies_on_pages_and_a_check_without_findings(
    run: Run, folder: Path, target: str, names: list[str]
) -> None:
    output = run("templates", "copy", target, *names).output
    options, command = printed_commands(output)
    _, *arguments = shlex.split(command)
    checked = run(*arguments)
    assert (checked.exit_code, checked.output[:16]) == (0, "Nothing to mend.")
    pages: ErrorPages = eval(f"ErrorPages({options})", {"ErrorPages": ErrorPages})
    before = [page(pages, accept) for accept in ACCEPTS.values()]
    for path in Path(target).iterdir():
        path.write_text("mine")
    pages = eval(f"ErrorPages({options})", {"ErrorPages": ErrorPages})
    after = [page(pages, accept) for accept in ACCEPTS.values()]
    assert b"mine" in after and b"mine" not in before


def test_the_other_copies_can_be_deleted(run: Run, folder: Path) -> None:
    run("templates", "copy", "own")
    for name in BUILT_IN:
        if name != "plain.html":
            (folder / "own" / name).unlink()
    shipped = ErrorPages(languages=["en"])
    assert page(ErrorPages(templates="own"), "text/html") == page(shipped, "text/html")


def test_an_error_page_that_extends_the_theme_is_used_without_a_copy_as_the_text_says(run: Run, folder: Path) -> None:
    output = run("templates", "copy", "own").output
    name, first, *others = re.findall(
        r"\w+\.html(?= that)|\{% extends .* %\}|(?<=a )4xx\.html|5xx\.html|404\.html", output
    )
    assert (name, first, others) == ("error.html", '{% extends "plain.html" %}', ["4xx.html", "5xx.html", "404.html"])
    (folder / "mine").mkdir()
    (folder / "mine" / name).write_text(first + "{% block heading %}Mine{% endblock %}")
    pages = ErrorPages(templates="mine")
    for status in (400, 404, 503):
        assert b"<h1>Mine</h1>" in pages.page(Request(headers=(("Accept", "text/html"),)), status).body


def test_pages_of_copies_have_one_language_and_no_policy_as_the_text_says(run: Run, folder: Path) -> None:
    text = " ".join(run("templates", "copy", "own").output.split())
    assert "come in one language unless the option languages names more, and no Content-Security-Policy" in text
    answer = ErrorPages(templates="own", wording={"xx": {404: {"title": "Foreign"}}}).page(
        Request(headers=(("Accept", "text/html"), ("Accept-Language", "xx"))), 404
    )
    assert b"<h1>Page not found</h1>" in answer.body
    assert "content-security-policy" not in {name.lower() for name, _ in answer.headers}


def test_in_a_terminal_what_is_to_be_copied_stays_on_one_line(run: Run, folder: Path) -> None:
    output = re.sub(r"\x1b\[[0-9;]*m", "", run("templates", "copy", "own", columns=40).output)
    assert any(
        line.endswith("--theme status --theme bare") and "errorpages check" in line for line in output.splitlines()
    )
