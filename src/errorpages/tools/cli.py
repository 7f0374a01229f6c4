"""The command line: the catalogue for people and for programs, own templates, the demonstration and the gallery."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from errorpages.codes import StatusCode, catalogue
from errorpages.content import phrase
from errorpages.exceptions import OptionError
from errorpages.library import BUILT_IN, THEMES

from .checking import check as check_templates
from .hosts import is_host
from .maintenance import maintenance
from .markup import read
from .policies import policy_of
from .printing import print_explanation, print_table
from .reports import print_copies, print_policies, print_report, print_uses
from .templates import copy_templates

__all__ = ["cli"]

DEFAULT_PORT = 8001
GALLERY_PORT = 8003
_SUGGESTED = 3


def _named(context: click.Context, parameter: click.Parameter, host: str) -> str:
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not name:
        raise click.BadParameter(f"{host!r} can't be used; allowed: an address such as 127.0.0.1 or ::1, or a name")
    return name


def _answered(context: click.Context, parameter: click.Parameter, hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        if not is_host(host):
            raise click.BadParameter(
                f"{host!r} can't be used; allowed: a name such as build.acme.example, or *.acme.example for all below "
                "it, without scheme and port"
            )
    return hosts


_host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, callback=_named, help="The address to listen on."
)
_allow_host_option = click.option(
    "--allow-host",
    "hosts",
    metavar="NAME",
    multiple=True,
    callback=_answered,
    help="A name that browsers open it by, beside localhost and --host; *.NAME for all below it; repeatable.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="errorpages", message="%(package)s %(version)s")
def cli() -> None:
    """Look HTTP status codes up, see errorpages at work, make pages of your own, and close a site for maintenance."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Not every terminal can write every character; a question mark is better than a traceback.
        sys.stdout.reconfigure(errors="replace")


cli.add_command(maintenance)


@cli.command()
@click.argument("query", nargs=-1)
@_json_option
def codes(query: tuple[str, ...], as_json: bool) -> None:
    """List the status codes, all of them or those that QUERY describes.

    QUERY is words ("rate limit"), a code or its first digits (404, 42), a class (4xx), a vendor, a header field or an
    RFC. "Cached" tells whether caches keep such a response by default, only if told, or never.
    """
    words = " ".join(query)
    statuses = catalogue.search(words) if words else tuple(catalogue)
    if not statuses:
        raise click.ClickException(f'No status code is described by "{words}". "errorpages codes" lists all there are.')
    if as_json:
        _print_json(statuses)
    else:
        print_table(_console(), statuses, grouped=not words)


@cli.command()
@click.argument("code", nargs=-1, required=True)
@_json_option
def explain(code: tuple[str, ...], as_json: bool) -> None:
    """Tell all about a status code.

    CODE is a code (503), or any name it has or once had ("too many requests").
    """
    words = " ".join(code)
    statuses = _find(words)
    if as_json:
        _print_json(statuses)
        return
    console = _console()
    if len(statuses) > 1:
        numbers = ", ".join(str(status.code) for status in statuses)
        console.print(Text(f"{len(statuses)} codes have the name {words}: {numbers}\n"))
    for number, status in enumerate(statuses):
        if number:
            console.print()
        print_explanation(console, status)


@cli.command()
@_host_option
@click.option(
    "--port",
    type=click.IntRange(0, 65534),
    help="The Starlette half's port; the Werkzeug half takes the next one. 0 takes any free ones. "
    f"[default: {DEFAULT_PORT}, or a free one where it is taken]",
)
@_allow_host_option
def demo(host: str, port: int | None, hosts: tuple[str, ...]) -> None:
    """Show the pages on two small applications, one for ASGI and one for WSGI.

    Starts a Starlette and a Werkzeug application, each with an index of links to errors of every sort. Ctrl-C stops
    both.
    """
    from . import serving

    try:
        halves = serving.listen(host, DEFAULT_PORT if port is None else port, may_move=port is None)
    except OSError as error:
        raise click.ClickException(f"The demo can't start: {error.strerror}") from error
    serving.serve(halves, _print_addresses, hosts)


@cli.group()
def templates() -> None:
    """List the built-in templates, and copy them to start from."""


@templates.command("list")
def list_templates() -> None:
    """List the built-in templates, and what each is used for."""
    print_uses(_console(), BUILT_IN)


@templates.command("copy")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice(BUILT_IN))
@click.option("--force", is_flag=True, help="Overwrite files that are there already.")
def copy(folder: Path, names: tuple[str, ...], force: bool) -> None:
    """Copy built-in templates to DIR, to start from.

    NAME is one that "errorpages templates list" names; without one, all are copied. DIR is made if it does not exist.
    """
    try:
        files = copy_templates(folder, names or BUILT_IN, force=force)
    except FileExistsError as error:
        there = ", ".join(map(str, error.args))
        raise click.ClickException(
            f"Nothing was written, for there are already: {there}. --force overwrites."
        ) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or folder} can't be written: {error.strerror}") from error
    print_copies(_console(), folder, files)


@cli.command()
@click.option(
    "--templates",
    "folders",
    metavar="DIR",
    required=True,
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help="A folder of own templates; given more than once, they are searched in that order.",
)
@click.option(
    "--theme",
    "themes",
    multiple=True,
    type=click.Choice(THEMES),
    help="A theme that your site uses them with. May be given more than once.  [default: plain]",
)
@click.option(
    "--context",
    "context_file",
    metavar="FILE",
    type=click.File(encoding="utf-8"),
    help='A JSON object: the variables that your option "context" supplies.',
)
@_json_option
def check(folders: tuple[str, ...], themes: tuple[str, ...], context_file: Any, as_json: bool) -> None:
    """Render every page that own templates have a part in, and report what fails or is missing.

    The pages are those of each 4xx and 5xx status, as HTML, as a fragment for htmx, as text and as Markdown, in each
    language, with and without a message, a reference, a time to come back and links, and with the control of the option
    "auto_retry" where the templates have a part in it. Exits with 1 if there is an error.
    """
    context = None if context_file is None else _json_object(context_file)
    report = check_templates(folders, themes or THEMES[:1], context)
    if not report.pages and not report.count("error"):
        raise click.ClickException(
            f"No page uses a template of {', '.join(folders)}: it would have a name such as 404.html, 4xx.html or "
            "error.html, or that of a built-in one."
        )
    if as_json:
        counts = {"errors": report.count("error"), "warnings": report.count("warning")}
        click.echo(json.dumps({**counts, **dataclasses.asdict(report)}, indent=2))
    else:
        print_report(_console(), report)
    if report.count("error"):
        sys.exit(1)


@cli.command()
@click.option("--theme", default=THEMES[0], show_default=True, type=click.Choice([*THEMES, "all"]), help="The theme.")
@click.option("--accent", metavar="COLOUR", help='The option "accent", such as #0b4f9c.')
@click.option(
    "--logo", metavar="FILE", type=click.File(encoding="utf-8"), help='The SVG that the option "logo" is set to.'
)
@click.option("--auto-retry", is_flag=True, help='Allow the script that the option "auto_retry" adds.')
@_json_option
def csp(theme: str, accent: str | None, logo: Any, auto_retry: bool, as_json: bool) -> None:
    """Print the Content-Security-Policy of the built-in pages, for a proxy or an outer layer to set.

    Give the options that the site has: they shape the style, whose hash stands in the policy.
    """
    try:
        drawing = None if logo is None else logo.read()
        themes = THEMES if theme == "all" else (theme,)
        policies = [policy_of(name, accent=accent, logo=drawing, auto_retry=auto_retry) for name in themes]
    except OptionError as error:
        given = {"accent": accent, "logo": getattr(logo, "name", None)}[error.option]
        raise click.ClickException(f"--{error.option}: {given!r} can't be used; allowed: {error.allowed}") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"--logo: {logo.name} is not in UTF-8") from error
    except OSError as error:
        raise click.ClickException(f"--logo: {logo.name} can't be read: {error.strerror}") from error
    if drawing and any(tag == "style" or "style" in attributes for tag, attributes in read(drawing).elements):
        click.echo("The logo has styles, which this policy blocks: use attributes such as fill instead.", err=True)
    if as_json:
        rows = [{**dataclasses.asdict(policy), "value": policy.value} for policy in policies]
        click.echo(json.dumps(rows, indent=2))
    else:
        print_policies(_console(), policies)


