"""What becomes of the middle band of DM1 when DM1 slows its own making: the same founders, slowed more and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import dm1_bands, labels, reading
from tdm1sim.figures.several import bars, pairs, telling
from tdm1sim.figures.several.arms import Arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import INTERVAL, per_founder, percent, plain
from tdm1sim.intervals import Interval
from tdm1sim.population import FOUNDER_GROUPS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

SIZE = ("tumour.cells=2400", "run.replicates=1", "record.traces=0")
"""One replicate: cells are followed one by one in the first, and the intervals are over groups of its founders."""
ARMS = (
    Arm("off", "her2_positive", SIZE),
    Arm("slowed_1000_nM", "impaired_trafficking", (*SIZE, "parameters.C_T=1000 nM")),
    Arm("slowed_500_nM", "impaired_trafficking", SIZE),
    Arm("slowed_300_nM", "impaired_trafficking", (*SIZE, "parameters.C_T=300 nM")),
)
OFF = "off"
MOST = "slowed_300_nM"
BANDS = {"intermediate": "Middle band of DM1 without slowing", "high": "High band of DM1 without slowing"}
PARTS = {
    "cycling": "living, cycling",
    "multinucleated": "living, in arrest or multinucleated",
    "mitotic_catastrophe": "died: mitotic catastrophe",
    "apoptosis": "died: apoptosis",
}
"""What becomes of cells, in the order of the bars, and the words of the key."""
LIVING = ("cycling", "multinucleated")
MARGIN = bars.MARGIN
LIKE = ("dm1_bands", "proteolysis_activity")
MEANT = f"Lines on the bars: living cells, {INTERVAL} (over {FOUNDER_GROUPS} groups of founders); differences are paired"


def founder_of(results: Results) -> reading.Floats:
    """Return the founder of every row of cells.csv, as a whole number."""
    ids = results.cells["cell_id"].astype(str).str.partition(".")[0]
    return np.asarray(ids.astype(int), dtype=np.int64)


def bands(runs: Runs) -> dict[int, str]:
    """Return the band of each founder: of the highest DM1 that any cell of its line reaches without slowing."""
    low, high = dm1_bands.edges(runs[OFF])
    peaks = runs[OFF].cells["dm1_peak_nM"].groupby(founder_of(runs[OFF])).max()
    return {int(n): "low" if x < low else "high" if x >= high else "intermediate" for n, x in peaks.items()}


def fates(runs: Runs, name: str, band: str) -> dict[str, reading.Floats]:
    """Return what became of the lines of a band's founders in an arm, cells per founder, shape (groups of founders,).

    A group without founders in the band is not a number.
    """
    chosen = {founder for founder, own in bands(runs).items() if own == band}
    results = runs[name]
    founders = founder_of(results)[results.cells["fate"].isin(dm1_bands.FATES).to_numpy()]
    part = dm1_bands.parts(results).map(dm1_bands.PARTS).to_numpy()
    inside = np.isin(founders, list(chosen))
    sizes = np.bincount([founder % FOUNDER_GROUPS for founder in chosen], minlength=FOUNDER_GROUPS).astype(float)
    found = {}
    for meaning in (*PARTS, "adcc"):
        counts = np.bincount(founders[inside & (part == meaning)] % FOUNDER_GROUPS, minlength=FOUNDER_GROUPS)
        found[meaning] = np.where(sizes > 0, counts / np.maximum(sizes, 1.0), np.nan)
    return found


def alive(runs: Runs, name: str, band: str) -> reading.Floats:
    """Return the living cells per founder of a band in an arm, shape (groups of founders,)."""
    found = fates(runs, name, band)
    return np.asarray(sum(found[part] for part in LIVING), dtype=np.float64)


def change(runs: Runs, name: str, band: str) -> Interval:
    """Return the difference of an arm from the one without slowing in living cells per founder, paired by founders."""
    return pairs.difference(alive(runs, name, band), alive(runs, OFF, band))


def names(runs: Runs) -> dict[str, str]:
    """Return the arms as shown: the level of DM1 that halves digestion."""
    levels = {one.name: reading.setting(runs[one.name], "parameters.C_T") for one in ARMS}
    return {key: "no slowing" if key == OFF else f"halved at {level}" for key, level in levels.items()}


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw what became of the founders of two bands for every strength of slowing, and the paired differences."""
    groups = [bars.Group(f"{name} ({_share(runs, band)})", _rows(runs, band)) for band, name in BANDS.items()]
    when = reading.length(runs[OFF])
    bars.draw(ax, groups, f"cells per founder cell of the band after {when}", PARTS)
    labels.dress(ax, title(runs), telling.below(LIKE, runs, f"{MEANT}."))
    return ax


