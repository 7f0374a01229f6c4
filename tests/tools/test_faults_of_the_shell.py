"""What a shell does to a command: pipes that nobody reads, full disks, closed streams, bytes that are no text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from errorpages.maintenance import FileSwitch, State

Run = Callable[..., Result]


def in_shell(script: str, *arguments: str | bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a script of bash's, whose function `errorpages` is the command; $1 and so on are the arguments."""
    function = f'set -o pipefail; errorpages() {{ {sys.executable} -m errorpages "$@"; }}; '
    return subprocess.run(
        ["bash", "-c", function + script, "bash", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )


PRINTING = {
    "by rich": "codes",
    "by click": "codes --json",
    "the demo": "demo --port 0",
    "the gallery": "gallery --port 0",
}


@pytest.mark.server
@pytest.mark.parametrize("command", PRINTING.values(), ids=PRINTING)
def test_a_pipe_that_nobody_reads_ends_it_quietly(command: str) -> None:
    done = in_shell(f"errorpages {command} | true")
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


@pytest.mark.server
def test_the_demo_ends_quietly_once_its_first_line_was_read() -> None:
    done = in_shell("errorpages demo --port 0 | head -1")
    assert done.stdout == b"errorpages is at work on two applications. Open one in a browser:\n"
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to write to")
@pytest.mark.server
@pytest.mark.parametrize("command", PRINTING.values(), ids=PRINTING)
def test_a_full_disk_is_said_in_a_line(command: str) -> None:
    done = in_shell(f"errorpages {command} > /dev/full")
    assert (done.returncode, done.stderr) == (1, b"Error: No space left on device\n")


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&- <&-"])
def test_closed_streams_change_nothing(streams: str, tmp_path: Path) -> None:
    done = in_shell(f'errorpages maintenance on --switch "$1" {streams}', str(tmp_path / "switch"))
    assert (done.returncode, done.stderr) == (0, b"")
    state = FileSwitch(tmp_path / "switch").read()
    assert state is not None and state.on


@pytest.mark.server
def test_the_demo_serves_without_streams() -> None:
    done = in_shell("timeout --preserve-status -s INT 5 $1 -m errorpages demo --port 0 >&- 2>&-", sys.executable)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ["maintenance", "on", "--allow-path", "/BAD"], "--allow-path: '/\\udcff' can't be used", id="a path"
        ),
        pytest.param(["maintenance", "on", "--message", "BAD"], "--message: '\\udcff' can't be used", id="a message"),
        pytest.param(["maintenance", "on", "--message", "de=BAD"], "--message: '\\udcff'", id="one in a language"),
        pytest.param(["maintenance", "on", "--allow", "BAD"], "--allow: '\\udcff' can't be used", id="a network"),
        pytest.param(["maintenance", "on", "--until", "BAD"], "--until: '\\udcff' can't be read", id="a time"),
        pytest.param(["maintenance", "on", "--for", "BAD"], "--for: '\\udcff' can't be read", id="a duration"),
        pytest.param(["maintenance", "on", "--switch", "redis://BAD/0"], "can't be written", id="a host of Redis"),
        pytest.param(
            ["maintenance", "status", "--switch", "redis://BAD/0"], "can't be reached", id="one that is asked"
        ),
        pytest.param(["maintenance", "on", "--switch", "/BAD/switch"], "No such file or directory", id="a folder"),
        pytest.param(["codes", "BAD"], "No status code is described by", id="a search"),
        pytest.param(["explain", "BAD"], "No status code is called", id="a name"),
        pytest.param(["csp", "--accent", "BAD"], "--accent: '\\udcff' can't be used", id="a colour"),
        pytest.param(["csp", "--logo", "BAD"], "No such file", id="a file"),
        pytest.param(["check", "--templates", "BAD"], "does not exist", id="templates"),
        pytest.param(["gallery", "--host", "BAD"], "can't be used", id="an address"),
        pytest.param(["templates", "copy", "x", "BAD"], "is not one of", id="a template's name"),
    ],
)
def test_bytes_that_are_no_text_are_an_error_of_a_line(
    run: Run, arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERRORPAGES_SWITCH", str(tmp_path / "switch"))
    # As Python decodes the byte FF of an argument.
    result = run(*(argument.replace("BAD", "\udcff") for argument in arguments))
    assert result.exit_code in (1, 2) and isinstance(result.exception, SystemExit)
    assert words in " ".join(result.output.split())
    assert not (tmp_path / "switch").exists()


def test_the_shells_bytes_are_those_of_the_table(tmp_path: Path) -> None:
    done = in_shell('errorpages maintenance on --switch "$1" --allow-path "/$2"', str(tmp_path / "switch"), b"\xff")
    assert done.returncode == 2 and b"--allow-path: '/\\udcff' can't be used" in done.stderr


def test_a_switch_may_have_a_name_that_is_no_text(tmp_path: Path) -> None:
    for command in ("on", "status --json"):
        done = in_shell(f'cd "$1" && errorpages maintenance {command} --switch "$2"', str(tmp_path), b"\xff")
        assert (done.returncode, done.stderr) == (0, b""), command
    assert os.listdir(bytes(tmp_path)) == [b"\xff"]


@pytest.mark.parametrize("command", ["codes", "explain 418", "templates list", "csp --help"])
def test_a_terminal_that_knows_ascii_alone_gets_question_marks(command: str) -> None:
    done = in_shell(f"errorpages {command}", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0", COLUMNS="20")
    assert (done.returncode, done.stderr) == (0, b"") and done.stdout.isascii()


def test_json_loses_nothing_on_a_terminal_that_knows_ascii_alone(tmp_path: Path) -> None:
    FileSwitch(tmp_path / "switch").write(State(on=True, message={"": "Äß→"}))
    script = 'errorpages maintenance status --json --switch "$1"'
    done = in_shell(script, str(tmp_path / "switch"), LC_ALL="C", PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["message"] == {"": "Äß→"}


def test_a_message_does_nothing_to_the_terminal(run: Run, tmp_path: Path) -> None:
    FileSwitch(tmp_path / "switch").write(State(on=True, message={"": "a\x1b[2J\x9b31m\rb\nc"}, paths=["/\x1b[1m"]))
    output = run("maintenance", "status", "--switch", str(tmp_path / "switch")).output
    assert r"a\x1b[2J\x9b31m\rb" in output and r"/\x1b[1m" in output
    assert all(char.isprintable() or char == "\n" for char in output)


def test_a_file_that_fails_while_it_is_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "404.html").write_text("{{ title }}")
    for command in ("csp --logo", f"check --templates {tmp_path} --context"):
        done = in_shell(f"errorpages {command} /proc/self/mem")
        assert done.returncode in (1, 2)
        assert b"/proc/self/mem can't be read: Input/output error" in done.stderr and b"Traceback" not in done.stderr


def test_templates_that_do_not_fit_on_the_disk_are_said_in_a_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")  # as write(2) fails, which names no file

    monkeypatch.setattr(Path, "write_bytes", full)
    result = run("templates", "copy", str(tmp_path / "mine"))
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {tmp_path / 'mine'} can't be written: No space left on device\n",
    )


def test_a_folder_that_is_gone_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = in_shell('cd "$1" && rmdir "$1" && errorpages maintenance status --switch switch', str(tmp_path / "gone"))
    assert done.returncode in (1, 2) and b"Traceback" not in done.stderr and b"No such file" in done.stderr


@pytest.mark.parametrize(
    ("zone", "name", "moment"),
    [
        pytest.param("Asia/Tokyo", "end", "9999-12-31T23:59:00+00:00", id="after the last day"),
        pytest.param("America/New_York", "since", "0001-01-01T00:00:00+00:00", id="before the first day"),
    ],
)
def test_moments_beyond_the_operators_calendar_are_shown_in_utc(
    run: Run, zone: str, name: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = tmp_path / "switch"
    switch.write_text(json.dumps({"on": True, name: moment}))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        results = [run("maintenance", *command, "--switch", str(switch)) for command in (["status"], ["on"])]
    finally:
        monkeypatch.undo()
        time.tzset()
    for result in results:
        assert result.exit_code == 0 and " UTC" in result.output
