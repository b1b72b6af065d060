"""What each figure draws: the results' own numbers."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import (
    FIGURES,
    applicable,
    clones,
    dm1_bands,
    exposure,
    fates,
    page,
    reading,
    style,
)
from tdm1sim.figures.words import percent, plain, spoken
from tdm1sim.uncertainty import peaks
from tests.figures import look_alike, synthetic
from tests.figures.sheets import PAGES, by_gid, results_of, sheet_of, words_on


def test_exposure_draws_the_tables() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "exposure")
    table = results.timeseries.groupby("time_h")[["plasma_conjugate_ug_ml", "local_conjugate_nM"]].mean()
    (plasma,), (local,) = by_gid(sheet, "plasma"), by_gid(sheet, "local")
    positive = table["plasma_conjugate_ug_ml"].to_numpy() > 0
    np.testing.assert_allclose(plasma.get_ydata()[positive], table["plasma_conjugate_ug_ml"].to_numpy()[positive])
    np.testing.assert_allclose(plasma.get_xdata(), table.index.to_numpy() / 24.0)
    in_nM = local.get_ydata() * 1e6 / 148e3
    np.testing.assert_allclose(in_nM[positive], table["local_conjugate_nM"].to_numpy()[positive])
    (right,) = sheet.axes[0].child_axes
    assert right.get_ylim()[1] == pytest.approx(sheet.axes[0].get_ylim()[1] * 1e6 / 148e3)


def test_without_drug_the_exposure_says_so() -> None:
    assert "no drug given" in words_on(sheet_of("untreated", "exposure"))
    assert FIGURES["exposure"].title(results_of("untreated")).startswith("No drug given")


def test_culture_shows_the_medium_in_nM_and_hours() -> None:
    sheet = sheet_of("culture", "exposure")
    assert sheet.axes[0].get_ylabel() == "conjugate in the medium (nM)"
    assert sheet.axes[0].get_xlabel() == "time (hours)"
    assert by_gid(sheet, "plasma") == []
    assert exposure.nM_per_ug_ml(results_of("culture")) == pytest.approx(6.7568, rel=1e-4)


def test_a_patient_starts_with_the_end_of_the_infusion() -> None:
    """The first row has no drug, and a logarithmic axis no zero: the line begins at the row after it."""
    results, sheet = results_of("patient"), sheet_of("patient", "exposure")
    (plasma,) = by_gid(sheet, "plasma")
    assert reading.times(results)[:3].tolist() == [0.0, 1.5, 6.0]
    first = results.timeseries.loc[results.timeseries["time_h"] == 1.5, "plasma_conjugate_ug_ml"].mean()
    assert np.isnan(plasma.get_ydata()[0])
    assert plasma.get_ydata()[1] == pytest.approx(first)
    low, high = sheet.axes[0].get_ylim()
    assert low > 0.0
    assert high >= first


def test_a_share_of_plasma_that_wanders_is_told_beside_the_typical_one() -> None:
    """When most cells are gone, free conjugate rises; a title with the median alone would hide it."""
    results = synthetic.patient()
    assert FIGURES["exposure"].title(results).endswith("the cells take up what arrives")
    table = results.timeseries
    factor = exposure.nM_per_ug_ml(results)
    late = table["time_h"] == 480.0
    table.loc[late, "local_conjugate_nM"] = 0.5 * factor * table.loc[late, "plasma_conjugate_ug_ml"]
    title = FIGURES["exposure"].title(results)
    assert title.endswith("of that in plasma, at most 50 % (day 20)")


def test_the_highest_plasma_of_several_doses_is_told() -> None:
    results = synthetic.patient()
    first = float(results.summary["pk"]["cmax_ug_ml"])
    results.timeseries.loc[results.timeseries["time_h"] == 480.0, "plasma_conjugate_ug_ml"] = first + 2.0
    assert FIGURES["exposure"].title(results).startswith(f"Plasma peaks at {plain(first + 2.0)} µg/mL")


def medium_after(change: float, later: float) -> look_alike.FakeResults:
    """A dish whose medium falls to ``later`` nM at ``change`` h, where it has a row of its own."""
    results = synthetic.culture(with_series=False)
    for name in ("timeseries", "clones"):
        table = getattr(results, name)
        extra = table[table["time_h"] == float(int(change))].assign(time_h=change)
        joined = pd.concat([table, extra]).sort_values(["replicate", "time_h"], kind="stable", ignore_index=True)
        results = look_alike.FakeResults(**{**vars(results), name: joined})
    results.timeseries.loc[results.timeseries["time_h"] >= change, "local_conjugate_nM"] = later
    return results


@pytest.mark.parametrize(("later", "scale"), [(0.3, "linear"), (0.0, "linear"), (0.001, "log")])
def test_a_culture_within_a_factor_of_ten_is_drawn_from_zero(later: float, scale: str) -> None:
    results = medium_after(24.5, later)
    sheet = page("exposure", results)
    (main,) = sheet.axes
    assert main.get_yscale() == scale
    assert ("logarithmic" in FIGURES["exposure"].caption(results)) == (scale == "log")
    (line,) = by_gid(sheet, "local")
    at = list(line.get_xdata()).index(24.5)
    assert line.get_ydata()[at] == later
    if scale == "linear":
        assert main.get_ylim()[0] == 0.0


@pytest.mark.parametrize("name", ["exposure", "drug_path", "dm1_bands", "fates", "clones"])
def test_a_row_where_the_medium_changes_is_just_one_more(name: str) -> None:
    results = medium_after(24.5, 0.0)
    assert len(reading.times(results)) == 74
    assert np.isfinite(reading.per_replicate(results.timeseries, "live_cells")).all()
    page(name, results).draw_without_rendering()


def test_a_short_title_leaves_no_gap() -> None:
    """Axes reach up to the title; one line less, one line more of picture."""
    short, long = sheet_of("patient", "clones").axes[0], sheet_of("patient", "fates").axes[0]
    assert short.get_position().y1 - long.get_position().y1 == pytest.approx(1.22 * 25.0 / 540.0)
    for name in ("clones", "fates", "dm1_bands"):
        sheet = sheet_of("patient", name)
        (title,) = by_gid(sheet, "title")
        box = Text.get_window_extent(title, FigureCanvasAgg(sheet).get_renderer())
        gap = box.y0 / sheet.dpi * 72.0 - 540.0 * sheet.axes[0].get_position().y1
        assert 8.0 < gap < 32.0


def test_drug_path_draws_median_and_band_of_six_stations() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "drug_path")
    panels = sheet.axes[0].child_axes
    assert len(panels) == 6
    for panel, column in zip(panels, look_alike.STATIONS, strict=True):
        expected = results.timeseries.groupby("time_h")[f"{column}_median"].mean().to_numpy()
        np.testing.assert_allclose(panel.get_lines()[0].get_ydata(), expected)
        high = results.timeseries.groupby("time_h")[f"{column}_p95"].mean().max()
        assert panel.dataLim.y1 == pytest.approx(high)


@pytest.mark.parametrize("story", ["patient", "untreated", "cleared", "three_clones", "one_replicate"])
def test_bands_are_drawn_where_the_summary_says(story: str) -> None:
    results, sheet = results_of(story), sheet_of(story, "dm1_bands")
    bands = results.summary["bands"]
    drawn = sorted(line.get_xdata()[0] for line in by_gid(sheet, "band-edge"))
    assert drawn == [bands["low_nM"], bands["high_nM"]]
    (middle,) = by_gid(sheet, "band-intermediate")
    box = middle.get_path().vertices @ np.eye(2) if not hasattr(middle, "get_x") else None
    start = middle.get_x() if box is None else box[:, 0].min()
    assert start == bands["low_nM"]
    for band in dm1_bands.BANDS:
        assert band in words_on(sheet)
    borders = peaks.bins(results)
    assert np.isclose(borders, bands["low_nM"]).any()
    assert np.isclose(borders, bands["high_nM"]).any()


def test_cells_without_dm1_are_in_the_first_bar_and_the_axis_says_so() -> None:
    results = results_of("untreated")
    assert dm1_bands.histogram(results)["no_mitosis_yet"][0] == 1.0
    assert "first bar: 9.4 or less" in sheet_of("untreated", "dm1_bands").axes[0].get_xlabel()
    assert "first bar" not in sheet_of("patient", "dm1_bands").axes[0].get_xlabel()


def test_a_moved_band_is_noticed() -> None:
    results = synthetic.patient()
    results.summary["bands"]["low_nM"] = 160.0
    drawn = sorted(line.get_xdata()[0] for line in by_gid(page("dm1_bands", results), "band-edge"))
    assert drawn == [160.0, 2200.0]


@pytest.mark.parametrize("story", list(synthetic.ALL))
def test_histogram_holds_every_counted_cell_once(story: str) -> None:
    results = results_of(story)
    shares = dm1_bands.histogram(results)
    assert sum(share.sum() for share in shares.values()) == pytest.approx(1.0)
    cells = results.cells[results.cells["fate"] != "divided"]
    survivors = cells[cells["fate"] == "surviving"]
    expected = {
        "no_mitosis_yet": survivors["stage_end"].isin(["cycling", "committed"]).sum() / len(cells),
        "stopped": survivors["stage_end"].isin(["arrested", "multinucleated"]).sum() / len(cells),
        "mitotic_catastrophe": (cells["fate"] == "mitotic_catastrophe").mean(),
        "apoptosis": (cells["fate"] == "apoptosis").mean(),
        "adcc": (cells["fate"] == "adcc").mean(),
    }
    assert {part: share.sum() for part, share in shares.items()} == pytest.approx(expected)


def test_survivors_that_met_no_mitosis_yet_are_shown_as_such() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "dm1_bands")
    shares = dm1_bands.histogram(results)
    told = words_on(sheet)
    for part, label in (
        ("no_mitosis_yet", "surviving, no mitosis since birth"),
        ("stopped", "surviving in arrest or multinucleated"),
    ):
        assert f"{label}: {percent(float(shares[part].sum()))}" in told
    (first,), (second,) = by_gid(sheet, "no_mitosis_yet"), by_gid(sheet, "stopped")
    np.testing.assert_allclose(first.get_data().values, 100.0 * shares["no_mitosis_yet"])
    np.testing.assert_allclose(second.get_data().baseline, first.get_data().values)
    assert to_hex(first.get_facecolor()) == style.MEANING["cycling"].colour.lower()
    assert to_hex(second.get_facecolor()) == style.MEANING["multinucleated"].colour.lower()
    cells = results.cells
    middle = cells[(cells["fate"] == "surviving") & (cells["band"] == "intermediate")]
    share = percent(float(middle["stage_end"].isin(["cycling", "committed"]).mean()))
    assert f"Of the survivors in the intermediate band, {share} have met no mitosis yet" in (
        FIGURES["dm1_bands"].caption(results)
    )


def test_timing_is_a_cause_only_where_mitosis_was_often_missed() -> None:
    results = synthetic.patient()
    assert "have met no mitosis yet: fate is timing" in FIGURES["dm1_bands"].caption(results)
    results.cells.loc[results.cells["fate"] == "surviving", "stage_end"] = "multinucleated"
    assert "0 % have met no mitosis yet. " in FIGURES["dm1_bands"].caption(results)


def test_cells_of_the_low_band_born_late_are_told() -> None:
    """A newborn's peak counts from birth: few of them met the drug at its height, and that is no resistance."""
    results = synthetic.patient()
    results.cells["band"] = results.cells["band"].replace("low", "intermediate")
    assert "born during the run" not in FIGURES["dm1_bands"].caption(results)
    results.cells.loc[:99, ["band", "birth_h"]] = ["low", 456.0]
    assert "In the low band, 100 % of the cells were born during the run, half of these after 19 days" in (
        FIGURES["dm1_bands"].caption(results)
    )


