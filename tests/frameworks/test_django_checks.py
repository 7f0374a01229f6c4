"""``manage.py check`` reports settings that can't work."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from tests.frameworks import django_settings

import errorpages.django
from errorpages.django import ErrorPagesMiddleware, check_settings
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

OURS = "errorpages.django.ErrorPagesMiddleware"


class Own(ErrorPagesMiddleware):
    """A site's own kind of it."""


class OwnWSGI(WSGIMiddleware):
    """A site's own kind of the wrong one."""


def a_function(get_response: Any) -> Any:
    """Stand for middleware that is a function."""

    def middleware(request: HttpRequest) -> HttpResponse:
        raise AssertionError("a check calls nothing")

    return middleware


@pytest.fixture(autouse=True)
def configured() -> None:
    django_settings.configure()


def found(middleware: list[str], **settings: Any) -> list[tuple[str | None, str]]:
    with override_settings(MIDDLEWARE=middleware, **settings):
        return [(message.id, message.msg) for message in check_settings()]


@pytest.mark.parametrize(
    ("middleware", "settings"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([OURS], {}, id="without options"),
        pytest.param([OURS], {"ERROR_PAGES": {"site_name": "Acme"}}, id="with options"),
        pytest.param([f"{__name__}.a_function", OURS], {"ERROR_PAGES": {}}, id="beside a function"),
        pytest.param(["no.such.Middleware", OURS], {"ERROR_PAGES": {}}, id="beside what can't be imported"),
        pytest.param([f"{__name__}.Own"], {"ERROR_PAGES": {"site_name": "Acme"}}, id="a class of the site's own"),
    ],
)
def test_what_works_is_not_reported(middleware: list[str], settings: dict[str, Any]) -> None:
    assert found(middleware, **settings) == []


@pytest.mark.parametrize("path", [OURS, f"{__name__}.Own"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"theme": "crad"}, ["ERROR_PAGES: theme: 'crad'", "allowed:", "card"], id="a value"),
        pytest.param({"colour": "red"}, ["ERROR_PAGES: ", "colour", "allowed:", "site_name"], id="an unknown option"),
        pytest.param(["site_name"], ["ERROR_PAGES: ['site_name']", "allowed: a dict"], id="no dict"),
        pytest.param({"pages": 7}, ["ERROR_PAGES: pages: 7", "allowed:"], id="pages"),
    ],
)
def test_options_that_cant_work_are_reported_with_value_and_remedy(path: str, options: Any, words: list[str]) -> None:
    ((id, message),) = found([path], ERROR_PAGES=options)
    assert id == "errorpages.E001" and all(word in message for word in words) and message.count("ERROR_PAGES") == 1


@pytest.mark.parametrize(
    "path", ["errorpages.wsgi.ErrorPagesMiddleware", "errorpages.asgi.ErrorPagesMiddleware", f"{__name__}.OwnWSGI"]
)
def test_the_middleware_of_another_protocol_is_reported_with_the_one_to_use(path: str) -> None:
    ((id, message),) = found([path], ERROR_PAGES={"site_name": "Acme"})
    assert id == "errorpages.E002" and path in message and OURS in message


def test_options_that_nothing_reads_are_reported() -> None:
    ((id, _),) = found([], ERROR_PAGES={"site_name": "Acme"})
    assert id == "errorpages.W001"


def test_the_check_is_registered() -> None:
    with override_settings(MIDDLEWARE=[OURS], ERROR_PAGES={"theme": "crad"}, ROOT_URLCONF=()):
        assert "errorpages.E001" in [message.id for message in run_checks()]
    assert "check_settings" not in errorpages.django.__all__


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        pytest.param("{'theme': 'crad'}", 1, ["errorpages.E001", "theme: 'crad'"], id="broken"),
        pytest.param("{'theme': 'card'}", 0, ["no issues"], id="right"),
    ],
)
def test_manage_py_check_reports_it(tmp_path: Path, options: str, code: int, words: list[str]) -> None:
    """With the application in INSTALLED_APPS, beside Django's own, as a site has it."""
    settings = f"""
        SECRET_KEY = "x"
        ROOT_URLCONF = ()
        USE_TZ = True
        DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
        INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.staticfiles", "errorpages.django"]
        STATIC_URL = "/static/"
        MIDDLEWARE = ["{OURS}"]
        ERROR_PAGES = {options}
    """
    (tmp_path / "site_settings.py").write_text(textwrap.dedent(settings))
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--settings", "site_settings", "--pythonpath", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert all(word in done.stdout + done.stderr for word in words)
