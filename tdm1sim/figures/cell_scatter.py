"""HER2 against payload against fate, cell by cell, and the dead of each quarter of the cells by HER2 above."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim import given
from tdm1sim.figures import captions, labels, reading, style, texts
from tdm1sim.figures.dm1_bands import BANDS, stripes
from tdm1sim.figures.mechanism_amounts import million
from tdm1sim.figures.words import drawn_in_short, percent, plain
from tdm1sim.uncertainty.peaks import counted, edges

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "cell_scatter"
MARGIN = 3.9
"""Room right of the axes for labels, in."""

MOST = 1500
"""Cells that are drawn one by one."""

MARKERS: Mapping[str, tuple[str, str, float]] = MappingProxyType(
    {
        "surviving": ("o", "○", 44.0),
        "mitotic_catastrophe": ("^", "▲", 30.0),
        "apoptosis": ("X", "✖", 34.0),
        "adcc": ("s", "■", 40.0),
    }
)
"""The mark of each fate, the same as a letter, and its size; survivors are hollow, so that none hides another."""

FLOOR = 300.0
"""Cells with less payload than the low band's border over this are drawn at the axis' foot."""

STRIP, GAP = 0.2, 0.06
"""Height of the strip of quarters and its distance from the cells, as shares of the axes."""


def applies(results: Results) -> bool:
    """Whether cells took up payload and met a fate."""
    return reading.has_conjugate(results) and len(counted(results)) > 0


def drawn(results: Results) -> pd.DataFrame:
    """Return the cells that are drawn: all that did not divide, or evenly spaced rows of them where there are many."""
    cells = counted(results)
    if len(cells) <= MOST:
        return cells
    rows = (np.arange(MOST) * len(cells)) // MOST
    return cells.iloc[rows]


def quarters(results: Results) -> list[tuple[float, float, dict[str, float]]]:
    """Return the quarters of the cells by HER2: least and most receptors, and the share of each fate (0 to 1)."""
    cells = counted(results).sort_values("her2_per_cell", kind="stable")
    fates, her2 = cells["fate"].to_numpy(), cells["her2_per_cell"].to_numpy(dtype=float)
    parts = [part for part in np.array_split(np.arange(len(cells)), 4) if len(part)]
    return [
        (float(her2[part[0]]), float(her2[part[-1]]), {fate: float((fates[part] == fate).mean()) for fate in MARKERS})
        for part in parts
    ]


def draw(results: Results, ax: Axes) -> Axes:
    """Draw cells on the lower part of ``ax``, quarters above them, and return it."""
    ax.set_axis_off()
    main = ax.inset_axes((0.0, 0.0, 1.0, 1.0 - STRIP - GAP))
    above = ax.inset_axes((0.0, 1.0 - STRIP, 1.0, STRIP))
    bottom = _axes(results, main)
    cells = drawn(results)
    for order, (fate, (marker, _, size)) in enumerate(MARKERS.items()):
        own, look = cells[cells["fate"] == fate], style.MEANING[fate]
        hollow = fate == "surviving"
        if len(own):
            main.scatter(
                own["her2_per_cell"],
                np.maximum(own["dm1_peak_nM"].fillna(0.0).to_numpy(dtype=float), bottom),
                s=size,
                marker=marker,
                facecolor="none" if hollow else look.colour,
                edgecolor=look.colour if hollow else style.colour("ground"),
                linewidth=1.4 if hollow else 0.3,
                zorder=3.0 + 0.1 * order,
                gid=f"cells-{fate}",
            )
    _strip(results, above, main.get_xlim())
    if style.used().slide:
        _name_strip(above)
    labels.margin_labels(main, _entries(results, main), MARGIN, leaders=False)
    labels.dress(ax, title(results), captions.below(NAME, results))
    return ax


def _axes(results: Results, main: Axes) -> float:
    """Set scales, shade the bands, return the foot of the axis of payload."""
    cells, (low, high) = drawn(results), edges(results)
    peaks = cells["dm1_peak_nM"].fillna(0.0).to_numpy(dtype=float)
    positive = peaks[peaks > 0.0]
    least = max(float(positive.min(initial=low)), low / FLOOR)
    bottom, top = style.log_limits(min(least, low / 3.0), max(float(peaks.max()), 1.5 * high))
    main.set_xscale("log")
    main.set_yscale("log")
    main.set_ylim(bottom, top)
    her2 = cells["her2_per_cell"].to_numpy(dtype=float)
    main.set_xlim(*style.log_limits(float(her2.min()) * 1.3, float(her2.max()) / 1.3))
    style.log_axis(main.yaxis, bottom, top)
    style.log_axis(main.xaxis, *main.get_xlim())
    style.number_ticks(main.xaxis, 1e6)
    main.set_xlabel(texts.label("her2_untreated"))
    foot = texts.label("peak_payload_at_foot", level=plain(bottom, 2)) if float(peaks.min()) < bottom else ""
    main.set_ylabel(texts.label("peak_payload", payload=given.of(results).payload, foot=foot))
    stripes(results, main)
    _name_bands(main, low, high)
    return bottom


def _name_bands(main: Axes, low: float, high: float) -> None:
    """Write the names of the bands at the left, where few cells are, each with a rim in the band's own grey."""
    from matplotlib.patheffects import withStroke

    told = [texts.label(f"band_{band}") for band in BANDS]
    if style.used().slide:
        told[0] = texts.label("band_low_below", level=plain(low))
        told[-1] = texts.label("band_high_above", level=plain(high))
    bottom, top = main.get_ylim()
    for band, text, y, up in zip(BANDS, told, (bottom, high, top), (5.0, -5.0, -5.0), strict=True):
        main.annotate(
            text,
            (0.0, y),
            (8.0, up),
            xycoords=main.get_yaxis_transform(),
            textcoords="offset points",
            va="bottom" if up > 0 else "top",
            fontsize=style.letters(13.0),
            path_effects=[withStroke(linewidth=3.0, foreground=style.MEANING[band].colour)],
            zorder=4.0,
            gid="band-name",
        )


