"""What errorpages logs so that no visitor sees it: the exceptions of templates that fail when a page is made."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collected_failures"]


class _Collector(logging.Handler):
    """Keeps the exceptions that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failures: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the exception, where there is one."""
        if record.exc_info and record.exc_info[1]:
            self.failures.append(record.exc_info[1])


@contextmanager
def collected_failures() -> Iterator[list[BaseException]]:
    """Collect the exceptions that errorpages logs meanwhile, in their order; nothing else hears of them."""
    logger, collector = logging.getLogger("errorpages"), _Collector()
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    try:
        yield collector.failures
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagate
