"""Applications mounted inside of a wrapped one: path and mount are those that the middleware was given.

Routers and dispatchers change both in place while the request is on its way; afterwards neither says where the site's
home is, which path ``exclude`` is about, or what the log should name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.drivers import Answer, Told, ask, framework, page_lines, through_asgi, through_wsgi, watched_log

from errorpages import Request
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

pytestmark = pytest.mark.frameworks


@dataclass(frozen=True)
class Mounting:
    """A way to mount an application at /inner, behind the middleware."""

    name: str
    distributions: str
    make: Callable[..., Any]

    def visit(self, request: Request, **options: Any) -> Answer:
        app = self.make(**options)
        through = through_asgi if isinstance(app, ASGIMiddleware) else through_wsgi
        return through(app, request)


def starlette_mount(**options: Any) -> Any:
    routing = framework("starlette.routing")
    make = framework("starlette.applications").Starlette
    return ASGIMiddleware(make(routes=[routing.Mount("/inner", make())]), **options)


def starlette_files(**options: Any) -> Any:
    routing, files = framework("starlette.routing"), framework("starlette.staticfiles")
    mount = routing.Mount("/inner", files.StaticFiles(directory=Path(__file__).parent))
    return ASGIMiddleware(framework("starlette.applications").Starlette(routes=[mount]), **options)


def fastapi_mount(**options: Any) -> Any:
    fastapi = framework("fastapi")
    outer, inner = fastapi.FastAPI(), fastapi.FastAPI()
    outer.mount("/inner", inner)
    outer.add_middleware(ASGIMiddleware, **options)
    return ASGIMiddleware(outer, replace=lambda request, head, body: False)  # the inner one's page stays


def dispatcher(**options: Any) -> Any:
    flask, werkzeug = framework("flask"), framework("werkzeug.middleware.dispatcher")
    mounts = {"/inner": flask.Flask("inner")}
    return WSGIMiddleware(werkzeug.DispatcherMiddleware(flask.Flask("outer"), mounts), **options)


MOUNTINGS = [
    Mounting("Starlette's Mount", "starlette", starlette_mount),
    Mounting("Starlette's StaticFiles", "starlette", starlette_files),
    Mounting("FastAPI's mount", "fastapi,starlette", fastapi_mount),
    Mounting("Werkzeug's DispatcherMiddleware", "Werkzeug,Flask", dispatcher),
]
every_mounting = pytest.mark.parametrize("subject", MOUNTINGS, ids=[mounting.name for mounting in MOUNTINGS])


@pytest.fixture(autouse=True)
def row(subject: Mounting, record_property: Callable[[str, object], None]) -> None:
    record_property("distributions", subject.distributions)


def browser(path: str, mount: str = "") -> Request:
    return replace(ask(path=path, sec_fetch_dest="document"), root_path=mount)


@pytest.mark.matrix(kind="framework", behaviour="route miss")
@every_mounting
def test_a_miss_inside_is_answered_with_a_page(subject: Mounting) -> None:
    answer = subject.visit(browser("/inner/none"))
    assert answer.status == 404 and answer.is_page


@pytest.mark.matrix(kind="framework", behaviour="under a mount point")
@pytest.mark.parametrize("mount", ["", "/shop"])
@every_mounting
def test_home_is_where_the_middleware_stands(subject: Mounting, mount: str) -> None:
    answer = subject.visit(browser("/inner/none", mount))
    assert f'<a href="{mount}/"' in answer.text and "/inner" not in answer.text


@pytest.mark.matrix(kind="framework", behaviour="under a mount point")
@every_mounting
def test_exclude_is_about_the_path_below_the_middleware(subject: Mounting) -> None:
    for mount in ("", "/shop"):
        assert not subject.visit(browser("/inner/none", mount), exclude="/inner/*").is_page
        assert subject.visit(browser("/inner/none", mount), exclude=["/none", "/shop/*"]).is_page


@pytest.mark.matrix(kind="framework", behaviour="under a mount point")
@every_mounting
def test_callables_hooks_and_the_log_get_the_path_below_the_middleware(
    subject: Mounting, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[tuple[str, str]] = []
    told = Told()

    def context(request: Request) -> dict[str, str]:
        seen.append((request.path, request.root_path))
        return {}

    caplog.set_level(logging.INFO, "errorpages")
    with watched_log() as records:
        subject.visit(browser("/inner/none", "/shop"), context=context, on_page=told)
    assert seen == [("/inner/none", "/shop")]
    assert [event.path for event in told.events] == ["/inner/none"]
    assert ["/inner/none" in record.getMessage() for record in page_lines(records)] == [True]


@every_mounting
def test_what_is_remembered_of_one_mount_is_not_another_ones(subject: Mounting) -> None:
    app = subject.make()
    through = through_asgi if isinstance(app, ASGIMiddleware) else through_wsgi
    homes: Iterable[str] = ["", "/shop", "", "/other", "/shop"]
    for mount in homes:
        assert f'<a href="{mount}/"' in through(app, browser("/inner/none", mount)).text
