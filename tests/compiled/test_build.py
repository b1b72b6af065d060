"""The compiled engine: which run takes it, how it ends, and in single precision."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tdm1sim.engine import chosen
from tdm1sim.engine.compiled.engine import CompiledEngine
from tdm1sim.ensemble import Task, run_replicate
from tdm1sim.errors import InputError, UsageError
from tdm1sim.parameters import Parameters
from tdm1sim.recorder import CLONES, FLOWS, TIMESERIES, Recorder
from tdm1sim.world import World
from tests.core.test_engines import MIXED, RUNS, finished, lives
from tests.runs import CULTURE_VALUES, PATIENT_VALUES, clone, culture, patient

pytestmark = pytest.mark.xdist_group("compiled")  # one worker: compiling takes seconds, once

PACKAGE = Path(__file__).resolve().parents[2] / "tdm1sim"
GROWING = patient(MIXED, cells=400, values={**PATIENT_VALUES, "doubling": 60.0}, duration=240.0)


def tables(parameters: Parameters, threads: int, chunk: int) -> list[tuple[object, ...]]:
    world = World(parameters, followed=True)
    engine = CompiledEngine(world, threads, chunk)
    recorder = Recorder(engine)
    recorder.look()
    while not world.finished:
        engine.advance_window()
        recorder.look()
    record = recorder.finish("completed")
    return [*record.timeseries, *record.flows, *record.clones, (record.balance, record.born)]


def test_the_books_close() -> None:
    for parameters in (GROWING, RUNS["culture"], RUNS["permeable payload"]):
        assert run_replicate(Task("run", 0.0, parameters, 1, "compiled")).balance < 1e-12


def test_tables_are_those_of_numpy() -> None:
    for name in ("patient", "clones that turn into others", "impaired trafficking"):
        one, other = (run_replicate(Task("run", 0.0, RUNS[name], 1, engine)) for engine in ("numpy", "compiled"))
        for columns, a, b in (
            (TIMESERIES, one.timeseries, other.timeseries),
            (FLOWS, one.flows, other.flows),
            (CLONES, one.clones, other.clones),
        ):
            for column, x, y in zip(columns, zip(*a, strict=True), zip(*b, strict=True), strict=True):
                if any(isinstance(value, float) for value in x):
                    top = np.nanmax(np.abs(np.array(x, dtype=float)))
                    assert np.array(y, dtype=float) == pytest.approx(
                        np.array(x, dtype=float), rel=1e-7, abs=1e-9 * top, nan_ok=True
                    ), (name, column)
                else:
                    assert x == y, (name, column)


def test_cleared_and_outgrown_runs_end_alike() -> None:
    deadly = culture(cells=60, exposures=((0.0, 400.0, 1000.0),), duration=400.0, values={**CULTURE_VALUES, "kap": 0.5})
    crowded = culture(cells=200, exposures=(), duration=120.0, capacity=300)
    for parameters, outcome in ((deadly, "cleared"), (crowded, "capacity_reached")):
        ends = [run_replicate(Task("run", 0.0, parameters, 1, engine)) for engine in ("numpy", "compiled")]
        assert [record.outcome for record in ends] == [outcome] * 2
        assert ends[0].end_h == ends[1].end_h
        assert (ends[0].ends == ends[1].ends).all()


def test_single_precision_lives_nearly_the_same_lives() -> None:
    runs = [
        run_replicate(Task("run", 0.0, replace(base, plan=replace(base.plan, precision=precision)), 1, "compiled"))
        for base in [patient(cells=3000, duration=240.0)]
        for precision in ("double", "single")
    ]
    fates = [dict(zip(run.cells["cell_id"], run.cells["cause"], strict=True)) for run in runs]
    cells = fates[0].keys() | fates[1].keys()
    # 1 in 1e5 is asked for; 3,000 cells can show no more than that it is rare.
    assert sum(fates[0].get(cell) != fates[1].get(cell) for cell in cells) <= 1
    assert not np.array_equal(runs[0].cells["dm1_peak_nM"], runs[1].cells["dm1_peak_nM"])


def test_which_engine_auto_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = patient(cells=100), patient(cells=100_000)
    assert (chosen("auto", small), chosen("auto", large), chosen("twin", large)) == ("numpy", "compiled", "twin")
    single = replace(small, plan=replace(small.plan, precision="single"))
    assert chosen("auto", single) == "compiled"
    with pytest.raises(InputError, match="compiled engine"):
        chosen("numpy", single)
    monkeypatch.setattr("tdm1sim.engine.find_spec", lambda name: None)
    assert chosen("auto", large) == "numpy"
    with pytest.raises(UsageError, match="pip install numba"):
        chosen("compiled", large)


def test_companion_bounds_checks_do_see_an_index_beyond(tmp_path: Path) -> None:
    script = (
        "import numpy as np\nfrom numba import njit\n"
        "from tdm1sim.engine.compiled.register import FLAGS\n"
        "@njit(**FLAGS)\ndef beyond(x):\n    return x[len(x)]\n"
        "beyond(np.zeros(3))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "XDG_CACHE_HOME": str(tmp_path), "NUMBA_BOUNDSCHECK": "1"}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False)
    assert "IndexError" in done.stderr


def test_clones_of_one_cell_and_of_none() -> None:
    kinds = [clone(name="a", fraction=1.0), clone(name="b", fraction=0.0), clone(name="c", fraction=0.0)]
    parameters = patient(kinds, cells=1, duration=48.0)
    one, other = lives(finished(parameters, "numpy")), lives(finished(parameters, "compiled"))
    assert one.keys() == other.keys()
