"""The overlay of a comparison and the second band of every figure: what is drawn are the results' own numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from tdm1sim.comparing import Comparison, changed, compare
from tdm1sim.figures import FIGURES, comparison, page, reading
from tdm1sim.intervals import of_values
from tdm1sim.results import Results
from tdm1sim.scenario import load_scenario
from tests.figures import look_alike, synthetic
from tests.figures.sheets import by_gid, words_on

SMALL = ("tumour.cells=30", "run.replicates=3", "run.duration=48 h", "record.every=6 h", "record.traces=0")
CHANGE = ["tumour.clones.main.mdr1=10", "tumour.growth.doubling=60 h"]


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(changed(load_scenario("her2_positive", SMALL), CHANGE), uncertain=3)


@pytest.fixture(scope="module")
def sheet(found: Comparison) -> Figure:
    return comparison.page(found)


def ends_of(area: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places of a filled band and its ends there."""
    assert isinstance(area, PolyCollection)
    corners = area.get_paths()[0].vertices
    table = pd.DataFrame(corners, columns=["x", "y"]).groupby("x")["y"]
    return table.min().index.to_numpy(), table.min().to_numpy(), table.max().to_numpy()


def axes_of(sheet: Figure) -> Iterator[Axes]:
    return (ax for ax in sheet.axes if ax.axison)


def test_the_lines_are_the_arms_living_cells(found: Comparison, sheet: Figure) -> None:
    for name, results in found.arms.items():
        (line,) = by_gid(sheet, f"arm-{name}")
        mean = results.timeseries.groupby("time_h")["live_cells"].mean() / 30.0
        np.testing.assert_allclose(line.get_ydata(), mean.to_numpy())
        np.testing.assert_allclose(line.get_xdata(), mean.index.to_numpy() / 24.0)


def test_the_lower_line_and_band_are_the_paired_difference(found: Comparison, sheet: Figure) -> None:
    a, b = (
        results.timeseries.pivot(index="replicate", columns="time_h", values="live_cells") / 30.0
        for results in found.arms.values()
    )
    difference = (b - a).to_numpy()
    name = list(found.arms)[1]
    (line,), (band,) = by_gid(sheet, f"difference-{name}"), by_gid(sheet, f"paired-{name}")
    np.testing.assert_allclose(line.get_ydata(), difference.mean(axis=0))
    _, low, high = ends_of(band)
    last = of_values(difference[:, -1].tolist())
    assert (low[-1], high[-1]) == (pytest.approx(last["low"]), pytest.approx(last["high"]))
    told = found.content["differences"][0]["cell_number_ratio"]
    assert (low[-1], high[-1]) == (pytest.approx(told["low"]), pytest.approx(told["high"]))


def test_the_lighter_bands_are_those_of_the_draws(found: Comparison, sheet: Figure) -> None:
    name, results = list(found.arms.items())[1]
    assert results.uncertainty is not None
    assert found.uncertainty is not None
    rows = results.uncertainty[results.uncertainty["quantity"] == "live_cells"]
    _, low, high = ends_of(by_gid(sheet, f"ignorance-{name}")[0])
    np.testing.assert_allclose(low, rows["model_low"] / 30.0)
    np.testing.assert_allclose(high, rows["model_high"] / 30.0)
    _, low, high = ends_of(by_gid(sheet, f"ignorance-difference-{name}")[0])
    np.testing.assert_allclose(high, found.uncertainty["model_high"], atol=1e-12)


def test_words_say_which_band_is_what_and_what_differs(found: Comparison, sheet: Figure) -> None:
    words = words_on(sheet)
    for piece in ("chance alone", "on the same luck", "ignorance, the middle 95 % of 3 draws", "overstate it"):
        assert piece in words
        assert piece in comparison.caption(found)
    assert "Fractions of cells, not of patients" in words
    assert "tumour.clones.main.mdr1 1 → 10" in comparison.caption(found)


def test_companion_another_arm_would_be_seen(found: Comparison) -> None:
    first, second = found.arms.items()
    swapped = dataclasses.replace(found, arms={first[0]: second[1], second[0]: first[1]})
    (line,) = by_gid(comparison.page(swapped), f"arm-{first[0]}")
    own = first[1].timeseries.groupby("time_h")["live_cells"].mean() / 30.0
    assert not np.allclose(line.get_ydata(), own.to_numpy())


def test_without_draws_there_is_one_band(found: Comparison) -> None:
    bare = {name: dataclasses.replace(results, uncertainty=None) for name, results in found.arms.items()}
    plain = comparison.page(dataclasses.replace(found, arms=bare, uncertainty=None))
    assert "ignorance" not in words_on(plain)
    assert not [gid for gid in gids(plain) if gid.startswith("ignorance")]


def gids(sheet: Figure) -> list[str]:
    return [str(artist.get_gid()) for ax in sheet.axes for artist in ax.get_children()]


def test_files_are_written(found: Comparison, tmp_path: Path) -> None:
    names = [path.name for path in comparison.write(found, tmp_path, ("png", "svg"))]
    assert names == ["compare.png", "compare.svg", "compare.md"]


# The second band of the figures of a run -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "gid", "quantity", "factor"),
    [
        ("fates", "ignorance-living", "live_cells", 1.0 / 30.0),
        ("clones", "ignorance-clone-0", "clones.main.live_cells", 1.0 / 30.0),
        ("shed_ectodomain", "ignorance-shed", "local_shed_ecd_nM", None),
        ("plasma_dm1", "ignorance-payload", "plasma_dm1_ng_ml", 1.0),
        ("exposure", "ignorance-local", "local_conjugate_nM", 0.148),
    ],
)
def test_figures_of_a_run_draw_the_band_of_ignorance(
    found: Comparison, figure: str, gid: str, quantity: str, factor: float | None
) -> None:
    results = next(iter(found.arms.values()))
    drawn = page(figure, results)
    (area,) = by_gid(drawn, gid)
    rows = results.uncertainty[results.uncertainty["quantity"] == quantity]  # type: ignore[index]
    at, _, high = ends_of(area)
    if factor is None:
        factor = (
            1000.0
            if float(np.nanmax(reading.interval(reading.per_replicate(results.timeseries, quantity)).mean)) < 0.1
            else 1.0
        )
    assert high[-1] == pytest.approx(factor * rows["model_high"].iloc[-1])
    assert at[-1] == pytest.approx(2.0)
    assert "ignorance" in words_on(drawn)
    assert "ignorance" in FIGURES[figure].caption(results)  # type: ignore[arg-type]


def test_a_dose_response_has_the_band_too() -> None:
    plain = synthetic.culture()
    doses = np.geomspace(0.003, 100.0, 10)
    bands = pd.DataFrame(
        {
            "time_h": 72.0,
            "quantity": [f"readouts.atp.{dose:.6g}" for dose in doses],
            "model_low": 0.1,
            "model_high": 0.9,
        }
    )
    told = {**plain.manifest, "uncertain": {"draws": 20}}
    results = look_alike.FakeResults(**{**vars(plain), "uncertainty": bands, "manifest": told})
    drawn = page("dose_response", results)  # type: ignore[arg-type]
    (area,) = by_gid(drawn, "ignorance-atp-72")
    at, low, high = ends_of(area)
    np.testing.assert_allclose(at, doses)
    assert set(low) == {0.1}
    assert set(high) == {0.9}
    assert "20 draws" in words_on(drawn)


def test_results_without_draws_say_nothing_of_ignorance() -> None:
    results: Results = synthetic.patient()  # type: ignore[assignment]
    assert "ignorance" not in words_on(page("fates", results))
    assert reading.draws(results) == 0
