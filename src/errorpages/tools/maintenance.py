"""The command ``errorpages maintenance``: close a site, open it again, and see how it stands."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote

import click

from errorpages.exceptions import OptionError, SwitchError
from errorpages.maintenance import DEFAULT_PATHS, FileSwitch, RedisSwitch, State, bypass
from errorpages.maintenance.switch import switch_of

from .moments import read_duration, read_moment, write_duration, write_moment

__all__ = ["maintenance"]

VARIABLE: Final = "ERRORPAGES_SWITCH"
_TRANSLATED: Final = re.compile(r"([a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)=(.*)", re.DOTALL)
_EXPLAINED: Final = {"networks": "--allow", "paths": "--allow-path", "message": "--message"}
_DROPPED_BY: Final = {
    "start": "--no-from",
    "end": "--no-until",
    "message": "--no-message",
    "networks": "--no-allow",
    "paths": "--no-allow-path",
}

Kept = FileSwitch | RedisSwitch
T = TypeVar("T")

_switch_option = click.option(
    "--switch",
    "place",
    metavar="FILE|redis://…",
    envvar=VARIABLE,
    help=f"Where the switch is: what the option maintenance of your application names. [default: ${VARIABLE}]",
)


@click.group()
def maintenance() -> None:
    """Close a site for maintenance, and open it again."""


@maintenance.command()
@_switch_option
@click.option("--until", metavar="TIME", help="When it is planned to end: 14:30, or 2026-07-01T14:30+02:00.")
@click.option("--for", "length", metavar="DURATION", help="How long it is planned to take: 45m, 2h, 1h30m.")
@click.option("--no-until", is_flag=True, help="No end is planned any more.")
@click.option("--from", "begin", metavar="TIME", help="When it begins. [default: now]")
@click.option("--no-from", is_flag=True, help="It begins at once, not when it was planned.")
@click.option(
    "--message",
    "messages",
    metavar="TEXT|de=TEXT",
    multiple=True,
    help="What the page says in your own words, for all or for one language; may be repeated.",
)
@click.option("--no-message", is_flag=True, help="The page says nothing of yours.")
@click.option(
    "--allow", "networks", metavar="NET", multiple=True, help="A network whose visitors pass: 10.0.0.0/8; repeatable."
)
@click.option("--no-allow", is_flag=True, help="No network passes any more.")
@click.option(
    "--allow-path",
    "paths",
    metavar="GLOB",
    multiple=True,
    help="A path that everyone may reach, beside those that your application keeps open; repeatable.",
)
@click.option("--no-allow-path", is_flag=True, help="No path of these is open any more.")
def on(
    place: str | None,
    until: str | None,
    length: str | None,
    begin: str | None,
    messages: tuple[str, ...],
    networks: tuple[str, ...],
    paths: tuple[str, ...],
    **flags: bool,
) -> None:
    """Close the site, at once or from a time on.

    Times without a zone are yours; one that has passed today means tomorrow. Where the site is closed already, or
    planned to be, what is given here takes the place of what was given before, and the rest is kept, unless a --no-…
    drops it; bypass links and cookies stay good.
    """
    switch = _switch(place)
    now = datetime.now(UTC)
    before, problem = _before(switch)
    drops = [name for name, flag in _DROPPED_BY.items() if flags[flag.removeprefix("--").replace("-", "_")]]
    start = _given("--from", begin, lambda text: read_moment(text, now))
    given = {"start": start, "message": _messages(messages), "networks": networks, "paths": paths}
    changes = {name: value for name, value in given.items() if value}
    planned = start or (None if "start" in drops else before.start)
    end = _end(until, length, now if planned is None else max(now, planned))
    if end is not None:
        changes["end"] = end
    _refuse_both(changes, drops)
    kept = [name for name in _DROPPED_BY if getattr(before, name) and name not in (*changes, *drops)]
    if "end" in kept:
        _check_kept_end(before.end, planned)
    state = _changed(before, {**{name: getattr(State(), name) for name in drops}, **changes}, now)
    _write(switch, state, problem)
    _print_state(switch, state, now, [*_bypass_rows(state, now), *_kept_rows(kept)])


@maintenance.command()
@_switch_option
def off(place: str | None) -> None:
    """Open the site, and revoke every bypass link and cookie."""
    switch = _switch(place)
    before, problem = _before(switch)
    _write(switch, State(), problem)
    click.echo("Maintenance is off." if before.on or problem else "Maintenance is off; it was off before.")


@maintenance.command()
@_switch_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs; all times are in UTC.")
def status(place: str | None, as_json: bool) -> None:
    """Show whether the site is closed, until when, and who passes.

    Exits with 1 where the switch can't be read.
    """
    switch = _switch(place)
    now = datetime.now(UTC)
    problem: str | None = None
    state = State()
    try:
        state = switch.read() or state
    except SwitchError as error:
        problem = error.problem
    if as_json:
        click.echo(json.dumps(_described(switch, state, problem, now), indent=2))
    elif problem is not None:
        click.echo(f"{_name(switch)}: {problem}.\nSites that have read it before stay as they were; others are open.")
    else:
        _print_state(switch, state, now)
    if problem is not None:
        raise SystemExit(1)


# -- what is given -----------------------------------------------------------------------------------------------------


def _switch(place: str | None) -> Kept:
    if place is None:
        raise click.UsageError(
            f"Say which switch: --switch FILE or --switch redis://HOST:6379/0, or set {VARIABLE}. It is what the "
            "option maintenance of your application names."
        )
    try:
        switch = switch_of(place)
    except OptionError as error:
        raise click.BadParameter(
            f"{error.value!r} can't be used; allowed: {error.allowed}", param_hint="--switch"
        ) from error
    assert isinstance(switch, FileSwitch | RedisSwitch)
    return switch


def _given(option: str, text: str | None, read: Callable[[str], T]) -> T | None:
    if text is None:
        return None
    try:
        return read(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _end(until: str | None, length: str | None, begin: datetime) -> datetime | None:
    if until is not None and length is not None:
        raise click.UsageError("Give --until or --for, not both.")
    if until is not None:
        return _given("--until", until, lambda text: read_moment(text, begin))
    return _given("--for", length, lambda text: _later(begin, text))


def _later(begin: datetime, text: str) -> datetime:
    try:
        return begin + read_duration(text)
    except OverflowError as error:
        raise ValueError(f"{text!r} is too long; allowed: an end before the year 10000") from error


def _messages(texts: tuple[str, ...]) -> dict[str, str]:
    messages: dict[str, str] = {}
    for text in texts:
        found = _TRANSLATED.fullmatch(text)
        language, words = (found[1], found[2]) if found else ("", text)
        if language in messages:
            which = f"the language {language}" if language else "every language"
            raise click.BadParameter(f"{words!r} is a second one for {which}; allowed: one", param_hint="--message")
        messages[language] = words
    return messages


def _changed(before: State, changes: Mapping[str, Any], now: datetime) -> State:
    """Make the state of a site that is closed, or changed while it is."""
    try:
        return dataclasses.replace(
            before,
            **changes,
            on=True,
            since=before.since if before.on else now.replace(microsecond=0),
            bypass_key=before.bypass_key or secrets.token_urlsafe(32),
        )
    except OptionError as error:
        raise click.BadParameter(
            f"{error.value!r} can't be used; allowed: {error.allowed}", param_hint=_EXPLAINED[error.option]
        ) from error


def _check_kept_end(end: datetime | None, start: datetime | None) -> None:
    if start is not None and end is not None and end <= start:
        raise click.UsageError(
            f"The end that is kept, {write_moment(end)}, is not after the start, {write_moment(start)}: give --until "
            "or --for, or drop it with --no-until."
        )


def _refuse_both(given: Iterable[str], drops: Iterable[str]) -> None:
    for name in drops:
        if name in given:
            flag = _DROPPED_BY[name]
            raise click.UsageError(f"Give {flag.replace('--no-', '--')} or {flag}, not both.")


def _before(switch: Kept) -> tuple[State, str | None]:
    """Read what the switch said while the site is closed; one that can't be read is written anew, and that is said."""
    try:
        state = switch.read()
    except SwitchError as error:
        return State(), error.problem
    return state if state is not None and state.on else State(), None


