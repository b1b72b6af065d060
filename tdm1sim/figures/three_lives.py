"""Three cells and their fates: payload in the cytosol of each over its life, and what happened to it when.

A life is a traced founder and, where it divided, the traced daughter of each division.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim import given
from tdm1sim.figures import captions, labels, reading, style, texts
from tdm1sim.figures.dm1_bands import BANDS, stripes
from tdm1sim.figures.mechanism_amounts import million
from tdm1sim.figures.words import capital, drawn_in_short, duration, listed, plain, short
from tdm1sim.uncertainty.peaks import edges

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.typing import LineStyleType

    from tdm1sim.results import Results

NAME = "three_lives"
MARGIN = 3.9
"""Room right of the axes for labels, in."""

FATES = ("apoptosis", "mitotic_catastrophe", "surviving")
"""The fates of which one cell each is shown."""

LINES: dict[str, LineStyleType] = {
    "apoptosis": (0, (2.0, 1.0)),
    "mitotic_catastrophe": (0, (6.0, 1.5)),
    "surviving": "-",
}
"""How the line of each fate is broken, so that they are told apart in grey: gaps show the ink below."""

FEWEST = 2
"""Fates that the traced cells must have between them."""

MARKS = {"division": "|", "arrested": "s", "multinucleated": "o", "death": "X", "alive": ">"}
"""The mark of each event."""

FOOT = 8.0
"""The axis of payload begins at the border of the low band over this: whoever has less is as good as empty."""


@dataclass(frozen=True, slots=True)
class Life:
    """One traced founder and its traced daughters.

    Attributes
    ----------
    cell : str
        The last of them, whose fate is told.
    fate : str
        Of that cell.
    hours, nM : array, shape (records,)
        When it was recorded, and total payload in the cytosol.
    events : tuple of (str, float)
        What happened (a key of `MARKS`) and when, h.
    her2 : float
        Receptors of the untreated cell.
    """

    cell: str
    fate: str
    hours: reading.Floats
    nM: reading.Floats
    events: tuple[tuple[str, float], ...]
    her2: float


def applies(results: Results) -> bool:
    """Whether cells of at least two fates were traced."""
    return reading.has_conjugate(results) and len(chosen(results)) >= FEWEST


def chosen(results: Results) -> list[Life]:
    """Return a life for each fate that traced cells of the first replicate met, in the order of `FATES`.

    Of the traced cells with a fate, the one whose highest payload is nearest (as a ratio) to the median of all cells
    with that fate; of equals, the first. A cell that slipped out of an arrest no record saw is taken only where there
    is no other: its story would have a gap.
    """
    traces, cells = results.traces, results.cells
    if not len(traces) or "end_h" not in cells:
        return []
    first = traces[traces["replicate"] == traces["replicate"].min()]
    ends = first["cell_id"].astype(str).groupby(first["cell_id"].astype(str).str.split(".").str[0]).last()
    rows, gaps = cells.set_index("cell_id"), _with_gaps(first)
    known = rows.loc[[cell for cell in ends if cell in rows.index]]
    found = []
    for fate in FATES:
        own = known[(known["fate"] == fate) & (known["dm1_peak_nM"] > 0.0)]
        if len(own):
            told = own[[cell.split(".")[0] not in gaps for cell in own.index.astype(str)]]
            own = told if len(told) else own
            middle = float(rows.loc[rows["fate"] == fate, "dm1_peak_nM"].median())
            far = np.abs(np.log(own["dm1_peak_nM"].to_numpy(dtype=float) / middle))
            found.append(_life(first, rows, str(own.index[int(np.argmin(far))])))
    return found


def _with_gaps(traces: pd.DataFrame) -> set[str]:
    """Return the founders whose line is seen multinucleated and never in arrest."""
    founders = traces["cell_id"].astype(str).str.split(".").str[0]
    seen = {stage: set(founders[traces["stage"] == stage]) for stage in ("arrested", "multinucleated")}
    return seen["multinucleated"] - seen["arrested"]


def _life(traces: pd.DataFrame, rows: pd.DataFrame, cell: str) -> Life:
    founder, _, daughters = cell.partition(".")
    path = [founder, *(f"{founder}.{daughters[: n + 1]}" for n in range(len(daughters)))]
    own = traces[traces["cell_id"].astype(str).isin(path)].sort_values("time_h", kind="stable")
    events = [("division", _number(rows, one, "birth_h")) for one in path[1:]]
    for stage in ("arrested", "multinucleated"):
        at = own.loc[own["stage"] == stage, "time_h"]
        if len(at):
            events.append((stage, float(at.iloc[0])))
    fate = str(rows.loc[cell, "fate"])
    events.append(("alive" if fate == "surviving" else "death", _number(rows, cell, "end_h")))
    hours, nM = own["time_h"].to_numpy(dtype=float), own["dm1_cytosol_nM"].to_numpy(dtype=float)
    return Life(cell, fate, hours, nM, tuple(events), _number(rows, cell, "her2_per_cell"))


def _number(rows: pd.DataFrame, cell: str, column: str) -> float:
    found: Any = rows.loc[cell, column]
    return float(found)


def height_at(life: Life, hour: float) -> float:
    """Return the payload (nM) at a time: of the record before it."""
    before = np.flatnonzero(life.hours <= hour + 1e-9)
    return float(life.nM[before[-1]]) if len(before) else float(life.nM[0])


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the lives on the bands of ``ax`` and return it."""
    lives, (time, label) = chosen(results), reading.clock(results)
    unit = 24.0 if reading.in_days(results) else 1.0
    style.time_axis(ax, float(time[-1]), label)
    _scale(results, ax, lives)
    for life in lives:
        look = style.MEANING[life.fate]
        positive = np.where(life.nM > 0.0, life.nM, np.nan)
        ax.plot(life.hours / unit, positive, color=style.colour("ink"), linewidth=5.5, zorder=3)
        ax.plot(
            life.hours / unit,
            positive,
            color=look.colour,
            linestyle=LINES[life.fate],
            zorder=3.1,
            gid=f"life-{life.fate}",
        )
        for event, hour in life.events:
            _mark(ax, life, event, hour, unit)
    labels.margin_labels(ax, _entries(results, ax, lives), MARGIN)
    _key(results, ax, lives)
    labels.dress(ax, title(results), captions.below(NAME, results))
    return ax


