"""What the wheel holds, that it renders pages on its own, and what an import loads."""

from __future__ import annotations

import email
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jinja2
import markupsafe
import pytest
import werkzeug

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE_PATTERNS = ("*.html", "*.txt", "*.md")
NOT_BUILT_FROM = (".git", ".venv*", ".*_cache", "__pycache__", "*.egg-info", "build", "dist", ".coverage*")
DEPENDENCIES = [jinja2, markupsafe, werkzeug]

RENDER = """
import errorpages, errorpages.asgi, errorpages.wsgi, sys
print(errorpages.__file__)
for accept in ("text/html", "text/plain", "text/markdown", "application/json", "application/xml"):
    request = errorpages.Request(headers=(("Accept", accept),))
    page = errorpages.ErrorPages(site_name="Acme").page(request, 404, message="No such invoice")
    print(accept, page.status, b"No such invoice" in page.body)
"""


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def isolation() -> list[str]:
    """Build with the setuptools at hand where it is new enough, with pip's build isolation otherwise."""
    if importlib.util.find_spec("setuptools") is None or importlib.util.find_spec("wheel") is None:
        return []
    major = int(importlib.metadata.version("setuptools").partition(".")[0])
    return ["--no-build-isolation"] if major >= 77 else []


def build_leftovers() -> set[Path]:
    return {path for name in ("build", "dist", "*.egg-info", "src/*.egg-info") for path in ROOT.glob(name)}


@pytest.fixture(scope="module")
def left_by_builds() -> set[Path]:
    """What builds before this one left."""
    return build_leftovers()


@pytest.fixture(scope="module")
def tree(left_by_builds: set[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, as a build leaves files where it runs."""
    copy = tmp_path_factory.mktemp("source") / "errorpages"
    assert left_by_builds == build_leftovers()
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_BUILT_FROM))
    return copy


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        sys.executable, "-m", "pip", "wheel", "--no-deps", *isolation(), "--wheel-dir", folder, tree, cwd=folder
    )
    if built.returncode and "No matching distribution found for setuptools" in built.stderr:
        message = "pip can't reach an index to fetch setuptools from, and the one at hand is older than 77"
        if os.environ.get("ERRORPAGES_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("errorpages-*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Iterator[email.message.Message]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        yield email.message_from_string(archive.read(name).decode())


def test_the_wheel_holds_the_package_and_every_template_and_nothing_else(tree: Path, names: set[str]) -> None:
    package, templates = tree / "src" / "errorpages", tree / "templates"
    expected = {f"errorpages/{path.relative_to(package).as_posix()}" for path in package.rglob("*.py")}
    expected |= {f"errorpages/{path.relative_to(package).as_posix()}" for path in package.rglob("*.mo")}
    expected |= {f"errorpages/templates/{path.name}" for path in templates.iterdir() if path.is_file()}
    expected |= {"errorpages/py.typed"}
    assert {name for name in names if ".dist-info/" not in name and not name.endswith(".po")} == expected
    assert "errorpages/codes/catalogue.py" in expected and "errorpages/templates/plain.html" in expected


def test_every_kind_of_template_is_there(names: set[str]) -> None:
    for name in ("__init__.py", "base.html", "plain.html", "text.txt", "markdown.md"):
        assert f"errorpages/templates/{name}" in names


def test_the_templates_folder_is_flat_and_holds_templates_alone() -> None:
    files = [path for path in (ROOT / "templates").iterdir() if path.name != "__pycache__"]
    assert [path.name for path in files if path.is_dir()] == []
    known = {
        "__init__.py",
        *(path.name for pattern in TEMPLATE_PATTERNS for path in (ROOT / "templates").glob(pattern)),
    }
    assert {path.name for path in files} == known


def test_the_licence_comes_along_and_the_tests_do_not(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if "test" in name.lower() or name.startswith(("benchmarks", "examples", "docs"))]


def test_the_core_needs_jinja_and_werkzeug_alone(metadata: email.message.Message) -> None:
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(line.partition(">")[0].strip() for line in required) == ["Jinja2", "Werkzeug"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_the_extra_for_the_command_line_names_what_it_needs(metadata: email.message.Message) -> None:
    extra = [line for line in metadata.get_all("Requires-Dist", []) if 'extra == "cli"' in line]
    assert sorted(line.partition(">")[0].strip() for line in extra) == ["click", "rich", "starlette", "uvicorn"]


def test_the_command_leads_to_a_module_of_the_wheel(wheel: Path, names: set[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in names if name.endswith(".dist-info/entry_points.txt")]
        assert "errorpages = errorpages.__main__:main" in archive.read(name).decode()
    assert "errorpages/__main__.py" in names


def test_the_build_leaves_nothing_in_the_repository(left_by_builds: set[Path], wheel: Path) -> None:
    assert wheel.exists()
    assert build_leftovers() == left_by_builds


def test_the_installed_wheel_renders_every_format_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    installed = run(
        *(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", target, wheel), cwd=elsewhere
    )
    assert installed.returncode == 0, installed.stderr
    folders = [str(target), *sorted({str(Path(str(module.__file__)).parents[1]) for module in DEPENDENCIES})]
    # -S leaves out the site packages' .pth files, one of which leads to the repository where that is installed from.
    shown = run(sys.executable, "-S", "-c", RENDER, cwd=elsewhere, PYTHONPATH=os.pathsep.join(folders))
    assert shown.returncode == 0, shown.stderr
    where, *formats = shown.stdout.splitlines()
    assert Path(where).is_relative_to(target)
    assert len(formats) == 5
    assert all(line.endswith(" 404 True") for line in formats)


@pytest.mark.parametrize("module", ["errorpages", "errorpages.asgi", "errorpages.wsgi"])
def test_an_import_loads_no_framework_no_server_and_nothing_of_the_command_line(module: str, tmp_path: Path) -> None:
    frameworks = "click rich starlette uvicorn fastapi flask django httpx asyncio errorpages.tools"
    code = f"import {module}, sys; print(*(name for name in {frameworks.split()!r} if name in sys.modules))"
    loaded = run(sys.executable, "-c", code, cwd=tmp_path)
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.split() == []
