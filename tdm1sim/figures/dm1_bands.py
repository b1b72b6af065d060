"""Peak payload in the cytosol per cell and what became of the cell, over the three bands.

Survivors are shown in two parts: those that have met no mitosis yet, and those arrested or multinucleated.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim import given
from tdm1sim.figures import captions, labels, reading, style, texts
from tdm1sim.figures.words import capital, duration, listed, names, percent, plain

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "dm1_bands"
MARGIN = 3.7
"""Room right of the axes for labels, in."""

FATES = ("surviving", "mitotic_catastrophe", "apoptosis", "adcc")
"""The fates of the cells that count; those that divided have none of their own."""

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "no_mitosis_yet": "cycling",
        "stopped": "multinucleated",
        "mitotic_catastrophe": "mitotic_catastrophe",
        "apoptosis": "apoptosis",
        "adcc": "adcc",
    }
)
"""Parts of the bars from below, each with the meaning of its colour; survivors in two by stage."""

STOPPED = ("arrested", "multinucleated")
"""Stages that a survivor does not leave by dividing."""

BANDS = ("low", "intermediate", "high")
BINS_PER_DECADE = 12

HEADROOM = 1.42
"""Height of the axes over the highest bar: room for the names of the bands."""

OFTEN = 0.2
"""Share of survivors that met no mitosis from which timing is told as a cause of fate."""

TOLD = 0.01
"""Bands with a smaller share of the cells are left out of the title: their few cells say little."""


def counted(results: Results) -> pd.DataFrame:
    """Return the cells with a fate of their own: all but those that divided; their daughters carry on."""
    cells: pd.DataFrame = results.cells[results.cells["fate"].isin(FATES)]
    return cells


def names_of(results: Results) -> dict[str, str]:
    """Return the label of each part of the bars, in the words of the run's payload."""
    words = given.of(results).words
    dead = {name: text for name, text in names(words).items() if name in FATES}
    return {**dead, "adcc": f"killed by {dead['adcc']}", "no_mitosis_yet": words.waiting, "stopped": words.stopped}


def parts(results: Results) -> pd.Series[str]:
    """Return for each counted cell the part of the bars it belongs to (a key of `PARTS`).

    A cycling survivor has met no mitosis since its birth: it would have divided or been arrested. One that
    stands in mitosis at the end has passed the check, and counts with those that cycle.
    """
    cells = counted(results)
    stopped = cells["stage_end"].isin(STOPPED)
    of_survivors = stopped.map({True: "stopped", False: "no_mitosis_yet"})
    found: pd.Series[str] = cells["fate"].where(cells["fate"] != "surviving", of_survivors)
    return found


def edges(results: Results) -> tuple[float, float]:
    """Return the borders of the bands, nM: low to intermediate, intermediate to high."""
    bands = results.summary["bands"]
    return float(bands["low_nM"]), float(bands["high_nM"])


def bins(results: Results) -> reading.Floats:
    """Return the borders of the histogram's bins, nM, at equal distances in the logarithm.

    The borders of the bands are among them, so that no bar belongs to two bands. The first bin also takes the
    cells below it, cells without any DM1 among them: a logarithmic axis has no zero.
    """
    low, high = edges(results)
    peaks = counted(results)["dm1_peak_nM"].to_numpy(dtype=float)
    positive = peaks[peaks > 0]
    least = float(np.quantile(positive, 0.01)) if positive.size else low
    first = min(max(least, low / 300.0), low / 10.0)
    last = max(float(positive.max(initial=0.0)), high * 8.0)
    inside = max(1, round(np.log10(high / low) * BINS_PER_DECADE))
    step = np.log10(high / low) / inside
    below, above = np.ceil(np.log10(low / first) / step), np.ceil(np.log10(last / high) / step + 1e-9)
    exponents = np.log10(low) + step * np.arange(-below, inside + above + 1)
    return np.asarray(10.0**exponents, dtype=np.float64)


