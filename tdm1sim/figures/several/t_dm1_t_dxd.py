"""T-DM1 beside T-DXd in a tumour of which a part carries hardly any HER2: killing by the neighbours' payload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdm1sim.figures import labels, reading, texts
from tdm1sim.figures.several import bars, pairs, telling
from tdm1sim.figures.several.arms import arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import capital, per_founder, percent, plain
from tdm1sim.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ARMS = (
    arm("untreated", "t_dxd_bystander", "treatment=[]"),
    arm("t_dm1", "t_dxd_bystander", "treatment=[{drug: t-dm1, dose: 3.6 mg/kg}]"),
    arm("t_dxd_enters_none", "t_dxd_bystander", "parameters.kin=0 pL/h"),
    arm("t_dxd", "t_dxd_bystander"),
)
"""The same tumour; the third is a drug that does not exist: what is missing in it is the bystander effect."""
NAMES = {
    "untreated": "no_drug",
    "t_dm1": "t_dm1",
    "t_dxd_enters_none": "t_dxd_enters_none",
    "t_dxd": "t_dxd",
}
CLONES = {"positive": "her2_positive_cells", "poor": "her2_poor_cells"}
"""Arms and clones, each with its label."""
PAIRS = {"t_dm1": "untreated", "t_dxd_enters_none": "untreated", "t_dxd": "t_dxd_enters_none"}
TOLD = {
    "untreated": ("than_untreated", "without drug"),
    "t_dxd_enters_none": ("than_without", "without bystander effect"),
}
"""What is compared with: the label beside the bar, and in the caption."""
MARGIN = bars.MARGIN
LIKE = ("clones",)
MEANT = "Lines"


def living(runs: Runs, clone: str) -> dict[str, reading.Floats]:
    """Return the living cells of a clone per founder of it at the end, by arm, shape (replicates,)."""
    return {key: pairs.of_clone(runs[key], clone) for key in NAMES}


def change(runs: Runs, clone: str, name: str) -> Interval:
    """Return the paired difference of an arm in living cells of a clone."""
    found = living(runs, clone)
    return pairs.difference(found[name], found[PAIRS[name]])


def bystander(runs: Runs) -> Interval:
    """Return what the payload of other cells does to HER2-poor cells: living cells per founder, paired."""
    return change(runs, "poor", "t_dxd")


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw a group per clone, a bar per treatment, and the paired differences in words."""
    groups = [bars.Group(texts.label(name), _rows(runs, clone), _share(runs, clone)) for clone, name in CLONES.items()]
    when = reading.length(runs["t_dxd"], texts.label)
    names = {"live_cells": texts.label("living")}
    bars.draw(ax, groups, texts.label("living_per_founder_of_kind", when=when), names)
    labels.dress(ax, title(runs), telling.below(LIKE, runs, telling.intervals(runs, MEANT)))
    return ax


def _rows(runs: Runs, clone: str) -> tuple[bars.Row, ...]:
    rows = []
    for key, values in living(runs, clone).items():
        found = pairs.spread(values)
        told = pairs.told(found, texts.label)
        bar = bars.Bar((("live_cells", pairs.mean(found)),), found, told, per_founder(pairs.mean(found)))
        note = pairs.note(change(runs, clone, key), texts.label(TOLD[PAIRS[key]][0])) if key in PAIRS else ""
        rows.append(bars.Row(texts.label(NAMES[key]), (bar,), note))
    return tuple(rows)


def _share(runs: Runs, clone: str) -> str:
    rows = runs["t_dxd"].clones
    start = rows[rows["time_h"] == rows["time_h"].min()]
    share = start.loc[start["clone"] == clone, "live_cells"].sum() / start["live_cells"].sum()
    receptors = plain(reading.her2_of(runs["t_dxd"])[clone][1])
    return texts.label("group_of_clone", share=percent(float(share)), receptors=receptors)


def title(runs: Runs) -> str:
    """Return the finding: what is left of HER2-poor cells under either drug, and whether the neighbours do it."""
    left = {key: per_founder(float(values.mean())) for key, values in living(runs, "poor").items()}
    start = f"T-DXd leaves {left['t_dxd']} living HER2-poor cells per founder, T-DM1 {left['t_dm1']}"
    if pairs.sign(bystander(runs)) < 0:
        return (
            f"{start}: payload from neighbours kills them; if it entered none, {left['t_dxd_enters_none']} would live"
        )
    return f"{start}; payload from neighbours does nothing clear of chance ({left['t_dxd_enters_none']} without it)"


def caption(runs: Runs) -> str:
    """Return what is shown, every number, and what the third drug is."""
    what = (
        "Living cells per founder of the same kind in one tumour of HER2-positive and HER2-poor cells: without drug, "
        "after one dose of T-DM1, and after one of T-DXd, whose payload crosses membranes and enters other cells. "
        "Between them a T-DXd that does not exist: as the real one, but what has left a cell enters no other (kin 0). "
        "The difference between the two is the bystander effect, nothing else. The payload of T-DM1 hardly crosses "
        "membranes (Ogitani 2016, doi:10.1111/cas.12966) and enters no other cell here: put in, not found."
    )
    told = [
        f"{capital(texts.english(name))}, {texts.english(CLONES[clone])}: "
        + pairs.told(pairs.spread(living(runs, clone)[key]))
        + (f"; {pairs.compared(change(runs, clone, key), TOLD[PAIRS[key]][1])}." if key in PAIRS else ".")
        for clone in CLONES
        for key, name in NAMES.items()
    ]
    lines = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, lines, telling.intervals(runs, MEANT), what, *told)