def _strip(results: Results, above: Axes, ends: tuple[float, float]) -> None:
    above.set_xscale("log")
    above.set_xlim(*ends)
    above.set_ylim(0.0, 100.0)
    above.set_xticks([])
    above.minorticks_off()
    above.set_yticks([0.0, 50.0, 100.0])
    above.set_ylabel(texts.label("cells_percent"), fontsize=style.letters(style.DIRECT))
    for low, high, shares in quarters(results):
        floor = 0.0
        for fate, share in shares.items():
            look = style.MEANING[fate]
            above.fill_between(
                [low, high],
                floor,
                floor + 100.0 * share,
                facecolor=look.colour,
                hatch=look.hatch,
                edgecolor=style.colour("ground"),
                linewidth=1.0,
                gid=f"quarter-{fate}",
            )
            floor += 100.0 * share


def _name_strip(above: Axes) -> None:
    """Write right of the strip what its columns are; paper has no room there, and its caption says it."""
    size = style.letters(style.DIRECT - 2.0)
    above.annotate(
        labels.wrap(texts.label("quarters"), (MARGIN - 0.7) * labels.POINTS, size),
        (1.0, 0.5),
        (20.0, 0.0),
        xycoords="axes fraction",
        textcoords="offset points",
        va="center",
        fontsize=size,
        annotation_clip=False,
        gid="quarters",
    )


def _entries(results: Results, main: Axes) -> list[labels.Entry]:
    cells, words = counted(results), drawn_in_short(given.of(results).conjugate.payload)
    bottom, top = main.get_ylim()
    found = []
    for fate in MARKERS:
        own = cells[cells["fate"] == fate]
        if len(own):
            told = {"fate": words[fate], "share": percent(len(own) / len(cells)), "her2": _her2(own, texts.label)}
            text = f"{MARKERS[fate][1]} {texts.label('cells_of_fate', **told)}"
            found.append(labels.Entry(text, style.MEANING[fate], 0.0))
    places = np.linspace(0.2, 0.8, len(found))
    return [labels.Entry(e.text, e.look, bottom + y * (top - bottom)) for e, y in zip(found, places, strict=True)]


def title(results: Results) -> str:
    """Return the finding: HER2 and peak payload of cells that died against those that survived."""
    cells, payload = counted(results), given.of(results).payload
    dead, alive = cells[cells["fate"] != "surviving"], cells[cells["fate"] == "surviving"]
    if not len(dead) or not len(alive):
        fate = "survives" if len(alive) else "dies"
        return f"Every cell {fate}: in the median {_her2(cells)} HER2 and {_peak(cells)} nM {payload}"
    return (
        f"Cells that die have {_her2(dead)} HER2 and peak at {_peak(dead)} nM {payload} in the median, "
        f"survivors {_her2(alive)} and {_peak(alive)} nM"
    )


def _her2(cells: pd.DataFrame, words: texts.Words = texts.english) -> str:
    return million(float(cells["her2_per_cell"].median()), 2, words)


def _peak(cells: pd.DataFrame) -> str:
    return plain(float(cells["dm1_peak_nM"].fillna(0.0).median()), 2)


def caption(results: Results) -> str:
    """Return what is shown, which cells are drawn, from which run."""
    cells, payload, (low, high) = counted(results), given.of(results).payload, edges(results)
    some = len(drawn(results))
    which = "all are drawn" if some == len(cells) else f"{some:,} are drawn, evenly spaced in `cells.csv`"
    note = str(results.manifest.get("cells_note") or "").strip().rstrip(".")
    what = (
        f"The {len(cells):,} cells of the first replicate that did not divide ({note}{'; ' * bool(note)}{which}): "
        f"receptors per cell, untreated, against the highest total {payload} in its cytosol (nM), both on "
        "logarithmic axes; mark and colour by fate, survivors hollow. Shares and medians beside it are over all such "
        "cells. Above: the same cells in four quarters by HER2, each as wide as its receptors reach, with the share "
        f"of each fate. Low band: below {plain(low)} nM; high: above {plain(high)} nM."
    )
    born = cells[cells["birth_h"] > 0.0]
    late = (
        f"{percent(len(born) / len(cells))} of the cells were born during the run; their peak counts from birth, so "
        "that they lie below the others with as much HER2."
        if len(born)
        else ""
    )
    return captions.compose(NAME, results, what, late)