def histogram(results: Results) -> dict[str, reading.Floats]:
    """Return per part of the bars the share of counted cells in each bin; all shares together add to 1."""
    borders, cells = bins(results), counted(results)
    peaks = np.clip(cells["dm1_peak_nM"].fillna(0.0).to_numpy(dtype=float), borders[0], borders[-1])
    part = parts(results).to_numpy()
    total = max(len(cells), 1)
    return {name: np.histogram(peaks[part == name], borders)[0] / total for name in PARTS}


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the histogram of peak DM1 by parts (fates, survivors in two) on the shaded bands of ``ax``; return it."""
    borders, shares = bins(results), histogram(results)
    below = np.zeros(len(borders) - 1)
    entries, told = [], names_of(results)
    for part, meaning in PARTS.items():
        label, shown = told[part], style.MEANING[meaning]
        ax.stairs(
            100.0 * (below + shares[part]),
            borders,
            baseline=100.0 * below,
            fill=True,
            facecolor=shown.colour,
            hatch=shown.hatch,
            edgecolor=style.colour("ground"),
            linewidth=0.0,
            label=label,
            gid=part,
        )
        below = below + shares[part]
        if part == "adcc" and not shares[part].any():
            continue
        entries.append(labels.Entry(f"{label}:\xa0{percent(float(shares[part].sum()))}", shown, 0.0))
    ax.stairs(100.0 * below, borders, color=style.colour("ink"), linewidth=1.2)
    top = 100.0 * float(below.max()) or 1.0
    ax.set_ylim(0.0, HEADROOM * top)
    _bands(results, ax, borders)
    overflow = float(counted(results)["dm1_peak_nM"].fillna(0.0).min()) < borders[0]
    _axes(ax, borders, given.of(results).payload, overflow=overflow)
    places = np.linspace(0.15, 0.8, len(entries))
    entries = [labels.Entry(e.text, e.look, HEADROOM * top * y) for e, y in zip(entries, places, strict=True)]
    labels.margin_labels(ax, entries, MARGIN, leaders=False)
    labels.dress(ax, title(results), captions.below(NAME, results))
    return ax


def _axes(ax: Axes, borders: reading.Floats, payload: str, *, overflow: bool) -> None:
    ax.set_xscale("log")
    ax.set_xlim(borders[0], borders[-1])
    style.number_ticks(ax.xaxis)
    style.even_ticks(ax.yaxis)
    ax.set_yticks([tick for tick in ax.get_yticks() if tick <= 1.01 * ax.get_ylim()[1] / HEADROOM])
    style.number_ticks(ax.yaxis)
    ax.set_ylabel(texts.label("cells_percent"))
    first = f"; first bar: {plain(float(borders[1]), 2)} or less" if overflow else ""
    ax.set_xlabel(texts.label("peak_payload_in_cytosol", payload=payload, first=first))


def _bands(results: Results, ax: Axes, borders: reading.Floats) -> None:
    """Shade the bands, mark their borders, and name them above the data with their share of the cells."""
    low, high = edges(results)
    ends = (borders[0], low, high, borders[-1])
    ranges = (f"below {plain(low)} nM", f"{plain(low)} to {plain(high)} nM", f"above {plain(high)} nM")
    size = style.DIRECT
    if not style.used().slide:  # a column has room for signs only
        size = style.letters(0.0)
        ranges = (f"< {plain(low)} nM", f"{plain(low)}–{plain(high)} nM", f"> {plain(high)} nM")
    for i, band in enumerate(BANDS):
        ax.axvspan(ends[i], ends[i + 1], color=style.MEANING[band].colour, linewidth=0, zorder=0, gid=f"band-{band}")
        middle = float(np.sqrt(ends[i] * ends[i + 1]))
        for line, text in enumerate((band, ranges[i], f"{percent(_share(results, band))} of cells")):
            ax.annotate(  # line by line, so that the baselines of all bands agree
                text,
                (middle, 1.0),
                (0.0, -22.0 - line * size * labels.SPACING),
                xycoords=ax.get_xaxis_transform(),
                textcoords="offset points",
                ha="center",
                va="baseline",
                fontsize=size,
                fontweight="bold" if line == 0 else "normal",
            )
    for edge in (low, high):
        ax.axvline(edge, color=style.colour("edge"), linewidth=1.6, linestyle=(0, (4.0, 2.0)), gid="band-edge")


def stripes(results: Results, ax: Axes) -> None:
    """Shade the bands across axes whose heights are payload (nM) and final, and mark their borders."""
    low, high = edges(results)
    ends = (ax.get_ylim()[0], low, high, ax.get_ylim()[1])
    for i, band in enumerate(BANDS):
        ax.axhspan(ends[i], ends[i + 1], color=style.MEANING[band].colour, linewidth=0.0, zorder=0, gid=f"band-{band}")
    for edge in (low, high):
        ax.axhline(edge, color=style.colour("edge"), linewidth=1.6, linestyle=(0, (4.0, 2.0)), gid="band-edge")


def _share(results: Results, band: str) -> float:
    """Return the share of cells in a band, mean over replicates."""
    found = results.summary["bands"].get(band)
    if isinstance(found, dict) and found.get("mean") is not None:
        return float(found["mean"])
    return float((counted(results)["band"] == band).mean())


def title(results: Results) -> str:
    """Return the finding: how many of the cells in each band died."""
    if not reading.has_conjugate(results):
        return _without_payload(results)
    cells = counted(results)
    told = []
    for band in BANDS:
        inside = cells[cells["band"] == band]
        if len(inside) >= max(1.0, TOLD * len(cells)):
            told.append((band, percent(float((inside["fate"] != "surviving").mean()))))
    when = duration(float(reading.times(results)[-1]), in_days=reading.in_days(results))
    if len(told) == 1:
        return f"The cells peak in the {told[0][0]} band; {told[0][1]} of them are dead after {when}"
    parts = [f"{share}{' of the cells' * (i == 0)} in the {band}" for i, (band, share) in enumerate(told)]
    return f"Dead after {when}: {', '.join(parts)} band"


def _without_payload(results: Results) -> str:
    """Return the finding where no conjugate was given: nothing to hold, and whatever else killed."""
    payload, who = given.of(results).payload, reading.naked(results)
    none = "No conjugate given" if reading.has_drug(results) else "No drug given"
    if who:
        none = f"{capital(listed(who))} brings no payload"
    killed = float((counted(results)["fate"] == "adcc").mean())
    if killed >= TOLD:
        return f"{none}: no cell holds any {payload}; NK cells killed {percent(killed)} of the cells"
    return f"{none}: no cell holds any {payload}, and all of them stay in the low band"


def caption(results: Results) -> str:
    """Return what is shown, from which run, and what the bands are not."""
    low, high = edges(results)
    payload = given.of(results).payload
    what = (
        f"Highest total cytosolic {payload} that each cell ever held (nM, logarithmic axis) and its fate at the "
        "end; cells that divided are left out, their daughters count. Histogram and title: the "
        f"{len(counted(results)):,} such cells of the first replicate{_note(results)}; shares written in "
        f"the bands: mean over all replicates. Low: below {plain(low)} nM; intermediate: {plain(low)} to "
        f"{plain(high)} nM; high: above {plain(high)} nM."
    )
    choices = (
        f"What {payload} does to a cell is set by C_M, C_A and their exponents, which data do not identify alone; "
        "they are design choices."
    )
    return captions.compose(NAME, results, what, _survivors(results), _latecomers(results), choices)


def _latecomers(results: Results) -> str:
    """Return how many of the cells in the low band were born late: they never met the peak of the drug."""
    cells = counted(results)
    low = cells[cells["band"] == "low"]
    born = low[low["birth_h"] > 0.0]
    if not len(born) or not reading.has_conjugate(results):
        return ""
    day = duration(float(born["birth_h"].median()), in_days=reading.in_days(results))
    return (
        f"In the low band, {percent(len(born) / len(low))} of the cells were born during the run, half of these "
        f"after {day}: a peak counts from birth, and they began with half of what their mother had left."
    )


def _survivors(results: Results) -> str:
    """Return what the two kinds of survivors are, and how many of the intermediate band met no mitosis yet."""
    cells = counted(results)
    surviving = cells["fate"] == "surviving"
    if not surviving.any():
        return "No cell of them survives."
    if given.of(results).conjugate.payload != "microtubule":
        return (
            "Survivors that still cycle have not come to the end of S phase since their birth, or have passed it; the "
            "others stopped there and divide no more."
        )
    passing = int((surviving & (cells["stage_end"] == "committed")).sum())
    among = f" (with {passing:,} in mitosis at the end, past its check)" if passing else ""
    told = (
        f"Survivors that have met no mitosis yet are cycling{among}: none has come since their birth, or they "
        "would have divided or been arrested. Survivors in arrest or multinucleated are alive, but divide no more."
    )
    middle = parts(results)[surviving & (cells["band"] == "intermediate")]
    if not len(middle):
        return told
    share = float((middle == "no_mitosis_yet").mean())
    moral = ": fate is timing as much as DM1" if share >= OFTEN else ""
    return f"{told} Of the survivors in the intermediate band, {percent(share)} have met no mitosis yet{moral}."


def _note(results: Results) -> str:
    note = str(results.manifest.get("cells_note") or "").strip().rstrip(".")
    return f" ({note})" if note else ""
