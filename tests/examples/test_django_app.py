"""The Django example does what its docstring promises; in a process of its own, as Django is set up once a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "django_app.py"
ASK = """
import json, sys
import httpx
import django_app

transport = httpx.WSGITransport(django_app.application, raise_app_exceptions=False)
with httpx.Client(transport=transport, base_url="http://localhost") as client:
    response = client.get(sys.argv[1], headers={"Accept": sys.argv[2]})
print(json.dumps({"status": response.status_code, "headers": dict(response.headers), "text": response.text}))
"""


def ask(path: str, accept: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", ASK, path, accept], cwd=EXAMPLE.parent, capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_missing_book_becomes_a_page_with_the_applications_own_words(browser: str) -> None:
    answer = ask("/books/emma", browser)
    assert answer["status"] == 404
    assert "<title>Page not found – City Library</title>" in answer["text"]
    assert "No book is called emma. Books that are lent out are still listed." in answer["text"]


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        pytest.param("/nowhere", 404, "Page not found", id="an address that does not exist"),
        pytest.param("/loans", 500, "There&#39;s a problem with the service", id="an exception"),
    ],
)
def test_what_django_answers_itself_becomes_a_page(browser: str, path: str, status: int, heading: str) -> None:
    answer = ask(path, browser)
    assert answer["status"] == status
    assert answer["headers"]["x-error-pages"] == "page"
    assert f"<h1>{heading}</h1>" in answer["text"]
    assert ("<dt>Reference</dt>" in answer["text"]) == (status == 500)
    assert "database" not in answer["text"]


def test_what_is_no_error_is_left_alone(browser: str) -> None:
    assert ask("/books/dune", browser)["text"] == "Dune, on shelf 4"
