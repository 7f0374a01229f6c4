"""Writes a switch's file: as a whole, and never where a link of somebody else's leads.

Who closes a site is often root, and the switch often lies in a folder of the application's own user. That user could
put a symbolic link in the switch's place, or in a folder's on the way to it, and have root write any file of the
machine. So the path is walked here, folder by folder, each opened from within the one before: a link counts only where
root or the writer made it. All that follows happens in the folder that was opened, whatever becomes of its name.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import tempfile
from typing import Final, NamedTuple, Self

from .state import LARGEST, State

__all__ = ["UntrustedLinkError", "replace_file"]

_MOST_LINKS: Final = 40  # as many as Linux follows
_FOLDER: Final = getattr(os, "O_PATH", 0) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_CAN_WALK: Final = {os.open, os.stat, os.readlink, os.rename, os.unlink} <= os.supports_dir_fd
_ADVICE: Final = "remove it, or give the path of the file that is meant"


class UntrustedLinkError(OSError):
    """A link on the way to a file may have been placed by somebody who wants another one written."""

    def __init__(self, problem: str) -> None:
        super().__init__(errno.EPERM, problem)


def replace_file(path: str, content: bytes) -> None:
    """Write a file beside the old one, and put it in its place once it is on the disk.

    Args:
        path: The absolute path; where it is a link that counts, what it leads to is replaced.
        content: The new content.

    Raises:
        UntrustedLinkError: A link on the way does not count.
        OSError: It can't be written; then the old file is as it was.
    """
    if _CAN_WALK:
        with _Way() as way:
            name = way.go_to(path)
            _replace(way.folder, name, content)
    else:
        _replace_by_path(os.path.realpath(path), content)


# -- the way -----------------------------------------------------------------------------------------------------------


class _Link(NamedTuple):
    """A symbolic link: what is known of it, and where it leads."""

    status: os.stat_result
    target: str


class _Way:
    """A way through the file system, of which the folder that it has come to is open."""

    def __init__(self) -> None:
        self.folder = os.open("/", _FOLDER)
        self.path = "/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self.folder)

    def enter(self, name: str) -> None:
        """Go on into a folder; a link is none."""
        folder = os.open(name, _FOLDER, dir_fd=self.folder)
        os.close(self.folder)
        self.folder, self.path = folder, os.path.normpath(os.path.join(self.path, name))

    def go_to(self, path: str) -> str:
        """Go to the folder that a path leads to; returns the name of the file in it.

        Raises:
            UntrustedLinkError: A link on the way does not count.
            OSError: It leads nowhere.
        """
        ahead, links, doubts = _parts(path), 0, list[str]()
        while True:
            name = ahead.pop(0) if ahead else "."
            link = _link(self.folder, name)
            if link is not None:
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                doubts += _doubts(link, self.folder, self.path, name)
                if link.target.startswith("/"):
                    self.enter("/")
                ahead[:0] = _parts(link.target)
            elif ahead:
                self.enter(name)
            elif doubts and not _is_switch(self.folder, name):
                raise UntrustedLinkError(doubts[0])
            else:
                return name


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _link(folder: int, name: str) -> _Link | None:
    """Look at a link; None for what is none, or is not there. All that is told is of one and the same link."""
    try:
        if not hasattr(os, "O_PATH"):
            return _link_seen_twice(folder, name)
        link = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(link)
        return _Link(status, os.readlink("", dir_fd=link)) if stat.S_ISLNK(status.st_mode) else None
    finally:
        os.close(link)


def _link_seen_twice(folder: int, name: str) -> _Link | None:
    """Look at a link where none can be opened; one that is changed meanwhile has another time of change."""
    before = os.lstat(name, dir_fd=folder)
    if not stat.S_ISLNK(before.st_mode):
        return None
    target = os.readlink(name, dir_fd=folder)
    after = os.lstat(name, dir_fd=folder)
    if (before.st_ino, before.st_ctime_ns) != (after.st_ino, after.st_ctime_ns):
        raise UntrustedLinkError(f"{_shown(name)} is a symbolic link that was changed just now")
    return _Link(after, target)


def _doubts(link: _Link, folder: int, here: str, name: str) -> list[str]:
    """Refuse a link that others may have made; of one that they may have moved here, tell so.

    Args:
        link: The link.
        folder: The folder that it stands in.
        here: The folder's path.
        name: The link's name.
    """
    what = f"{_shown(os.path.join(here, name))} is a symbolic link to {_shown(os.path.join(here, link.target))}"
    if link.status.st_uid not in (0, os.geteuid()):
        raise UntrustedLinkError(f"{what} that belongs to {_user(link.status.st_uid)}: {_ADVICE}")
    if link.status.st_nlink > 1:  # others can give it a second name, in a place that its owner did not choose
        raise UntrustedLinkError(f"{what} that has {link.status.st_nlink} names: {_ADVICE}")
    around = os.fstat(folder)
    if around.st_uid in (0, os.geteuid()) and not around.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return []
    return [f"{what}, which is no switch, in a folder that others may change: {_ADVICE}"]


def _is_switch(folder: int, name: str) -> bool:
    """Tell whether a file holds a state, or is not there yet."""

    def opened(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)

    try:
        with open(name, "rb", opener=opened) as file:
            State.from_json(file.read(LARGEST) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b"")
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return True


def _shown(path: str) -> str:
    """Write a path down; it may have been made to spoil the terminal that it is printed on."""
    return path if path.isprintable() else ascii(path)


def _user(number: int) -> str:
    import pwd  # which Windows lacks

    try:
        return f"the user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"the user {number}"


# -- the file ----------------------------------------------------------------------------------------------------------


def _replace(folder: int, name: str, content: bytes) -> None:
    temporary = f".{name}.{secrets.token_hex(6)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            _hand_over(file.fileno(), name, folder)
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    _sync(folder)


def _hand_over(descriptor: int, name: str, folder: int) -> None:
    """Where root writes, give the file to whoever the old one, or else the folder, belongs to: who serves can't read it
    otherwise."""
    if os.geteuid() != 0:
        return
    owner = os.fstat(folder)
    with contextlib.suppress(FileNotFoundError):
        old = os.lstat(name, dir_fd=folder)
        if stat.S_ISREG(old.st_mode) and old.st_nlink == 1:  # with another name it may be anybody's
            owner = old
    os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _sync(folder: int) -> None:
    """Have the new name survive a loss of power."""
    descriptor = os.open(".", os.O_RDONLY, dir_fd=folder)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace_by_path(path: str, content: bytes) -> None:
    """Replace a file on a system where folders can't be opened, and where nobody is root."""
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
