"""Draws along a sweep: the same at every point, none of what an axis varies, each kept, the same bytes."""

from __future__ import annotations

import csv
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tdm1sim.cli.main import main
from tdm1sim.ensemble import simulate_resolved
from tdm1sim.errors import InputError, UsageError
from tdm1sim.figures import sweep as figure
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.sweeping import folder, ignorance, running
from tdm1sim.sweeping.ignorance import with_draws
from tdm1sim.sweeping.mechanisms import plan_resistances
from tdm1sim.sweeping.planning import Sweep
from tdm1sim.sweeping.point import Done, Job, run_point
from tdm1sim.sweeping.running import How, partial_folder
from tdm1sim.uncertainty import with_model_bands
from tests.sweeping import small
from tests.sweeping.test_running import points_in

MEASURE = "cell_number_ratio"
VARY = ("tumour.clones.*.mdr1=1,30",)


def drawn(path: Path, vary: Sequence[str] = VARY, text: str = small.SMALL, draws: int = 3) -> Sweep:
    return with_draws(small.planned(path, vary, text), draws)


def tables(place: Path) -> dict[str, bytes]:
    return {**small.stable(place), folder.DRAWS: (place / folder.DRAWS).read_bytes()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sweep with three draws, never interrupted, one process."""
    path = tmp_path_factory.mktemp("whole")
    small.swept(drawn(path), path / "s")
    return path / "s"


def test_every_quantity_has_its_band_after_its_interval(place: Path) -> None:
    results = folder.read(place)
    header = (place / folder.TABLE).read_text(encoding="utf-8").splitlines()[0].split(",")
    at = header.index(f"{MEASURE}_mean")
    assert [name.removeprefix(MEASURE) for name in header[at : at + 5]] == [
        "_mean",
        "_low",
        "_high",
        "_model_low",
        "_model_high",
    ]
    assert sum(name.endswith("_model_low") for name in header) == len(results.quantities)
    assert results.draws is not None
    for number, rows in results.draws.groupby("point"):
        row = results.table[results.table["point"] == number].iloc[0]
        ends = np.quantile(rows[MEASURE], (0.025, 0.975))
        np.testing.assert_allclose([row[f"{MEASURE}_model_low"], row[f"{MEASURE}_model_high"]], ends, rtol=1e-5)
    assert results.manifest["uncertain"]["draws"] == 3


def test_nothing_else_changes_by_asking(place: Path, tmp_path: Path) -> None:
    small.swept(small.planned(tmp_path, VARY), tmp_path / "s")
    plain, asked = folder.read(tmp_path / "s"), folder.read(place)
    assert not [name for name in plain.table if "model" in str(name)]
    assert plain.draws is None
    assert "uncertain" not in plain.manifest
    assert not (tmp_path / "s" / folder.DRAWS).exists()
    assert (tmp_path / "s" / folder.REPLICATES).read_bytes() == (place / folder.REPLICATES).read_bytes()
    assert asked.table[list(plain.table.columns)].equals(plain.table)


def test_a_point_has_the_band_of_its_own_run(place: Path, tmp_path: Path) -> None:
    row = folder.read(place).table.iloc[1]
    run = resolve(small.scenario(tmp_path, overrides=["tumour.clones.*.mdr1=30"]))
    told = with_model_bands(simulate_resolved(run), run, 3).summary["cell_number_ratio"]
    for part in ("mean", "model_low", "model_high"):
        assert row[f"{MEASURE}_{part}"] == pytest.approx(told[part], rel=1e-5)


# What is drawn -------------------------------------------------------------------------------------------------


def test_every_point_has_the_same_draws(tmp_path: Path) -> None:
    sweep = drawn(tmp_path)
    assert sweep.drawn is not None
    for one, other in sweep.drawn.runs:
        assert one.parameters.values == other.parameters.values
        assert one.parameters.clones[0].her2 == other.parameters.clones[0].her2
        assert (one.parameters.clones[0].mdr1, other.parameters.clones[0].mdr1) == (1.0, 30.0)
    first, second, third = (row[0].parameters.values["keff"] for row in sweep.drawn.runs)
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("vary", "name"),
    [
        ("parameters.keff=0.2:0.4 1/h:2", "keff"),
        ("tumour.clones.main.her2=3+,{receptors: 1e6, spread: 0.5}", "her2.3+"),
        ("tumour.clones.main.mdr1=1,3", "resistance.mdr1_high"),
    ],
)
def test_what_an_axis_varies_is_not_drawn(tmp_path: Path, vary: str, name: str) -> None:
    text = small.SMALL.replace("her2: 3+}", "her2: 3+, resistance: [mdr1_high]}")
    free, held = (drawn(tmp_path, (one,), text).drawn for one in ("tumour.cells=20,30", vary))
    assert free is not None
    assert held is not None
    assert name in {value.name for value in free.values}
    assert name not in {value.name for value in held.values}


def test_companion_not_held_it_would_be_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignorance, "held_by", lambda *_: set())
    sweep = drawn(tmp_path, ("tumour.clones.main.her2=3+,{receptors: 1e6, spread: 0.5}",))
    assert sweep.drawn is not None
    assert "her2.3+" in {value.name for value in sweep.drawn.values}


def test_a_class_on_an_axis_is_drawn_within_the_class(tmp_path: Path) -> None:
    sweep = drawn(tmp_path, ("tumour.clones.main.her2=3+,1+",))
    assert sweep.drawn is not None
    assert {"her2.3+", "her2.1+"} <= {value.name for value in sweep.drawn.values}


def test_resistances_hold_the_receptors(tmp_path: Path) -> None:
    sweep = with_draws(plan_resistances(small.scenario(tmp_path), 2), 2)
    assert sweep.drawn is not None
    assert "her2.3+" not in {value.name for value in sweep.drawn.values}


def test_too_many_runs_and_nothing_to_draw_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complete = tmp_path / "complete.yaml"
    complete.write_text(resolve(small.scenario(tmp_path)).text, encoding="utf-8")
    from tdm1sim.sweeping.planning import plan

    with pytest.raises(InputError, match="nothing to draw"):
        with_draws(plan(load_scenario(complete), ["tumour.clones.main.mdr1=1,2"]), 2)
    monkeypatch.setattr(ignorance, "MOST", 7)
    with pytest.raises(UsageError, match="2 points with their draws are 8 runs"):
        drawn(tmp_path)


# The same bytes ------------------------------------------------------------------------------------------------


def test_processes_change_no_byte(place: Path, tmp_path: Path) -> None:
    small.swept(drawn(tmp_path), tmp_path / "s", How(jobs=2))
    assert tables(tmp_path / "s") == tables(place)


def test_an_interruption_changes_no_byte_and_repeats_no_draw(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []

    def until_five(job: Job, report: object = None) -> Done:
        if len(ran) == 5:
            raise KeyboardInterrupt
        ran.append(job.number)
        return run_point(job)

    with monkeypatch.context() as patched:
        patched.setattr(running, "run_point", until_five)
        with pytest.raises(KeyboardInterrupt):
            small.swept(drawn(tmp_path), tmp_path / "s")
    with pytest.raises(InputError, match="what differs is --uncertain"):
        small.swept(drawn(tmp_path, draws=4), tmp_path / "s")
    results = small.swept(drawn(tmp_path), tmp_path / "s")
    assert ran == [1, 2, 3, 4, 5]
    assert results.manifest["points_kept_before"] == 5
    assert tables(tmp_path / "s") == tables(place)


def test_companion_another_draw_is_another_band(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(job: Job, report: object = None) -> Done:
        found = run_point(job)
        if job.number == 8:  # the last draw of the last point
            found.result["means"][MEASURE]["mean"] += 1.0
        return found

    monkeypatch.setattr(running, "run_point", other)
    small.swept(drawn(tmp_path), tmp_path / "s")
    assert tables(tmp_path / "s") != tables(place)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_and_finished(tmp_path: Path) -> None:
    vary = "tumour.clones.*.mdr1=1:100:8:log"
    (tmp_path / "tiny.yaml").write_text(small.SMALL, encoding="utf-8")
    words = ("sweep", "tiny.yaml", "--vary", vary, "--uncertain", "3", "--no-figures", "--jobs", "1")
    child = small.started(tmp_path, *words)
    for _ in range(6000):
        if len(points_in(tmp_path)) >= 12 or child.poll() is not None:
            break
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    kept = points_in(tmp_path)
    assert 12 <= len(kept) < 32, "points and some of their draws"
    last = small.started(tmp_path, *words)
    _, err = last.communicate(timeout=120)
    assert last.returncode == 0, err
    assert f"{len(kept)} of 32 points and draws were finished before and are kept" in err
    found = tmp_path / "results" / "tiny-sweep"
    with (found / folder.JOURNAL).open(encoding="utf-8") as file:
        rows = [(int(row["point"]), row["draw"]) for row in csv.DictReader(file)]
    assert len(rows) == len(set(rows)) == 32, "each point and each draw once"
    small.swept(drawn(tmp_path, (vary,)), tmp_path / "s")
    assert tables(found) == tables(tmp_path / "s")
    assert not partial_folder(found).exists()


def test_draws_that_outgrow_the_capacity_are_told(tmp_path: Path) -> None:
    text = small.SMALL.replace("cells: 20\n", "cells: 20\n  growth: {doubling: 20 h}\n").replace(
        "duration: 1 d", "duration: 2 d, capacity: 22"
    )
    results = small.swept(drawn(tmp_path, text=text), tmp_path / "s")
    assert results.manifest["uncertain"]["stopped_at_capacity"] > 0
    assert any("draws of --uncertain outgrew run.capacity" in text for text in results.manifest["warnings"])


def test_a_time_that_a_draw_never_reaches_has_no_upper_end() -> None:
    one = {"mean": 3.0, "low": 2.0, "high": 4.0}
    none = {"mean": None, "low": None, "high": None}
    told = ignorance.bounded({"regrowth_d": one, "nadir_day": one}, [{"regrowth_d": one, "nadir_day": one}, {}])
    assert (told["regrowth_d"]["model_low"], told["regrowth_d"]["model_high"]) == (3.0, None)
    assert (told["nadir_day"]["model_low"], told["nadir_day"]["model_high"]) == (3.0, 3.0)
    told = ignorance.bounded({"time_to_kill_50_d": none}, [{"time_to_kill_50_d": none}])
    assert told["time_to_kill_50_d"]["model_low"] is None


# Figures and command -------------------------------------------------------------------------------------------


def test_the_line_has_a_second_lighter_band(place: Path) -> None:
    results = folder.read(place)
    sheet = figure.page(results, MEASURE)
    FigureCanvasAgg(sheet).draw()  # type: ignore[no-untyped-call]
    bands = {one.get_gid(): one for one in sheet.axes[0].collections}
    heights = bands["ignorance-line-0"].get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(results.table[f"{MEASURE}_model_low"].min())
    assert heights.max() == pytest.approx(results.table[f"{MEASURE}_model_high"].max())
    light, dark = bands["ignorance-line-0"].get_alpha(), bands["line-0-band"].get_alpha()
    assert light is not None
    assert dark is not None
    assert light < dark
    text = figure.caption(results, MEASURE)
    for piece in ("Bands: 95 % interval, chance alone", "Lighter bands, dotted edges: ignorance", "of 3 draws"):
        assert piece in text
    assert "have the same draws" in text


def test_without_draws_there_is_no_such_band(tmp_path: Path) -> None:
    results = small.swept(small.planned(tmp_path, VARY), tmp_path / "s")
    gids = {one.get_gid() for one in figure.page(results, MEASURE).axes[0].collections}
    assert "line-0-band" in gids
    assert "ignorance-line-0" not in gids
    assert "draws" not in figure.caption(results, MEASURE)


def test_words_have_lighter_bars(tmp_path: Path) -> None:
    sweep = drawn(tmp_path, ("tumour.clones.main.pten=intact,deficient",), draws=2)
    results = small.swept(sweep, tmp_path / "s")
    gids = {one.get_gid() for one in figure.page(results, MEASURE).axes[0].collections}
    assert "ignorance-line-0" in gids


def test_a_map_shows_where_its_contour_may_lie(tmp_path: Path) -> None:
    results = small.swept(drawn(tmp_path, small.VARY, draws=2), tmp_path / "s")
    assert figure.kind_of(results) == "map"
    sheet = figure.page(results, MEASURE)
    assert sheet.findobj(lambda artist: str(artist.get_gid() or "").startswith("ignorance"))
    text = figure.caption(results, MEASURE)
    assert "sweep.csv (model_low, model_high)" in text
    assert "middle 95 % of 2 draws" in text
    assert "Lighter bands" not in text


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(small.SMALL, encoding="utf-8")
    words = ("sweep", "tiny.yaml", "--vary", VARY[0], "--jobs", "1", "--no-figures")
    handler = signal.getsignal(signal.SIGTERM)
    try:
        assert main((*words, "--uncertain", "1")) == 2
        assert "at least 2 draws" in capsys.readouterr().err
        assert main((*words, "--uncertain", "2")) == 0
    finally:
        signal.signal(signal.SIGTERM, handler)
    out = capsys.readouterr().out
    assert "other values" in out
    assert "Other values: middle 95 % of 2 draws of what nobody has measured." in out
    assert max(len(line) for line in out.splitlines()) <= 80
