"""Error pages beside what else stands around an application: mounts, CORS, another framework, a browsable API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.drivers import (
    Answer,
    ASGIApp,
    Told,
    ask,
    checked,
    framework,
    other_lines,
    run_asgi,
    scope_of,
    through_asgi,
    through_wsgi,
)
from tests.frameworks.harness import Subject, assert_kept, load, subjects

from errorpages import Request
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

pytestmark = pytest.mark.frameworks

SUBJECTS = {subject.stem: subject for subject in subjects()}
ORIGIN = "https://acme.example"


def visit(path: str, root_path: str = "", **fields: Any) -> Request:
    return ask(path=path, root_path=root_path, sec_fetch_dest="document", **fields)


# -- Django REST framework ---------------------------------------------------------------------------------------------


@pytest.fixture
def rest_framework() -> Subject:
    return SUBJECTS["rest_framework_app"]


def test_the_browsable_api_stays(rest_framework: Subject) -> None:
    answer = rest_framework.visit(visit("/message"), browsable=True)
    bare = rest_framework.visit(visit("/message"), browsable=True, bare=True)
    assert b"No such &lt;invoice&gt;" in answer.body and len(answer.body) > 3000
    assert_kept(answer, bare)


@pytest.mark.parametrize("accept", ["application/json", "*/*"])
def test_json_for_a_script_stays_beside_the_browsable_api(rest_framework: Subject, accept: str) -> None:
    request = ask(accept, path="/message", sec_fetch_dest="empty")
    answer = rest_framework.visit(request, browsable=True)
    assert answer.text == '{"detail":"No such <invoice>"}'
    assert_kept(answer, rest_framework.visit(request, browsable=True, bare=True))


def test_what_rest_framework_does_not_answer_becomes_a_page_beside_the_browsable_api(rest_framework: Subject) -> None:
    assert rest_framework.visit(visit("/none"), browsable=True).is_page
    assert rest_framework.visit(visit("/crash"), browsable=True).is_page


# -- Flask in Starlette ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "status"), [("/flask/none", 404), ("/flask/message", 404), ("/flask/crash", 500)])
def test_an_error_of_flask_in_starlette_is_handled_once(
    path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told()
    answer = SUBJECTS["a2wsgi_app"].visit(visit(path), on_page=told)
    assert answer.status == status and answer.is_page
    assert [event.status for event in told.events] == [status]
    assert [name.lower() for name, _ in answer.headers].count("x-error-pages") == 1
    assert answer.text.count("<h1>") == 1 and 'href="/flask/"' in answer.text
    assert not other_lines(caplog.records)  # Flask has logged it


def test_flask_in_debug_mode_in_starlette_raises_once() -> None:
    outcome = SUBJECTS["a2wsgi_app"].run(visit("/flask/crash"), debug=True)
    assert isinstance(outcome.error, RuntimeError)
    assert outcome.answer is None or not outcome.answer.is_page


# -- under a mount point -----------------------------------------------------------------------------------------------


def mounted_in_wsgi(request: Request, **options: Any) -> Answer:
    """Mount a Flask application with Werkzeug's dispatcher."""
    make = load("flask_app").make
    from werkzeug.middleware.dispatcher import DispatcherMiddleware
    from werkzeug.wrappers import Response

    return through_wsgi(checked(DispatcherMiddleware(Response(status=404), {"/shop": make(**options)})), request)


def mounted_in_asgi(request: Request, **options: Any) -> Answer:
    """Mount a Starlette application in another."""
    make = load("starlette_app").make
    from starlette.applications import Starlette
    from starlette.routing import Mount

    return through_asgi(Starlette(routes=[Mount("/shop", make(**options))]), request)


EVERY_MOUNT = pytest.mark.parametrize(
    "mounted", [pytest.param(mounted_in_wsgi, id="WSGI"), pytest.param(mounted_in_asgi, id="ASGI")]
)
Mounted = Callable[..., Answer]


@EVERY_MOUNT
@pytest.mark.parametrize(
    ("exclude", "is_page"),
    [("/message", False), ("/mess*", False), ("/shop/message", True), ("/shop/*", True), ("/Message", True)],
)
def test_exclude_reads_the_path_within_the_mount(mounted: Mounted, exclude: str, is_page: bool) -> None:
    assert mounted(visit("/shop/message"), exclude=[exclude]).is_page == is_page


@EVERY_MOUNT
@pytest.mark.parametrize(
    ("root_path", "options", "home"),
    [
        ("", {}, "/shop/"),
        ("/behind", {}, "/behind/shop/"),
        ("", {"home_url": "/start"}, "/start"),
    ],
)
def test_home_is_the_mount_point(mounted: Mounted, root_path: str, options: dict[str, Any], home: str) -> None:
    assert f'<a href="{home}"' in mounted(visit("/shop/none", root_path), **options).text


@EVERY_MOUNT
def test_the_hooks_see_the_same_request(mounted: Mounted) -> None:
    seen: list[tuple[str, str]] = []

    def context(request: Request) -> dict[str, object]:
        seen.append((request.root_path, request.path))
        return {}

    mounted(visit("/shop/message"), context=context)
    assert seen == [("/shop", "/message")]


# -- CORS --------------------------------------------------------------------------------------------------------------


def with_cors() -> ASGIApp:
    framework("starlette")
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.cors import CORSMiddleware

    async def crash(request: Any) -> Any:
        raise RuntimeError("password=hunter2")

    from starlette.routing import Route

    return Starlette(
        routes=[Route("/crash", crash)],
        middleware=[
            Middleware(CORSMiddleware, allow_origins=[ORIGIN], expose_headers=["X-Error-Pages"]),
            Middleware(ASGIMiddleware, site_name="Acme"),
        ],
    )


@pytest.mark.parametrize(("path", "status"), [("/none", 404), ("/crash", 500)])
def test_a_script_of_another_origin_can_read_the_error(path: str, status: int) -> None:
    request = ask("*/*", path=path, origin=ORIGIN, sec_fetch_dest="empty", sec_fetch_mode="cors")
    answer = run_asgi(with_cors(), scope_of(request)).answer
    assert answer.status == status and answer.is_page
    assert answer.field("Access-Control-Allow-Origin") == ORIGIN
    assert answer.field("Access-Control-Expose-Headers") == "X-Error-Pages"
    assert "origin" in answer.vary


def test_a_script_of_a_stranger_can_not() -> None:
    answer = through_asgi(with_cors(), ask("*/*", path="/none", origin="https://other.example"))
    assert answer.is_page and answer.field("Access-Control-Allow-Origin") is None


def test_fields_that_the_application_sets_on_its_errors_reach_the_page() -> None:
    framework("flask")
    from flask import Flask, Response

    app: Any = Flask(__name__)

    @app.after_request  # type: ignore[untyped-decorator]
    def allow(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = ORIGIN
        return response

    app.wsgi_app = WSGIMiddleware(app.wsgi_app)
    answer = through_wsgi(app, visit("/none", origin=ORIGIN))
    assert answer.is_page and answer.field("Access-Control-Allow-Origin") == ORIGIN
