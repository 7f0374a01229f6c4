"""``debug=False`` shows the pages in every framework's debug mode too; an explicit PROPAGATE_EXCEPTIONS is stronger."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from flask import Flask
from tests.drivers import HTML, Answer, ask, framework, other_lines, run_asgi, scope_of, through_wsgi
from tests.frameworks.harness import Subject, assert_kept, every_subject

from errorpages import ErrorPages
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

PREVIEW = ErrorPages(debug=False)
visit = partial(ask, sec_fetch_dest="document", sec_fetch_mode="navigate")


@pytest.fixture(autouse=True)
def no_debug_of_bottles(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the whole process's, and so put back after the test."""
    bottle = pytest.importorskip("bottle")
    monkeypatch.setattr(bottle, "DEBUG", False)


@every_subject
@pytest.mark.parametrize(("path", "method"), [("/crash", "GET"), ("/none", "GET"), ("/invoice", "POST")])
def test_the_pages_are_shown_in_debug_mode(subject: Subject, path: str, method: str) -> None:
    request = visit(path=path, method=method, content_length="0")
    answer = subject.visit(request, debug=True, pages=PREVIEW)
    assert answer.status in (404, 405, 500) and answer.is_page and answer.field("Content-Type") == HTML
    assert "hunter2" not in answer.text and "Traceback" not in answer.text
    if path == "/crash":
        assert answer.status == 500 and "Reference" in answer.text


@every_subject
def test_a_program_gets_no_traceback_as_text_or_html(subject: Subject) -> None:
    answer = subject.visit(ask("*/*", path="/crash"), debug=True, pages=PREVIEW)
    assert answer.status == 500
    assert answer.body[:1] == b"{" or ("Traceback" not in answer.text and "hunter2" not in answer.text)


@every_subject
def test_an_own_page_stays(subject: Subject) -> None:
    request = visit(path="/styled")
    answer, bare = subject.visit(request, pages=PREVIEW), subject.visit(request, bare=True)
    assert_kept(answer, bare)


# -- Flask's and Quart's PROPAGATE_EXCEPTIONS --------------------------------------------------------------------------


def flask_visit(config: dict[str, Any], fails_again: bool = False, **options: Any) -> tuple[Answer | None, Any]:
    app = Flask("shop")
    prepare(app, config, fails_again)

    @app.get("/crash")
    def crash() -> str:
        raise RuntimeError("password=hunter2")

    app.wsgi_app = WSGIMiddleware(app.wsgi_app, **options)  # type: ignore[method-assign]
    try:
        return through_wsgi(app, visit(path="/crash")), None
    except Exception as error:
        return None, error


def quart_visit(config: dict[str, Any], fails_again: bool = False, **options: Any) -> tuple[Answer | None, Any]:
    app = framework("quart").Quart("shop")
    prepare(app, config, fails_again)

    @app.get("/crash")  # type: ignore[untyped-decorator, unused-ignore]
    async def crash() -> str:
        raise RuntimeError("password=hunter2")

    app.asgi_app = ASGIMiddleware(app.asgi_app, **options)
    sent = run_asgi(app, scope_of(visit(path="/crash")))
    return sent.answer if sent.messages else None, sent.error


def prepare(app: Any, config: dict[str, Any], fails_again: bool) -> None:
    def fail(error: Exception) -> Any:
        raise ValueError("the handler failed") from None

    app.config.update(config)
    if fails_again:
        app.register_error_handler(500, fail)


visits = pytest.mark.parametrize("through", [flask_visit, quart_visit], ids=["Flask", "Quart"])
debugs = pytest.mark.parametrize("debug", [None, False], ids=["detected", "debug=False"])


@visits
@debugs
def test_true_lets_the_exception_pass_untouched(
    through: Any, debug: bool | None, caplog: pytest.LogCaptureFixture
) -> None:
    answer, error = through({"PROPAGATE_EXCEPTIONS": True}, debug=debug)
    assert answer is None and str(error) == "password=hunter2" and not hasattr(error, "__notes__")
    assert not [record for record in caplog.records if record.name == "errorpages"]


@visits
@debugs
@pytest.mark.parametrize("fails_again", [False, True], ids=["answered", "escaped"])
def test_false_in_testing_mode_has_the_page_shown(through: Any, debug: bool | None, fails_again: bool) -> None:
    config = {"TESTING": True, "PROPAGATE_EXCEPTIONS": False}
    answer, error = through(config, fails_again, debug=debug)
    if through is flask_visit or not fails_again:
        assert answer is not None and answer.status == 500 and answer.is_page and error is None
    else:  # Quart's server answers what escapes in testing mode with its traceback
        assert answer is not None and answer.status == 500 and answer.is_page == (debug is False)


@visits
@pytest.mark.parametrize("mode", ["TESTING", "DEBUG"])
def test_unset_follows_the_modes_unless_debug_is_false(through: Any, mode: str) -> None:
    answer, error = through({mode: True})
    assert (answer is None and error is not None) if through is flask_visit else (answer and not answer.is_page)
    answer, error = through({mode: True}, debug=False)
    assert answer is not None and answer.is_page and "hunter2" not in answer.text


def test_an_accident_that_is_shown_in_debug_mode_is_logged_by_us(caplog: pytest.LogCaptureFixture) -> None:
    answer, _ = flask_visit({"DEBUG": True}, debug=False)
    (line,) = other_lines(caplog.records)
    assert answer is not None and line.exc_info and line.getMessage().rpartition(" ")[2] in answer.text


# -- what is no debugger's ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<h1>Our page</h1>" + "x" * 20_000, id="a long page of one's own"),
        pytest.param("<style>p{}</style><p>You're seeing this because DEBUG = True</p>", id="words of Django's"),
        pytest.param("<h1 class=a>RuntimeError // Werkzeug Debugger</h1>", id="words of Werkzeug's"),
        pytest.param("<pre class=a>Traceback (most recent call last):\n  File x</pre>", id="a traceback in a page"),
    ],
)
def test_a_page_of_ones_own_is_not_taken_for_a_debuggers(body: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("500 X", [("Content-Type", HTML), ("Content-Length", str(len(body)))])
        return [body.encode()]

    assert through_wsgi(WSGIMiddleware(app, debug=False), visit()).text == body
