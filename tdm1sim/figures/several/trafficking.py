"""What becomes of the middle band of DM1 when DM1 slows its own making: the same founders, slowed more and more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tdm1sim.figures import dm1_bands, labels, reading, texts
from tdm1sim.figures.several import bars, pairs, telling
from tdm1sim.figures.several.arms import Arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import INTERVAL, listed, number_of, per_founder, percent, plain
from tdm1sim.intervals import Interval
from tdm1sim.population import FOUNDER_GROUPS
from tdm1sim.uncertainty.peaks import FATES, edges

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

Whole = NDArray[np.int64]
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
BANDS = {"intermediate": "middle_band", "high": "high_band"}
"""Bands, each with its label."""
TOLD = {"intermediate": "intermediate band of DM1", "high": "high one"}
PARTS = {
    "cycling": "line_cycling",
    "multinucleated": "line_multinucleated",
    "mitotic_catastrophe": "line_mitotic_catastrophe",
    "apoptosis": "line_apoptosis",
}
"""What becomes of cells, in the order of the bars, and the label in the key."""
LIVING = ("cycling", "multinucleated")
MARGIN = bars.MARGIN
LIKE = ("dm1_bands", "proteolysis_activity")
MEANT = f"Lines: living cells, {INTERVAL} (over {FOUNDER_GROUPS} groups of founders); differences are paired"


def founder_of(results: Results) -> Whole:
    """Return the founder of every row of cells.csv, shape (cells,)."""
    ids = results.cells["cell_id"].astype(str).str.partition(".")[0]
    return np.asarray(ids.astype(int), dtype=np.int64)


def bands(runs: Runs) -> dict[str, Whole]:
    """Return the founders of each band: of the highest DM1 that any cell of a line reaches without slowing."""
    low, high = edges(runs[OFF])
    peaks = runs[OFF].cells["dm1_peak_nM"].groupby(founder_of(runs[OFF])).max()
    founders, level = peaks.index.to_numpy(dtype=np.int64), peaks.to_numpy(dtype=float)
    middle = (level >= low) & (level < high)
    return {"low": founders[level < low], "intermediate": founders[middle], "high": founders[level >= high]}


def fates(results: Results, founders: Whole) -> dict[str, reading.Floats]:
    """Return what became of the lines of some founders, cells per founder, shape (groups of founders,).

    Parameters
    ----------
    results : Results
        One arm; ``cells.csv`` holds its first replicate.
    founders : array of int
        Whose lines. A group without any of them is not a number.
    """
    part = dm1_bands.parts(results).map(dm1_bands.PARTS)
    own = founder_of(results)[results.cells["fate"].isin(FATES).to_numpy()]
    inside = np.isin(own, founders)
    sizes = np.bincount(founders % FOUNDER_GROUPS, minlength=FOUNDER_GROUPS).astype(np.float64)
    found = {}
    for meaning in PARTS:
        counts = np.bincount(own[inside & (part == meaning).to_numpy()] % FOUNDER_GROUPS, minlength=FOUNDER_GROUPS)
        found[meaning] = np.where(sizes > 0, counts / np.maximum(sizes, 1.0), np.nan)
    return found


@dataclass(frozen=True, slots=True)
class Band:
    """The founders of one band, and what became of them.

    Attributes
    ----------
    name : str
        A key of `BANDS`.
    share : float
        Of all founders.
    fates : mapping of str to mapping of str to array
        By arm: `fates`.
    """

    name: str
    share: float
    fates: Mapping[str, Mapping[str, reading.Floats]]

    def alive(self, arm: str) -> reading.Floats:
        """Return the living cells per founder in an arm, shape (groups of founders,)."""
        return np.asarray(sum(self.fates[arm][part] for part in LIVING), dtype=np.float64)

    def change(self, arm: str) -> Interval:
        """Return the difference of an arm from the one without slowing in living cells per founder, paired."""
        return pairs.difference(self.alive(arm), self.alive(OFF))

    def sizes(self, arm: str) -> dict[str, float]:
        """Return the mean over groups of founders of each part."""
        return {part: float(np.nanmean(values)) for part, values in self.fates[arm].items()}


def shown(runs: Runs) -> list[Band]:
    """Return the bands that any founder is in, in the order of `BANDS`."""
    found = bands(runs)
    every = sum(len(founders) for founders in found.values())
    return [
        Band(name, len(found[name]) / every, {one.name: fates(runs[one.name], found[name]) for one in ARMS})
        for name in BANDS
        if len(found[name])
    ]


def level(runs: Runs, name: str) -> str:
    """Return the DM1 that halves digestion in an arm."""
    found = str(reading.setting(runs[name], "parameters.C_T"))
    return f"{plain(number_of(found), 4)} nM" if found.endswith("nM") else found


def names(runs: Runs, words: texts.Words = texts.english) -> dict[str, str]:
    """Return the arms as shown."""
    return {
        one.name: words("no_slowing") if one.name == OFF else words("slowed", level=level(runs, one.name))
        for one in ARMS
    }


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw what became of the founders of two bands for every strength of slowing, and the paired differences."""
    groups = [
        bars.Group(
            texts.label(BANDS[band.name]), _rows(runs, band), texts.label("group_of_band", share=percent(band.share))
        )
        for band in shown(runs)
    ]
    when = reading.length(runs[OFF], texts.label)
    parts = {meaning: texts.label(name) for meaning, name in PARTS.items()}
    bars.draw(ax, groups, texts.label("cells_per_founder_of_band", when=when), parts)
    labels.dress(ax, title(runs), telling.below(LIKE, runs, f"{MEANT}."))
    return ax


