"""What root writes where another user could place links: never a file that this user could not write himself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from errorpages.exceptions import SwitchError
from errorpages.maintenance import FileSwitch, State
from errorpages.tools.cli import cli

ON = State(on=True)
APP = 65534
"""The application's user: nobody."""

OTHER = 54321
"""A user without a name."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may place links in another user's name")


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder of root's that everyone may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def app(root: Path) -> Path:
    """The application's own folder."""
    folder = root / "app"
    folder.mkdir()
    os.chown(folder, APP, APP)
    return folder


@pytest.fixture
def victim(root: Path) -> Path:
    """A file of root's alone."""
    path = root / "etc" / "shadow"
    path.parent.mkdir()
    path.write_text("secret")
    return path


def link(path: Path, target: Path | str, owner: int = APP) -> Path:
    path.symlink_to(target)
    os.chown(path, owner, owner, follow_symlinks=False)
    return path


def two_names(path: Path, target: Path) -> Path:
    os.link(link(path.with_suffix(".first"), target, 0), path, follow_symlinks=False)
    return path


def through_a_folder(app: Path, victim: Path, owner: int = APP) -> Path:
    return link(app / "state", victim.parent, owner) / victim.name


Place = Callable[[Path, Path], Path]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        pytest.param(lambda app, victim: link(app / "s", victim), ["/app/s is", "the user nobody"], id="the switch"),
        pytest.param(
            lambda app, victim: link(app / "s", "../etc/shadow"), ["/app/s is", "the user nobody"], id="a relative link"
        ),
        pytest.param(
            lambda app, victim: link(app / "s", victim.parent / "new"), ["/app/s is", "etc/new"], id="one to nowhere"
        ),
        pytest.param(through_a_folder, ["/app/state is", "/etc "], id="a folder on the way"),
        pytest.param(
            lambda app, victim: link(app.parent / "s", link(app / "b", victim), 0), ["/app/b is"], id="a second link"
        ),
        pytest.param(lambda app, victim: link(app / "s", victim, OTHER), ["the user 54321"], id="that of a third user"),
        pytest.param(lambda app, victim: two_names(app / "s", victim), ["has 2 names"], id="root's, with another name"),
        pytest.param(
            lambda app, victim: link(app / "s", victim, 0),
            ["which is no switch", "others may change"],
            id="root's, moved",
        ),
        pytest.param(
            lambda app, victim: through_a_folder(app, victim, 0),
            ["/app/state is", "no switch"],
            id="root's, to a folder",
        ),
        pytest.param(lambda app, victim: link(app / "s\x1b[2J", victim), [r"/app/s\x1b[2J"], id="one with an escape"),
    ],
)
def test_a_link_that_the_applications_user_could_have_placed_is_not_followed(
    place: Place, words: list[str], app: Path, victim: Path
) -> None:
    path = place(app, victim)
    before = sorted(app.iterdir())
    with pytest.raises(SwitchError) as caught:
        FileSwitch(path).write(ON)
    assert victim.read_text() == "secret" and os.stat(victim).st_uid == 0
    assert list(victim.parent.iterdir()) == [victim] and sorted(app.iterdir()) == before
    assert caught.value.switch == str(path)
    for word in [*words, "symbolic link to", "remove it, or give the path of the file that is meant"]:
        assert word in caught.value.problem
    assert "\x1b" not in caught.value.problem


def test_the_command_says_so_in_a_line(app: Path, victim: Path) -> None:
    path = link(app / "switch.json", victim)
    for command in ("on", "off"):
        result = CliRunner().invoke(cli, ["maintenance", command, "--switch", str(path)])
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"{path} is a symbolic link to {victim} that belongs to the user nobody" in result.stderr
    assert victim.read_text() == "secret"


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda app, target: link(app.parent / "s", target, 0), id="in a folder of root's"),
        pytest.param(lambda app, target: link(app / "s", target, 0), id="in the application's folder"),
        pytest.param(lambda app, target: through_a_folder(app, target, 0), id="to a folder"),
    ],
)
def test_a_link_of_roots_is_followed(place: Place, root: Path, app: Path) -> None:
    target = root / "shared" / "switch.json"
    target.parent.mkdir()
    path = place(app, target)
    for state in (ON, State(), ON):
        FileSwitch(path).write(state)
        assert FileSwitch(target).read() == state
    assert not target.is_symlink() and os.lstat(app).st_uid == APP


