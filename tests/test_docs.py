"""What the documents say is true: their examples run, and their tables name what is there."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import jinja2
import pytest

from errorpages import ErrorPages, Options, Request
from errorpages.content import Content
from errorpages.translation import Labels
from errorpages.wsgi import ErrorPagesMiddleware

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BROWSER = Request(headers=(("Accept", "text/html"),))


def blocks(language: str) -> list[Any]:
    """Find the code blocks of a language in every document; those of frameworks.md need the group `matrix`."""
    fence = re.compile(rf"^```{re.escape(language)}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [
        pytest.param(
            source,
            id=f"{document.name} {number}",
            marks=[pytest.mark.frameworks] if document.name == "frameworks.md" else [],
        )
        for document in DOCUMENTS
        for number, source in enumerate(fence.findall(document.read_text()), 1)
    ]


@pytest.mark.parametrize("source", blocks("python"))
def test_every_python_example_runs(source: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("404 Not Found", [])
        return []

    namespace: dict[str, Any] = {"__name__": "__main__", "app": app, "ErrorPagesMiddleware": ErrorPagesMiddleware}
    exec(compile(source, "example", "exec"), namespace)


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
