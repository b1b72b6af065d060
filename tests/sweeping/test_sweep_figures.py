"""The figures of a sweep draw what sweep.csv holds, say what they show, and carry their limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.text import Annotation

from tdm1sim.figures import sweep as figure
from tdm1sim.figures import sweep_map
from tdm1sim.figures.words import per_founder
from tdm1sim.sweeping import folder, running
from tdm1sim.sweeping.mechanisms import NONE, plan_resistances
from tdm1sim.sweeping.planning import Sweep
from tdm1sim.sweeping.point import Done, Job
from tdm1sim.sweeping.running import How
from tests.sweeping import small

MEASURE = "cell_number_ratio"


def _measured(sweep: Sweep, spread: float) -> Callable[..., Done]:
    """A stand-in for the simulation: numbers that follow the point, with a given spread between replicates."""

    def run_point(job: Job, report: object = None) -> Done:
        mean = 0.3 + 0.2 * (job.number % 5) + 0.05 * job.number
        values = [mean - spread, mean + spread]
        interval = {"mean": mean, "low": mean - 2 * spread, "high": mean + 2 * spread}
        result = {
            "replicates": 2,
            "outcome": "completed",
            "outcomes": ["completed"] * 2,
            "means": {MEASURE: interval, "regrowth_d": {"mean": None, "low": None, "high": None}},
            "values": {MEASURE: values, "regrowth_d": [None, None]},
            "cell_steps": 1,
        }
        return Done(job.number, result, 0.0)

    return run_point


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., folder.SweepResults]:
    def make(vary: Sequence[str], spread: float = 0.01, **options: object) -> folder.SweepResults:
        sweep = small.planned(tmp_path, vary, **options) if vary else plan_resistances(small.scenario(tmp_path), 4)
        monkeypatch.setattr(running, "run_point", _measured(sweep, spread))
        return small.swept(sweep, tmp_path / "s", How(force=True))

    return make


def drawn(results: folder.SweepResults) -> Axes:
    sheet = figure.page(results, MEASURE)
    FigureCanvasAgg(sheet).draw()  # type: ignore[no-untyped-call]
    return sheet.axes[0]


def lines(ax: Axes) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {line.get_gid(): (line.get_xdata(), line.get_ydata()) for line in ax.get_lines() if line.get_gid()}


def told(ax: Axes, gid: str) -> str:
    (found,) = [text for text in ax.texts if isinstance(text, Annotation) and text.get_gid() == gid]
    return " ".join(found.get_text().split())


ONE = ("tumour.clones.*.mdr1=1:100:5:log",)
TWO = ("tumour.clones.*.mdr1=1:100:4:log", "treatment.t-dm1.dose=1.2 mg/kg,2.4 mg/kg,3.6 mg/kg")


def test_one_axis_is_the_line_of_the_table(made: Callable[..., folder.SweepResults]) -> None:
    results = made(ONE)
    ax = drawn(results)
    x, y = lines(ax)["line-0"]
    np.testing.assert_array_equal(x, results.table["tumour.clones.*.mdr1"])
    np.testing.assert_array_equal(y, results.table[f"{MEASURE}_mean"])
    (band,) = [patch for patch in ax.collections if patch.get_gid() == "line-0-band"]
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(results.table[f"{MEASURE}_low"].min())
    assert heights.max() == pytest.approx(results.table[f"{MEASURE}_high"].max())
    assert (ax.get_xscale(), ax.get_xlabel()) == ("log", "MDR1: fold of total efflux")
    assert ax.get_ylabel() == "living cells per founder cell"
    assert told(ax, "title") == "Living cells per founder rise from 0.55 at MDR1 ×1 to 1.30 at MDR1 ×31.6"


def test_two_axes_are_a_map_of_the_table(made: Callable[..., folder.SweepResults]) -> None:
    results = made(TWO)
    ax = drawn(results)
    (mesh,) = [one for one in ax.collections if isinstance(one, QuadMesh)]
    shown = np.asarray(mesh.get_array())
    for i, dose in enumerate((1.2, 2.4, 3.6)):
        row = results.table[results.table["treatment.t-dm1.dose_mg_kg"] == dose]
        np.testing.assert_array_equal(shown[i], row[f"{MEASURE}_mean"])
    assert mesh.get_cmap().name == "cividis"
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert ax.get_ylabel() == "dose of T-DM1 (mg/kg)"
    assert len([one for one in ax.get_children() if type(one).__name__ == "QuadContourSet"]) == 1
    assert "more drug always looks better here" in told(ax, "limits")


def test_companion_another_table_is_another_map(made: Callable[..., folder.SweepResults]) -> None:
    results = made(TWO)
    changed = results.table.copy()
    changed.loc[3, f"{MEASURE}_mean"] += 0.5
    assert not np.array_equal(
        sweep_map.grid(results, MEASURE)[2], sweep_map.grid(replace(results, table=changed), MEASURE)[2]
    )


def test_words_beside_numbers_are_a_line_each(made: Callable[..., folder.SweepResults]) -> None:
    results = made(("tumour.clones.main.her2=3+,1+", "tumour.clones.*.mdr1=1,3,10"))
    ax = drawn(results)
    for i, word in enumerate(("3+", "1+")):
        rows = results.table[results.table["tumour.clones.main.her2"] == word]
        np.testing.assert_array_equal(lines(ax)[f"line-{i}"][1], rows[f"{MEASURE}_mean"])
    assert {text.get_text() for text in ax.texts} >= {"HER2 3+", "HER2 1+"}
    assert "overstates T-DM1 in HER2-low tumours" in told(ax, "limits")


def test_words_alone_are_marks(made: Callable[..., folder.SweepResults]) -> None:
    ax = drawn(made(("tumour.clones.main.pten=intact,deficient",)))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["intact", "deficient"]


def test_two_axes_of_words_are_a_map_without_contours(made: Callable[..., folder.SweepResults]) -> None:
    ax = drawn(made(("tumour.clones.main.pten=intact,deficient", "tumour.clones.main.her2=3+,1+")))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["3+", "1+"]
    assert not [one for one in ax.get_children() if type(one).__name__ == "QuadContourSet"]


def test_many_axes_are_a_panel_each(made: Callable[..., folder.SweepResults]) -> None:
    results = made((*TWO, "patient.weight=50:100 kg:2"), design="lhs", count=9)
    panels = drawn(results).child_axes
    assert len(panels) == 3
    for i, (panel, column) in enumerate(zip(panels, results.columns, strict=True)):
        np.testing.assert_array_equal(lines(panel)[f"points-{i}"][0], results.table[column.name])


def test_every_resistance_is_a_line_over_its_own_range(made: Callable[..., folder.SweepResults]) -> None:
    results = made(())
    ax = drawn(results)
    found = lines(ax)
    table = results.table
    assert set(table["resistance"]) - {NONE} <= {gid.removesuffix("-lost") for gid in found}
    for name, (x, y) in found.items():
        rows = table[table["resistance"] == name.removesuffix("-lost")].sort_values("fold")
        if name == NONE:
            np.testing.assert_array_equal(y, [rows[f"{MEASURE}_mean"].iloc[0]] * 2)
        elif name.endswith("-lost"):
            assert list(y) == list(rows[rows["fold"].isna()][f"{MEASURE}_mean"])
        else:
            rows = rows[rows["fold"].notna()]
            np.testing.assert_array_equal(x, rows["fold"])
            np.testing.assert_array_equal(y, rows[f"{MEASURE}_mean"])
    assert "heights do not rank mechanisms" in told(ax, "limits")
    assert ax.get_xscale() == "log"
    mechanisms = set(table["resistance"]) - {NONE}
    looks = {(line.get_color(), line.get_marker()) for line in ax.get_lines() if line.get_gid() in mechanisms}
    assert len(looks) == len(mechanisms), "a colour and a marker each"


def test_no_difference_is_told_as_none(made: Callable[..., folder.SweepResults], tmp_path: Path) -> None:
    results = made(ONE)
    noisy = results.replicates.copy()
    noisy[MEASURE] = [0.1, 2.0, 2.0, 0.1] * 2 + [1.0, 1.1]
    title = figure.title(replace(results, replicates=noisy), MEASURE)
    assert title.endswith(", with no difference that is clear of chance")
    means = results.table[f"{MEASURE}_mean"]
    assert per_founder(float(means.min())) in title, "the numbers drawn, not one mean of all points"
    assert per_founder(float(means.max())) in title


def test_pairing_finds_a_difference_that_bands_hide(made: Callable[..., folder.SweepResults]) -> None:
    """Common luck: both replicates move together, so a small step is clear although the bands overlap widely."""
    results = made(ONE, spread=1.0)
    assert figure.clear(results, MEASURE, 0, 3)


def test_what_has_no_value_anywhere_is_not_drawn(made: Callable[..., folder.SweepResults], tmp_path: Path) -> None:
    results = made(ONE)
    assert not figure.has_values(results, "regrowth_d")
    assert figure.write(results, tmp_path / "figures", ["regrowth_d"]) == []


def test_files_and_caption(made: Callable[..., folder.SweepResults], tmp_path: Path) -> None:
    written = figure.write(made(ONE), tmp_path / "figures", [MEASURE], ("png", "svg"))
    assert [path.name for path in written] == [f"sweep_{MEASURE}.{kind}" for kind in ("png", "svg", "md")]
    text = written[-1].read_text(encoding="utf-8")
    for piece in (
        "tumour.clones.*.mdr1: 5 values from 1 to 100, at equal ratios",
        "2 replicates of 20 founder cells",
        "95 % interval, chance alone",
        "share their luck",
        "Treatment: T-DM1",
        "receptors per cell",
        "untreated doubling time",
        "never clinical advice",
    ):
        assert piece in text
