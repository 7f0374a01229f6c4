"""`errorpages csp`: what it prints lets every page through, and nothing more than the pages themselves ask for."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from errorpages import ErrorPages, Request, catalogue
from errorpages.library import THEMES
from errorpages.tools.policies import Policy, policy_of

Run = Callable[..., Result]

CSP = "Content-Security-Policy"
STATUSES = [status.code for status in catalogue if status.code >= 400]
LOGO = '<svg viewBox="0 0 8 8" aria-hidden="true"><path fill="#0b5c4a" d="M0 0h8v8z"/></svg>'
OPTIONS = [
    pytest.param({}, id="as it comes"),
    pytest.param({"accent": "#0b5c4a"}, id="an accent"),
    pytest.param({"logo": LOGO}, id="a logo"),
    pytest.param({"accent": "#7a1f5c", "logo": LOGO}, id="both"),
    pytest.param({"auto_retry": True}, id="the retry control"),
]


def arguments(options: dict[str, Any], folder: Path) -> list[str]:
    """Write options as the command takes them; the logo is a file."""
    if "logo" in options:
        (folder / "logo.svg").write_text(options["logo"])
        options = {**options, "logo": str(folder / "logo.svg")}
    flags = ["--auto-retry"] if options.get("auto_retry") else []
    return flags + [word for name, value in options.items() if name != "auto_retry" for word in (f"--{name}", value)]


def printed(output: str) -> dict[str, str]:
    """Read the policy of each theme from what is printed for people."""
    values: dict[str, str] = {}
    theme = ""
    for line in output.splitlines():
        if named := re.match(r"The theme (\w+) ", line):
            theme = named[1]
        if line.startswith(f"  {CSP}: "):
            values[theme] = line.removeprefix(f"  {CSP}: ")
    return values


def inline_hashes(body: bytes) -> dict[str, set[str]]:
    return {
        tag: {
            f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"
            for content in re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>".encode(), body, re.DOTALL)
        }
        for tag in ("style", "script")
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("options", OPTIONS)
def test_the_hashes_are_those_of_the_bytes_that_are_sent_for_every_status(
    run: Run, tmp_path: Path, theme: str, options: dict[str, Any]
) -> None:
    value = printed(run("csp", "--theme", theme, *arguments(options, tmp_path)).output)[theme]
    directives = {name: set(sources) for name, *sources in (part.split() for part in value.split("; "))}
    site = ErrorPages(theme=theme, site_name="Acme", support_url="/help", status_url="/status", **options)
    sent: dict[str, set[str]] = {"style": set(), "script": set()}
    for status in STATUSES:
        for method in ("GET", "POST"):
            request = Request(method=method, headers=(("Accept", "text/html"), ("X-Request-ID", "a1")))
            page = site.page(request, status, message="<b>No</b>", headers=(("Retry-After", "120"),))
            for tag, hashes in inline_hashes(page.body).items():
                sent[tag] |= hashes
    assert sent["style"] and directives["style-src"] == sent["style"]
    assert directives.get("script-src", set()) == sent["script"]
    page = site.page(Request(headers=(("Accept", "text/html"),)), 503)
    assert sorted(dict(page.headers)[CSP].split("; ")) == sorted(value.split("; "))


@pytest.mark.parametrize(
    ("values", "joined"),
    [
        pytest.param(["default-src 'none'; style-src a"], "default-src 'none'; style-src a", id="one"),
        pytest.param(["style-src a; img-src b"] * 2, "style-src a; img-src b", id="the same twice"),
        pytest.param(
            ["default-src 'none'; style-src a", "default-src 'none'; style-src a; script-src b; connect-src 'self'"],
            "default-src 'none'; style-src a; script-src b; connect-src 'self'",
            id="a page with more needs than another",
        ),
        pytest.param(["style-src a", "style-src b a"], "style-src a b", id="another style"),
        pytest.param(["style-src 'none'", "style-src a"], "style-src a", id="none beside something"),
    ],
)
def test_the_needs_of_different_pages_are_joined(values: list[str], joined: str) -> None:
    assert Policy.of("plain", values).value == joined


def test_the_sources_to_add_are_printed_apart(run: Run) -> None:
    lines = run("csp").output.splitlines()
    value = printed("\n".join(lines))["plain"]
    added = [part for part in value.split("; ") if part.startswith(("style-src", "img-src"))]
    assert [line.strip() for line in lines if line.startswith("  ") and CSP not in line] == added


def test_all_themes_are_printed_at_once(run: Run) -> None:
    assert printed(run("csp", "--theme", "all").output) == {theme: policy_of(theme).value for theme in THEMES}


def test_json_tells_directives_and_value(run: Run) -> None:
    rows = json.loads(run("csp", "--theme", "all", "--json").output)
    assert [row["theme"] for row in rows] == list(THEMES)
    for row in rows:
        assert row["value"] == policy_of(row["theme"]).value
        assert row["value"] == "; ".join(" ".join([name, *sources]) for name, sources in row["directives"].items())


def test_a_policy_is_never_broken_in_a_narrow_terminal(run: Run) -> None:
    output = re.sub(r"\x1b\[[0-9;]*m", "", run("csp", columns=40).output)
    assert printed(output)["plain"] == policy_of("plain").value


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        pytest.param({"style-src": ("'sha256-x'",), "img-src": ("'none'",)}, {"style-src"}, id="what allows nothing"),
        pytest.param({"default-src": ("'none'",)}, set(), id="nothing at all"),
        pytest.param({"connect-src": ("'self'",)}, {"connect-src"}, id="any directive that allows something"),
    ],
)
def test_what_to_add_is_what_allows_something(sources: dict[str, tuple[str, ...]], expected: set[str]) -> None:
    assert set(Policy("plain", sources).sources) == expected


@pytest.mark.parametrize(
    ("words", "named"),
    [
        pytest.param(["--accent", "red"], ["--accent", "'red'", "#rrggbb"], id="a colour that is none"),
        pytest.param(["--accent", "#ffff00"], ["--accent", "4.5:1"], id="a colour without contrast"),
        pytest.param(["--theme", "fancy"], ["--theme", "'fancy'", "'all'", "'plain'"], id="a theme that there is not"),
        pytest.param(["--logo", "nowhere.svg"], ["--logo", "nowhere.svg"], id="a file that there is not"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(run: Run, words: list[str], named: list[str]) -> None:
    result = run("csp", *words)
    assert result.exit_code in (1, 2) and result.stdout == ""
    for word in named:
        assert word in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"<?xml version='1.0'?><svg></svg>", "inline SVG", id="more than its element"),
        pytest.param(b"\x89PNG\xff", "not in UTF-8", id="another kind of image"),
    ],
)
def test_a_logo_that_can_not_be_used_is_named(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "logo.svg").write_bytes(content)
    result = run("csp", "--logo", str(tmp_path / "logo.svg"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--logo" in result.stderr and "logo.svg" in result.stderr and words in result.stderr


@pytest.mark.parametrize(
    "logo",
    [
        pytest.param("<svg><style>path{fill:red}</style><path d='M0 0'/></svg>", id="a style element"),
        pytest.param("<svg><path style='fill:red' d='M0 0'/></svg>", id="a style attribute"),
    ],
)
def test_a_logo_with_styles_brings_a_warning_beside_the_policy(run: Run, tmp_path: Path, logo: str) -> None:
    result = run("csp", *arguments({"logo": logo}, tmp_path))
    assert result.exit_code == 0
    assert result.stderr.startswith("The logo has styles, which this policy blocks")
    assert printed(result.stdout)["plain"] == policy_of("plain").value
    assert run("csp", *arguments({"logo": LOGO}, tmp_path)).stderr == ""
