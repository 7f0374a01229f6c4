"""`errorpages maintenance`: what operators give, what they read, and what ends up in the switch."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from errorpages import Request
from errorpages.maintenance import DEFAULT_PATHS, FileSwitch, State, bypass
from errorpages.maintenance.gate import Gate

Run = Callable[..., Result]
KEY = "0123456789abcdef"


@pytest.fixture(autouse=True)
def operator(berlin: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERRORPAGES_SWITCH", raising=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "switch.json"


def kept(path: Path) -> State:
    state = FileSwitch(path).read()
    assert state is not None
    return state


def now() -> datetime:
    return datetime.now(UTC)


# -- on and off --------------------------------------------------------------------------------------------------------


def test_on_closes_the_site_and_says_who_passes(run: Run, path: Path) -> None:
    result = run("maintenance", "on", "--switch", str(path), "--allow", "10.0.0.0/8", "--allow", "::1")
    assert result.exit_code == 0, result.output
    state = kept(path)
    assert state.on and state.start is None and state.end is None
    assert state.since is not None and abs(state.since - now()) < timedelta(minutes=1)
    assert state.networks == ("10.0.0.0/8", "::1") and state.paths == ()
    assert "Maintenance is on." in result.output and str(path) in result.output
    assert "10.0.0.0/8 ::1" in result.output and " ".join(DEFAULT_PATHS) in result.output
    assert "no time" in result.output
    assert state.bypass_key is not None and len(state.bypass_key) >= 43
    assert state.bypass_key not in result.output


def test_the_bypass_link_that_is_printed_lets_one_in(run: Run, path: Path) -> None:
    result = run("maintenance", "on", "--switch", str(path))
    found = re.search(r"https://YOUR-SITE/\?(errorpages-bypass=\S+)\n", result.output)
    assert found is not None
    gate = Gate(FileSwitch(path))
    closing = gate.closing()
    assert closing is not None
    admission = gate.admit(closing, Request(query=found[1]), is_https=True)
    assert admission.redirect is not None and admission.redirect.status == 303
    assert "12 hours from now on" in result.output


def test_the_link_to_a_planned_closing_counts_from_its_start(run: Run, path: Path) -> None:
    output = run("maintenance", "on", "--switch", str(path), "--from", "2099-01-01T00:00", "--for", "2h").output
    assert "Maintenance is planned." in output and "12 hours from the start on" in output
    assert "2099-01-01 00:00 CET (2098-12-31 23:00 UTC), in " in output


def test_off_opens_the_site_and_forgets_the_key(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path))
    result = run("maintenance", "off", "--switch", str(path))
    assert (result.exit_code, result.output) == (0, "Maintenance is off.\n")
    assert kept(path) == State()
    assert run("maintenance", "off", "--switch", str(path)).output == "Maintenance is off; it was off before.\n"


def test_on_again_changes_the_plan_and_lets_in_whom_it_let_in(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path), "--for", "1h", "--message", "Moving")
    before = kept(path)
    run("maintenance", "on", "--switch", str(path), "--for", "3h")
    after = kept(path)
    assert (after.since, after.bypass_key) == (before.since, before.bypass_key)
    assert before.end is not None and after.end is not None and after.end > before.end


START = "2099-07-01T20:00+00:00"
EVERYTHING = [
    *("--from", START, "--for", "2h", "--message", "Moving", "--message", "de=Umzug"),
    *("--allow", "10.0.0.0/8", "--allow-path", "/status"),
]


def test_on_again_keeps_what_is_not_given_and_says_so(run: Run, path: Path) -> None:
    first = run("maintenance", "on", "--switch", str(path), *EVERYTHING).output
    assert "Kept" not in first
    before = kept(path)
    output = run("maintenance", "on", "--switch", str(path)).output
    assert kept(path) == before and before.message == {"": "Moving", "de": "Umzug"}
    assert "Maintenance is planned." in output
    flags = "--no-from --no-until --no-message --no-allow --no-allow-path"
    assert f"start, end, message, networks, paths; to drop: {flags}\n" in output


@pytest.mark.parametrize(
    ("arguments", "changes", "still"),
    [
        pytest.param(["--message", "Late"], {"message": {"": "Late"}}, "start, end, networks, paths", id="a message"),
        pytest.param(["--allow", "::1"], {"networks": ("::1",)}, "start, end, message, paths", id="a network"),
        pytest.param(["--allow-path", "/a"], {"paths": ("/a",)}, "start, end, message, networks", id="a path"),
        pytest.param(
            ["--for", "3h"],
            {"end": datetime(2099, 7, 1, 23, tzinfo=UTC)},
            "start, message, networks, paths",
            id="an end, from the planned start on",
        ),
        pytest.param(
            ["--from", "2099-07-01T21:00+00:00"],
            {"start": datetime(2099, 7, 1, 21, tzinfo=UTC)},
            "end, message, networks, paths",
            id="a start",
        ),
        pytest.param(["--no-from"], {"start": None}, "end, message, networks, paths", id="no start: at once"),
        pytest.param(["--no-until"], {"end": None}, "start, message, networks, paths", id="no end"),
        pytest.param(["--no-message"], {"message": {}}, "start, end, networks, paths", id="no message"),
        pytest.param(["--no-allow"], {"networks": ()}, "start, end, message, paths", id="no network"),
        pytest.param(["--no-allow-path"], {"paths": ()}, "start, end, message, networks", id="no path"),
    ],
)
def test_what_is_given_or_dropped_changes_alone(
    run: Run, path: Path, arguments: list[str], changes: dict[str, Any], still: str
) -> None:
    run("maintenance", "on", "--switch", str(path), *EVERYTHING)
    before = kept(path)
    result = run("maintenance", "on", "--switch", str(path), *arguments)
    assert result.exit_code == 0, result.output
    assert kept(path) == dataclasses.replace(before, **changes)
    assert re.search(rf"^Kept +{still}; to drop: ", result.output, re.MULTILINE)


def test_all_can_be_dropped(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path), *EVERYTHING)
    flags = ["--no-from", "--no-until", "--no-message", "--no-allow", "--no-allow-path"]
    output = run("maintenance", "on", "--switch", str(path), *flags).output
    before = kept(path)
    assert before == State(on=True, since=before.since, bypass_key=before.bypass_key)
    assert "Maintenance is on." in output and "Kept" not in output


def test_nothing_is_kept_of_a_closing_that_is_over(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path), *EVERYTHING)
    run("maintenance", "off", "--switch", str(path))
    run("maintenance", "on", "--switch", str(path))
    state = kept(path)
    assert (state.start, state.end, state.message, state.networks, state.paths) == (None, None, {}, (), ())


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        pytest.param(["--from", START], "--no-from", id="start"),
        pytest.param(["--until", "14:30"], "--no-until", id="end"),
        pytest.param(["--for", "2h"], "--no-until", id="length"),
        pytest.param(["--message", "a"], "--no-message", id="message"),
        pytest.param(["--allow", "::1"], "--no-allow", id="network"),
        pytest.param(["--allow-path", "/a"], "--no-allow-path", id="path"),
    ],
)
def test_what_is_given_can_not_be_dropped_too(run: Run, path: Path, given: list[str], flag: str) -> None:
    result = run("maintenance", "on", "--switch", str(path), *given, flag)
    assert result.exit_code == 2 and not path.exists()
    assert f"or {flag}, not both" in " ".join(result.stderr.split())


def test_a_start_after_the_end_that_is_kept_says_what_to_do(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path), *EVERYTHING)
    before = kept(path)
    result = run("maintenance", "on", "--switch", str(path), "--from", "2099-07-02T20:00+00:00")
    assert result.exit_code == 2 and kept(path) == before
    words = " ".join(result.stderr.split())
    assert "The end that is kept, 2099-07-02 00:00 CEST (2099-07-01 22:00 UTC), is not after the start" in words
    assert "--until or --for, or drop it with --no-until" in words


def test_an_own_window_of_the_switch_is_kept(run: Run, path: Path) -> None:
    FileSwitch(path).write(State(on=True, bypass_key=KEY, bypass_window=60))
    run("maintenance", "on", "--switch", str(path))
    assert (kept(path).bypass_key, kept(path).bypass_window) == (KEY, 60)


def test_the_key_is_another_one_each_time_the_site_is_closed(run: Run, path: Path) -> None:
    keys = set()
    for _ in range(3):
        run("maintenance", "on", "--switch", str(path))
        keys.add(kept(path).bypass_key)
        run("maintenance", "off", "--switch", str(path))
    assert len(keys) == 3


def test_without_itsdangerous_on_says_what_to_install(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bypass, "is_available", lambda: False)
    result = run("maintenance", "on", "--switch", str(path))
    assert result.exit_code == 0 and kept(path).on
    assert 'pip install "errorpages[maintenance]"' in result.output and "errorpages-bypass" not in result.output


def test_the_switch_may_stand_in_the_environment(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERRORPAGES_SWITCH", str(path))
    assert run("maintenance", "on").exit_code == 0
    assert kept(path).on
    assert "Maintenance is on." in run("maintenance", "status").output


def test_a_corrupt_switch_is_written_anew(run: Run, path: Path) -> None:
    path.write_text("{")
    result = run("maintenance", "off", "--switch", str(path))
    assert (result.exit_code, result.stdout) == (0, "Maintenance is off.\n")
    assert result.stderr.startswith(f"{path}: no JSON") and "nothing of it was kept" in result.stderr
    assert kept(path) == State()


# -- times -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "begin", "length"),
    [
        pytest.param(["--for", "45m"], None, timedelta(minutes=45), id="for so long"),
        pytest.param(
            ["--from", "2099-07-01T22:00", "--for", "45m"],
            "2099-07-01T20:00Z",
            timedelta(minutes=45),
            id="for so long, from then on",
        ),
        pytest.param(
            ["--from", "2099-07-01T22:00+00:00", "--until", "14:30"],
            "2099-07-01T22:00Z",
            timedelta(hours=14, minutes=30),
            id="until the next time after the start",
        ),
        pytest.param(["--from", "2099-07-01T22:00Z"], "2099-07-01T22:00Z", None, id="from then on, with no end"),
    ],
)
def test_times_are_what_the_operator_says(
    run: Run, path: Path, arguments: list[str], begin: str | None, length: timedelta | None
) -> None:
    result = run("maintenance", "on", "--switch", str(path), *arguments)
    assert result.exit_code == 0, result.output
    state = kept(path)
    assert state.start == (None if begin is None else datetime.fromisoformat(begin))
    if length is None:
        assert state.end is None
    else:
        assert state.end is not None
        assert abs(state.end - (state.start or now()) - length) < timedelta(minutes=1)


def test_a_time_of_day_is_the_operators_and_lies_ahead(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path), "--until", "14:30")
    end = kept(path).end
    assert end is not None and timedelta(0) < end - now() <= timedelta(hours=25)
    assert f"{end.astimezone():%H:%M}" == "14:30"


# -- words -------------------------------------------------------------------------------------------------------------


def test_messages_are_for_all_or_for_a_language(run: Run, path: Path) -> None:
    messages = ["--message", "We move.", "--message", "de=Wir ziehen um.", "--message", "pt-BR=Estamos mudando."]
    result = run("maintenance", "on", "--switch", str(path), *messages, "--message", "fr=a=b")
    assert kept(path).message == {
        "": "We move.",
        "de": "Wir ziehen um.",
        "pt-BR": "Estamos mudando.",
        "fr": "a=b",
    }
    assert re.search(r"^Message +We move\.$", result.output, re.MULTILINE)
    assert re.search(r"^Message de +Wir ziehen um\.$", result.output, re.MULTILINE)


def test_a_text_with_an_equals_sign_is_a_text(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path), "--message", "ETA=14:30")
    assert kept(path).message == {"": "ETA=14:30"}


def test_paths_are_added_to_the_usual_ones(run: Run, path: Path) -> None:
    run("maintenance", "on", "--switch", str(path), "--allow-path", "/status", "--allow-path", "/api/*")
    assert kept(path).paths == ("/status", "/api/*")


# -- what can't work ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--until", "25:00"], ["--until", "'25:00'", "14:30"], id="a time that is none"),
        pytest.param(["--until", "2001-01-01T00:00"], ["--until", "'2001-01-01T00:00'", "later"], id="a time passed"),
        pytest.param(["--from", "noon"], ["--from", "'noon'", "14:30"], id="a start that is none"),
        pytest.param(["--for", "a while"], ["--for", "'a while'", "45m"], id="a duration that is none"),
        pytest.param(["--for", "9999999d"], ["--for", "'9999999d'", "allowed"], id="a duration beyond all years"),
        pytest.param(["--for", "1h", "--until", "14:30"], ["--until or --for, not both"], id="two ends"),
        pytest.param(["--allow", "10.0.0.1/8"], ["--allow", "'10.0.0.1/8'", "host bits"], id="a network that is none"),
        pytest.param(["--allow-path", "status"], ["--allow-path", "'status'", "/api/*"], id="a path without its slash"),
        pytest.param(["--message", " "], ["--message", "' '", "not blank"], id="a blank message"),
        pytest.param(["--message", "de="], ["--message", "''", "not blank"], id="a blank message in a language"),
        pytest.param(["--message", "a", "--message", "b"], ["--message", "'b'", "every language"], id="two messages"),
        pytest.param(
            ["--message", "de=a", "--message", "de=b"], ["--message", "'b'", "language de"], id="two in a language"
        ),
    ],
)
def test_a_bad_value_names_itself_and_what_is_allowed(
    run: Run, path: Path, arguments: list[str], words: list[str]
) -> None:
    result = run("maintenance", "on", "--switch", str(path), *arguments)
    assert result.exit_code == 2 and not path.exists()
    assert all(word in " ".join(result.stderr.split()) for word in words), result.stderr


@pytest.mark.parametrize("command", ["on", "off", "status"])
def test_without_a_switch_it_says_how_to_give_one(run: Run, command: str) -> None:
    result = run("maintenance", command)
    assert result.exit_code == 2
    assert "--switch FILE" in result.stderr and "redis://" in result.stderr and "ERRORPAGES_SWITCH" in result.stderr


@pytest.mark.parametrize(
    ("switch", "words"),
    [
        pytest.param("http://acme.example/", ["'http://acme.example/'", "redis://"], id="another kind of URL"),
        pytest.param("/", ["'/'", "a folder"], id="a folder"),
        pytest.param("/nowhere/switch.json", ["/nowhere: No such file or directory"], id="no folder"),
        pytest.param("redis://user:hunter2@host:port/0", ["'redis://host:port/0'"], id="a URL without a port"),
    ],
)
def test_a_bad_switch_names_itself_and_what_is_allowed(run: Run, switch: str, words: list[str]) -> None:
    result = run("maintenance", "status", "--switch", switch)
    assert result.exit_code == 2 and "hunter2" not in result.stderr
    assert all(word in " ".join(result.stderr.split()) for word in ["--switch", *words]), result.stderr


def test_a_switch_that_can_not_be_written_is_named(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    result = run("maintenance", "on", "--switch", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "switch.json: can't be written (No space left on device)." in " ".join(result.stderr.split())


def test_without_redis_py_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    result = run("maintenance", "on", "--switch", "redis://127.0.0.1/0")
    assert result.exit_code == 2 and 'pip install "errorpages[maintenance]"' in " ".join(result.stderr.split())


# -- status ------------------------------------------------------------------------------------------------------------


def test_status_of_a_switch_that_nobody_used_is_off(run: Run, path: Path) -> None:
    result = run("maintenance", "status", "--switch", str(path))
    assert (result.exit_code, result.stdout) == (0, f"Maintenance is off.\nSwitch  {path}\n")


def test_status_shows_local_times_and_utc(run: Run, path: Path) -> None:
    end = datetime(2099, 7, 1, 12, 30, tzinfo=UTC)
    FileSwitch(path).write(State(on=True, since=datetime(2026, 1, 1, tzinfo=UTC), end=end, bypass_key=KEY))
    output = run("maintenance", "status", "--switch", str(path)).output
    assert "Maintenance is on." in output
    assert "2026-01-01 01:00 CET (00:00 UTC)" in output
    assert "2099-07-01 14:30 CEST (12:30 UTC), in " in output
    assert KEY not in output and "errorpages-bypass" not in output


def test_status_says_that_it_should_have_ended(run: Run, path: Path) -> None:
    FileSwitch(path).write(State(on=True, end=now() - timedelta(minutes=10)))
    output = run("maintenance", "status", "--switch", str(path)).output
    assert "Maintenance is on, and should have ended." in output and "10 minutes ago" in output


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param("{", "no JSON", id="half a file"),
        pytest.param('{"on": "yes"}', "on: 'yes' can't be used; allowed: True or False", id="a bad value"),
    ],
)
def test_status_of_a_corrupt_file_says_so(run: Run, path: Path, content: str, problem: str) -> None:
    path.write_text(content)
    result = run("maintenance", "status", "--switch", str(path))
    assert result.exit_code == 1
    assert str(path) in result.output and problem in result.output
    as_json = run("maintenance", "status", "--switch", str(path), "--json")
    assert as_json.exit_code == 1
    described = json.loads(as_json.output)
    assert problem in described["problem"] and described["on"] is None


def test_status_as_json_has_all_but_the_key(run: Run, path: Path) -> None:
    FileSwitch(path).write(
        State(
            on=True,
            since=datetime(2026, 1, 1, tzinfo=UTC),
            end=datetime(2099, 7, 1, 12, 30, tzinfo=UTC),
            message={"de": "Wir ziehen um."},
            networks=("10.0.0.0/8",),
            bypass_key=KEY,
        )
    )
    result = run("maintenance", "status", "--switch", str(path), "--json")
    described = json.loads(result.output)
    assert described.pop("seconds_left") > 0
    assert described == {
        "switch": str(path),
        "problem": None,
        "on": True,
        "planned": False,
        "since": "2026-01-01T00:00:00Z",
        "start": None,
        "end": "2099-07-01T12:30:00Z",
        "message": {"de": "Wir ziehen um."},
        "networks": ["10.0.0.0/8"],
        "paths": [],
        "bypass_window": 43_200,
    }
    assert KEY not in result.output


def test_status_as_json_of_a_plan_is_not_on(run: Run, path: Path) -> None:
    FileSwitch(path).write(State(on=True, start=datetime(2099, 1, 1, tzinfo=UTC)))
    described = json.loads(run("maintenance", "status", "--switch", str(path), "--json").output)
    assert (described["on"], described["planned"]) == (False, True)
