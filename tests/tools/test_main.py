"""The command `errorpages` as a process: with its extra and without, and what the library loads of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

RunProcess = Callable[..., subprocess.CompletedProcess[str]]

EXTRA = ("click", "rich", "starlette", "uvicorn")


def test_the_module_is_the_command(run_process: RunProcess) -> None:
    done = run_process("-m", "errorpages", "codes", "404")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Not Found" in done.stdout


def test_what_a_terminal_cannot_write_is_replaced(run_process: RunProcess) -> None:
    done = run_process("-m", "errorpages", "explain", "418", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "I?m a Teapot" in done.stdout


@pytest.mark.parametrize("name", EXTRA)
def test_without_the_extra_one_sentence_tells_how_to_install_it(run_process: RunProcess, name: str) -> None:
    done = run_process("-c", f"import sys; sys.modules[{name!r}] = None; from errorpages.__main__ import main; main()")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'The command errorpages needs {name}; install it with: pip install "errorpages[cli]"\n'


def test_a_finder_that_refuses_counts_as_not_installed(run_process: RunProcess) -> None:
    program = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in ("rich", "uvicorn"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocker())
from errorpages.__main__ import main
main()
"""
    done = run_process("-c", program)
    assert done.returncode == 2
    assert done.stderr.startswith("The command errorpages needs rich, uvicorn; ")


@pytest.mark.parametrize("module", ["errorpages", "errorpages.asgi", "errorpages.wsgi"])
def test_the_library_loads_nothing_of_the_extra(run_process: RunProcess, module: str) -> None:
    done = run_process("-c", f"import sys, {module}; print([name for name in {EXTRA!r} if name in sys.modules])")
    assert (done.returncode, done.stdout) == (0, "[]\n")


def test_looking_codes_up_does_not_load_the_servers(run_process: RunProcess) -> None:
    program = "import sys, errorpages.tools.cli; print([n for n in ('starlette', 'uvicorn') if n in sys.modules])"
    assert run_process("-c", program).stdout == "[]\n"
