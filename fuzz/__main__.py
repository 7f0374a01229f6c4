"""Runs the fuzz target for a bounded time; what it finds is written down, and makes it fail."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> None:
    """Fuzz; ends the process with 0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long to run (default: 60)")
    parser.add_argument("--corpus", type=Path, help="a folder of inputs to start from and to add to")
    arguments = parser.parse_args()
    try:
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        sys.exit("atheris is missing: pip install --group fuzz")

    logging.disable(logging.NOTSET)
    with atheris.instrument_imports(include=["errorpages"]):
        target = importlib.import_module("fuzz.target")

    def test_one_input(data: bytes) -> None:
        target.run(target.exchange_of(atheris.FuzzedDataProvider(data)))

    with tempfile.TemporaryDirectory() as folder:
        corpus = arguments.corpus or Path(folder) / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target.seeds()):
            (corpus / f"seed-{number}").write_bytes(seed)
        options = (f"-max_total_time={arguments.seconds}", "-max_len=2048", "-timeout=20", "-verbosity=1")
        atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}/", str(corpus)], test_one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
