"""What is recorded of the cells: alike in all engines, rows like numpy's quantiles, lives in few bytes."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tdm1sim import census, world
from tdm1sim.bands import BANDS, band_limits, band_number, band_of
from tdm1sim.cells import cell_columns, mother_of
from tdm1sim.census import COUNTED, PHASES, quantities_of
from tdm1sim.engine import engine_of
from tdm1sim.engine.base import Engine
from tdm1sim.histogram import RELATIVE_WIDTH, SMALLEST
from tdm1sim.lives import CAUSES, Lives
from tdm1sim.parameters import Parameters
from tdm1sim.population import INDEX, WIDTH, Stage
from tdm1sim.recorder import CELLS, TIMESERIES, Record, Recorder
from tdm1sim.results import Results
from tdm1sim.world import World
from tests.runs import PATIENT_VALUES, clone, culture, patient

CLONES = [
    clone(name="sensitive", fraction=0.6, becomes=(("pumping", 0.1),)),
    clone(name="pumping", fraction=0.4, mdr1=10.0, mdr1_sigma=0.3, pten_deficient=True),
]
RUNS = {
    "patient": patient(CLONES, {**PATIENT_VALUES, "C_M": 80.0, "doubling": 60.0}, cells=60, duration=120.0),
    "culture": culture(CLONES, cells=60, duration=72.0),
}
EVERY = 24.0


def watched(parameters: Parameters, engine: str, seen: Callable[[Engine], None]) -> tuple[Engine, Record]:
    """Run to the end, and call ``seen`` at every record."""
    parameters = replace(parameters, plan=replace(parameters.plan, record_every=EVERY))
    run = engine_of(engine, World(parameters, followed=True))
    recorder = Recorder(run)
    rows = 0
    while True:
        recorder.look()
        if len(recorder.record.timeseries) > rows:
            rows = len(recorder.record.timeseries)
            seen(run)
        if run.world.finished:
            return run, recorder.finish("completed")
        run.advance()


def censuses(parameters: Parameters, engine: str) -> list[census.Census]:
    found: list[census.Census] = []
    watched(parameters, engine, lambda run: found.append(run.census()))
    return found


# The census -------------------------------------------------------------------------------------------------------


def differences(some: list[census.Census], others: list[census.Census]) -> list[str]:
    """What differs beyond rounding: a number may lie on the border of two bins, a cell is in one phase."""
    found = []
    for one, other in zip(some, others, strict=True):
        if not (one.phases == other.phases).all():
            found.append("phases")
        for name, a, b in zip(COUNTED, one.quantities, other.quantities, strict=True):
            # Cells that changed bins, counted where the sums up to each border differ.
            moved = np.abs(np.cumsum(a.counts - b.counts)).sum()
            alike = np.allclose([a.low, a.high], [b.low, b.high], rtol=1e-9, atol=1e-9)
            if moved > 1 or not alike:
                found.append(name)
    return found


@pytest.mark.parametrize("name", RUNS)
def test_all_engines_give_the_same_census(name: str) -> None:
    assert differences(censuses(RUNS[name], "numpy"), censuses(RUNS[name], "twin")) == []


def test_companion_an_engine_with_other_levels_is_noticed() -> None:
    one, other = RUNS["culture"], replace(RUNS["culture"], values={**RUNS["culture"].values, "keff": 0.29})
    assert "dm1_cytosol_nM" in differences(censuses(one, "numpy"), censuses(other, "twin"))


@pytest.mark.parametrize("name", RUNS)
def test_a_census_counts_every_living_cell_once(name: str) -> None:
    def check(run: Engine) -> None:
        found = run.census()
        assert found.living.tolist() == [len(run.column(i, "R")) for i in range(len(run.clones))]
        assert {one.total for one in found.quantities} == {run.living()}
        assert found.phases.shape == (len(run.clones), len(PHASES))

    watched(RUNS[name], "numpy", check)


def test_phases_are_where_the_cycle_says() -> None:
    times = engine_of("numpy", World(RUNS["patient"])).rules[0].times
    edges = [0.0, times.G1, times.S_end, times.M]
    y = np.array([*edges, *(edge - 1e-9 for edge in edges[1:]), 1.0, 1.0, times.M])
    stage = np.array([0.0] * 7 + [Stage.ARRESTED, Stage.MULTINUCLEATED, Stage.COMMITTED])
    names = [PHASES[i] for i in census.phase_of(y, stage, times)]
    assert names == ["g1", "s", "g2", "m", "g1", "s", "g2", "arrested", "multinucleated", "m"]


def worst_of(record: Record, columns: list[dict[str, np.ndarray]]) -> float:
    """The largest distance of a recorded quantile from numpy's, in bin widths."""
    worst = 0.0
    for row, values in zip(record.timeseries, columns, strict=True):
        told = dict(zip(TIMESERIES, row, strict=True))
        for name, column in values.items():
            for part, p in (("p05", 0.05), ("median", 0.5), ("p95", 0.95)):
                true = float(np.quantile(np.where(column < SMALLEST, 0.0, column), p))
                error = abs(told[f"{name}_{part}"] - true)
                worst = max(worst, error / (RELATIVE_WIDTH * true) if true else 1e9 * error)
    return worst