@pytest.mark.parametrize(("stage", "part"), [("cycling", "no_mitosis_yet"), ("arrested", "stopped")])
def test_a_moved_survivor_is_noticed(stage: str, part: str) -> None:
    """The companion: the stage at the end decides, and of survivors only."""
    results = synthetic.patient()
    before = dm1_bands.parts(results).value_counts()
    results.cells["stage_end"] = stage
    after = dm1_bands.parts(results).value_counts()
    survivors = before["no_mitosis_yet"] + before["stopped"]
    assert after[part] == survivors > before[part]
    assert after["apoptosis"] == before["apoptosis"]


def test_nobody_left_has_no_kinds_of_survivors() -> None:
    assert "No cell of them survives" in FIGURES["dm1_bands"].caption(results_of("cleared"))


def test_stacked_fates_add_up_to_the_tables() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "fates")
    heights = fates.areas(results)
    table = results.timeseries
    total = (table["live_cells"] + table["died_apoptosis"] + table["died_mitotic_catastrophe"]) / 2000.0
    np.testing.assert_allclose(sum(heights.values()), total.groupby(table["time_h"]).mean().to_numpy())
    (top,) = by_gid(sheet, "apoptosis")
    assert top.get_paths()[0].vertices[:, 1].max() == pytest.approx(total.groupby(table["time_h"]).mean().max())
    (line,) = by_gid(sheet, "living")
    expected = (table["live_cells"] / 2000.0).groupby(table["time_h"]).mean()
    np.testing.assert_allclose(line.get_ydata(), expected)
    for name in ("rapid (interphase) apoptosis", "mitotic catastrophe (arrest, then death, often apoptotic)"):
        assert name in words_on(sheet)
    assert "95 % interval, chance alone" in words_on(sheet)


