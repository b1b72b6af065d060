"""Lines of several runs: courses are the tables' own; findings follow the numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tdm1sim.figures import style
from tdm1sim.figures.several import SEVERAL, codosing_uptake, page
from tdm1sim.intervals import of_values
from tdm1sim.results import Results
from tests.figures.several.small import changed, runs_of, scaled, sheet_of
from tests.figures.sheets import by_gid, words_on

pytestmark = pytest.mark.xdist_group("several")  # one worker: runs are kept and shared


def mean(results: Results, column: str, table: str = "timeseries") -> np.ndarray:
    found: np.ndarray = getattr(results, table).groupby("time_h")[column].mean().to_numpy()
    return found


def test_the_pool_of_shed_ectodomain_is_drawn() -> None:
    runs, sheet = runs_of("shed_with_antibody"), sheet_of("shed_with_antibody")
    for key, results in runs.items():
        (line,) = by_gid(sheet, key)
        np.testing.assert_allclose(line.get_ydata(), mean(results, "local_shed_ecd_nM"))
        np.testing.assert_allclose(line.get_xdata() * 24.0, np.unique(results.timeseries["time_h"]), atol=1e-6)


def times(factor: float) -> object:
    def edit(table: pd.DataFrame) -> None:
        table.loc[table["time_h"] > 24.0, "local_shed_ecd_nM"] *= factor

    return edit


def test_the_fall_of_shed_ectodomain_is_told_by_its_numbers() -> None:
    runs, title = runs_of("shed_with_antibody"), SEVERAL["shed_with_antibody"].title
    course = mean(runs["trastuzumab"], "local_shed_ecd_nM")
    assert f"trastuzumab brings it to {course.min():.2g} nM in" in title(runs)
    assert "without antibody and under pertuzumab;" in title(runs)
    falls = changed(runs, "pertuzumab", "timeseries", times(0.5))  # type: ignore[arg-type]
    assert "and under pertuzumab" not in title(falls)
    assert "pertuzumab to" in title(falls)
    idle = dict.fromkeys(runs, runs["untreated"])
    assert title(idle).endswith("without antibody and under trastuzumab, T-DM1 and pertuzumab")
    moved = changed(runs, "untreated", "timeseries", times(0.5))  # type: ignore[arg-type]
    assert "goes from" in title(moved)


def test_plasma_is_drawn_total_and_free() -> None:
    runs, sheet = runs_of("cyp3a4"), sheet_of("cyp3a4")
    for key, results in runs.items():
        for kind, column in (("total", "plasma_dm1_ng_ml"), ("free", "plasma_free_dm1_ng_ml")):
            (line,) = by_gid(sheet, f"{key}: {kind}")
            known = np.isfinite(line.get_ydata())
            np.testing.assert_allclose(line.get_ydata()[known], mean(results, column)[known])
            assert known.sum() == (mean(results, column) > 0).sum()
    assert "measured peak, mean and SD: 4.61 ng/mL" in words_on(sheet)
    assert by_gid(sheet, "measured-peak") or "4.61" in words_on(sheet)


def test_the_rise_in_plasma_is_told_by_its_numbers() -> None:
    runs, title = runs_of("cyp3a4"), SEVERAL["cyp3a4"].title
    low, high = (mean(runs[key], "plasma_dm1_ng_ml").max() for key in runs)
    assert f"raises the peak of DM1 in plasma {high / low:.2g}-fold, from {low:.2g} to {high:.2g} ng/mL" in title(runs)
    assert title(runs).endswith("living cells per founder with and without")
    idle = dict.fromkeys(runs, runs["her2_positive"])
    assert "does not raise DM1 in plasma" in title(idle)
    harmed = title(scaled(runs, "cyp3a4_inhibitor", 0.2))
    live = runs["her2_positive"].timeseries.groupby("replicate")["live_cells"].last().mean() / 30.0
    assert harmed.endswith(f"the tumour keeps {0.2 * live:.2f}, not {live:.2f}")


def test_uptake_is_that_of_the_flows() -> None:
    runs, sheet = runs_of("codosing_uptake"), sheet_of("codosing_uptake")
    for key, results in runs.items():
        (line,) = by_gid(sheet, key)
        np.testing.assert_allclose(line.get_ydata() * 1e6, mean(results, "carried_sorted", "flows"))


def test_what_is_kept_out_is_paired() -> None:
    runs = runs_of("codosing_uptake")
    alone, both = (
        runs[key].flows.groupby("replicate")["carried_sorted"].last().to_numpy()
        for key in ("her2_positive", "trastuzumab")
    )
    found = codosing_uptake.kept_out(runs, "trastuzumab")
    assert found == pytest.approx(of_values((1.0 - both / alone).tolist()))
    share = 100.0 * np.mean(1.0 - both / alone)
    assert f"keeps {share:.0f} % of its DM1 out of the lysosomes in 8 days" in SEVERAL["codosing_uptake"].title(runs)


def test_antibody_that_keeps_nothing_out_is_told_so() -> None:
    runs, title = runs_of("codosing_uptake"), SEVERAL["codosing_uptake"].title
    idle = dict.fromkeys(runs, runs["her2_positive"])
    assert title(idle) == (
        "Trastuzumab beside T-DM1 keeps no DM1 out of the lysosomes in 8 days, pertuzumab, which binds elsewhere, none"
    )
    swapped = {**runs, "pertuzumab": runs["trastuzumab"], "trastuzumab": runs["her2_positive"]}
    assert "pertuzumab, which binds elsewhere, none" not in title(swapped)


def test_companion_other_results_give_other_lines() -> None:
    runs = runs_of("codosing_uptake")
    flows = runs["trastuzumab"].flows.assign(carried_sorted=0.5 * runs["trastuzumab"].flows["carried_sorted"])
    other = {**runs, "trastuzumab": dataclasses.replace(runs["trastuzumab"], flows=flows)}
    (before,), (after,) = (
        by_gid(sheet, "trastuzumab") for sheet in (sheet_of("codosing_uptake"), page("codosing_uptake", other))
    )
    np.testing.assert_allclose(after.get_ydata(), 0.5 * before.get_ydata())
    assert SEVERAL["codosing_uptake"].title(other) != SEVERAL["codosing_uptake"].title(runs)


def test_lines_of_one_colour_are_told_apart_without_it() -> None:
    looks = [style.told_apart("shed", i) for i in range(6)]
    assert {look.colour for look in looks} == {style.MEANING["shed"].colour}
    assert len({str(look.line) for look in looks}) == len({look.marker for look in looks}) == 6
    for name in ("shed_with_antibody", "codosing_uptake", "cyp3a4"):
        lines = [
            line
            for key in runs_of(name)
            for line in sheet_of(name).findobj(
                lambda a, k=key: str(a.get_gid()).startswith(k) and hasattr(a, "get_marker")
            )
        ]  # type: ignore[misc]
        told = {(str(line.get_linestyle()), str(line.get_marker()), str(line._dash_pattern)) for line in lines}
        assert len(told) == len(lines) >= 3