def _mark(ax: Axes, life: Life, event: str, hour: float, unit: float) -> None:
    bottom = ax.get_ylim()[0]
    face = style.MEANING[life.fate].colour
    ax.plot(
        [hour / unit],
        [max(height_at(life, hour), bottom)],
        linestyle="none",
        **_looks(event, face),
        clip_on=False,
        zorder=5,
        gid=f"{event}-{life.fate}",
    )


def _looks(event: str, face: str) -> dict[str, Any]:
    """Return how a mark looks; those of passing stages are hollow."""
    return {
        "marker": MARKS[event],
        "markersize": 20.0 if event == "division" else 14.0,
        "markerfacecolor": style.colour("ground") if event in {"arrested", "multinucleated"} else face,
        "markeredgecolor": style.colour("ink"),
        "markeredgewidth": 3.0 if event == "division" else 1.8,
    }


def _scale(results: Results, ax: Axes, lives: list[Life]) -> None:
    """Set the axis of payload, shade the bands and say what the axis is."""
    from matplotlib.ticker import LogLocator

    low, high = edges(results)
    most = max(float(np.max(life.nM)) for life in lives)
    bottom, top = low / FOOT, style.log_limits(low, max(most, high * 1.6))[1]
    ax.set_yscale("log")
    ax.set_ylim(bottom, top)
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    style.number_ticks(ax.yaxis)
    ax.set_ylabel(texts.label("payload_in_cytosol", payload=given.of(results).payload))
    stripes(results, ax)


