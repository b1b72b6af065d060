"""The way of the drug through the cell, in six panels from the surface to tubulin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tdm1sim import given
from tdm1sim.figures import captions, curves, labels, narrow, reading, style, texts
from tdm1sim.figures.words import capital, duration, listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tdm1sim.results import Results

NAME = "drug_path"

STATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("surface_molecules", "station_surface", "per_cell", "conjugate"),
    ("endosome_molecules", "station_endosomes", "per_cell", "conjugate"),
    ("lysosome_conjugate_molecules", "station_lysosomes", "per_cell", "conjugate"),
    ("lysosome_catabolite_molecules", "station_catabolite", "per_cell", "catabolite"),
    ("dm1_cytosol_nM", "station_cytosol", "nM", "payload"),
    ("dm1_tubulin_bound_nM", "station_target", "nM", "payload"),
)
"""Column stem in timeseries.csv, label over the panel, unit, meaning of the colour; in the drug's order."""

THOUSANDS = 1e4
"""Panels that reach this are told in thousands."""

GAP_X, GAP_Y, KEY = 0.095, 0.25, 0.1
"""Gaps between panels, and room for the key above them, as shares of the axes."""


MEDIANS = "Light bands with dotted edges around the median"

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
    drugs = given.of(results)
    catabolite = texts.label("catabolite") if drugs.conjugate.released != drugs.payload else drugs.payload
    target = texts.of_payload(drugs.conjugate.payload).short_target
    across, key, gap_x = (3, KEY, GAP_X) if style.used().slide else (2, 0.05, 0.23)
    if not style.used().slide:
        narrow.taller(ax, 320.0)
    rows = len(STATIONS) // across
    gap_y = GAP_Y if rows == 2 else 0.12
    wide, tall = (1.0 - (across - 1) * gap_x) / across, (1.0 - key - (rows - 1) * gap_y) / rows
    for i, (column, name, unit, meaning) in enumerate(STATIONS):
        row, place = divmod(i, across)
        panel = ax.inset_axes((place * (wide + gap_x), (rows - 1 - row) * (tall + gap_y), wide, tall))
        band = reading.model_band(results.uncertainty, f"{column}_median", reading.times(results))
        curves.ignorance(panel, time, band, style.MEANING[meaning].colour, column, above=True)
        _panel(panel, time, station(results, column), style.MEANING[meaning], band)
        told = texts.label(name, payload=drugs.payload, target=target, catabolite=catabolite)
        size, heavy = (style.DIRECT, "bold") if style.used().slide else (style.letters(0.0), "normal")
        room = float("inf") if style.used().slide else max(150.0, wide * labels.width_within(ax))
        panel.set_title(labels.wrap(told, room, size), loc="left", fontsize=size, fontweight=heavy)
        told = texts.label("per_cell") if unit == "per_cell" else unit
        told = texts.label("thousands_of", unit=told) if panel.get_ylim()[1] >= THOUSANDS else told
        panel.set_ylabel(told, fontsize=style.letters(13.0))
        style.time_axis(panel, float(time[-1]), label, most=5)
        panel.set_xlabel(label if row == rows - 1 else "", fontsize=style.DIRECT)
    _key(ax, catabolite, drugs.payload, drawn=reading.draws(results) > 0)
    lines = captions.below(NAME, results, captions.ignorance_of(reading.draws(results), MEDIANS))
    labels.dress(ax, title(results), lines)
    return ax


def _panel(
    panel: Axes,
    time: reading.Floats,
    values: Band,
    shown: style.Look,
    ignorance: tuple[reading.Floats, reading.Floats] | None,
) -> None:
    middle, low, high = values
    panel.fill_between(time, low, high, color=shown.colour, alpha=0.22, linewidth=0)
    panel.plot(time, middle, color=shown.colour, linestyle=shown.line, gid="median")
    top = float(np.nanmax(high)) if np.isfinite(high).any() else 0.0
    if ignorance is not None:
        top = float(np.nanmax([top, *ignorance[1]]))
    panel.set_ylim(0.0, 1.08 * top if top > 0 else 1.0)
    panel.locator_params(axis="y", nbins=4)
    panel.tick_params(labelsize=14.0)
    panel.grid(axis="y")
    style.number_ticks(panel.yaxis, 1e3 if panel.get_ylim()[1] >= THOUSANDS else 1.0)
    if top == 0:
        panel.set_yticks([0.0])
        none = texts.label("nothing_there")
        panel.text(0.5, 0.5, none, transform=panel.transAxes, ha="center", va="center", fontsize=style.letters(20.0))