def test_one_replicate_has_no_band_but_an_interval_at_the_end() -> None:
    sheet = sheet_of("one_replicate", "fates")
    assert by_gid(sheet, "living-interval") == []
    (end,) = by_gid(sheet, "end-interval")
    ratio = results_of("one_replicate").summary["cell_number_ratio"]
    assert list(end.get_ydata()) == [ratio["low"], ratio["high"]]
    assert "One replicate" in FIGURES["fates"].caption(results_of("one_replicate"))
    assert by_gid(sheet_of("patient", "fates"), "living-interval") != []


@pytest.mark.parametrize("name", ["exposure", "fates", "clones"])
def test_bands_say_what_they_are(name: str) -> None:
    assert "95 % interval, chance alone" in words_on(sheet_of("three_clones", name))
    if name == "exposure":
        assert "interval" not in words_on(sheet_of("one_replicate", name))


def test_clones_are_shares_of_the_living_cells() -> None:
    results, sheet = results_of("three_clones"), sheet_of("three_clones", "clones")
    table = results.clones.pivot(index=["replicate", "time_h"], columns="clone", values="live_cells")
    shares = table.div(table.sum(axis=1), axis=0).groupby("time_h").mean()
    for i, name in enumerate(clones.names(results)):
        (line,) = by_gid(sheet, f"clone-{i}")
        np.testing.assert_allclose(line.get_ydata(), 100.0 * shares[name].to_numpy())
        assert spoken(name) in words_on(sheet)
    assert FIGURES["clones"].title(results).startswith("The MDR1 high clone grows from 5 %")


