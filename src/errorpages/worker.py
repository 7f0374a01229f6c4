"""One thread that calls hooks, so that neither the time that they take nor their failures reach a response."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from .exchange import PageEvent
from .log import logger

__all__ = ["CAPACITY", "WITH_EXCEPTION", "WORKER", "Worker"]

CAPACITY: Final = 1024
"""How many events wait at most; what comes then is dropped."""

WITH_EXCEPTION: Final = 32
"""How many of them wait with their exception, whose traceback keeps all that its request had in its hands."""

LOG_INTERVAL: Final = 60.0
"""Seconds between two log lines about dropped events."""

EXIT_TIMEOUT: Final = 2.0
"""Seconds that the interpreter's exit waits for what has not been told yet."""

Hook = Callable[[PageEvent], object]


class Worker:
    """Calls hooks in the order in which their events came, on one thread, which starts with the first event.

    Args:
        capacity: How many events wait at most.
        log_interval: Seconds between two log lines about dropped events.
    """

    def __init__(self, capacity: int = CAPACITY, log_interval: float = LOG_INTERVAL) -> None:
        self._capacity = capacity
        self._log_interval = log_interval
        self.start_over()

    def start_over(self) -> None:
        """Forget all: in a forked child the thread is gone, its lock may be held by nobody, its events are not ours."""
        lock = threading.RLock()
        self._arrived = threading.Condition(lock)
        self._emptied = threading.Condition(lock)
        self._waiting: deque[tuple[Hook, PageEvent]] = deque()
        self._thread: threading.Thread | None = None
        self._is_busy = False
        self._dropped = self._logged = 0
        self._is_quiet_until = 0.0

    @property
    def dropped(self) -> int:
        """How many events were dropped in this process so far."""
        return self._dropped

    def put(self, hook: Hook, event: PageEvent) -> None:
        """Have a hook told of an event; never waits for hooks, and never fails.

        Args:
            hook: What to call.
            event: What it gets; without its exception where more than a few events wait already.
        """
        with self._arrived:
            if len(self._waiting) >= self._capacity or not self._runs():
                self._dropped += 1
            else:
                if event.exception is not None and len(self._waiting) >= WITH_EXCEPTION:
                    event = replace(event, exception=None)
                self._waiting.append((hook, event))
                self._arrived.notify()
        self._log_dropped()

    def flush(self, timeout: float) -> bool:
        """Wait until every event that came before was told.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            Whether nothing is left.
        """
        with self._emptied:
            return self._emptied.wait_for(lambda: not self._waiting and not self._is_busy, timeout)

    def _runs(self) -> bool:
        """Start the thread where there is none; tell whether there is one now."""
        if self._thread is not None and self._thread.is_alive():
            return True
        self._is_busy = False
        self._thread = threading.Thread(target=self._run, name="errorpages", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the interpreter ends, or the system has no thread to spare
            self._thread = None
            return False
        # Now, not at import: what hooks report to was set up before, and so is shut down after us.
        atexit.unregister(self._finish)
        atexit.register(self._finish)
        return True

    def _run(self) -> None:
        while True:
            with self._arrived:
                self._is_busy = False
                if not self._waiting:
                    self._emptied.notify_all()
                while not self._waiting:
                    self._arrived.wait()
                hook, event = self._waiting.popleft()
                self._is_busy = True
            _call(hook, event)
            del hook, event  # or its exception, with all of its request, would live until the next one
            self._log_dropped()

    def _log_dropped(self) -> None:
        """Log how many events were dropped: when the first is, and then at intervals."""
        if self._dropped == self._logged:
            return
        with self._arrived:
            now = time.monotonic()
            if self._dropped == self._logged or now < self._is_quiet_until:
                return
            self._logged, self._is_quiet_until = self._dropped, now + self._log_interval
        logger.warning(
            "on_page: %d events were dropped so far, each while %d waited; the hook is slower than the pages come",
            self._logged,
            self._capacity,
        )

    def _finish(self) -> None:
        if not self.flush(EXIT_TIMEOUT):
            logger.warning("on_page: the process ends; %d events are not told any more", len(self._waiting))


def _call(hook: Hook, event: PageEvent) -> None:
    try:
        hook(event)
    except BaseException:  # one that exits, too: the thread is not the hook's
        logger.exception("on_page: the callable raised; the page for status %s was served", event.status)


WORKER: Final = Worker()
"""The one of this process, whatever number of ErrorPages it has."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=WORKER.start_over)
