"""Naked antibody beside conjugate, DM1 in plasma, shed ectodomain, digestion: drawn as the tables have them."""

from __future__ import annotations

import numpy as np
import pytest

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import FIGURES, exposure, page
from tests.figures import look_alike, synthetic
from tests.figures.sheets import by_gid, results_of, sheet_of, words_on


def mean(results: look_alike.FakeResults, column: str) -> np.ndarray:
    found: np.ndarray = results.timeseries.groupby("time_h")[column].mean().to_numpy()
    return found


def test_M1_all_antibody_stands_beside_the_conjugate() -> None:
    results, sheet = results_of("codosing"), sheet_of("codosing", "exposure")
    (line,) = by_gid(sheet, "antibody")
    nM = mean(results, "plasma_antibody_nM")
    np.testing.assert_allclose(line.get_ydata()[1:] * 1e6 / 148e3, nM[1:])
    assert "plasma: all antibody, with DM1 or not" in words_on(sheet)
    peak = nM.max() * 148e3 / 1e6
    assert f"of T-DM1 and {peak:.0f} of antibody in all" in FIGURES["exposure"].title(results)


def test_antibody_that_is_all_conjugate_has_no_line_of_its_own() -> None:
    results = synthetic.patient()
    assert [line.meaning for line in exposure.lines(results)] == ["plasma", "antibody", "local"]
    results.timeseries["plasma_antibody_nM"] = 6.757 * results.timeseries["plasma_conjugate_ug_ml"]
    assert [line.meaning for line in exposure.lines(results)] == ["plasma", "local"]
    assert [line.meaning for line in exposure.lines(results_of("culture"))] == ["local"]


def test_M9_naked_antibody_is_drawn_by_its_own_molar_mass() -> None:
    results, sheet = results_of("naked"), sheet_of("naked", "exposure")
    mass = load_catalogue().parameters["MW_trastuzumab"].value * 1e3
    (plasma,), (local,) = by_gid(sheet, "antibody"), by_gid(sheet, "local_antibody")
    np.testing.assert_allclose(plasma.get_ydata() * 1e6 / mass, mean(results, "plasma_antibody_nM"))
    np.testing.assert_allclose(local.get_ydata() * 1e6 / mass, mean(results, "local_antibody_nM"))
    assert by_gid(sheet, "plasma") == []
    assert f"Plasma peaks at {1300.0 * mass / 1e6:.0f} µg/mL of trastuzumab" in FIGURES["exposure"].title(results)


def test_a_medium_that_stays_is_told_so() -> None:
    results = synthetic.adcc()
    assert "stays near" not in FIGURES["exposure"].title(results) or results.timeseries["local_antibody_nM"].min() > 12
    results.timeseries["local_antibody_nM"] = 13.75
    assert FIGURES["exposure"].title(results) == "Trastuzumab in the medium stays near 13.8 nM for 24 h"


def test_patients_are_drawn_one_by_one() -> None:
    results, sheet = results_of("population"), sheet_of("population", "exposure")
    thin = by_gid(sheet, "each-plasma")
    assert len(thin) == 8
    one = results.timeseries[results.timeseries["replicate"] == 3]["plasma_conjugate_ug_ml"].to_numpy()
    np.testing.assert_allclose(thin[2].get_ydata()[1:], one[1:])
    tops = results.timeseries.groupby("replicate")["plasma_conjugate_ug_ml"].max()
    told = f"Plasma peaks at {tops.min():.1f} to {tops.max():.0f} µg/mL in 8 patients"
    assert FIGURES["exposure"].title(results).startswith(told)
    assert by_gid(sheet_of("patient", "exposure"), "each-plasma") == []


def test_a_band_that_reaches_down_to_none_leaves_the_axis_at_its_foot() -> None:
    """On a logarithmic axis it must not end at the mean, as if chance went upwards only."""
    results = synthetic.patient()
    late = results.timeseries["time_h"] > 400.0
    results.timeseries.loc[late & (results.timeseries["replicate"] > 1), "local_conjugate_nM"] = 0.0
    sheet = page("exposure", results)
    (ax,) = sheet.axes
    ends = [band.get_paths()[0].vertices[:, 1].min() for band in ax.collections]
    assert min(ends) < 0.01 * ax.get_ylim()[0]
    whole = page("exposure", synthetic.patient()).axes[0]
    assert min(band.get_paths()[0].vertices[:, 1].min() for band in whole.collections) > whole.get_ylim()[0]