def _json_object(file: Any) -> dict[str, Any]:
    try:
        value = json.load(file)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{file.name} holds no JSON: {error}", param_hint="--context") from error
    except OSError as error:
        raise click.BadParameter(f"{file.name} can't be read: {error.strerror}", param_hint="--context") from error
    if not isinstance(value, dict):
        raise click.BadParameter(f"{file.name} holds no JSON object, such as {{}}", param_hint="--context")
    return value


@cli.command()
@_host_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"The port to listen on. 0 takes any free one. [default: {GALLERY_PORT}, or a free one where it is taken]",
)
@click.option(
    "--templates",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of own templates, shown anew whenever one is saved.",
)
@_allow_host_option
def gallery(host: str, port: int | None, templates: Path | None, hosts: tuple[str, ...]) -> None:
    """Show every page in the browser, with the response that carries it.

    Choose the status, theme, format, language and much more; the URL keeps what was chosen. Ctrl-C stops it.
    """
    from . import serving

    try:
        listener = serving.listen_once(host, GALLERY_PORT if port is None else port, may_move=port is None)
    except OSError as error:
        raise click.ClickException(f"The gallery can't start: {error.strerror}") from error
    serving.serve_gallery(host, listener, templates, lambda url: _print_gallery(url, templates), hosts)


def _console() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def _print_json(statuses: Iterable[StatusCode]) -> None:
    click.echo(json.dumps([dataclasses.asdict(status) for status in statuses], indent=2))


def _find(words: str) -> tuple[StatusCode, ...]:
    if re.fullmatch(r"[0-9]{3}", words):
        status = catalogue.get(int(words))
        if status is None:
            raise click.ClickException(f'Nobody defined a status code {words}. "errorpages codes" lists all there are.')
        return (status,)
    statuses = catalogue.named(words)
    if not statuses:
        raise click.ClickException(f'No status code is called "{words}". {_advice(words)}')
    return statuses


def _advice(words: str) -> str:
    close = ", ".join(f"{status.code} {phrase(status.code)}" for status in catalogue.search(words)[:_SUGGESTED])
    if not close:
        return '"errorpages codes" lists all there are.'
    return f'Did you mean {close}? "errorpages codes {words}" lists all that fit.'


def _print_addresses(asgi: str, wsgi: str) -> None:
    console = _console()
    console.print(Text("errorpages is at work on two applications. Open one in a browser:\n"))
    for name, url in (("Starlette (ASGI)", asgi), ("Werkzeug (WSGI)", wsgi)):
        console.print(Text.assemble(f"  {name:<18}", (url, f"bold link {url}")), soft_wrap=True)
    console.print(Text("\nOr see what a program gets:\n"))
    for command in (
        f"curl {asgi}status/404",
        f"curl -H 'Accept: application/json' {wsgi}status/404",
        f"curl -i {asgi}busy",
    ):
        console.print(Text(f"  {command}", style="cyan"), soft_wrap=True)
    console.print(Text("\nCtrl-C stops both."))


def _print_gallery(url: str, templates: Path | None) -> None:
    console = _console()
    console.print(Text.assemble("The gallery is open at ", (url, f"bold link {url}")), soft_wrap=True)
    if templates is not None:
        console.print(Text(f"It shows the templates in {templates}, and again whenever one is saved."), soft_wrap=True)
    console.print(Text("\nCtrl-C stops it."))
