"""The switches: what is read when, what happens where nothing can be read, and what is written."""

from __future__ import annotations

import json
import logging
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.maintenance.redis_server import RedisServer, free_port

from errorpages import OptionError
from errorpages.asgi import ErrorPagesMiddleware as ASGIMiddleware
from errorpages.exceptions import SwitchError
from errorpages.maintenance import FileSwitch, RedisSwitch, State
from errorpages.maintenance.switch import REDIS_KEY, switch_of
from errorpages.wsgi import ErrorPagesMiddleware as WSGIMiddleware

ON = State(on=True, networks=("10.0.0.0/8",))


PATIENCE = 60
"""Seconds after which something hangs, however busy the machine is."""


class Clock(Protocol):
    seconds: float

    def __call__(self) -> float: ...


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.02)


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "errorpages"]


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


# -- the file ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "maintenance.json"


def test_a_file_that_is_not_there_is_off_and_nothing_to_complain_about(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    switch = FileSwitch(path)
    assert switch.state() == State() and switch.read() is None
    assert logged(caplog) == []


def test_what_is_written_is_read_by_another_switch(path: Path) -> None:
    FileSwitch(path).write(ON)
    assert FileSwitch(path).read() == ON
    assert FileSwitch(str(path)).state() == ON


def test_the_file_is_its_owners_alone(path: Path) -> None:
    FileSwitch(path).write(ON)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    FileSwitch(path).write(State())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name], "nothing is left beside it"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_writes_belongs_to_whoever_the_folder_or_the_old_file_belongs_to(path: Path) -> None:
    os.chown(path.parent, 1234, 4321)
    FileSwitch(path).write(ON)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)
    os.chown(path, 77, 88)
    FileSwitch(path).write(State())
    assert (path.stat().st_uid, path.stat().st_gid) == (77, 88)


def test_a_link_to_the_file_stays_a_link(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "switch.json"
    target.parent.mkdir()
    path.symlink_to(target)
    FileSwitch(path).write(ON)
    assert path.is_symlink() and FileSwitch(target).read() == ON


def test_the_file_is_looked_at_once_a_second(path: Path, clock: Clock) -> None:
    switch = FileSwitch(path, clock=clock)
    assert switch.state() == State()
    FileSwitch(path).write(ON)
    clock.seconds = 0.99
    assert switch.state() == State()
    clock.seconds = 1.0
    assert switch.state() == ON


def test_a_file_that_has_not_changed_is_not_read_again(path: Path, clock: Clock) -> None:
    switch = FileSwitch(path, clock=clock)
    switch.write(ON)
    first = switch.state()
    clock.seconds = 5
    assert switch.state() is first
    switch.write(ON)
    clock.seconds = 10
    assert switch.state() == ON and switch.state() is not first


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        pytest.param(lambda path: path.write_bytes(b'{"on": tr'), "no JSON", id="half a file"),
        pytest.param(lambda path: path.write_bytes(b'{"on": 1}'), "on: 1 can't be used", id="a bad value"),
        pytest.param(
            lambda path: path.write_bytes(b" " * (1 << 20) + b"{}"), "more than 1,048,576 bytes", id="a large file"
        ),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), "no regular file", id="a folder"),
        pytest.param(lambda path: make_pipe(path), "no regular file", id="a pipe"),
        pytest.param(lambda path: (path.unlink(), path.symlink_to(path)), "symbolic links", id="a link in a circle"),
        pytest.param(lambda path: path.unlink(), "gone", id="no file any more"),
    ],
)
@pytest.mark.parametrize("before", [pytest.param(ON, id="closed"), pytest.param(State(), id="open")])
def test_a_file_that_can_not_be_read_changes_nothing_and_is_logged_once(
    before: State,
    spoil: Callable[[Path], object],
    problem: str,
    path: Path,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    switch = FileSwitch(path, clock=clock)
    switch.write(before)
    assert switch.state() == before
    spoil(path)
    for second in range(1, 6):
        clock.seconds = second
        assert switch.state() == before
    (message,) = logged(caplog)
    assert str(path) in message and problem in message
    assert ("stays open" in message) is not before.on

    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    switch.write(before)
    for second in range(6, 10):
        clock.seconds = second
        assert switch.state() == before
    assert len(logged(caplog)) == 2 and "can be read again" in logged(caplog)[1]


def test_a_file_that_was_never_readable_is_off(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text("{")
    assert FileSwitch(path).state() == State()
    assert len(logged(caplog)) == 1


def test_a_file_that_comes_back_as_it_was_is_read_again(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    switch = FileSwitch(path, clock=clock)
    switch.write(ON)
    assert switch.state() == ON
    path.rename(path.with_suffix(".away"))
    clock.seconds = 1
    assert switch.state() == ON
    path.with_suffix(".away").rename(path)
    clock.seconds = 2
    assert switch.state() == ON
    assert len(logged(caplog)) == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"{", "no JSON", id="no JSON"),
        pytest.param(b'{"on": true, "networks": ["x"]}', "networks: 'x' can't be used", id="a bad network"),
    ],
)
def test_reading_a_corrupt_file_says_what_is_wrong(path: Path, content: bytes, problem: str) -> None:
    path.write_bytes(content)
    with pytest.raises(SwitchError) as caught:
        FileSwitch(path).read()
    assert caught.value.switch == str(path) and problem in caught.value.problem


