"""What the documents say is true: their examples run, and their tables name what is there."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path
from typing import Any

import jinja2
import pytest
from click.testing import CliRunner
from tests.commands import running
from werkzeug.test import Client

from errorpages import ErrorPages, Options, Request
from errorpages.content import Content
from errorpages.tools.checking import STATUSES
from errorpages.tools.cli import cli
from errorpages.tools.rules import RULES
from errorpages.translation import Labels
from errorpages.wsgi import ErrorPagesMiddleware

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BROWSER = Request(headers=(("Accept", "text/html,application/xhtml+xml"),))


def blocks(language: str) -> list[Any]:
    """Find the code blocks of a language in every document; those of frameworks.md need the group `matrix`.

    Those of recipes.md are run by tests/recipes, each with what it needs.
    """
    fence = re.compile(rf"^```{re.escape(language)}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [
        pytest.param(
            source,
            id=f"{document.name} {number}",
            marks=[pytest.mark.frameworks] if document.name == "frameworks.md" else [],
        )
        for document in DOCUMENTS
        if document.name != "recipes.md"
        for number, source in enumerate(fence.findall(document.read_text()), 1)
    ]


def walkthrough() -> str:
    """Find the part of templates.md that makes a theme from an empty folder."""
    text = (ROOT / "docs" / "templates.md").read_text()
    return text.partition("## A theme of your own, from an empty folder\n")[2].partition("\n## ")[0]


def walk(folder: Path) -> list[str]:
    """Do in a folder what the walkthrough says, up to its check, whose arguments are returned."""
    text = walkthrough()
    make, check = re.findall(r"^    (.+)$", text, re.MULTILINE)
    command, name = make.split()
    assert command == "mkdir"
    (folder / name).mkdir()
    (file,) = re.findall(r"^Write `([^`]+)`", text, re.MULTILINE)
    (template,) = re.findall(r"^```html\+jinja\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (folder / file).write_text(template)
    command, *arguments = shlex.split(check)
    assert command == "errorpages"
    return arguments


def failing(environ: Any, start_response: Any) -> list[bytes]:
    """Answer /404 with an empty 404, and so on; 404 everywhere else."""
    path = environ.get("PATH_INFO", "").strip("/")
    start_response(f"{path if path.isdigit() else 404} Trouble", [])
    return []


async def failing_asynchronously(scope: Any, receive: Any, send: Any) -> None:
    """Stand in for an ASGI application that is never called."""


@pytest.mark.parametrize("source", blocks("python"))
def test_every_python_example_runs(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    walk(tmp_path)
    app = failing_asynchronously if "from errorpages.asgi import" in source else failing
    namespace: dict[str, Any] = {"__name__": "__main__", "app": app, "ErrorPagesMiddleware": ErrorPagesMiddleware}
    on_this_machine = source.replace("/var/lib/acme", str(tmp_path))
    exec(compile(on_this_machine, "example", "exec"), namespace)


def test_who_follows_the_walkthrough_gets_a_theme_of_one_file_with_both_blocks_on_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    checked = CliRunner().invoke(cli, walk(tmp_path))
    assert checked.exit_code == 0
    assert checked.output.startswith("Nothing to mend. ") and "`Nothing to mend.`" in walkthrough()
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    overridden = dict(re.findall(r"{% block (\w+) %}\n(.*?)\n{% endblock %}", file.read_text(), re.DOTALL))
    assert list(overridden) == ["layout", "header"]
    (example,) = re.findall(r"^```python\n(.*?)^```", walkthrough(), re.MULTILINE | re.DOTALL)
    namespace: dict[str, Any] = {"app": failing}
    exec(compile(example, "example", "exec"), namespace)
    for status in STATUSES:
        answer = Client(namespace["app"]).get(f"/{status}", headers=dict(BROWSER.headers))
        assert answer.status_code == status
        assert overridden["layout"] in answer.text
        assert overridden["header"].replace("{{ home_url }}", "/") in answer.text
        assert "--link:#7a1f5c" in answer.text


def test_the_walkthroughs_theme_can_be_extended_for_one_kind_of_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    walk(tmp_path)
    (first,) = re.findall(r"`(\{% extends [^`]+)`", walkthrough())
    (tmp_path / "my_templates" / "404.html").write_text(first + "{% block heading %}Lost{% endblock %}")
    pages = ErrorPages(templates="my_templates")
    assert b"<h1>Lost</h1>" in pages.page(BROWSER, 404).body and b"Acme Billing" in pages.page(BROWSER, 404).body
    assert b"<h1>Lost</h1>" not in pages.page(BROWSER, 410).body
    text = pages.page(Request(headers=(("Accept", "text/plain"),)), 404).body
    assert text.startswith(b"Page not found\n"), "text stays the built-in one"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_shown_is_one(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_templates").mkdir()
    (tmp_path / "my_templates" / "404.html").write_text('{% extends "plain.html" %}')
    for command in re.findall(r"^    (?:\.venv/bin/)?errorpages (.+)$", document.read_text(), re.MULTILINE):
        name, *arguments = shlex.split(command)
        if name in ("demo", "gallery"):  # which run until they are stopped
            with running(name, *arguments, folder=tmp_path) as started:
                assert started.stop() == (0, ""), command
        else:
            result = CliRunner().invoke(cli, [name, *arguments])
            assert result.exit_code == 0, (command, result.output)


def test_the_flask_example_of_the_readme_shows_the_page_and_the_message() -> None:
    source = next(param.values[0] for param in blocks("python") if "from flask" in str(param.values[0]))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(str(source), "example", "exec"), namespace)
    answer = namespace["app"].test_client().get("/invoices/7", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "<h1>Page not found</h1>" in answer.text and "No such invoice" in answer.text


@pytest.mark.parametrize("source", blocks("html+jinja"))
def test_every_template_example_renders(source: str, tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text(source)
    body = ErrorPages(templates=tmp_path).page(BROWSER, 404).body.decode()
    assert "Acme Billing" in body and "<h1>Page not found</h1>" in body


def table_names(document: str, heading: str) -> set[str]:
    """Collect the names in the first column of the table under a heading."""
    section = (ROOT / "docs" / document).read_text().partition(heading)[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_the_table_of_options_names_every_option() -> None:
    assert table_names("options.md", "# Options") == {field.name for field in dataclasses.fields(Options)}


def test_the_table_of_variables_names_every_variable() -> None:
    assert table_names("templates.md", "## Variables") == {*Content._fields, "request"}


def test_the_table_of_rules_names_every_rule_with_its_level() -> None:
    section = (ROOT / "docs" / "templates.md").read_text().partition("## Check them")[2]
    assert dict(re.findall(r"^\| `([\w-]+)` \| (\w+) \|", section, re.MULTILINE)) == {
        name: rule.level for name, rule in RULES.items()
    }


def test_the_table_of_blocks_names_every_block() -> None:
    environment = jinja2.Environment(loader=jinja2.PackageLoader("errorpages.templates", ""))
    assert table_names("templates.md", "## Blocks") == set(environment.get_template("base.html").blocks)


def test_the_fixed_words_are_named() -> None:
    row = next(
        line for line in (ROOT / "docs" / "templates.md").read_text().splitlines() if line.startswith("| `labels`")
    )
    assert set(re.findall(r"`(\w+)`", row)) - {"labels"} == set(Labels._fields)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_documents_show_both_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "    make demo" in readme and "    make test" in readme and "python3 -m venv .venv" in readme
