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

from tdm1sim.figures import style, sweep_axes, sweep_map
from tdm1sim.figures import sweep as figure
from tdm1sim.sweeping import folder, running
from tdm1sim.sweeping.mechanisms import NONE, plan_resistances
from tdm1sim.sweeping.planning import Sweep
from tdm1sim.sweeping.point import Done, Job
from tdm1sim.sweeping.running import How
from tests.figures import sheets
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


def drawn(results: folder.SweepResults, measure: str = MEASURE) -> Axes:
    sheet = figure.page(results, measure)
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
    assert title == "Living cells per founder: 0.55 to 1.30, with no difference that is clear of chance"
    alike = results.table.assign(**{f"{MEASURE}_mean": 0.7})
    assert figure.title(replace(results, table=alike), MEASURE).startswith("Living cells per founder: 0.70 at every")


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


LONG = "parameters.q=1:2:3"
"""Its name is too long for a panel, and for one line of a paper."""
OVER = {
    "line": ((LONG,), {}),
    "map": ((*ONE, LONG), {}),
    "many": ((*ONE, LONG, "patient.weight=50:100 kg:2"), {"design": "lhs", "count": 6}),
    "resistances": ((), {}),
}


def misplaced(results: folder.SweepResults, measure: str) -> list[object]:
    """Names of axes that lie over other words, or leave the page."""
    sheet = drawn(results, measure).figure
    sheet.draw_without_rendering()  # type: ignore[union-attr]
    found = sheets.boxes(sheet)  # type: ignore[arg-type]
    page = sheet.bbox  # type: ignore[union-attr]
    every = [one for ax in sheet.axes for one in (ax, *ax.child_axes)]  # type: ignore[union-attr]
    named = [axis.get_label().get_text() for ax in every for axis in (ax.xaxis, ax.yaxis)]
    names = {sheets.flat(name) for name in named if name}
    outside = [
        words
        for words, box in found
        if words in names and (box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1)
    ]
    return [*outside, *(pair for pair in sheets.overlaps(found) if names & set(pair))]


@pytest.mark.parametrize("how", ["slide", "paper"])
@pytest.mark.parametrize("kind", sorted(OVER))
def test_long_names_of_axes_keep_to_their_place(
    made: Callable[..., folder.SweepResults], kind: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vary, options = OVER[kind]
    results = of_survival(made(vary, **options))
    assert figure.kind_of(results) == kind
    with style.using(how):
        assert not misplaced(results, "surviving")
        monkeypatch.setattr(sweep_axes, "fitted", lambda text, _, size, *__: (text, size))
        monkeypatch.setattr(sweep_axes.labels, "balanced", lambda text, *_: text)
        assert misplaced(results, "surviving"), "the companion: names as long as they are"


def of_survival(results: folder.SweepResults) -> folder.SweepResults:
    """The same numbers as another quantity, whose name is longer than an axis is high."""
    return replace(
        results,
        table=results.table.rename(columns=lambda name: name.replace(MEASURE, "surviving")),
        replicates=results.replicates.rename(columns={MEASURE: "surviving"}),
    )


def test_a_number_of_the_model_is_told_by_its_symbol(made: Callable[..., folder.SweepResults]) -> None:
    results = made((LONG,))
    assert figure.title(results, MEASURE) == "Living cells per founder rise from 0.55 at q 1 to 1.05 at q 2"
    assert drawn(results).get_xlabel().endswith("with none (q)")


def test_dots_have_the_interval_of_chance(made: Callable[..., folder.SweepResults]) -> None:
    results = made((*TWO, "patient.weight=50:100 kg:2"), design="lhs", count=9)
    ax = drawn(results)
    for i, panel in enumerate(ax.child_axes):
        (bars,) = [one for one in panel.collections if one.get_gid() == f"chance-points-{i}"]
        ends = np.array([path[:, 1] for path in bars.get_segments()])  # type: ignore[attr-defined]
        np.testing.assert_allclose(ends[:, 0], results.table[f"{MEASURE}_low"])
        np.testing.assert_allclose(ends[:, 1], results.table[f"{MEASURE}_high"])
    assert "Thin lines: 95 % interval, chance alone." in told(ax, "limits")


@pytest.mark.parametrize(
    ("values", "scale"),
    [("1,3,10", "log"), ("0.01,0.05,0.2", "log"), ("1,2,3,10", "linear"), ("1,5,10", "linear"), ("2,4,8", "linear")],
)
def test_lists_by_ratio_are_on_a_logarithmic_axis(
    made: Callable[..., folder.SweepResults], values: str, scale: str
) -> None:
    assert drawn(made((f"tumour.clones.*.mdr1={values}",))).get_xscale() == scale


def test_a_map_has_no_ground_below_zero(made: Callable[..., folder.SweepResults]) -> None:
    ax = drawn(made((*ONE, "treatment.t-dm1.dose=0.6:4.8 mg/kg:4")))
    assert ax.get_ylim()[0] == 0.0, "half a step below 0.6 mg/kg would be -0.1 mg/kg"


def test_a_map_of_few_values_has_no_contours_and_says_what_grey_is(made: Callable[..., folder.SweepResults]) -> None:
    results = made(TWO)
    assert sweep_map.levels_of(results, MEASURE)
    table = results.table.copy()
    table.loc[: len(table) // 2, f"{MEASURE}_mean"] = np.nan
    few = replace(results, table=table)
    assert not sweep_map.levels_of(few, MEASURE)
    assert "Grey: some replicate has none." in told(drawn(few), "limits")
    assert "contours" not in figure.caption(few, MEASURE)
    assert "contours" in figure.caption(results, MEASURE)