def _key(ax: Axes, catabolite: str, payload: str, *, drawn: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    looks = style.MEANING
    handles = [
        Line2D([], [], color=looks["conjugate"].colour, label=texts.label("path_antibody")),
        Line2D(
            [],
            [],
            color=looks["catabolite"].colour,
            linestyle=looks["catabolite"].line,
            label=texts.label("path_in_lysosomes", catabolite=catabolite),
        ),
        Line2D([], [], color=looks["payload"].colour, label=texts.label("path_in_cytosol", payload=payload)),
        Patch(facecolor="#999999", alpha=0.4, label=texts.label("path_middle")),
    ]
    if drawn:
        other = texts.label("path_other_values")
        dotted = Line2D([], [], color=style.colour("edge"), linewidth=2.0, linestyle=(0, (1.0, 2.0)), label=other)
        handles.append(dotted)
    labels.key_above(ax, handles)


def title(results: Results) -> str:
    """Return the finding: what the typical living cell bound and how much payload got into its cytosol."""
    time, _ = reading.clock(results)
    days = reading.in_days(results)
    dm1, bound = station(results, "dm1_cytosol_nM")[0], _highest(station(results, "surface_molecules")[0])
    payload = given.of(results).payload
    if not reading.has_conjugate(results):
        return _without_payload(results, bound)
    if not np.nanmax(dm1, initial=0.0) > 0:
        return f"No measurable {payload} reaches the cytosol of the typical cell within {reading.length(results)}"
    top = int(np.nanargmax(dm1))
    when = duration(float(time[top]) * (24.0 if days else 1.0), in_days=days, digits=2)
    return (
        f"The typical living cell carries up to {plain(bound, 2)} antibodies on its surface; "
        f"{payload} in its cytosol peaks at {plain(float(dm1[top]), 2)} nM after {when}"
    )


def _highest(values: reading.Floats) -> float:
    return float(np.nanmax(values, initial=0.0))


def _without_payload(results: Results, bound: float) -> str:
    """Return the finding where no conjugate was given."""
    payload, who = given.of(results).payload, reading.naked(results)
    if not who:
        none = "No conjugate given" if reading.has_drug(results) else "No drug given"
        return f"{none}: nothing on the way from HER2 to tubulin"
    naked = capital(listed(who))
    if bound > 0:
        return (
            f"{naked} carries no payload: up to {plain(bound, 2)} bound to the typical cell bring no {payload} into it"
        )
    return f"{naked} carries no payload and binds away from the conjugate's place: no {payload} in any cell"


def caption(results: Results) -> str:
    """Return what is shown, from which run, and how the band is meant."""
    drugs = given.of(results)
    released = drugs.conjugate.released
    catabolite = f"{released} catabolite" if released != drugs.payload else f"{released} already set free"
    what = (
        "The drug in the living cells at each time: antibody bound to HER2 at the surface and, with its receptor, in "
        f"endosomes, whether it carries {drugs.payload} or not (molecules per cell); {drugs.payload} still on antibody "
        f"in lysosomes, told as the fresh conjugates that would carry it; {catabolite} in lysosomes (molecules per "
        f"cell); and {drugs.payload} in the cytosol, in total and bound to {drugs.words.target} (nM in the cell's own "
        "volume). Line: median cell. Band: 5 to 95 % of the living cells, the spread between cells, not "
        "an interval of chance; both averaged over replicates. Cells that die leave the picture, so a "
        "falling line also means that the cells with most drug are gone."
    )
    return captions.compose(NAME, results, what, captions.ignorance_of(reading.draws(results), MEDIANS))