def _share(runs: Runs, band: str) -> str:
    every = list(bands(runs).values())
    return f"{percent(every.count(band) / len(every))} of founders"


def _rows(runs: Runs, band: str) -> tuple[bars.Row, ...]:
    rows = []
    for key, name in names(runs).items():
        sizes = {part: float(np.nanmean(values)) for part, values in fates(runs, key, band).items()}
        found = pairs.spread(alive(runs, key, band))
        bar = bars.Bar(tuple((part, sizes[part]) for part in PARTS), found, "", "")
        text = f"{per_founder(pairs.mean(found))} living"
        note = pairs.compared(change(runs, key, band), "without") if key != OFF else ""
        rows.append(bars.Row(name, (bars.Bar(bar.parts, found, text, text),), note))
    return tuple(rows)


def title(runs: Runs) -> str:
    """Return the finding: what the strongest slowing does to the living cells of the middle band, and of the high."""
    level = reading.setting(runs[MOST], "parameters.C_T")
    return (
        f"Where {level} of DM1 halve digestion, living cells per founder {_moved(runs, 'intermediate')} in the middle "
        f"band of DM1 and {_moved(runs, 'high')} in the high one"
    )


def _moved(runs: Runs, band: str) -> str:
    before, after = (per_founder(float(np.nanmean(alive(runs, key, band)))) for key in (OFF, MOST))
    which = pairs.sign(change(runs, MOST, band))
    if which == 0:
        return f"do not clearly change ({before} and {after})"
    return f"{'rise' if which > 0 else 'fall'} from {before} to {after}"


def caption(runs: Runs) -> str:
    """Return what is shown, every number, and that it is assumed."""
    low, high = dm1_bands.edges(runs[OFF])
    what = (
        "Impaired trafficking: DM1 in the cytosol slows lysosomal digestion, and so the making of more DM1, by "
        "disturbing traffic along microtubules. Rows: none, and stronger and stronger slowing (C_T, the level of DM1 "
        "that halves digestion). The same founders meet the same luck in every row; a founder's band is that of the "
        f"highest DM1 of its line without slowing (middle: {plain(low)} to {plain(high)} nM, this model's thresholds). "
        "Bars: what became of these founders and their descendants, mean over groups of founders. Nobody has measured "
        "such slowing; Barok 2014 (doi:10.1186/bcr3621) names impaired trafficking as what DM1 somewhat below the "
        "level of rapid apoptosis does, without a concentration."
    )
    told = [_told(runs, key, name, band) for band in BANDS for key, name in names(runs).items()]
    found = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, found, f"{MEANT}.", what, *told)


def _told(runs: Runs, key: str, name: str, band: str) -> str:
    sizes = {part: float(np.nanmean(values)) for part, values in fates(runs, key, band).items()}
    died = ", ".join(f"{PARTS[part]} {per_founder(sizes[part])}" for part in PARTS if part not in LIVING)
    text = f"{band.capitalize()} band, {name}: living {pairs.told(pairs.spread(alive(runs, key, band)))}, {died}"
    return f"{text}; {pairs.compared(change(runs, key, band), 'without')}." if key != OFF else f"{text}."
