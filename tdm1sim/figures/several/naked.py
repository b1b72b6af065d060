"""Naked trastuzumab, naked pertuzumab and T-DM1 in a HER2-positive and in a HER2-low tumour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tdm1sim.figures import labels, reading, texts
from tdm1sim.figures.limits import PERTUZUMAB as LIMIT
from tdm1sim.figures.several import bars, pairs, telling
from tdm1sim.figures.several.arms import HER2_POSITIVE, PERTUZUMAB, TRASTUZUMAB, UNTREATED, arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.several.reversal import states
from tdm1sim.figures.words import listed, per_founder
from tdm1sim.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NO_SHARES = "record.attribution=false"
"""The bundled HER2-low scenario asks for them, which takes nine runs."""
ARMS = (
    UNTREATED,
    arm("trastuzumab", "her2_positive", TRASTUZUMAB),
    arm("pertuzumab", "her2_positive", PERTUZUMAB),
    HER2_POSITIVE,
    arm("low_untreated", "her2_low", "treatment=[]", NO_SHARES),
    arm("low_trastuzumab", "her2_low", TRASTUZUMAB, NO_SHARES),
    arm("low_pertuzumab", "her2_low", PERTUZUMAB, NO_SHARES),
    arm("her2_low", "her2_low", NO_SHARES),
)
TUMOURS = {
    "her2_positive": ("untreated", "trastuzumab", "pertuzumab", "her2_positive"),
    "her2_low": ("low_untreated", "low_trastuzumab", "low_pertuzumab", "her2_low"),
}
"""Arms of each tumour (a label), in the order of `DRUGS`; the first is what others are compared with."""
DRUGS = ("no_drug", "trastuzumab", "pertuzumab", "t_dm1")
"""Labels of the rows."""
MARGIN = bars.MARGIN
LIKE = ("fates",)
MEANT = "Lines"


def change(runs: Runs, name: str) -> Interval:
    """Return the paired difference of an arm from its untreated tumour in living cells per founder at the end."""
    first = next(keys[0] for keys in TUMOURS.values() if name in keys)
    return pairs.difference(pairs.living(runs[name]), pairs.living(runs[first]))


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw a group per tumour, a bar per drug by the state of the cells, and the paired differences in words."""
    groups = [bars.Group(texts.label(tumour), _rows(runs, keys)) for tumour, keys in TUMOURS.items()]
    when = reading.length(runs["untreated"], texts.label)
    bars.draw(ax, groups, texts.label("living_per_founder_after", when=when), states())
    labels.dress(ax, title(runs), telling.below(LIKE, runs, telling.intervals(runs, MEANT), LIMIT))
    return ax


def _rows(runs: Runs, keys: tuple[str, ...]) -> tuple[bars.Row, ...]:
    return tuple(
        bars.Row(
            texts.label(drug),
            (bars.of_living(pairs.alive(runs[key])),),
            pairs.note(change(runs, key), texts.label("than_untreated")) if key != keys[0] else "",
        )
        for drug, key in zip(DRUGS, keys, strict=True)
    )


def title(runs: Runs) -> str:
    """Return the finding: what T-DM1, and what naked antibodies at best, leave of either tumour."""
    left = {tumour: [float(pairs.living(runs[key]).mean()) for key in keys] for tumour, keys in TUMOURS.items()}
    starts, least, last = ([per_founder(pick(found)) for found in left.values()] for pick in (_first, _least, _last))
    untreated = starts[0] if starts[0] == starts[1] else listed(starts)
    where = " and ".join(f"{size} ({texts.english(tumour)})" for size, tumour in zip(last, TUMOURS, strict=True))
    return (
        f"Of {untreated} living cells per founder untreated, T-DM1 leaves {where}, naked antibodies at best "
        f"{listed(least)}"
    )


def _first(found: Sequence[float]) -> float:
    return found[0]


def _least(found: Sequence[float]) -> float:
    return min(found[1:-1])


def _last(found: Sequence[float]) -> float:
    return found[-1]


def caption(runs: Runs) -> str:
    """Return what is shown, every difference in words, and what is put in."""
    what = (
        "Living cells per founder by state after one dose of trastuzumab (8 mg/kg), of pertuzumab (12 mg/kg), of "
        "T-DM1 (3.6 mg/kg), and after none, in a HER2-positive and in a HER2-low tumour. Naked antibody blocks HER2, "
        "which slows G1 where HER2 drives the cell, and marks it for NK cells; T-DM1 does both and brings a payload. "
        "In HER2-low tumours blockade slows no cell: put in, not found. NSABP B-47 (Fehrenbacher 2020, "
        "PMID 31821109) gave trastuzumab for a year beside adjuvant chemotherapy to women with IHC 1+ or 2+, "
        "not amplified: it changed neither recurrence nor survival."
    )
    told = [
        f"{texts.english(tumour)}, {texts.english(drug)}: {pairs.told(pairs.spread(pairs.living(runs[key])))}"
        + (f"; {pairs.compared(change(runs, key), 'untreated')}." if key != keys[0] else ".")
        for tumour, keys in TUMOURS.items()
        for drug, key in zip(DRUGS, keys, strict=True)
    ]
    lines = telling.limits(LIKE, runs, LIMIT)
    return telling.caption(ARMS, runs, lines, telling.intervals(runs, MEANT), what, *told)