def test_a_clone_that_grows_in_one_replicate_only_is_told_as_chance() -> None:
    results = synthetic.three_clones()
    assert "chance" not in FIGURES["clones"].title(results)
    table = results.clones.copy()
    end = table["time_h"] == table["time_h"].max()
    for name, cells in (("sensitive", 80), ("her2_loss", 15), ("mdr1_high", 0)):
        table.loc[end & (table["clone"] == name), "live_cells"] = cells
    lucky = end & (table["clone"] == "mdr1_high") & (table["replicate"] == table["replicate"].max())
    table.loc[lucky, "live_cells"] = 1_000_000
    title = FIGURES["clones"].title(dataclasses.replace(results, clones=table))
    assert title.startswith("The MDR1 high clone grows from 5 % to 12 %")
    assert title.endswith("which chance alone could do")


def test_twelve_clones_are_told_apart() -> None:
    looks = [style.clone_look(i, 12) for i in range(12)]
    assert len({(shown.colour, str(shown.line)) for shown in looks}) == 12
    assert all(looks[i].line != looks[i + 1].line for i in range(11))
    assert min(contrast_with_white(shown.colour) for shown in looks) > 3.0
    assert contrast_with_white("#D3C164") < 3.0  # the companion: cividis further on


def contrast_with_white(colour: str) -> float:
    """Return the contrast ratio of WCAG 2; 3 is the least for a line in a graph."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_dose_response_draws_the_measured_points() -> None:
    sheet, results = sheet_of("culture", "dose_response"), results_of("culture")
    curve = load_catalogue().measured["sk_br_3_t_dm1_72h"]
    (points,) = by_gid(sheet, f"measured-{curve.name}")
    np.testing.assert_allclose(points.get_xdata(), curve.x)
    np.testing.assert_allclose(points.get_ydata(), curve.y)
    assert curve.label in words_on(sheet)
    assert "measured: 0.13 nM" in FIGURES["dose_response"].title(results)
    rows = results.readouts
    assert rows is not None
    mean = rows[rows["concentration_nM"].notna()].groupby("concentration_nM")["of_untreated"].mean()
    (line,) = [line for line in sheet.axes[0].get_lines() if str(line.get_label()).startswith("simulated")]
    np.testing.assert_allclose(line.get_ydata(), mean.to_numpy())
    assert sheet.axes[0].get_xscale() == "log"


def test_only_a_run_with_a_series_has_a_dose_response() -> None:
    assert "dose_response" in applicable(results_of("culture"))
    assert "dose_response" not in applicable(synthetic.culture(with_series=False))
    assert "dose_response" not in applicable(results_of("patient"))


@pytest.mark.parametrize(("story", "name"), PAGES)
def test_captions_say_which_run(story: str, name: str) -> None:
    results = results_of(story)
    caption = FIGURES[name].caption(results)
    assert f"`{results.summary['scenario']}`" in caption
    assert f"seed {results.summary['seed']}" in caption
    assert f"{results.summary['replicates']} replicate" in caption
    assert f"{results.summary['cells_start']:,} founder cells" in caption
    assert "scheuher_2023" in caption
    assert "receptors per cell" in caption
    assert not re.search(r"\bnan\b|None", caption)


def test_areas_are_told_apart_without_colour() -> None:
    looks = [style.MEANING[name] for name in fates.STACK]
    assert len({shown.colour for shown in looks}) == len(looks)
    assert len({shown.hatch for shown in looks}) == len(looks)
    assert reading.has_drug(results_of("patient"))
    assert not reading.has_drug(results_of("untreated"))
