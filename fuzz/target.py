"""Makes an exchange of any bytes, puts it through both adapters, and says which promise was broken."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any, Final

from tests import bodies
from tests.hostile.exchanges import ERRORS, SITES, Exchange, check
from tests.hostile.values import BODY_WORDS, FIELD_NAMES, FIELD_WORDS, SHORT, TYPES, without_breaks

__all__ = ["FOUND", "Finding", "exchange_of", "run", "seeds"]

FOUND: Final = Path(__file__).parent / "found"
SLOWEST: Final = 1.0
"""Seconds that an exchange of this size may take; instrumented code is several times slower than the original."""

_METHODS: Final = ("GET", "HEAD", "POST", "PUT")
_STATUSES: Final = (404, 200, 302, 400, 401, 405, 410, 413, 422, 429, 431, 451, 500, 501, 503, 511, 599, 783, 999)
_HEAD_NAMES: Final = (
    "Retry-After",
    "Content-Language",
    "Vary",
    "Link",
    "Cache-Control",
    "CDN-Cache-Control",
    "Content-Encoding",
    "Content-Disposition",
    "Content-Security-Policy",
    "X-Request-ID",
    "Set-Cookie",
)
_STOCK: Final = tuple(
    body.encode()
    for body in (
        bodies.werkzeug(404, "@"),
        bodies.django(),
        bodies.webob("@"),
        bodies.pyramid("@"),
        bodies.pyramid_text("@"),
        bodies.bottle("@"),
        bodies.webob_json("@"),
        bodies.FALCON_XML_404,
        bodies.LITESTAR_404,
        '{"detail":"@"}',
        "<h1>Not Found</h1><p>@</p>",
        "@",
    )
)
_SITES: Final = tuple(sorted(SITES))
_ERRORS: Final = ("", "", "", "", *ERRORS)


class Finding(Exception):
    """A promise that did not hold; says where the exchange was written."""


class _Reader:
    """Reads choices and byte strings off the fuzzer's input."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def choice(self, options: Any) -> Any:
        return options[self._provider.ConsumeIntInRange(0, len(options) - 1)]

    def number(self, most: int) -> int:
        return int(self._provider.ConsumeIntInRange(0, most))

    def value(self, words: Any) -> bytes:
        """Read a value: bytes as they come, some of the words, or both."""
        pieces: list[bytes] = []
        for _ in range(self.number(6)):
            if self.number(2):
                pieces.append(self.choice(words))
            else:
                pieces.append(bytes(self._provider.ConsumeBytes(self.number(40))))
        return b"".join(pieces)


_BODY_WORDS: Final = tuple(word.encode("utf-8", "surrogatepass") for word in BODY_WORDS)


def exchange_of(provider: Any) -> Exchange:
    """Make an exchange of the fuzzer's input.

    Args:
        provider: atheris's FuzzedDataProvider.
    """
    reader = _Reader(provider)
    fields = {reader.choice(FIELD_NAMES): reader.value(FIELD_WORDS) for _ in range(reader.number(4))}
    head = {"Content-Type": reader.choice(TYPES)} if reader.number(3) else {"Content-Type": reader.value(FIELD_WORDS)}
    if not reader.number(15):
        head["X-Error-Pages"] = reader.choice((b"keep", b"page", b" Keep ", b"maintenance", b"no"))
    head |= {reader.choice(_HEAD_NAMES): reader.value(FIELD_WORDS) for _ in range(reader.number(3))}
    before, _, after = reader.choice(_STOCK).partition(b"@")
    body = before + reader.value(_BODY_WORDS) + after if reader.number(2) else reader.value(_BODY_WORDS)
    cuts = sorted(reader.number(len(body)) for _ in range(reader.number(3)))
    edges = [0, *cuts, len(body)]
    return Exchange(
        method=reader.choice(_METHODS),
        path=b"/" + reader.value(FIELD_WORDS),
        root_path=b"/" + reader.value(FIELD_WORDS) if reader.number(1) else b"",
        query=b"",
        fields=tuple(fields.items()),
        status=reader.choice(_STATUSES),
        head=tuple((name, without_breaks(value)) for name, value in head.items()),
        pieces=tuple(body[start:end] for start, end in zip(edges, edges[1:], strict=False)),
        site=reader.choice(_SITES),
        error=reader.choice(_ERRORS),
    )


def run(exchange: Exchange) -> None:
    """Put an exchange to the test.

    Raises:
        Finding: A promise did not hold; the exchange was written to `FOUND`.
    """
    started = time.perf_counter()
    try:
        check(exchange)
    except Exception as error:
        raise Finding(f"{_written(exchange)}: {type(error).__name__}: {error}") from error
    if time.perf_counter() - started <= SLOWEST:
        return
    started = time.perf_counter()
    check(exchange)
    taken = time.perf_counter() - started
    if taken > SLOWEST:
        raise Finding(f"{_written(exchange)}: it took {taken:.1f} s")


def _written(exchange: Exchange) -> Path:
    text = exchange.to_json()
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    path.write_text(text + "\n")
    return path


def seeds() -> list[bytes]:
    """Give the fuzzer something to start from."""
    return [value.encode("latin-1") * 4 for value in SHORT.values()] + [bytes(range(256)) * 2, b"\xff" * 300]
