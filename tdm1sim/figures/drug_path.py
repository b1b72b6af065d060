"""The way of the drug through the cell, in six panels from the surface to tubulin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import captions, labels, reading, style
from tdm1sim.figures.words import duration, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "drug_path"

STATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("surface_molecules", "1  bound at the surface", "per cell", "conjugate"),
    ("endosome_molecules", "2  in endosomes", "per cell", "conjugate"),
    ("lysosome_conjugate_molecules", "3  intact in lysosomes", "per cell", "conjugate"),
    ("lysosome_catabolite_molecules", "4  catabolite in lysosomes", "per cell", "catabolite"),
    ("dm1_cytosol_nM", "5  DM1 in the cytosol, total", "nM", "payload"),
    ("dm1_tubulin_bound_nM", "6  DM1 bound to tubulin", "nM", "payload"),
)
"""Column stem in timeseries.csv, panel title, unit, meaning of the colour; in the drug's order."""

THOUSANDS = 1e4
"""Panels that reach this are told in thousands."""

GAP_X, GAP_Y, KEY = 0.095, 0.25, 0.1
"""Gaps between panels, and room for the key above them, as shares of the axes."""


Band = tuple[reading.Floats, reading.Floats, reading.Floats]


def station(results: Results, column: str) -> Band:
    """Return median and 5 and 95 % quantiles over living cells, each averaged over replicates."""
    low, middle, high = (
        reading.interval(reading.per_replicate(results.timeseries, f"{column}{ending}")).mean
        for ending in ("_p05", "_median", "_p95")
    )
    return middle, low, high


def draw(results: Results, ax: Axes) -> Axes:
    """Divide ``ax`` into six panels (child axes, in the drug's order), one station each; return ``ax``."""
    ax.set_axis_off()
    time, label = reading.clock(results)
    wide, tall = (1.0 - 2 * GAP_X) / 3.0, (1.0 - KEY - GAP_Y) / 2.0
    for i, (column, name, unit, meaning) in enumerate(STATIONS):
        row, place = divmod(i, 3)
        panel = ax.inset_axes((place * (wide + GAP_X), (1 - row) * (tall + GAP_Y), wide, tall))
        _panel(panel, time, station(results, column), style.MEANING[meaning])
        panel.set_title(name, loc="left", fontsize=style.DIRECT, fontweight="bold")
        panel.set_ylabel(f"thousand {unit}" if panel.get_ylim()[1] >= THOUSANDS else unit, fontsize=13.0)
        style.time_axis(panel, float(time[-1]), label, most=5)
        panel.set_xlabel(label if row else "", fontsize=style.DIRECT)
    _key(ax)
    lines = captions.below(NAME, results)
    labels.dress(ax, title(results), lines)
    return ax


def _panel(
    panel: Axes,
    time: reading.Floats,
    values: Band,
    shown: style.Look,
) -> None:
    middle, low, high = values
    panel.fill_between(time, low, high, color=shown.colour, alpha=0.22, linewidth=0)
    panel.plot(time, middle, color=shown.colour, linestyle=shown.line, gid="median")
    top = float(np.nanmax(high)) if np.isfinite(high).any() else 0.0
    panel.set_ylim(0.0, 1.08 * top if top > 0 else 1.0)
    panel.locator_params(axis="y", nbins=4)
    panel.tick_params(labelsize=14.0)
    panel.grid(axis="y")
    style.number_ticks(panel.yaxis, 1e3 if panel.get_ylim()[1] >= THOUSANDS else 1.0)
    if top == 0:
        panel.set_yticks([0.0])
        panel.text(0.5, 0.5, "none", transform=panel.transAxes, ha="center", va="center", fontsize=20)


def _key(ax: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    looks = style.MEANING
    handles = [
        Line2D([], [], color=looks["conjugate"].colour, label="intact conjugate"),
        Line2D([], [], color=looks["catabolite"].colour, linestyle=looks["catabolite"].line, label="catabolite"),
        Line2D([], [], color=looks["payload"].colour, label="DM1 set free"),
        Patch(facecolor="#999999", alpha=0.4, label="middle 90 % of the living cells"),
    ]
    legend = ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=4,
        frameon=False,
        borderaxespad=0.0,
        columnspacing=1.6,
    )
    legend.set_in_layout(False)


def title(results: Results) -> str:
    """Return the finding: what the typical living cell bound and how much DM1 got into its cytosol."""
    time, _ = reading.clock(results)
    days = reading.in_days(results)
    dm1 = station(results, "dm1_cytosol_nM")[0]
    if not np.nanmax(dm1, initial=0.0) > 0:
        return (
            "No drug given: nothing on the way from HER2 to tubulin"
            if not reading.has_drug(results)
            else (f"No measurable DM1 reaches the cytosol of the typical cell within {reading.length(results)}")
        )
    bound = float(np.nanmax(station(results, "surface_molecules")[0]))
    top = int(np.nanargmax(dm1))
    when = duration(float(time[top]) * (24.0 if days else 1.0), in_days=days, digits=2)
    return (
        f"The typical living cell carries up to {plain(bound, 2)} conjugates on its surface; "
        f"DM1 in its cytosol peaks at {plain(float(dm1[top]), 2)} nM after {when}"
    )


def caption(results: Results) -> str:
    """Return what is shown, from which run, and how the band is meant."""
    what = (
        "Conjugate and payload in the living cells at each time: bound to HER2 at the surface, with its "
        "receptor in endosomes, intact in lysosomes, as Lys-MCC-DM1 catabolite in lysosomes (molecules "
        "per cell), and as DM1 in the cytosol, in total and bound to tubulin (nM in the cell's own "
        "volume). Line: median cell. Band: 5 to 95 % of the living cells, the spread between cells, not "
        "an interval of chance; both averaged over replicates. Cells that die leave the picture, so a "
        "falling line also means that the cells with most drug are gone."
    )
    return captions.compose(NAME, results, what)