def _entries(results: Results, ax: Axes, lives: list[Life]) -> list[labels.Entry]:
    """Return what stands beside the axes: each life, and the bands."""
    low, high = edges(results)
    bottom, top = ax.get_ylim()
    told = []
    for life in lives:
        her2, peak = million(life.her2, 2, texts.label), plain(float(np.max(life.nM)), 2)
        text = texts.label("life", fate=_fate_drawn(results, life), her2=her2, peak=peak)
        shown = style.Look(style.MEANING[life.fate].colour, "", LINES[life.fate])
        told.append((text, shown, height_at(life, life.events[-1][1]), False))
    ranges = (
        texts.label("low_band_below", level=plain(low)),
        texts.label("intermediate_band"),
        texts.label("high_band_above", level=plain(high)),
    )
    ends = (bottom, low, high, top)
    for i, band in enumerate(BANDS):
        told.append((ranges[i], style.MEANING[band], math.sqrt(ends[i] * ends[i + 1]), True))

    def place(nM: float) -> float:
        """Labels are spread on an even scale."""
        share = math.log(max(nM, bottom) / bottom) / math.log(top / bottom)
        return bottom + share * (top - bottom)

    return [labels.Entry(text, look, place(nM), area) for text, look, nM, area in told]


def _fate(results: Results, life: Life) -> str:
    words = short(given.of(results).words)
    alive = texts.english("life_alive")
    return alive if life.fate == "surviving" else words[life.fate].replace("(interphase) ", "")


def _fate_drawn(results: Results, life: Life) -> str:
    """Return the same as a label."""
    alive = texts.label("life_alive")
    return alive if life.fate == "surviving" else drawn_in_short(given.of(results).conjugate.payload)[life.fate]


def _names(results: Results) -> dict[str, str]:
    """Return what the marks mean, in the words of the payload."""
    return {
        "division": texts.label("event_division"),
        "arrested": texts.of_payload(given.of(results).conjugate.payload).arrested,
        "multinucleated": texts.label("event_multinucleated"),
        "death": texts.label("event_death"),
        "alive": texts.label("event_alive"),
    }


def _key(results: Results, ax: Axes, lives: list[Life]) -> None:
    """Say above the axes what the marks that are drawn mean."""
    from matplotlib.lines import Line2D

    met = {event for life in lives for event, _ in life.events}
    handles = [
        Line2D([], [], linestyle="none", label=text, **_looks(event, style.colour("guide")))
        for event, text in _names(results).items()
        if event in met
    ]
    labels.key_above(ax, handles)


def title(results: Results) -> str:
    """Return the finding: how each of the cells ended, when, and the most payload it had held."""
    told = []
    days = reading.in_days(results)
    for i, life in enumerate(chosen(results)):
        peak = f"{plain(float(np.max(life.nM)), 2)} nM{f' {given.of(results).payload} at its peak' * (i == 0)}"
        when = duration(life.events[-1][1], in_days=days, digits=2)
        divisions = sum(event == "division" for event, _ in life.events)
        one = "one cell" if i == 0 else "one"
        if life.fate == "surviving":
            split = {0: "undivided", 1: "divided once", 2: "divided twice"}.get(divisions, f"divided {divisions} times")
            told.append(f"{one} lives, {split} ({peak})")
        else:
            told.append(f"{one} {'dies ' * (i == 0)}by {_fate(results, life)} after {when} ({peak})")
    return capital(", ".join(told))


def caption(results: Results) -> str:
    """Return what is shown, how the cells were chosen, from which run."""
    payload = given.of(results).payload
    lives = chosen(results)
    every = reading.setting(results, "record.every")
    traced = results.traces[results.traces["replicate"] == results.traces["replicate"].min()]["cell_id"].astype(str)
    founders = traced.str.split(".").str[0].nunique()
    what = (
        f"Total {payload} in the cytosol of single cells of the first replicate over time (nM, logarithmic axis). A "
        "line follows a founder and after each division one daughter, which begins with half of the molecules. "
        f"Cells: {listed([f'{life.cell} ({_fate(results, life)})' for life in lives])}. Of the {plain(founders, 6)} "
        "traced founders and their first daughters, for each fate the cell whose highest level is nearest to the "
        f"median of all cells with that fate, of those whose arrest a record saw where there are any. Divisions and "
        "deaths stand at their times"
    )
    records = f"; arrest and slippage where a record, every {every}, first saw them" if every is not None else ""
    low, high = edges(results)
    bands = f"Low: below {plain(low)} nM; high: above {plain(high)} nM."
    return captions.compose(NAME, results, f"{capital(what)}{records}.", bands)
