"""What becomes of the middle band of DM1 when DM1 slows its own making: the same founders, slowed more and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import dm1_bands, labels, reading
from tdm1sim.figures.several import bars, pairs, telling
from tdm1sim.figures.several.arms import Arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import INTERVAL, listed, number_of, per_founder, percent, plain
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
BANDS = {"intermediate": "Middle band of DM1", "high": "High band of DM1"}
TOLD = {"intermediate": "middle band of DM1", "high": "high one"}
PARTS = {
    "cycling": "alive: cycling",
    "multinucleated": "alive: stopped",
    "mitotic_catastrophe": "dead: mitotic catastrophe",
    "apoptosis": "dead: apoptosis",
}
"""What becomes of cells, in the order of the bars, and the words of the key."""
LIVING = ("cycling", "multinucleated")
MARGIN = bars.MARGIN
LIKE = ("dm1_bands", "proteolysis_activity")
MEANT = f"Lines: living cells, {INTERVAL} (over {FOUNDER_GROUPS} groups of founders); differences are paired"


def founder_of(results: Results) -> reading.Floats:
    """Return the founder of every row of cells.csv, as a whole number."""
    ids = results.cells["cell_id"].astype(str).str.partition(".")[0]
    return np.asarray(ids.astype(int), dtype=np.int64)


def bands(runs: Runs) -> dict[int, str]:
    """Return the band of each founder: of the highest DM1 that any cell of its line reaches without slowing."""
    low, high = dm1_bands.edges(runs[OFF])
    peaks = runs[OFF].cells["dm1_peak_nM"].groupby(founder_of(runs[OFF])).max()
    own = np.where(peaks < low, "low", np.where(peaks >= high, "high", "intermediate"))
    return dict(zip(peaks.index.to_numpy(dtype=int).tolist(), own.tolist(), strict=True))


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


def level(runs: Runs, name: str) -> str:
    """Return the DM1 that halves digestion in an arm."""
    found = str(reading.setting(runs[name], "parameters.C_T"))
    return f"{plain(number_of(found), 4)} nM" if found.endswith("nM") else found


def names(runs: Runs) -> dict[str, str]:
    """Return the arms as shown."""
    return {one.name: "no slowing" if one.name == OFF else f"halved at {level(runs, one.name)}" for one in ARMS}


def shown(runs: Runs) -> list[str]:
    """Return the bands that any founder is in, in the order of `BANDS`."""
    there = set(bands(runs).values())
    return [band for band in BANDS if band in there]


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw what became of the founders of two bands for every strength of slowing, and the paired differences."""
    groups = [
        bars.Group(BANDS[band], _rows(runs, band), f"{_share(runs, band)}, by their DM1 without slowing")
        for band in shown(runs)
    ]
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
        text = f"{per_founder(pairs.mean(found))} alive"
        note = pairs.note(change(runs, key, band), "without slowing") if key != OFF else ""
        rows.append(bars.Row(name, (bars.Bar(bar.parts, found, text, text),), note))
    return tuple(rows)


def title(runs: Runs) -> str:
    """Return the finding: what the strongest slowing does to the living cells of the middle band, and of the high."""
    told, verb = [], ""
    for band in shown(runs):
        did, numbers = _moved(runs, band)
        told.append(f"{'' if did == verb else f'{did} '}{numbers} in the {TOLD[band]}")
        verb = did
    start = f"Where {level(runs, MOST)} of DM1 halve digestion, living cells per founder"
    return f"{start} {listed(told)}" if told else f"{start} never reach the middle band"


def _moved(runs: Runs, band: str) -> tuple[str, str]:
    """Return what the living cells of a band do, and from where to where."""
    before, after = (per_founder(float(np.nanmean(alive(runs, key, band)))) for key in (OFF, MOST))
    which = pairs.sign(change(runs, MOST, band))
    if which == 0:
        return "do not clearly change", f"({before} and {after})"
    return "rise" if which > 0 else "fall", f"from {before} to {after}"


def caption(runs: Runs) -> str:
    """Return what is shown, every number, and that it is assumed."""
    low, high = dm1_bands.edges(runs[OFF])
    what = (
        "Impaired trafficking: DM1 in the cytosol slows lysosomal digestion, and so the making of more DM1, by "
        "disturbing traffic along microtubules. Rows: none, and stronger and stronger slowing (C_T, the level of DM1 "
        "that halves digestion). The same founders meet the same luck in every row; a founder's band is that of the "
        f"highest DM1 of its line without slowing (middle: {plain(low)} to {plain(high)} nM, this model's thresholds; "
        f"{_share(runs, 'intermediate')}; high: {_share(runs, 'high')}). "
        "Bars: what became of these founders and their descendants, mean over groups of founders. Nobody has measured "
        "such slowing; Barok 2014 (doi:10.1186/bcr3621) names impaired trafficking as what DM1 somewhat below the "
        "level of rapid apoptosis does, without a concentration."
    )
    told = [_told(runs, key, name, band) for band in shown(runs) for key, name in names(runs).items()]
    found = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, found, f"{MEANT}.", what, *told)


def _told(runs: Runs, key: str, name: str, band: str) -> str:
    sizes = {part: float(np.nanmean(values)) for part, values in fates(runs, key, band).items()}
    died = ", ".join(f"{PARTS[part]} {per_founder(sizes[part])}" for part in PARTS if part not in LIVING)
    text = f"{BANDS[band]}, {name}: alive {pairs.told(pairs.spread(alive(runs, key, band)))}, {died}"
    return f"{text}; {pairs.compared(change(runs, key, band), 'without slowing')}." if key != OFF else f"{text}."
