"""Where numba is missing, the NumPy engine does everything, and who asks for the compiled engine is told what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tdm1sim.engine import chosen
from tdm1sim.scenario import load_scenario, resolve

pytestmark = pytest.mark.xdist_group("compiled")

WITHOUT = "import sys; sys.modules['numba'] = None; "
"""Makes ``import numba`` fail and ``find_spec`` find nothing, as where it was never installed."""
MAIN = "import sys; from tdm1sim.cli.main import main; sys.exit(main())"
SMALL = ("tumour.cells=2100", "run.replicates=1", "record.readouts=[]", "record.traces=2", "run.duration=20 d")


def command(start: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", start + MAIN, *arguments], capture_output=True, text=True, check=False)


def run(start: str, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    changes = [word for change in SMALL for word in ("--set", change)]
    options = (*changes, "--out", str(out), "--no-figures", "--quiet", "--jobs", "1", *more)
    return command(start, "run", "her2_positive", *options)


def test_auto_takes_numpy_and_gives_the_same_results(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    parameters = resolve(load_scenario("her2_positive", SMALL)).parameters
    assert chosen("auto", parameters) == "compiled"
    folders = []
    for name, start in (("with", ""), ("without", WITHOUT)):
        done = run(start, tmp_path / name)
        assert (done.returncode, done.stderr) == (0, "")
        (folder,) = (path.parent for path in (tmp_path / name).rglob("manifest.json"))
        folders.append(folder)
    engines = [pd.read_json(folder / "manifest.json", typ="series")["engine"] for folder in folders]
    assert engines == ["compiled", "numpy"]
    for table in ("timeseries", "flows", "clones", "cells"):
        one, other = (pd.read_csv(folder / f"{table}.csv") for folder in folders)
        assert list(one.columns) == list(other.columns)
        for column in one.columns:
            if pd.api.types.is_numeric_dtype(one[column]):
                scale = 1e-9 * float(np.nanmax(np.abs(one[column]), initial=0.0))
                np.testing.assert_allclose(one[column], other[column], rtol=1e-6, atol=scale)
            else:
                assert one[column].equals(other[column])


def test_who_asks_for_it_is_told_what_to_do(tmp_path: Path) -> None:
    done = run(WITHOUT, tmp_path, "--engine", "compiled")
    assert done.returncode == 2
    assert "pip install numba" in done.stderr
    assert "--engine numpy" in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(tmp_path.iterdir())


def test_single_precision_is_refused_as_a_wrong_input(tmp_path: Path) -> None:
    done = run(WITHOUT, tmp_path, "--set", "run.precision=single")
    assert done.returncode == 1
    assert "double" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("--help",), ("list",), ("resolve", "her2_positive"), ("schedule",)])
def test_the_rest_of_the_program_does_not_miss_it(words: tuple[str, ...]) -> None:
    done = command(WITHOUT, *words)
    assert done.returncode == 0, done.stderr


def test_companion_without_that_line_numba_is_found() -> None:
    pytest.importorskip("numba")
    code = "from importlib.util import find_spec; print(find_spec('numba') is not None)"
    found = [
        subprocess.run([sys.executable, "-c", start + code], capture_output=True, text=True, check=True).stdout.strip()
        for start in ("", WITHOUT)
    ]
    assert found == ["True", "False"]