def test_P3_total_and_free_dm1_are_those_of_the_table() -> None:
    results, sheet = results_of("cyp3a4_inhibitor"), sheet_of("cyp3a4_inhibitor", "plasma_dm1")
    (total,), (free,) = by_gid(sheet, "payload"), by_gid(sheet, "free")
    np.testing.assert_allclose(total.get_ydata()[1:], mean(results, "plasma_dm1_ng_ml")[1:])
    np.testing.assert_allclose(free.get_ydata()[1:], mean(results, "plasma_free_dm1_ng_ml")[1:])
    assert sheet.axes[0].get_yscale() == "log"
    assert "7 % of it free" in FIGURES["plasma_dm1"].title(results)
    assert "93 % is bound" in FIGURES["plasma_dm1"].caption(results)


def test_P4_the_caption_tells_what_was_seen_and_never_safe() -> None:
    inhibited, plain = (FIGURES["plasma_dm1"].caption(results_of(s)) for s in ("cyp3a4_inhibitor", "patient"))
    assert "looked for and not seen: in EMILIA" in inhibited
    assert "307 patients" in inhibited
    assert "CYP3A4" in plain
    assert "looked for" not in plain
    for caption in (inhibited, plain):
        assert "is safe" not in caption


def test_P2_the_measured_peak_is_marked_at_its_own_dose_only() -> None:
    sheet = sheet_of("patient", "plasma_dm1")
    points = [line for line in sheet.axes[0].get_lines() if line.get_marker() == "o"]
    assert [line.get_ydata().tolist() for line in points] == [[4.61]]
    assert FIGURES["plasma_dm1"].title(results_of("patient")).endswith("measured: 4.61 ng/mL")
    results = synthetic.patient()
    results.scenario["treatment"] = [{"drug": "t-dm1", "dose": "2.4 mg/kg", "every": "7 d", "cycles": 3}]
    assert "measured" not in FIGURES["plasma_dm1"].title(results) + words_on(page("plasma_dm1", results))


def test_M6_shed_ectodomain_is_that_of_the_table() -> None:
    results, sheet = results_of("naked"), sheet_of("naked", "shed_ectodomain")
    (line,) = by_gid(sheet, "shed")
    values = mean(results, "local_shed_ecd_nM")
    np.testing.assert_allclose(line.get_ydata()[1:], values[1:])
    title = FIGURES["shed_ectodomain"].title(results)
    assert f"Shed HER2 in the tissue peaks at {values.max():.0f} nM" in title
    assert "while trastuzumab is bound" in title
    assert "is assumed" in FIGURES["shed_ectodomain"].caption(results)


def test_very_little_shed_is_told_in_pM() -> None:
    results = synthetic.naked()
    results.timeseries["local_shed_ecd_nM"] *= 1e-4
    (line,) = by_gid(page("shed_ectodomain", results), "shed")
    np.testing.assert_allclose(line.get_ydata()[1:], 1e3 * mean(results, "local_shed_ecd_nM")[1:])
    assert "pM" in FIGURES["shed_ectodomain"].title(results)


def test_F2_digestion_is_drawn_with_the_band_of_the_cells() -> None:
    results, sheet = results_of("trafficking"), sheet_of("trafficking", "proteolysis_activity")
    (line,), (band,) = by_gid(sheet, "median"), by_gid(sheet, "band")
    median = 100.0 * mean(results, "proteolysis_activity_median")
    np.testing.assert_allclose(line.get_ydata(), median)
    low, high = mean(results, "proteolysis_activity_p05").min(), mean(results, "proteolysis_activity_p95").max()
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (pytest.approx(100.0 * low), pytest.approx(100.0 * high))
    assert FIGURES["proteolysis_activity"].title(results).startswith(f"DM1 leaves {median.min():.0f} %")
    assert "C_T, the level that halves it, is 500 nM here" in FIGURES["proteolysis_activity"].caption(results)


def test_a_clone_that_gains_among_the_last_few_is_told_with_how_few() -> None:
    results = synthetic.three_clones()
    title = FIGURES["clones"].title(results)
    assert "but only" not in title
    results.summary["cell_number_ratio"] = {"mean": 0.02, "low": 0.0, "high": 0.04}
    assert FIGURES["clones"].title(results) == f"{title}; but only 0.02 per founder cell live"
