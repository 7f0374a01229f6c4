"""What an error of ours says: the option, the beginning of the value, and what is allowed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from errorpages import ErrorPages, OptionError
from errorpages.exceptions import MissingExtraError, SwitchError


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


class Table:
    def __repr__(self) -> str:
        return "1 2\n3 4\x1b[31m" * 1000


def endless() -> list[Any]:
    """Make a list that holds itself."""
    values: list[Any] = []
    values.append(values)
    return values


@pytest.mark.parametrize(
    "value, shown",
    [
        pytest.param("fancy", "'fancy'", id="a short string, whole"),
        pytest.param("x" * 78, f"'{'x' * 78}'", id="80 characters with their quotes, whole"),
        pytest.param("x" * 79, f"'{'x' * 79}…", id="one more"),
        pytest.param("x" * 10**6, f"'{'x' * 79}…", id="a million"),
        pytest.param(b"x" * 10**6, f"b'{'x' * 78}…", id="a million bytes"),
        pytest.param(list(range(10**6)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...]", id="a list of a million"),
        pytest.param({404: {"title": "x" * 100}}, f"{{404: {{'title': '{'x' * 63}…", id="a mapping"),
        pytest.param({404: -1}, "{404: -1}", id="a short mapping, whole"),
        pytest.param("a\r\n\x1b[31m", r"'a\r\n\x1b[31m'", id="control characters of a string"),
        pytest.param(Table(), ("1 2 3 4 [31m" * 7)[:80] + "…", id="control characters of a repr"),
        pytest.param(10**10000, "<int>", id="a number that Python refuses to write"),
        pytest.param(Unprintable(), "<Unprintable instance at ", id="a repr that raises"),
        pytest.param([Unprintable()], "[<Unprintable instance at ", id="a repr that raises, in a list"),
        pytest.param(endless(), "[[[[[", id="a list that holds itself"),
    ],
)
def test_the_message_has_the_beginning_of_the_value_in_one_line_and_the_error_all_of_it(
    value: object, shown: str
) -> None:
    error = OptionError("theme", value, "plain")
    assert str(error).startswith(f"theme: {shown}")
    assert str(error).endswith(" can't be used; allowed: plain")
    assert len(str(error)) <= len("theme:  can't be used; allowed: plain") + 81
    assert str(error).isprintable()
    assert error.value is value


def test_what_is_wrong_may_stand_in_place_of_the_value() -> None:
    error = OptionError("templates", "/srv/404.html", "templates in UTF-8", "/srv/404.html, line 2: it is not")
    assert str(error) == "templates: /srv/404.html, line 2: it is not; allowed: templates in UTF-8"
    assert (error.value, error.problem) == ("/srv/404.html", "/srv/404.html, line 2: it is not")


def test_a_fault_in_a_template_deep_in_the_tree_is_told_whole(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    folder.mkdir(parents=True)
    (folder / "404.html").write_text("\n{{ user_name }}")
    with pytest.raises(OptionError) as caught:
        ErrorPages(templates=folder)
    assert f"{folder / '404.html'}, line 2: it reads user_name" in str(caught.value)
    assert caught.value.value == str(folder / "404.html")


@pytest.mark.parametrize("problem", [None, "it is closed"])
def test_an_option_error_survives_the_way_to_another_process(problem: str | None) -> None:
    error = OptionError("theme", "fancy", "plain", problem)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is OptionError and str(copy) == str(error)
    assert (copy.option, copy.value, copy.allowed, copy.problem) == ("theme", "fancy", "plain", problem)


def test_the_others_name_what_is_missing_or_broken() -> None:
    assert str(MissingExtraError("The command line", "cli")).endswith('pip install "errorpages[cli]"')
    assert str(SwitchError("/run/switch.json", "it holds no JSON")) == "/run/switch.json: it holds no JSON"