def test_a_file_that_can_not_be_written_says_so_and_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path.parent / "folder").mkdir()
    switch = FileSwitch(path.parent / "folder" / "switch.json")
    (path.parent / "folder").rmdir()
    with pytest.raises(SwitchError, match=r"folder/switch.json: can't be written \(No such file"):
        switch.write(ON)
    switch = FileSwitch(path)
    switch.write(ON)
    (path.parent / "full").mkdir()
    monkeypatch.setattr(os, "fsync", _no_space)
    with pytest.raises(SwitchError, match="No space left"):
        switch.write(State())
    assert switch.read() == ON
    assert sorted(file.name for file in path.parent.iterdir()) == ["full", path.name]


def _no_space(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_folder_is_no_switch(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=f"{tmp_path} is a folder"):
        FileSwitch(tmp_path)


@pytest.mark.parametrize(
    ("given", "tried"),
    [
        pytest.param("nowhere/switch.json", "nowhere: No such file or directory", id="no folder"),
        pytest.param("no/where/switch.json", "no/where: No such file or directory", id="no folders"),
        pytest.param("file/switch.json", "file is a file", id="a file"),
        pytest.param("link", "nowhere: No such file or directory", id="a link to no folder"),
        pytest.param("a\0b/switch.json", "embedded null byte", id="a null character"),
    ],
)
def test_a_switch_without_a_folder_is_refused_with_the_path_that_was_tried(
    given: str, tried: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere/switch.json")
    for make in (FileSwitch, switch_of):
        with pytest.raises(OptionError) as caught:
            make(given)
        assert (caught.value.option, caught.value.value) == ("maintenance", given)
        assert tried in str(caught.value) and str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("middleware", [WSGIMiddleware, ASGIMiddleware])
def test_an_application_does_not_start_where_its_switch_has_no_folder(middleware: Any, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=f"{tmp_path}/nowhere"):
        middleware(lambda environ, start_response: [], maintenance=tmp_path / "nowhere" / "switch.json")


def test_a_relative_path_does_not_follow_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    switch = FileSwitch("switch.json")
    monkeypatch.chdir("/")
    switch.write(ON)
    assert (tmp_path / "switch.json").exists()


WRITE_FOR_EVER = """
import sys
from errorpages.maintenance import FileSwitch, State
switch = FileSwitch(sys.argv[1])
states = [State(on=True, message={"": "x" * length}) for length in (1, 100_000)]
print("writing", flush=True)
while True:
    for state in states:
        switch.write(state)
"""


def test_no_reader_sees_half_a_file_of_a_process_that_is_killed_while_it_writes(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    FileSwitch(path).write(ON)
    switch = FileSwitch(path, clock=clock)
    reads = 0
    for attempt in range(12):
        with subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None and writer.stdout.readline() == b"writing\n"
            deadline = time.monotonic() + 0.02 * (attempt % 4)
            while True:
                clock.seconds += 1  # every look is a fresh one
                assert switch.state().on
                assert FileSwitch(path).read() is not None
                reads += 1
                if time.monotonic() >= deadline:
                    break
            writer.send_signal(signal.SIGKILL)
        clock.seconds += 1
        state = FileSwitch(path).read()
        assert state is not None and len(state.message.get("", "x")) in (1, 100_000)
        assert switch.state() == state
    assert reads >= 12 and logged(caplog) == []


# -- Redis -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give Redis all the time that a busy machine may need for the first answer."""
    monkeypatch.setattr("errorpages.maintenance.switch._FIRST_ANSWER", PATIENCE)
    monkeypatch.setattr("errorpages.maintenance.switch._REDIS_TIMEOUT", PATIENCE)


@pytest.mark.usefixtures("patient")
def test_what_is_written_to_redis_is_read_by_another_switch(redis: RedisServer) -> None:
    assert RedisSwitch(redis.url).read() is None
    RedisSwitch(redis.url).write(ON)
    assert RedisSwitch(redis.url).read() == ON
    assert RedisSwitch(redis.url).state() == ON, "the first request of a process gets the first answer"
    with redis.client() as client:
        assert client.keys() == [REDIS_KEY.encode()], "one key"


@pytest.mark.usefixtures("patient")
def test_a_change_arrives(redis: RedisServer) -> None:
    reader, writer = RedisSwitch(redis.url), RedisSwitch(redis.url)
    assert reader.state() == State()
    writer.write(ON)
    wait_for(lambda: reader.state() == ON, "the change")


@pytest.mark.usefixtures("patient")
def test_a_redis_that_is_lost_changes_nothing_and_is_logged_once(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    switch = RedisSwitch(redis.url)
    switch.write(ON)
    assert switch.state() == ON
    redis.stop()
    wait_for(lambda: len(logged(caplog)) == 1, "the complaint")
    assert f"redis://127.0.0.1:{redis.port}/0" in logged(caplog)[0] and "stays closed" in logged(caplog)[0]
    redis.start()  # without what it held
    wait_for(lambda: redis.reads() >= 2, "two more looks")
    assert switch.state() == ON, "what it said is lost, and nobody said anything else"
    assert len(logged(caplog)) == 1
    RedisSwitch(redis.url).write(State())
    wait_for(lambda: switch.state() == State(), "the change")
    wait_for(lambda: len(logged(caplog)) == 2, "the word that it is back")
    assert "can be read again" in logged(caplog)[1]


def test_no_request_waits_for_a_redis_that_hangs(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch asks all the time, and none of its questions is answered as long as the requests come."""
    monkeypatch.setattr("errorpages.maintenance.switch._REDIS_TIMEOUT", 100 * PATIENCE)
    monkeypatch.setattr("errorpages.maintenance.switch.INTERVAL", 0.001)
    RedisSwitch(redis.url).write(ON)
    switch, fresh = RedisSwitch(redis.url), RedisSwitch(redis.url)
    wait_for(lambda: switch.state() == ON, "the first answer")
    os.kill(redis.pid, signal.SIGSTOP)
    answers: list[State] = []

    def ask() -> None:
        for _ in range(300):
            answers.append(switch.state())
            time.sleep(0.001)
        answers.extend((fresh.state(), fresh.state()))

    asking = threading.Thread(target=ask, daemon=True)
    try:
        asking.start()
        asking.join(PATIENCE)
    finally:
        os.kill(redis.pid, signal.SIGCONT)
    assert answers == [ON] * 300 + [State()] * 2, "the last two were never read: off"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda client: client.set(REDIS_KEY, "{"), id="half a state"),
        pytest.param(lambda client: (client.delete(REDIS_KEY), client.rpush(REDIS_KEY, "x")), id="a list"),
        pytest.param(lambda client: client.delete(REDIS_KEY), id="nothing"),
    ],
)
@pytest.mark.usefixtures("patient")
def test_a_key_that_holds_no_state_changes_nothing(
    redis: RedisServer, spoil: Callable[[Any], object], caplog: pytest.LogCaptureFixture
) -> None:
    switch = RedisSwitch(redis.url)
    switch.write(ON)
    assert switch.state() == ON
    with redis.client() as client:
        spoil(client)
    wait_for(lambda: len(logged(caplog)) == 1, "the complaint")
    assert switch.state() == ON


def test_a_value_of_any_size_is_read_no_further_than_a_state_may_be_long(
    redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    switch = RedisSwitch(redis.url)
    switch.write(ON)
    assert switch.state() == ON
    with redis.client() as client:
        client.setrange(REDIS_KEY, 100_000_000, "x")
        before = int(client.info("stats")["total_net_output_bytes"])
        with pytest.raises(SwitchError, match=f"the key {REDIS_KEY} holds more than 1,048,576 bytes"):
            RedisSwitch(redis.url).read()
        wait_for(lambda: len(logged(caplog)) == 1, "the complaint")
        sent = int(client.info("stats")["total_net_output_bytes"]) - before
        assert 1 << 20 < sent < 10 << 20, "each look has at most a megabyte"
    assert "more than 1,048,576 bytes" in logged(caplog)[0] and "stays closed" in logged(caplog)[0]
    assert switch.state() == ON


def test_an_empty_value_is_as_good_as_none(redis: RedisServer) -> None:
    with redis.client() as client:
        client.set(REDIS_KEY, "")
    assert RedisSwitch(redis.url).read() is None


def test_a_state_that_nobody_would_read_is_not_written(redis: RedisServer, path: Path) -> None:
    for switch in (FileSwitch(path), RedisSwitch(redis.url)):
        switch.write(ON)
        with pytest.raises(
            SwitchError, match=r"can't be written \(the state has 1,0\d\d,\d+ bytes; allowed: 1,048,576\)"
        ):
            switch.write(State(on=True, message={"": "x" * (1 << 20)}))
        assert switch.read() == ON


def test_reading_a_spoiled_key_says_what_is_wrong(redis: RedisServer) -> None:
    with redis.client() as client:
        client.set(REDIS_KEY, "{")
    with pytest.raises(SwitchError, match=f"the key {REDIS_KEY} holds no JSON"):
        RedisSwitch(redis.url).read()


def test_a_redis_that_is_not_there_says_so_to_the_operator_and_takes_no_site_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    switch = RedisSwitch(f"redis://operator:hunter2@127.0.0.1:{free_port()}/0?protocol=2")
    with pytest.raises(SwitchError, match="can't be reached") as unread:
        switch.read()
    with pytest.raises(SwitchError, match="can't be written") as unwritten:
        switch.write(ON)
    assert switch.state() == State()
    wait_for(lambda: len(logged(caplog)) == 1, "the complaint")
    for text in (*logged(caplog), str(unread.value), str(unwritten.value), repr(switch)):
        assert "hunter2" not in text and "operator" not in text


FORK = """
import os, sys, time
from errorpages.maintenance import RedisSwitch, State
from errorpages.maintenance import switch as module
module._FIRST_ANSWER = module._REDIS_TIMEOUT = 60  # a busy machine may need longer
url, asked_before = sys.argv[1:]
switch = RedisSwitch(url)
if asked_before == "asked":
    assert not switch.state().on
read, write = os.pipe()
child = os.fork()
if child == 0:
    os.read(read, 1)
    begin = time.monotonic()
    first = switch.state().on
    while not switch.state().on and time.monotonic() - begin < 20:
        time.sleep(0.02)
    print(first, switch.state().on, flush=True)
    os._exit(0)
switch.write(State(on=True))
os.write(write, b"x")
os.waitpid(child, 0)
while asked_before == "asked" and not switch.state().on:
    time.sleep(0.02)
"""


@pytest.mark.parametrize("asked_before", ["asked", "never asked"])
def test_a_process_that_was_forked_long_before_its_first_request_asks_first(
    redis: RedisServer, asked_before: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, redis.url, asked_before],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "True True\n"


def test_a_switch_that_nobody_has_any_more_leaves_no_thread(redis: RedisServer) -> None:
    before = set(threading.enumerate())
    switch = RedisSwitch(redis.url)
    assert set(threading.enumerate()) == before, "nothing runs before the first request"
    switch.state()
    (thread,) = set(threading.enumerate()) - before
    assert thread.daemon
    del switch
    thread.join(20)
    assert not thread.is_alive()


# -- a callable --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        pytest.param(ON, ON, id="a state"),
        pytest.param(True, State(on=True), id="true"),
        pytest.param(False, State(), id="false"),
        pytest.param(None, State(), id="none"),
    ],
)
def test_a_callable_says_what_it_says(answer: object, state: State) -> None:
    switch = switch_of(lambda: answer)
    assert switch is not None and switch.state() == state


def test_a_callable_that_fails_changes_nothing_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Any] = [True, 1 / 3, "on", "raise", ON, 5]

    def ask() -> object:
        answer = answers.pop(0)
        if answer == "raise":
            raise RuntimeError("lost")
        return answer

    switch = switch_of(ask)
    assert switch is not None
    assert [switch.state().on for _ in range(4)] == [True] * 4
    assert len(logged(caplog)) == 1 and "0.333" in logged(caplog)[0]
    assert switch.state() == ON and len(logged(caplog)) == 2
    assert switch.state() == ON and len(logged(caplog)) == 3


# -- what the option may be --------------------------------------------------------------------------------------------


class Own:
    is_lost = False

    def state(self) -> State:
        if self.is_lost:
            raise RuntimeError("lost")
        return ON


def test_a_switch_of_ones_own_may_fail_without_harm() -> None:
    own = Own()
    switch = switch_of(own)
    assert switch is not None and switch.state() == ON
    own.is_lost = True
    assert switch.state() == ON


def test_the_option_names_a_switch(path: Path) -> None:
    switch = FileSwitch(path)
    assert switch_of(None) is None
    assert switch_of(switch) is switch
    assert isinstance(switch_of(path), FileSwitch) and isinstance(switch_of(str(path)), FileSwitch)
    for url in ("redis://127.0.0.1/0", "rediss://127.0.0.1/0", "unix:///run/redis.sock"):
        assert isinstance(switch_of(url), RedisSwitch)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="an empty text"),
        pytest.param(True, id="true"),
        pytest.param(5, id="a number"),
        pytest.param("https://acme.example/switch", id="another kind of URL"),
        pytest.param("redis://127.0.0.1:port/0", id="a URL without a port"),
        pytest.param("redis://[::1/0", id="a URL with half an address"),
        pytest.param(State(on=True), id="a state, which never changes"),
    ],
)
def test_what_names_no_switch_is_refused(value: object) -> None:
    with pytest.raises(OptionError) as caught:
        switch_of(value)
    assert caught.value.option == "maintenance"


def test_a_password_in_a_bad_url_is_not_told() -> None:
    with pytest.raises(OptionError) as caught:
        switch_of("memcached://operator:hunter2@127.0.0.1/0")
    assert "hunter2" not in str(caught.value) and "redis://" in str(caught.value)


IMPORTS = """
import sys
from errorpages.maintenance import FileSwitch, State
from errorpages import ErrorPages
switch = FileSwitch(sys.argv[1])
switch.write(State(on=True, bypass_key="k" * 20))
assert switch.state().on
print([name for name in ("redis", "itsdangerous") if name in sys.modules])
"""


def test_a_file_needs_no_more_than_the_core(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTS, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_without_redis_py_a_redis_url_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(OptionError, match=r"errorpages\[maintenance\]"):
        switch_of("redis://127.0.0.1/0")


def test_the_log_has_no_traceback_of_a_lost_switch(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text(json.dumps({"on": "perhaps"}))
    FileSwitch(path).state()
    (record,) = [record for record in caplog.records if record.name == "errorpages"]
    assert record.levelno == logging.ERROR and record.exc_info is None