def _rows(runs: Runs, band: Band) -> tuple[bars.Row, ...]:
    rows = []
    for key, name in names(runs, texts.label).items():
        found = pairs.spread(band.alive(key))
        text = texts.label("alive", cells=per_founder(pairs.mean(found)))
        bar = bars.Bar(tuple(band.sizes(key).items()), found, text, text)
        note = pairs.note(band.change(key), texts.label("than_without_slowing")) if key != OFF else ""
        rows.append(bars.Row(name, (bar,), note))
    return tuple(rows)


def title(runs: Runs) -> str:
    """Return the finding: what the strongest slowing does to the living cells of the middle band, and of the high."""
    told, verb = [], ""
    for band in shown(runs):
        did, numbers = _moved(band)
        told.append(f"{'' if did == verb else f'{did} '}{numbers} in the {TOLD[band.name]}")
        verb = did
    start = f"Where {level(runs, MOST)} of DM1 halve digestion, living cells per founder"
    return (
        f"{start} {listed(told)}" if told else f"{level(runs, MOST)} of DM1 halve digestion, but no founder has as much"
    )


def _moved(band: Band) -> tuple[str, str]:
    """Return what the living cells of a band do, and from where to where."""
    before, after = (per_founder(float(np.nanmean(band.alive(key)))) for key in (OFF, MOST))
    which = pairs.sign(band.change(MOST))
    if which == 0:
        return "do not clearly change", f"({before} and {after})"
    return "rise" if which > 0 else "fall", f"from {before} to {after}"


def caption(runs: Runs) -> str:
    """Return what is shown, every number, and that it is assumed."""
    low, high = edges(runs[OFF])
    every = shown(runs)
    shares = ", ".join(
        f"{texts.english(BANDS[band.name]).lower().replace('dm1', 'DM1')} {percent(band.share)}" for band in every
    )
    what = (
        "Impaired trafficking: DM1 in the cytosol slows lysosomal digestion, and so the making of more DM1, by "
        "disturbing traffic along microtubules. Rows: none, and stronger and stronger slowing (C_T, the level of DM1 "
        "that halves digestion). The same founders meet the same luck in every row; a founder's band is that of the "
        f"highest DM1 of its line without slowing (middle: {plain(low)} to {plain(high)} nM, this model's thresholds; "
        f"share of founders: {shares}). Bars: what became of these founders and their descendants, mean over groups of "
        "founders. Nobody has measured such slowing; Barok 2014 (doi:10.1186/bcr3621) names impaired trafficking as "
        "what DM1 somewhat below the level of rapid apoptosis does, without a concentration."
    )
    told = [_told(band, key, name) for band in every for key, name in names(runs).items()]
    found = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, found, f"{MEANT}.", what, *told)


def _told(band: Band, key: str, name: str) -> str:
    sizes = band.sizes(key)
    died = ", ".join(f"{texts.english(PARTS[part])} {per_founder(sizes[part])}" for part in PARTS if part not in LIVING)
    text = f"{texts.english(BANDS[band.name])}, {name}: alive {pairs.told(pairs.spread(band.alive(key)))}, {died}"
    return f"{text}; {pairs.compared(band.change(key), 'without slowing')}." if key != OFF else f"{text}."