def _write(switch: Kept, state: State, problem: str | None) -> None:
    """Write a state; where the one before could not be read, say that nothing is kept of it."""
    try:
        switch.write(state)
    except SwitchError as error:
        raise click.ClickException(f"{error.switch}: {error.problem}.") from error
    if problem is not None:
        click.echo(f"{_name(switch)}: {problem}. It was written anew; nothing of it was kept.", err=True)


# -- what is shown -----------------------------------------------------------------------------------------------------


def _name(switch: Kept) -> str:
    return switch.path if isinstance(switch, FileSwitch) else switch.address


def _condition(state: State, now: datetime) -> str:
    if not state.on:
        return "off"
    if not state.is_closed(now):
        return "planned"
    return "on" if state.end is None or state.end > now else "on, and should have ended"


def _rows(switch: Kept, state: State, now: datetime) -> Iterator[tuple[str, str]]:
    yield "Switch", _name(switch)
    if not state.on:
        return
    if state.start is not None:
        yield "Start", write_moment(state.start) + _distance(state.start, now)
    if state.since is not None:
        yield "Switched on", write_moment(state.since)
    if state.end is not None:
        yield "End", write_moment(state.end) + _distance(state.end, now)
    else:
        yield "End", "not known: the page promises no time"
    for language, text in state.message.items():
        yield f"Message {language}".rstrip(), text
    yield "Who passes", ""
    yield "  networks", " ".join(state.networks) or "none"
    yield "  paths", " ".join(state.paths) or "none"
    yield "  always", f"{' '.join(DEFAULT_PATHS)}, or what your application has in maintenance_paths"