def test_a_switch_in_the_applications_folder_is_its_own(app: Path) -> None:
    path = app / "switch.json"
    FileSwitch(path).write(ON)
    assert os.lstat(path).st_uid == APP
    os.chown(path, OTHER, OTHER)
    FileSwitch(path).write(State())
    assert os.lstat(path).st_uid == OTHER


def test_a_file_with_another_name_is_left_alone_and_gives_nothing_away(app: Path, victim: Path) -> None:
    os.chown(victim, OTHER, OTHER)
    os.link(victim, app / "switch.json")
    FileSwitch(app / "switch.json").write(ON)
    assert victim.read_text() == "secret"
    assert os.lstat(app / "switch.json").st_uid == APP, "it is not handed to whoever the other file belongs to"


BECOME = f"""
import os, sys
from errorpages.maintenance import FileSwitch, State  # now: this Python may be in a folder of root's alone
os.setgroups([])
os.setgid({APP})
os.setuid({APP})
"""


def as_app(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", BECOME + program, *arguments], stdout=subprocess.PIPE, text=True)


WRITE = """
FileSwitch(sys.argv[1]).write(State(on=True))
"""


def test_users_follow_their_own_links_through_folders_that_they_may_only_enter(root: Path, app: Path) -> None:
    hidden = root / "hidden"
    hidden.mkdir(0o711)
    hidden.chmod(0o711)
    target = hidden / "app"
    target.mkdir()
    os.chown(target, APP, APP)
    path = link(app / "switch.json", target / "switch.json")
    with as_app(WRITE, str(path)) as process:
        assert process.wait(60) == 0
    assert FileSwitch(target / "switch.json").read() == ON


MAKE = """
from errorpages import OptionError
try:
    FileSwitch(sys.argv[1])
except OptionError as error:
    print(error)
"""


def test_a_folder_that_can_not_be_entered_is_said_when_the_switch_is_made(root: Path) -> None:
    (root / "closed").mkdir(0o700)
    (root / "closed" / "inner").mkdir()
    with as_app(MAKE, f"{root}/closed/inner/switch.json") as process:
        assert process.communicate(timeout=60)[0].endswith("/closed/inner: Permission denied\n")


def test_links_in_a_circle_are_an_error(root: Path) -> None:
    link(root / "a", root / "b", 0)
    link(root / "b", "a", 0)
    with pytest.raises(SwitchError, match="Too many levels of symbolic links"):
        FileSwitch(root / "a").write(ON)


SWAP = """
place, aside, target = sys.argv[1:]
print("swapping", flush=True)
while True:
    os.rename(place, aside)
    try:
        os.symlink(target, place)
    except FileExistsError:  # root has just written there
        pass
    else:
        os.rename(place, place + ".link")
    os.rename(aside, place)
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_no_file_is_written_through_a_link_that_comes_and_goes(kind: str, app: Path, victim: Path) -> None:
    place = app / "place"
    if kind == "file":
        place.touch()
        path, target = place, victim
    else:
        place.mkdir()
        path, target = place / "shadow", victim.parent
    os.chown(place, APP, APP)
    switch = FileSwitch(path)
    written = refused = 0
    with as_app(SWAP, str(place), str(app / "aside"), str(target)) as swapper:
        assert swapper.stdout is not None and swapper.stdout.readline() == "swapping\n"
        deadline = time.monotonic() + 60
        while (written < 100 or refused < 100) and time.monotonic() < deadline:
            try:
                switch.write(ON)
                written += 1
            except SwitchError:
                refused += 1
        assert swapper.poll() is None, "it swapped until the end"
        swapper.kill()
    assert victim.read_text() == "secret" and list(victim.parent.iterdir()) == [victim]
    assert written and refused, "both were met"
