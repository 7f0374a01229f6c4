"""The deploy script of docs/maintenance.md, run as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from errorpages.maintenance import FileSwitch

ROOT = Path(__file__).parent.parent.parent
STEPS = ("migrate", "restart", "check")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with the script, whose steps note whether the site was closed when they ran."""
    (script,) = re.findall(
        r"^```sh\n(.*?)^```", (ROOT / "docs" / "maintenance.md").read_text(), re.MULTILINE | re.DOTALL
    )
    write(tmp_path / "deploy.sh", script)
    for step in STEPS:
        write(tmp_path / step, f"#!/bin/sh\ngrep -c '\"on\": true' switch.json >> {step}.log\n")
    (tmp_path / "bin").mkdir()
    write(tmp_path / "bin" / "errorpages", f'#!/bin/sh\nexec {sys.executable} -m errorpages "$@"\n')
    return tmp_path


def write(path: Path, content: str) -> None:
    path.write_text(content)
    path.chmod(0o755)


def deploy(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    variables = {name: value for name, value in os.environ.items() if name != "ERRORPAGES_SWITCH"}
    return subprocess.run(
        ["./deploy.sh"],
        cwd=folder,
        env={**variables, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def is_on(folder: Path) -> bool | None:
    state = FileSwitch(folder / "switch.json").read()
    return None if state is None else state.on


def test_a_deployment_runs_while_the_site_is_closed_and_opens_it_again(folder: Path) -> None:
    done = deploy(folder, ERRORPAGES_SWITCH="switch.json")
    assert done.returncode == 0, done.stderr
    assert [(folder / f"{step}.log").read_text() for step in STEPS] == ["1\n"] * 3
    assert is_on(folder) is False
    assert "in 10 minutes" in done.stdout and "We are installing a new version." in done.stdout
    assert done.stdout.endswith("Maintenance is off.\n") and done.stderr == ""


def test_a_deployment_that_fails_leaves_the_site_closed_and_says_so(folder: Path) -> None:
    write(folder / "restart", "#!/bin/sh\nexit 3\n")
    done = deploy(folder, ERRORPAGES_SWITCH="switch.json")
    assert done.returncode == 3
    assert is_on(folder) is True and not (folder / "check.log").exists()
    assert "The site may still be closed" in done.stderr


def test_a_deployment_without_a_switch_does_nothing(folder: Path) -> None:
    done = deploy(folder)
    assert done.returncode != 0 and "Say where the switch is." in done.stderr
    assert is_on(folder) is None and not (folder / "migrate.log").exists()
