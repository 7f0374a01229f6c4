"""The switch: where a state is kept, and how it is read without anyone waiting for it.

Every switch keeps the last state that it could read, and is off as long as it could read none: one that is lost neither
closes a site nor opens it.
"""

from __future__ import annotations

import os
import stat
import threading
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from ..exceptions import OptionError, SwitchError
from ..log import excerpt, logger
from .state import LARGEST, State
from .writing import replace_file

if TYPE_CHECKING:
    from redis import Redis

__all__ = ["REDIS_KEY", "FileSwitch", "RedisSwitch", "Switch", "switch_of"]

_OPEN: Final = State()
_CLOSED: Final = State(on=True)

INTERVAL: Final = 1.0
"""Seconds that a state counts as fresh."""

REDIS_KEY: Final = "errorpages:maintenance"
_REDIS_SCHEMES: Final = ("redis", "rediss", "unix")
_SCHEMES: Final = ", ".join(f"{scheme}://" for scheme in _REDIS_SCHEMES)
_REDIS_TIMEOUT: Final = 1.0
_FIRST_ANSWER: Final = 0.25
"""Seconds that the first request of a process gives Redis to answer; no other request waits."""

_ALLOWED: Final = "None, a path, a redis:// URL, a switch, or a callable that returns a State, True, False or None"


class Switch(Protocol):
    """Tells the state of maintenance; it never raises, and never makes a request wait."""

    def state(self) -> State: ...


class _Memory:
    """The last state that could be read, and whether it can be read now.

    Args:
        name: The switch, as the log names it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = _OPEN
        self.is_known = False
        self.is_lost = False

    def learn(self, state: State) -> None:
        """Note a state that was read."""
        self.state, self.is_known = state, True
        if self.is_lost:
            self.is_lost = False
            logger.warning("maintenance: %s can be read again; the site is %s", self.name, _word(state))

    def lose(self, problem: object) -> None:
        """Note that it can't be read; it is logged once, until it can."""
        if not self.is_lost:
            self.is_lost = True
            logger.error("maintenance: %s can't be read (%s); the site stays %s", self.name, problem, _word(self.state))

    def miss(self) -> None:
        """Note that nothing is kept there: nobody used the switch yet, or what it said is lost."""
        if self.is_known:
            self.lose("it is gone")


def _word(state: State) -> str:
    return "closed, or planned to be" if state.on else "open"


def _stored(content: bytes) -> State:
    """Read a state that was written down, or the beginning of what is too large for one."""
    if len(content) > LARGEST:
        raise ValueError(f"more than {LARGEST:,} bytes")
    return State.from_json(content)


def _to_store(state: State, switch: str) -> bytes:
    """Write a state down; one that nobody would read is refused."""
    content = state.to_json()
    if len(content) > LARGEST:
        raise SwitchError(switch, f"can't be written (the state has {len(content):,} bytes; allowed: {LARGEST:,})")
    return content


