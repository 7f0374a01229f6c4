"""What a switch says: its moments, its checks, and how it is written down."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errorpages import OptionError
from errorpages.maintenance import DEFAULT_PATHS, State

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = "k" * 43


def test_a_site_is_open_unless_its_switch_says_otherwise() -> None:
    assert not State().is_closed(NOON)
    assert State(on=True).is_closed(NOON)


@pytest.mark.parametrize(
    ("start", "is_closed"),
    [
        pytest.param(None, True, id="at once"),
        pytest.param(NOON - HOUR, True, id="an hour ago"),
        pytest.param(NOON, True, id="now"),
        pytest.param(NOON + HOUR, False, id="in an hour"),
    ],
)
def test_before_a_planned_start_the_site_is_open(start: datetime | None, is_closed: bool) -> None:
    assert State(on=True, start=start).is_closed(NOON) is is_closed
    assert not State(on=False, start=start).is_closed(NOON)


@pytest.mark.parametrize(
    ("end", "left"),
    [
        pytest.param(None, None, id="no end"),
        pytest.param(NOON + HOUR, 3600, id="an hour"),
        pytest.param(NOON + timedelta(milliseconds=1), 1, id="a part of a second counts as one"),
        pytest.param(NOON, None, id="now"),
        pytest.param(NOON - HOUR, None, id="passed"),
    ],
)
def test_an_end_that_has_passed_promises_nothing_and_the_site_stays_closed(
    end: datetime | None, left: int | None
) -> None:
    state = State(on=True, end=end)
    assert state.seconds_left(NOON) == left
    assert state.is_closed(NOON)


def test_a_moment_without_a_zone_is_in_local_time(berlin: None) -> None:
    assert State(end=datetime(2026, 7, 1, 14, 0)).end == NOON
    written = json.dumps({"on": True, "end": "2026-07-01T14:00:00"}).encode()
    assert State.from_json(written).end == NOON


def test_moments_are_kept_in_utc() -> None:
    state = State(since=NOON.astimezone(timezone(5 * HOUR)))
    assert state.since == NOON and state.since.tzinfo is UTC


def test_a_state_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        State().on = True  # type: ignore[misc]


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(State(on=True, bypass_key=KEY))


def test_orchestrators_and_certificates_pass_by_default() -> None:
    assert set(DEFAULT_PATHS) == {"/healthz", "/livez", "/readyz", "/health", "/up", "/metrics", "/.well-known/*"}
    assert State().paths == ()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        pytest.param({"on": "yes"}, "on", id="a word for on"),
        pytest.param({"on": 1}, "on", id="a number for on"),
        pytest.param({"end": "14:30"}, "end", id="a text for a moment"),
        pytest.param({"since": datetime.max.replace(tzinfo=timezone(-HOUR))}, "since", id="after the last year"),
        pytest.param({"start": NOON, "end": NOON}, "end", id="an end at the start"),
        pytest.param({"start": NOON, "end": NOON - HOUR}, "end", id="an end before the start"),
        pytest.param({"message": "Back at two"}, "message", id="a message without a language"),
        pytest.param({"message": {"german": "Umzug"}}, "message", id="a language that is no tag"),
        pytest.param({"message": {"de": " "}}, "message", id="a blank message"),
        pytest.param({"message": {"de": "\udc80"}}, "message", id="half a character"),
        pytest.param({"message": {"de": 5}}, "message", id="a number as message"),
        pytest.param({"networks": ("10.0.0.1/8",)}, "networks", id="a network with host bits"),
        pytest.param({"networks": ("example.org",)}, "networks", id="a name as network"),
        pytest.param({"networks": 10}, "networks", id="a number as networks"),
        pytest.param({"networks": ({},)}, "networks", id="a mapping as network"),
        pytest.param({"paths": ("up",)}, "paths", id="a path without its slash"),
        pytest.param({"bypass_key": "short"}, "bypass_key", id="a short key"),
        pytest.param({"bypass_key": 5}, "bypass_key", id="a number as key"),
        pytest.param({"bypass_window": 0}, "bypass_window", id="no window"),
        pytest.param({"bypass_window": "60"}, "bypass_window", id="a text as window"),
        pytest.param({"bypass_window": True}, "bypass_window", id="true as window"),
    ],
)
def test_a_value_that_can_not_be_used_is_named(values: dict[str, Any], name: str) -> None:
    with pytest.raises(OptionError) as caught:
        State(**values)
    assert caught.value.option == name
    assert caught.value.allowed


def test_a_bad_key_is_not_told() -> None:
    with pytest.raises(OptionError) as caught:
        State(bypass_key="hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["networks", "paths"])
def test_a_single_text_stands_for_a_list_of_one(name: str) -> None:
    value = {"networks": "10.0.0.0/8", "paths": "/status"}[name]
    values: dict[str, Any] = {name: value}
    assert getattr(State(**values), name) == (value,)


moments = st.none() | st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)
states = st.builds(
    State,
    on=st.booleans(),
    since=moments,
    start=moments,
    message=st.dictionaries(
        st.sampled_from(["", "en", "de", "pt-BR"]), st.text(min_size=1).filter(lambda text: bool(text.strip()))
    ),
    networks=st.lists(st.sampled_from(["10.0.0.0/8", "::1", "2001:db8::/32"])),
    paths=st.lists(st.just("/") | st.text().map(lambda text: f"/{text}")),
    bypass_key=st.none() | st.text(min_size=16),
    bypass_window=st.integers(min_value=1),
)


@given(states)
def test_what_is_written_down_is_read_again(state: State) -> None:
    assert State.from_json(state.to_json()) == state


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "no JSON", id="nothing"),
        pytest.param(b'{"on": tr', "no JSON", id="half of it"),
        pytest.param(b"\xff\xfe\x00", "no JSON", id="other bytes"),
        pytest.param(b"[" * 100_000, "no JSON", id="a deep nest"),
        pytest.param(b"[]", 'no JSON object with a member "on"', id="a list"),
        pytest.param(b"{}", 'no JSON object with a member "on"', id="an empty object"),
        pytest.param(b'{"on": null}', "on: None", id="neither on nor off"),
        pytest.param(b'{"on": true, "end": "14:30"}', "end: '14:30'", id="a time without a date"),
        pytest.param(b'{"on": true, "end": 5}', "end: 5", id="a number as moment"),
        pytest.param(b'{"on": true, "networks": null}', "networks: None", id="no list of networks"),
        pytest.param(b'{"on": true, "paths": ["up"]}', "paths: ", id="a path without its slash"),
    ],
)
def test_what_can_not_be_read_says_why(content: bytes, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        State.from_json(content)
    assert problem in str(caught.value)


def test_members_of_a_later_version_are_left_alone() -> None:
    assert State.from_json(b'{"on": true, "colour": "red"}') == State(on=True)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("2026-07-01T14:00:00"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from([field.name for field in dataclasses.fields(State)]), anything))
def test_no_content_makes_more_than_a_value_error(values: dict[str, Any]) -> None:
    with contextlib.suppress(ValueError):
        State.from_json(json.dumps({"on": True, **values}).encode())
