"""With the middleware around an application, its successes and redirects are byte for byte what they were."""

from __future__ import annotations

import re
import socket
import time
from collections import Counter
from typing import Protocol

import pytest
from tests.transparency.samples import SAMPLES, Sample

pytestmark = pytest.mark.server

NUMBERS = {name: number for number, name in enumerate(SAMPLES)}
DATE = re.compile(rb"\r\ndate: [^\r\n]*(?=\r\n)", re.IGNORECASE)


class Pair(Protocol):
    """The fixture, as far as these tests know it."""

    @property
    def plain(self) -> int: ...
    @property
    def wrapped(self) -> int: ...


def received(port: int, target: str, sample: Sample) -> bytes:
    """Ask on a connection of its own; returns every byte that comes back, but for the date."""
    lines = [f"{sample.method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in sample.fields]
    answer = b""
    deadline = time.monotonic() + 60
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        while (data := connection.recv(1 << 20)) and time.monotonic() < deadline:
            answer += data
    head, blank, body = answer.partition(b"\r\n\r\n")
    return DATE.sub(b"", head) + blank + body


def test_there_are_at_least_200_samples_of_every_kind() -> None:
    classes = Counter(sample.status // 100 for sample in SAMPLES.values())
    assert len(SAMPLES) >= 200 and set(classes) == {2, 3} and classes[3] >= 20
    assert {sample.method for sample in SAMPLES.values()} >= {"GET", "HEAD", "POST", "OPTIONS"}


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_no_error_is_byte_for_byte_what_it_was(servers: Pair, name: str) -> None:
    sample, target = SAMPLES[name], f"/{NUMBERS[name]}"
    plain = received(servers.plain, target, sample)
    assert plain.startswith(b"HTTP/1.1 ")
    if not plain.startswith(b"HTTP/1.1 103"):
        assert plain.startswith(f"HTTP/1.1 {sample.status} ".encode())
    assert received(servers.wrapped, target, sample) == plain


def test_the_middleware_is_really_there(servers: Pair) -> None:
    assert b"X-Error-Pages" not in received(servers.plain, "/none", Sample())
    page = received(servers.wrapped, "/none", Sample())
    assert page.startswith(b"HTTP/1.1 404 ") and b"x-error-pages: page" in page.lower()


def test_a_body_that_is_not_small_arrives_whole(servers: Pair) -> None:
    """Both could be cut alike, and nothing would show it."""
    name = "1000000 bytes"
    answer = received(servers.wrapped, f"/{NUMBERS[name]}", SAMPLES[name])
    assert len(answer.partition(b"\r\n\r\n")[2]) == 1_000_000