class FileSwitch:
    """A switch that is a file: for one machine, or for several with a file system that they share.

    The file is JSON, readable for its owner alone, and replaced as a whole. It is looked at no more than once a second,
    and read only where it has changed.

    Args:
        path: Where the file is, or will be.
        clock: Tells seconds that only grow.

    Raises:
        OptionError: The path is a folder, or lies in none.

    Example::

        switch = FileSwitch("/var/lib/acme/maintenance.json")
        switch.write(State(on=True))
    """

    def __init__(self, path: str | os.PathLike[str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = os.path.abspath(path)
        _check_place(os.fspath(path), self.path)
        self._clock = clock
        self._due = float("-inf")
        self._seen: tuple[int, ...] | None = None
        self._memory = _Memory(self.path)

    def __repr__(self) -> str:
        return f"FileSwitch({self.path!r})"

    def state(self) -> State:
        """Tell the state, as it was a second ago or later."""
        if self._clock() >= self._due:
            self._due = self._clock() + INTERVAL  # first, so that other threads go on with what is known
            self._refresh()
        return self._memory.state

    def read(self) -> State | None:
        """Read the file now.

        Returns:
            The state, or None where there is no file.

        Raises:
            SwitchError: It can't be read.
        """
        try:
            return self._load()[0]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SwitchError(self.path, f"can't be read ({error.strerror or error})") from error
        except ValueError as error:
            raise SwitchError(self.path, str(error)) from error

    def write(self, state: State) -> None:
        """Replace the file by a new one, at once and as a whole.

        Args:
            state: What it shall say.

        Raises:
            SwitchError: It can't be written; then it says what it said before.
        """
        try:
            replace_file(self.path, _to_store(state, self.path))
        except OSError as error:
            raise SwitchError(self.path, f"can't be written ({error.strerror or error})") from error

    def _refresh(self) -> None:
        try:
            if not self._memory.is_lost and self._seen == _signature(os.stat(self.path)):
                return
            state, self._seen = self._load()
        except FileNotFoundError:
            self._memory.miss()
        except (OSError, ValueError) as error:
            self._memory.lose(error)
        else:
            self._memory.learn(state)

    def _load(self) -> tuple[State, tuple[int, ...]]:
        _check_regular(os.stat(self.path))
        with open(self.path, "rb", opener=_opened_at_once) as file:
            status = os.fstat(file.fileno())
            _check_regular(status)  # it may be another one by now
            signature = _signature(status)
            return _stored(file.read(LARGEST + 1)), signature


def _check_place(given: str, path: str) -> None:
    """Refuse a path that can't be a switch's: nobody could close the site, and nobody would notice until then."""
    if os.path.isdir(path):
        raise OptionError("maintenance", given, f"the path of a file; {path} is a folder")
    folder = os.path.dirname(path)
    try:
        folder = os.path.dirname(os.path.realpath(path))
        is_folder = stat.S_ISDIR(os.stat(folder).st_mode)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or error
        raise OptionError("maintenance", given, f"a file in a folder that exists; {folder}: {problem}") from error
    if not is_folder:
        raise OptionError("maintenance", given, f"a file in a folder; {folder} is a file")


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("no regular file")


def _opened_at_once(path: str, flags: int) -> int:
    # Opening a pipe would wait for its writer.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _signature(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class RedisSwitch:
    """A switch that is a key of a Redis: for a whole fleet.

    Each process that serves has a copy, which a thread of its own refreshes once a second; no request waits for Redis,
    but for the first one of a process, which gives it a quarter of a second. Needs the extra ``maintenance``.

    Args:
        url: Where it is: ``redis://host:6379/0``, ``rediss://…`` or ``unix://…``.

    Raises:
        OptionError: The URL can't be used, or redis-py is not installed.

    Example::

        switch = RedisSwitch("redis://cache.internal:6379/0")
        switch.write(State(on=True))
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.address = _without_secrets(url)
        self._memory = _Memory(self.address)
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._starting = threading.Lock()
        self._has_answered = threading.Event()
        self._connect()

    def __repr__(self) -> str:
        return f"RedisSwitch({self.address!r})"

    def state(self) -> State:
        """Tell the state, as it was about a second ago; it does not wait for Redis once there was an answer."""
        thread = self._thread
        # After a fork the thread runs in the parent alone, and counts as dead in the child.
        if thread is None or not thread.is_alive():
            self._start()
        return self._memory.state

    def read(self) -> State | None:
        """Ask Redis now.

        Returns:
            The state, or None where the key is not there.

        Raises:
            SwitchError: It doesn't answer, or not with a state.
        """
        from redis import RedisError

        try:
            with self._connect() as client:
                return self._ask(client)
        except (RedisError, OSError, UnicodeError) as error:  # the last for a host that can't be one
            raise SwitchError(self.address, f"can't be reached ({error})") from error
        except ValueError as error:
            raise SwitchError(self.address, f"the key {REDIS_KEY} holds {error}") from error

    def write(self, state: State) -> None:
        """Set the key now.

        Args:
            state: What it shall say.

        Raises:
            SwitchError: Redis doesn't take it.
        """
        from redis import RedisError

        try:
            with self._connect() as client:
                client.set(REDIS_KEY, _to_store(state, self.address))
        except (RedisError, OSError, UnicodeError) as error:
            raise SwitchError(self.address, f"can't be written ({error})") from error

    def _connect(self) -> Redis:
        try:
            from redis import Redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError as error:
            raise OptionError(
                "maintenance", self.address, 'this once redis-py is installed: pip install "errorpages[maintenance]"'
            ) from error
        try:
            return Redis.from_url(
                self._url,
                socket_timeout=_REDIS_TIMEOUT,
                socket_connect_timeout=_REDIS_TIMEOUT,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError as error:
            raise OptionError("maintenance", self.address, f"a URL that redis-py reads ({error})") from error

    def _ask(self, client: Redis) -> State | None:
        content: Any = client.getrange(REDIS_KEY, 0, LARGEST)  # empty where the key is not there
        return _stored(content) if content else None

    def _start(self) -> None:
        """Start the thread of this process, and give it a moment where nothing it knows is fresh."""
        if self._process != os.getpid():
            self._process, self._starting = os.getpid(), threading.Lock()  # the parent's may have been held
        with self._starting:
            if self._thread is not None and self._thread.is_alive():
                return
            self._has_answered = threading.Event()
            self._thread = threading.Thread(
                target=_watch, args=(weakref.ref(self), self._connect()), name="errorpages-maintenance", daemon=True
            )
            try:
                self._thread.start()
            except RuntimeError as error:  # there are too many threads, or the process is ending
                self._memory.lose(error)
                return
            self._has_answered.wait(_FIRST_ANSWER)

    def _refresh(self, client: Redis) -> None:
        try:
            state = self._ask(client)
        except Exception as error:
            self._memory.lose(error)
        else:
            self._memory.miss() if state is None else self._memory.learn(state)
        self._has_answered.set()


def _watch(reference: weakref.ref[RedisSwitch], client: Redis) -> None:
    """Refresh a switch's copy until nobody has the switch any more."""
    with client:
        while (switch := reference()) is not None:
            switch._refresh(client)
            del switch
            time.sleep(INTERVAL)


def _without_secrets(url: str) -> str:
    """Write a URL without the name, password and parameters in it."""
    try:
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    except ValueError:
        return f"{url.partition(':')[0]}:…"


class _CallableSwitch:
    """A switch of the site's own making.

    Args:
        function: Returns a State; or True or False, where None counts as False.
    """

    def __init__(self, function: Callable[[], object]) -> None:
        self._function = function
        self._memory = _Memory(f"the callable {getattr(function, '__qualname__', function)}")

    def state(self) -> State:
        try:
            answer = self._function()
            state = _stated(answer)
        except Exception as error:
            self._memory.lose(excerpt(error))
            return self._memory.state
        if state is None:
            self._memory.lose(f"it returned {excerpt(answer)}, and a State, True, False or None is allowed")
        else:
            self._memory.learn(state)
        return self._memory.state


def _stated(answer: object) -> State | None:
    """Read what a callable answered; None where that is no state."""
    if isinstance(answer, State):
        return answer
    if answer is None or isinstance(answer, bool):
        return _CLOSED if answer else _OPEN
    return None


def switch_of(value: Any) -> Switch | None:
    """Make the switch that the option ``maintenance`` names.

    Args:
        value: The option's value.

    Raises:
        OptionError: It names none that can be used.
    """
    if value is None:
        return None
    if isinstance(value, str) and "://" in value:
        if value.partition("://")[0].lower() not in _REDIS_SCHEMES:
            raise OptionError("maintenance", _without_secrets(value), f"a path, or a URL with {_SCHEMES}")
        return RedisSwitch(value)
    if isinstance(value, str | os.PathLike) and value:
        return FileSwitch(value)
    if isinstance(value, FileSwitch | RedisSwitch):
        return value
    if callable(getattr(value, "state", None)):
        return _CallableSwitch(value.state)
    if callable(value):
        return _CallableSwitch(value)
    raise OptionError("maintenance", value, _ALLOWED)