def all_columns(run: Engine) -> dict[str, np.ndarray]:
    parts = [quantities_of(run, i, lambda name, i=i: run.column(i, name)) for i in range(len(run.clones))]  # type: ignore[misc]
    return {name: np.concatenate(some) for name, some in zip(COUNTED, zip(*parts, strict=True), strict=True)}


@pytest.mark.parametrize("name", RUNS)
def test_rows_are_numpys_quantiles_within_a_bin(name: str) -> None:
    columns: list[dict[str, np.ndarray]] = []
    _, record = watched(RUNS[name], "numpy", lambda run: columns.append(all_columns(run)))
    assert len(columns) > 3
    assert 0.0 < worst_of(record, columns) <= 1.0 + 1e-9


def test_companion_a_column_that_was_forgotten_is_noticed() -> None:
    columns: list[dict[str, np.ndarray]] = []
    _, record = watched(
        RUNS["patient"], "numpy", lambda run: columns.append({n: c[:40] for n, c in all_columns(run).items()})
    )
    assert worst_of(record, columns) > 1.0


def test_the_recorder_takes_its_numbers_from_the_census_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine may count in its own way: what it counts is what is written."""
    run = engine_of("numpy", World(RUNS["culture"], followed=True))
    counted = run.census()
    doubled = replace(counted, phases=2 * counted.phases)
    monkeypatch.setattr(run, "census", lambda: doubled)
    recorder = Recorder(run)
    recorder.look()
    assert recorder.record.timeseries[0][TIMESERIES.index("live_cells")] == 2 * run.living()
    assert sum(row[3] for row in recorder.record.clones) == 2 * run.living()


# The end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RUNS)
def test_peaks_and_bands_are_those_of_the_cells(name: str) -> None:
    _, record = watched(RUNS[name], "numpy", lambda run: None)
    cells = pd.DataFrame(record.cells)
    whole = cells[cells.fate != "divided"]
    assert record.peaks.total == len(whole) == record.bands.sum()
    assert record.dm1.total == (cells.fate == "surviving").sum()
    assert record.bands.tolist() == [(whole.band == band).sum() for band in BANDS]
    limits = band_limits(RUNS[name].values)
    assert cells.band.tolist() == [band_of(peak, *limits) for peak in cells.dm1_peak_nM]
    assert len(set(cells.band)) > 1
    for levels, histogram in (
        (whole.dm1_peak_nM, record.peaks),
        (whole[whole.fate == "surviving"].dm1_end_nM, record.dm1),
    ):
        assert histogram.quantile(0.5) == pytest.approx(np.median(levels), rel=RELATIVE_WIDTH)


@pytest.mark.parametrize(("low", "high"), [(10.0, 100.0), (100.0, 10.0)])
def test_band_numbers_and_names_agree_also_at_the_limits(low: float, high: float) -> None:
    peaks = np.array([0.0, 9.0, 10.0, 11.0, 99.0, 100.0, 101.0])
    expected = ["low" if p < low else "intermediate" if p <= high else "high" for p in peaks]
    assert [BANDS[i] for i in band_number(peaks, low, high)] == expected
    assert [band_of(peak, low, high) for peak in peaks] == expected


# Lives ------------------------------------------------------------------------------------------------------------


def some_lives(cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str], np.ndarray, np.ndarray]:
    values = np.arange(cells * WIDTH, dtype=np.float64).reshape(cells, WIDTH)
    values[:, INDEX["stage"]], values[:, INDEX["pten"]] = np.arange(cells) % 4, np.arange(cells) % 2
    names = [f"{i}.{i % 2}" for i in range(cells)]
    keys = np.arange(cells, dtype=np.uint64) + np.uint64(2**63)
    return values, np.arange(cells) % 3, keys, names, np.linspace(0.0, 9.0, cells), np.arange(cells) % len(CAUSES)


def test_one_at_a_time_and_many_at_once_are_kept_alike() -> None:
    values, clones, keys, names, times, causes = some_lives(300)
    one, many = Lives(), Lives()
    for i in range(300):
        one.add(values[i].tolist(), int(clones[i]), int(keys[i]), names[i], float(times[i]), CAUSES[causes[i]])
    many.extend(values[:5], clones[:5], keys[:5], names[:5], times[:5], causes[:5])
    many.extend(values[5:], clones[5:], keys[5:], names[5:], times[5:], causes[5:])
    assert (one.rows == many.rows).all()
    assert one.names == many.names == names
    assert len(one) == len(many) == 300
    assert (many.rows["peak"] == values[:, INDEX["peak"]]).all()
    assert (many.rows["key"] == keys).all()


def test_one_clone_time_and_cause_may_stand_for_all() -> None:
    values, _, keys, names, _, _ = some_lives(10)
    kept = Lives()
    kept.extend(values, 2, keys, names, 7.0, CAUSES.index("end_of_run"))
    assert set(kept.rows["clone"]) == {2}
    assert set(kept.rows["end"]) == {7.0}


def test_lengths_that_differ_are_refused_and_nothing_is_kept() -> None:
    values, clones, keys, names, times, causes = some_lives(10)
    kept = Lives()
    with pytest.raises(ValueError, match="10 cells have 9 names"):
        kept.extend(values, clones, keys, names[:9], times, causes)
    with pytest.raises(ValueError, match="broadcast"):
        kept.extend(values, clones, keys[:9], names, times, causes)
    assert len(kept) == 0
    assert kept.names == []


def bytes_per_life(put: Callable[[Lives], None], cells: int) -> float:
    """What a store of so many lives holds, names not counted: they are those of the living cells."""
    gc.collect()
    tracemalloc.start()
    kept = Lives()
    put(kept)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(kept) == cells
    return held / cells


def test_a_life_takes_few_bytes() -> None:
    cells = 20_000
    values, clones, keys, names, times, causes = some_lives(cells)
    assert bytes_per_life(lambda kept: kept.extend(values, clones, keys, names, times, causes), cells) < 125.0

    def one_by_one(kept: Lives) -> None:
        for i in range(cells):
            kept.add(values[i].tolist(), int(clones[i]), int(keys[i]), names[i], float(times[i]), CAUSES[causes[i]])

    # Doubling keeps at most as much free as is full, and its copy is gone again.
    assert bytes_per_life(one_by_one, cells) < 2 * 125.0


def test_companion_lives_as_python_numbers_would_take_many() -> None:
    values, _, keys, names, times, _ = some_lives(5_000)

    def boxed(kept: Lives) -> None:
        kept.extend(values, 0, keys, names, times, 0)
        kept.boxes = [(row.tolist(), time) for row, time in zip(values, times.tolist(), strict=True)]  # type: ignore[attr-defined]

    assert bytes_per_life(boxed, 5_000) > 900.0


# The table of lives -----------------------------------------------------------------------------------------------


def test_the_table_has_the_columns_of_the_contract_sorted_by_founder_and_lineage() -> None:
    values, clones, keys, _, times, causes = some_lives(6)
    values[:, INDEX["founder"]] = [10, 2, 10, 2, 2, 10]
    kept = Lives()
    kept.extend(values, clones, keys, ["10", "2.01", "10.1", "2", "2.0", "10.0"], times, causes)
    three = [clone(name=name, volume=2.0 * i) for i, name in enumerate("abc", start=1)]
    table = cell_columns(kept, three, (10.0, 100.0))
    assert tuple(table) == CELLS
    assert table["cell_id"].tolist() == ["2", "2.0", "2.01", "10", "10.0", "10.1"]
    assert table["parent_id"].tolist() == ["", "2", "2.0", "", "10", "10"]
    assert table["end_h"].tolist() == [times[i] for i in (3, 4, 1, 0, 5, 2)]
    assert table["clone"].tolist() == ["abc"[clones[i]] for i in (3, 4, 1, 0, 5, 2)]
    volumes = [three[clones[i]].volume for i in (3, 4, 1, 0, 5, 2)]
    expected = [values[i, INDEX["Pc"]] / (v * 602.214076) for i, v in zip((3, 4, 1, 0, 5, 2), volumes, strict=True)]
    assert table["dm1_end_nM"].tolist() == pytest.approx(expected, rel=1e-12)


def test_a_table_without_lives_has_its_columns() -> None:
    assert {len(column) for column in cell_columns(Lives(), [clone()], (1.0, 2.0)).values()} == {0}


@pytest.mark.parametrize(("name", "mother"), [("17", ""), ("17.0", "17"), ("17.01", "17.0"), ("3.1101", "3.110")])
def test_mothers(name: str, mother: str) -> None:
    assert mother_of(name) == mother


def test_of_many_founders_whole_lineages_of_some_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    run = patient(CLONES, {**PATIENT_VALUES, "C_M": 80.0, "doubling": 60.0}, cells=30, duration=96.0)
    _, everyone = watched(run, "numpy", lambda _: None)
    monkeypatch.setattr(world, "FOLLOWED_FOUNDERS", 10)
    _, some = watched(run, "numpy", lambda _: None)
    whole, kept = pd.DataFrame(everyone.cells), pd.DataFrame(some.cells)
    chosen = set(kept.cell_id.str.partition(".")[0])
    assert len(chosen) == 10
    of_chosen = whole[whole.cell_id.str.partition(".")[0].isin(chosen)].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, of_chosen)
    assert some.bands.tolist() == everyone.bands.tolist()  # fates and levels are of all cells


def results_with(cells: int) -> Results:
    """A result whose only long table is that of the lives."""
    values, clones, keys, names, times, causes = some_lives(cells)
    values[:, INDEX["founder"]] = np.arange(cells)
    kept = Lives()
    kept.extend(values, clones, keys, names, times, causes)
    short = pd.DataFrame({"replicate": [1]})
    table = pd.DataFrame(cell_columns(kept, [clone(name=name) for name in "abc"], (10.0, 100.0)))
    return Results({}, short, short, short, short, table, None, {}, "format: 1\n", {})


def test_tables_go_into_their_files_and_no_text_of_them_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = results_with(200)
    text = results.cells.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode()
    held, real = [], pd.DataFrame.to_csv

    def spy(table: pd.DataFrame, *given: Any, **options: Any) -> str | None:
        held.append(real(table, *given, **options))
        return held[-1]

    monkeypatch.setattr(pd.DataFrame, "to_csv", spy)
    results.write(tmp_path)
    assert held == [None] * 5
    assert (tmp_path / "cells.csv").read_bytes() == text
