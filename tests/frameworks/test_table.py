"""The table that tests.compatibility makes of a run."""

from __future__ import annotations

import pytest
from tests.compatibility import Collector, compare

pytest_plugins = ["pytester"]

TESTS = """
import pytest

class Named:
    name = "Flask"

subjects = pytest.mark.parametrize("subject", [Named(), pytest.param(7, id="Bot|tle")])

@pytest.mark.matrix(kind="framework", behaviour="first")
@pytest.mark.parametrize("way", ["a", "b"])
@pytest.mark.parametrize("subject", [Named()])
def test_first(subject, way, record_property):
    record_property("distributions", "pytest,no-such-distribution")
    if way == "b":
        pytest.skip("can't be | shown")

@pytest.mark.matrix(kind="framework", behaviour="second")
@subjects
def test_second(subject, request):
    if subject == 7:
        request.applymarker(pytest.mark.xfail(reason="not there yet"))
        assert False

@pytest.mark.matrix(kind="framework", behaviour="third")
@subjects
def test_third(subject, record_property):
    record_property("reason", "told")
    if subject == 7:
        pytest.skip("skipped")
    raise RuntimeError

def test_something_else():
    pass
"""


def test_a_run_becomes_a_table(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others may run the tests in another order
    pytester.makeini("[pytest]\nmarkers =\n    matrix")
    pytester.makepyfile(TESTS)
    collector = Collector()
    pytester.inline_run(plugins=[collector])
    rows = [line for line in collector.page().splitlines() if line.startswith("|")]
    assert rows == [
        "| Framework | Versions | first | second | third |",
        "| --- | --- | :-: | :-: | :-: |",
        f"| Flask | pytest {pytest.__version__} | can't be \\| shown | ✓ | ✗ |",
        "| Bot\\|tle |  | – | not there yet | told |",
    ]


@pytest.mark.parametrize(
    ("new", "is_stale", "differs"),
    [
        pytest.param("| Flask | Flask 3.1.3 | ✓ |", False, False, id="nothing"),
        pytest.param("| Flask | Flask 3.2 | ✓ |", False, True, id="a version"),
        pytest.param("| Flask | Flask 3.1.3 | ✗ |", True, True, id="a cell"),
        pytest.param("| Flask | Flask 3.1.3 | ✓ |\n| Quart | Quart 0.22.0 | ✓ |", True, True, id="a row"),
    ],
)
def test_versions_alone_do_not_make_the_page_stale(new: str, is_stale: bool, differs: bool) -> None:
    stale, difference = compare("| Flask | Flask 3.1.3 | ✓ |", new)
    assert stale == is_stale and bool(difference) == differs
