"""Bars of several runs: lengths, intervals and notes are the results' own; findings follow the numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from tdm1sim.figures import style, texts
from tdm1sim.figures.several import SEVERAL, bars, naked, page, pairs, reversal, t_dm1_t_dxd, trafficking
from tdm1sim.intervals import Interval, of_values
from tdm1sim.population import FOUNDER_GROUPS
from tdm1sim.results import Results
from tdm1sim.uncertainty.peaks import edges
from tests.figures.several.small import changed, runs_of, scaled, sheet_of
from tests.figures.sheets import by_gid, flat, words_on

pytestmark = pytest.mark.xdist_group("several")  # one worker: runs are kept and shared


def ends(sheet: Figure, name: str, which: int = 0) -> list[float]:
    found = by_gid(sheet, f"{name}: interval")[which]
    return [float(x) for x in found.get_segments()[0][:, 0]]


def last(results: Results, column: str) -> list[float]:
    """The last value of each replicate over its founders, from the table alone."""
    rows = results.timeseries.sort_values("time_h").groupby("replicate")
    return (rows[column].last() / rows["live_cells"].first()).tolist()


def lengths(sheet: Figure, gid: str) -> list[float]:
    return [patch.get_width() for patch in by_gid(sheet, gid)]


@pytest.mark.parametrize("state", ["arrested", "multinucleated"])
def test_bars_of_living_cells_are_their_states_and_the_whole(state: str) -> None:
    runs, sheet = runs_of("reversal"), sheet_of("reversal")
    for key, name in reversal.names(runs).items():
        live = last(runs[key], "live_cells")
        assert lengths(sheet, f"{name}: {state}") == pytest.approx([np.mean(last(runs[key], state))])
        assert sum(lengths(sheet, f"{name}: {part}")[0] for part in pairs.ALIVE) == pytest.approx(np.mean(live))
        wanted = of_values(live, low=0.0)
        assert ends(sheet, name) == pytest.approx([wanted["low"], wanted["high"]])
        assert pairs.told(wanted) in words_on(sheet)


def test_companion_other_results_give_other_bars() -> None:
    runs = scaled(runs_of("reversal"), "mdr1_high", 0.5)
    before, after = sheet_of("reversal"), page("reversal", runs)
    name = reversal.names(runs)["mdr1_high"]
    assert lengths(after, f"{name}: cycling")[0] == pytest.approx(0.5 * lengths(before, f"{name}: cycling")[0])


def test_notes_are_paired_differences() -> None:
    runs = runs_of("reversal")
    change = np.subtract(last(runs["mdr1_inhibitor"], "live_cells"), last(runs["mdr1_high"], "live_cells"))
    wanted = of_values(change.tolist())
    assert reversal.change(runs, "mdr1_inhibitor") == pytest.approx(wanted)
    assert flat(pairs.note(wanted, "without")) in words_on(sheet_of("reversal"))


def test_the_reversal_is_told_by_its_numbers() -> None:
    runs = runs_of("reversal")
    left = {key: np.mean(last(runs[key], "live_cells")) for key in runs}
    many = scaled(runs, "mdr1_high", 3.0)
    assert (
        SEVERAL["reversal"]
        .title(many)
        .startswith(
            f"A P-gp inhibitor lowers MDR1 ×10 tumours from {3 * left['mdr1_high']:.2f} to "
            f"{left['mdr1_inhibitor']:.2f} "
            "living cells per founder; a PI3K inhibitor "
        )
    )
    few = scaled(runs, "mdr1_high", 0.1)
    assert f"A P-gp inhibitor raises MDR1 ×10 tumours from {0.1 * left['mdr1_high']:.2f}" in SEVERAL["reversal"].title(
        few
    )
    same = {**runs, "pten_pi3k_inhibitor": runs["pten_deficient"]}
    assert (
        SEVERAL["reversal"]
        .title(same)
        .endswith(
            f"a PI3K inhibitor does nothing clear to tumours without PTEN "
            f"({left['pten_deficient']:.2f} and {left['pten_deficient']:.2f})"
        )
    )


def per_founder_of(results: Results, clone: str) -> list[float]:
    rows = results.clones[results.clones["clone"] == clone].sort_values("time_h").groupby("replicate")["live_cells"]
    return (rows.last() / rows.first()).tolist()


@pytest.mark.parametrize("clone", t_dm1_t_dxd.CLONES)
def test_bars_of_clones_are_the_clones(clone: str) -> None:
    runs, sheet = runs_of("t_dm1_t_dxd"), sheet_of("t_dm1_t_dxd")
    which = list(t_dm1_t_dxd.CLONES).index(clone)
    for key, label in t_dm1_t_dxd.NAMES.items():
        name = texts.english(label)
        values = per_founder_of(runs[key], clone)
        assert lengths(sheet, f"{name}: live_cells")[which] == pytest.approx(np.mean(values))
        wanted = of_values(values, low=0.0)
        assert ends(sheet, name, which) == pytest.approx([wanted["low"], wanted["high"]])


def test_the_bystander_effect_is_told_where_there_is_one() -> None:
    runs = runs_of("t_dm1_t_dxd")

    def poor(factor: float) -> dict[str, Results]:
        def edit(table: pd.DataFrame) -> None:
            rows = (table["clone"] == "poor") & (table["time_h"] > 0)
            table["live_cells"] = table["live_cells"].astype(float)
            table.loc[rows, "live_cells"] *= factor

        return changed({**runs, "t_dxd": runs["t_dxd_enters_none"]}, "t_dxd", "clones", edit)

    killed = SEVERAL["t_dm1_t_dxd"].title(poor(0.3))
    left = {key: np.mean(per_founder_of(runs[key], "poor")) for key in runs}
    assert killed == (
        f"T-DXd leaves {0.3 * left['t_dxd_enters_none']:.2f} living HER2-poor cells per founder, T-DM1 "
        f"{left['t_dm1']:.2f}: payload from neighbours kills them; if it entered none, "
        f"{left['t_dxd_enters_none']:.2f} would live"
    )
    assert "payload from neighbours does nothing clear of chance" in SEVERAL["t_dm1_t_dxd"].title(poor(1.0))


def test_the_naked_antibodies_are_told_by_the_best_of_them() -> None:
    runs = runs_of("naked")
    left = {key: f"{np.mean(last(results, 'live_cells')):.2f}" for key, results in runs.items()}
    least = [min(left[keys[1]], left[keys[2]]) for keys in naked.TUMOURS.values()]
    assert SEVERAL["naked"].title(runs) == (
        f"Of {left['untreated']} living cells per founder untreated, T-DM1 leaves {left['her2_positive']} "
        f"(HER2-positive) and {left['her2_low']} (HER2-low), naked antibodies at best {least[0]} and {least[1]}"
    )
    stronger = scaled(runs, "trastuzumab", 0.1)
    assert SEVERAL["naked"].title(stronger) != SEVERAL["naked"].title(runs)
    other = scaled(runs, "low_untreated", 0.5)
    assert SEVERAL["naked"].title(other).startswith(f"Of {left['untreated']} and ")


def shares(runs: dict[str, Results], blockade: dict[str, Any]) -> dict[str, Results]:
    results = runs["her2_positive"]
    told = results.summary["attribution"]
    arms = {**told["arms"], "blockade": {**told["arms"]["blockade"], "share": blockade}}
    summary = {**results.summary, "attribution": {**told, "arms": arms}}
    return {**runs, "her2_positive": dataclasses.replace(results, summary=summary)}


def test_shares_are_those_of_the_summaries() -> None:
    runs, sheet = runs_of("her2_positive_low"), sheet_of("her2_positive_low")
    for which, key in enumerate(("her2_positive", "her2_low")):
        told = runs[key].summary["attribution"]
        for measure, game in (("live_cells", told), ("killing", told["killing"])):
            for way, name in (("payload", "payload"), ("blockade", "HER2 blockade"), ("adcc", "ADCC")):
                found = game["arms"][way]["effect"]
                assert lengths(sheet, f"{name}: {measure}")[which] == pytest.approx(found["mean"])
        lines = [ends(sheet, "payload", 2 * which + i) for i in range(2)]
        assert lines[0] == pytest.approx([told["arms"]["payload"]["effect"][end] for end in ("low", "high")])


def test_shares_are_told_where_they_are_clear_of_chance() -> None:
    runs, title = runs_of("her2_positive_low"), SEVERAL["her2_positive_low"].title
    assert "HER2 blockade 7.0 %; HER2-low: " in title(shares(runs, {"mean": 0.07, "low": 0.06, "high": 0.08}))
    assert "blockade −7.0 %; HER2-low: " in title(shares(runs, {"mean": -0.07, "low": -0.08, "high": -0.06}))
    assert "blockade nothing clear of chance; HER2-low: " in title(
        shares(runs, {"mean": 0.07, "low": -0.06, "high": 0.2})
    )


def test_without_an_effect_there_is_nothing_to_share() -> None:
    runs = runs_of("her2_positive_low")
    results = runs["her2_low"]
    told = results.summary["attribution"]
    none = {way: {**part, "share": None} for way, part in told["arms"].items()}
    summary = {**results.summary, "attribution": {**told, "arms": none}}
    runs = {**runs, "her2_low": dataclasses.replace(results, summary=summary)}
    assert SEVERAL["her2_positive_low"].title(runs) == (
        "T-DM1 has no effect on living cells to share out in HER2-low tumours"
    )


def fates_by_hand(runs: dict[str, Results], arm: str, band: str) -> dict[str, float]:
    """Cells per founder of a band by fate, mean over groups of founders: cell by cell, in plain Python."""
    low, high = edges(runs["off"])
    peaks: dict[int, float] = {}
    for row in runs["off"].cells.itertuples():
        founder = int(str(row.cell_id).split(".")[0])
        peaks[founder] = max(peaks.get(founder, 0.0), float(row.dm1_peak_nM))
    chosen = {n for n, x in peaks.items() if {"intermediate": low <= x < high, "high": x >= high}[band]}
    counts: dict[tuple[int, str], int] = {}
    for row in runs[arm].cells.itertuples():
        founder, fate = int(str(row.cell_id).split(".")[0]), str(row.fate)
        if founder in chosen and fate != "divided":
            stuck = row.stage_end in {"arrested", "multinucleated"}
            part = {"surviving": "multinucleated" if stuck else "cycling"}.get(fate, fate)
            key = (founder % FOUNDER_GROUPS, part)
            counts[key] = counts.get(key, 0) + 1
    sizes = {group: sum(n % FOUNDER_GROUPS == group for n in chosen) for group in range(FOUNDER_GROUPS)}
    used = [group for group, size in sizes.items() if size]
    return {
        part: float(np.mean([counts.get((group, part), 0) / sizes[group] for group in used]))
        for part in trafficking.PARTS
    }


@pytest.mark.parametrize("band", trafficking.BANDS)
def test_fates_of_a_band_are_counted_cell_by_cell(band: str) -> None:
    runs, sheet = runs_of("trafficking"), sheet_of("trafficking")
    which = [found.name for found in trafficking.shown(runs)].index(band)
    for arm, name in trafficking.names(runs).items():
        for part, size in fates_by_hand(runs, arm, band).items():
            assert lengths(sheet, f"{name}: {part}")[which] == pytest.approx(size), (arm, part)


def test_the_bands_are_told_by_what_they_do() -> None:
    runs = runs_of("trafficking")
    title = SEVERAL["trafficking"].title
    same = dict.fromkeys(runs, runs["off"]) | {
        "slowed_300_nM": dataclasses.replace(runs["slowed_300_nM"], cells=runs["off"].cells)
    }
    assert "living cells per founder do not clearly change (" in title(same)

    def dies(table: pd.DataFrame) -> None:
        table.loc[table["fate"] == "surviving", "fate"] = "apoptosis"

    assert "fall from" in title(changed(runs, "slowed_300_nM", "cells", dies))
    assert title(runs).startswith("Where 300 nM of DM1 halve digestion, living cells per founder ")


@pytest.mark.parametrize(
    ("found", "words", "note"),
    [
        ((-0.81, -0.85, -0.77), "0.81 fewer than before (0.77 to 0.85)", "0.81 fewer than before\n(0.77 to 0.85)"),
        ((0.3, 0.2, 0.4), "0.30 more than before (0.20 to 0.40)", "0.30 more than before\n(0.20 to 0.40)"),
        (
            (-0.02, -0.05, 0.001),
            "not clearly more or fewer than before (−0.05 to +0.001)",
            "no clear difference\n(−0.05 to +0.001)",
        ),
        ((0.0, 0.0, 0.0), "exactly as many as before", "exactly as many as before"),
        ((0.2, None, None), "0.20 more than before", "0.20 more than before"),
        ((None, None, None), "no difference is known", "no difference is known"),
    ],
)
def test_differences_in_words(found: tuple[float | None, ...], words: str, note: str) -> None:
    interval = Interval(mean=found[0], low=found[1], high=found[2])
    assert pairs.compared(interval, "before") == words
    assert pairs.note(interval, "before") == note


def test_parts_are_told_apart_without_colour() -> None:
    for parts in (reversal.states(), trafficking.PARTS):
        hatches = [style.MEANING[part].hatch for part in parts]
        assert len(set(hatches)) == len(hatches)


def test_every_number_has_room_beside_its_bar() -> None:
    for name in ("reversal", "naked", "t_dm1_t_dxd", "trafficking", "her2_positive_low"):
        sheet = sheet_of(name)
        panel = sheet.axes[0].child_axes[0]
        right = panel.get_window_extent().x1
        numbers = [t for t in panel.findobj(Text) if t.get_text() and getattr(t, "xyann", None) == (bars.BESIDE, 0.0)]
        assert numbers
        assert max(t.get_window_extent().x1 for t in numbers) <= right + 1.0