def _distance(moment: datetime, now: datetime) -> str:
    seconds = round((moment - now).total_seconds())
    return f", in {write_duration(seconds)}" if seconds > 0 else f", {write_duration(-seconds)} ago"


def _bypass_rows(state: State, now: datetime) -> Iterator[tuple[str, str]]:
    if not bypass.is_available():
        yield "  a link", f"not without itsdangerous, here and where the site runs: {bypass.INSTALL}"
        return
    token = quote(bypass.signed(state, "link", now), safe="")
    yield "  a link", f"https://YOUR-SITE/?{bypass.PARAMETER}={token}"
    window = write_duration(state.bypass_window)
    begin = "the start on" if state.start is not None and state.start > now else "now on"
    yield "", f"Any address of your site with that at its end will do. It is good for {window} from {begin}, and"
    yield "", f'lets the browser in that opens it for {window} more; "errorpages maintenance off" revokes both.'


def _kept_rows(kept: Sequence[str]) -> Iterator[tuple[str, str]]:
    if kept:
        yield "Kept", f"{', '.join(kept)}; to drop: {' '.join(_DROPPED_BY[name] for name in kept)}"


def _print_state(switch: Kept, state: State, now: datetime, more: Iterable[tuple[str, str]] = ()) -> None:
    rows = [*_rows(switch, state, now), *more]
    width = max(len(label) for label, _ in rows) + 2
    click.echo(f"Maintenance is {_condition(state, now)}.")
    for label, text in rows:
        click.echo(_printable(f"{label:<{width}}{text}".rstrip() if label else text))


def _printable(text: str) -> str:
    """Write a text so that it can't do anything to the terminal: others may write what a switch says."""
    return "".join(char if char.isprintable() or char in "\n\t" else ascii(char)[1:-1] for char in text)


def _described(switch: Kept, state: State, problem: str | None, now: datetime) -> dict[str, Any]:
    values = dataclasses.asdict(state)
    for secret in ("bypass_key", "on"):
        del values[secret]
    for name in ("since", "start", "end"):
        values[name] = values[name] and values[name].isoformat().replace("+00:00", "Z")
    return {
        "switch": _name(switch),
        "problem": problem,
        "on": None if problem else state.is_closed(now),
        "planned": None if problem else state.on and not state.is_closed(now),
        **values,
        "seconds_left": state.seconds_left(now),
    }
