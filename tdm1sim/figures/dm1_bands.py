"""Peak payload in the cytosol per cell and what became of the cell, over the three bands.

Survivors are shown in two parts: those that have met no mitosis yet, and those arrested or multinucleated.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim import given
from tdm1sim.figures import captions, labels, narrow, reading, style, texts
from tdm1sim.figures.words import capital, drawn, duration, listed, percent, plain
from tdm1sim.uncertainty import peaks
from tdm1sim.uncertainty.peaks import FATES, bins, counted, edges

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "dm1_bands"
MARGIN = 3.7
"""Room right of the axes for labels, in."""

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

HEADROOM = 1.42
"""Height of the axes over the highest bar: room for the names of the bands."""

MORE = 0.12
"""The same for one more line, with what other values would say."""
OUTLINE = "ignorance-outline"

OFTEN = 0.2
"""Share of survivors that met no mitosis from which timing is told as a cause of fate."""

TOLD = 0.01
"""Bands with a smaller share of the cells are left out of the title: their few cells say little."""


def names_of(results: Results) -> dict[str, str]:
    """Return the label of each part of the bars, in the words of the run's payload."""
    payload = given.of(results).conjugate.payload
    words, every = texts.of_payload(payload), drawn(payload)
    dead = {name: text for name, text in every.items() if name in FATES}
    killed = texts.label("killed_by", fate=every["adcc"])
    return {**dead, "adcc": killed, "no_mitosis_yet": words.waiting, "stopped": words.stopped}


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


def histogram(results: Results) -> dict[str, reading.Floats]:
    """Return per part of the bars the share of counted cells in each bin; all shares together add to 1."""
    borders, cells = bins(results), counted(results)
    highest = np.clip(cells["dm1_peak_nM"].fillna(0.0).to_numpy(dtype=float), borders[0], borders[-1])
    part = parts(results).to_numpy()
    total = max(len(cells), 1)
    return {name: np.histogram(highest[part == name], borders)[0] / total for name in PARTS}


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
    ax.stairs(100.0 * below, borders, color=style.colour("ink"), linewidth=1.2, gid="all")
    top = max(100.0 * float(below.max()), _ignorance(results, ax, borders)) or 1.0
    headroom = HEADROOM + (MORE if reading.draws(results) else 0.0)
    ax.set_ylim(0.0, headroom * top)
    _bands(results, ax, borders, top)
    overflow = float(counted(results)["dm1_peak_nM"].fillna(0.0).min()) < borders[0]
    _axes(ax, borders, given.of(results).payload, top, overflow=overflow)
    places = np.linspace(0.15, 0.8, len(entries))
    entries = [labels.Entry(e.text, e.look, headroom * top * y) for e, y in zip(entries, places, strict=True)]
    labels.margin_labels(ax, entries, MARGIN, leaders=False)
    labels.dress(ax, title(results), captions.below(NAME, results, _meant(results)))
    return ax


def _meant(results: Results) -> str:
    """Return what is drawn of other values; nothing where none were drawn."""
    drawn = "Light, dotted edges (outline of all bars, borders of the bands), and the last line in each band"
    return captions.ignorance_of(reading.draws(results), drawn)


def _ignorance(results: Results, ax: Axes, borders: reading.Floats) -> float:
    """Draw around the outline what other values would make of it; return the highest share, % of the cells."""
    ends = peaks.band(results.uncertainty, borders)
    if ends is None:
        return 0.0
    low, high = (100.0 * end for end in ends)
    ink = style.colour("ink")
    ax.stairs(high, borders, baseline=low, fill=True, color=ink, alpha=0.13, linewidth=0.0, zorder=1.4, gid=OUTLINE)
    for end in (low, high):
        ax.stairs(end, borders, baseline=None, color=ink, linewidth=1.6, linestyle=(0, (1.0, 2.0)), zorder=1.5)
    return float(np.nanmax(high))


def _axes(ax: Axes, borders: reading.Floats, payload: str, top: float, *, overflow: bool) -> None:
    ax.set_xscale("log")
    ax.set_xlim(borders[0], borders[-1])
    style.number_ticks(ax.xaxis)
    style.even_ticks(ax.yaxis)
    ax.set_yticks([tick for tick in ax.get_yticks() if tick <= 1.01 * top])
    style.number_ticks(ax.yaxis)
    ax.set_ylabel(texts.label("cells_percent"))
    first = texts.label("peak_payload_in_first_bar", level=plain(float(borders[1]), 2)) if overflow else ""
    narrow.x_label(ax, texts.label("peak_payload_in_cytosol", payload=payload, first=first), labels.balanced)


def _bands(results: Results, ax: Axes, borders: reading.Floats, top: float) -> None:
    """Shade the bands, mark their borders, and name them above the data with their share of the cells."""
    low, high = edges(results)
    ends = (borders[0], low, high, borders[-1])
    ranges = (
        texts.label("below", level=f"{plain(low)} nM"),
        texts.label("range", low=plain(low), high=f"{plain(high)} nM"),
        texts.label("above", level=f"{plain(high)} nM"),
    )
    size = style.DIRECT
    if not style.used().slide:  # a column has room for signs only
        size = style.letters(0.0)
        ranges = (f"< {plain(low)} nM", f"{plain(low)}–{plain(high)} nM", f"> {plain(high)} nM")
    others = [_other_values(results, band) for band in BANDS]
    for i, band in enumerate(BANDS):
        ax.axvspan(ends[i], ends[i + 1], color=style.MEANING[band].colour, linewidth=0, zorder=0, gid=f"band-{band}")
        middle = float(np.sqrt(ends[i] * ends[i + 1]))
        share = texts.label("share_of_cells", share=percent(_share(results, band)))
        for line, text in enumerate((texts.label(f"band_{band}"), ranges[i], share, *others[i])):
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
    for name, edge in (("low", low), ("high", high)):
        ax.axvline(edge, color=style.colour("edge"), linewidth=1.6, linestyle=(0, (4.0, 2.0)), gid="band-edge")
        _edge_ignorance(results, ax, name, top)


def _edge_ignorance(results: Results, ax: Axes, name: str, top: float) -> None:
    """Draw where other values would put the border of a band, below its name; nothing where it stays, or none were."""
    bands, end = results.summary["bands"], ax.get_xlim()
    low, high = (bands.get(f"{name}_nM_{part}") for part in ("model_low", "model_high"))
    if low is None or high is None or low == high:
        return
    span = (max(float(low), end[0]), min(float(high), end[1]))
    edge = style.colour("edge")
    ax.fill_betweenx(
        (0.0, 1.03 * top), *span, color=edge, alpha=0.13, linewidth=0.0, zorder=0.4, gid=f"ignorance-edge-{name}"
    )
    ax.vlines(span, 0.0, 1.03 * top, color=edge, linewidth=1.4, linestyle=(0, (1.0, 2.0)), zorder=0.5)


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


def _other_values(results: Results, band: str) -> tuple[str, ...]:
    """Return what other values would make of the share of cells in a band, as one more line; none without draws."""
    found = results.summary["bands"].get(band)
    low, high = (found.get(end) if isinstance(found, Mapping) else None for end in ("model_low", "model_high"))
    if low is None or high is None:
        return ()
    least = percent(float(low)).rstrip("% \xa0")
    return (texts.label("range", low=least, high=percent(float(high))),)


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
    return captions.compose(NAME, results, what, _meant(results), _survivors(results), _latecomers(results), choices)


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
