"""A sweep as a figure: a line over one axis, a map over two, points over many, a line per resistance mechanism.

Not a figure of one run: it reads ``sweep.csv`` and nothing else that was simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.figures import (
    captions,
    labels,
    limits,
    style,
    sweep_lines,
    sweep_many,
    sweep_map,
    sweep_ranges,
    sweep_resistances,
)
from tdm1sim.figures.narrow import shrunk
from tdm1sim.figures.slide import blank, save
from tdm1sim.figures.sweep_words import measure_of, scenario, value_told
from tdm1sim.figures.words import INTERVAL, capital, listed, plain
from tdm1sim.intervals import of_values

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.sweeping.folder import SweepResults

NAME = "sweep"


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to draw a sweep: what it draws, what its title says, the room it needs right of the axes, in."""

    draw: Callable[[SweepResults, str, Axes], None]
    what: str
    margin: Callable[[SweepResults], float]


_KINDS: dict[str, Kind] = {
    "line": Kind(sweep_lines.draw, "Line: mean over replicates of each point.", sweep_lines.margin),
    "map": Kind(
        sweep_map.draw,
        "Colour and contours: mean over replicates of each point; contours run between the points.",
        sweep_map.margin,
    ),
    "many": Kind(
        sweep_many.draw,
        "Each dot is one point of the design, drawn once over every axis; all axes differ between "
        "the dots, so what one axis does is seen as a trend, not as a line.",
        lambda _: 0.5,
    ),
    "resistances": Kind(
        sweep_resistances.draw,
        "Each resistance mechanism alone in all cells, over its range in the catalogue, by how many times its value "
        "is above or below normal; the dashed line is the scenario without any.",
        lambda _: sweep_resistances.MARGIN,
    ),
    "ranges": Kind(
        sweep_ranges.draw,
        "Each resistance mechanism alone in all cells, at values over its range in the catalogue (1 is normal), and "
        "how much more there is with it than without, on the same luck. Dots: means of the paired differences; "
        "lines: their intervals; wide bars: the same with other values of what nobody has measured, draw by draw.",
        lambda _: sweep_ranges.MARGIN,
    ),
}


def kind_of(results: SweepResults) -> str:
    """Return how a sweep is drawn."""
    if results.manifest["kind"] == "resistances":
        return "ranges" if _draws(results) else "resistances"
    if results.manifest["design"] != "grid" and len(results.columns) > 1:
        return "many"
    numeric = [column.numeric for column in results.columns]
    if len(numeric) == 1 or (len(numeric) == 2 and numeric.count(False) == 1):
        return "line"
    return "map" if len(numeric) == 2 else "many"


def has_values(results: SweepResults, measure: str) -> bool:
    """Whether there is anything to draw of a quantity."""
    return bool(results.table[f"{measure}_mean"].notna().any())


def draw(results: SweepResults, measure: str, ax: Axes) -> Axes:
    """Draw a quantity of a sweep on ``ax`` and return it."""
    _KINDS[kind_of(results)].draw(results, measure, ax)
    labels.dress(ax, title(results, measure), lines(results, measure))
    return ax


def title(results: SweepResults, measure: str) -> str:
    """Return the finding: between which values the quantity moves, and where."""
    means = results.table[f"{measure}_mean"].to_numpy(dtype=float)
    told = measure_of(measure)
    if not np.isfinite(means).any():
        return f"{told.short}: at no point in every replicate"
    if kind_of(results) == "resistances":
        return sweep_resistances.title(results, measure)
    if kind_of(results) == "ranges":
        return sweep_ranges.title(results, measure)
    low, high = int(np.nanargmin(means)), int(np.nanargmax(means))
    if low == high or not clear(results, measure, low, high):
        ends = [told.told(float(means[at])) for at in (low, high)]
        around = f"{ends[0]} at every point" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
        return f"{told.short}: {around}, with no difference that is clear of chance"
    first, last = (low, high) if low < high else (high, low)
    verb = "rises" if first == low else "falls"
    if told.short.endswith(("cells", "founder")):
        verb = verb[:-1]
    return (
        f"{told.short} {verb} from {told.told(means[first])} at {_where(results, first)} "
        f"to {told.told(means[last])} at {_where(results, last)}"
    )


def _where(results: SweepResults, row: int) -> str:
    told = [value_told(results, column, results.table[column.name].tolist()[row]) for column in results.columns]
    return listed(told) if len(told) < 4 else f"point {row + 1}"


def clear(results: SweepResults, measure: str, low: int, high: int) -> bool:
    """Whether two points differ by more than chance, their replicates paired; one replicate cannot tell, and counts."""
    table = results.replicates.set_index(["point", "replicate"])[measure]
    one, other = (table.loc[int(results.table["point"].iloc[row])].dropna() for row in (low, high))
    difference = (other - one).dropna()
    found = of_values([float(value) for value in difference])
    if found["low"] is None or found["high"] is None:
        return bool(found["mean"])
    return bool(found["low"] > 0.0 or found["high"] < 0.0)


def lines(results: SweepResults, measure: str) -> tuple[str, ...]:
    """Return the small lines under a figure: surroundings, what intervals are, and what must not be read into it."""
    patient = results.manifest["setting"] == "patient"
    paths = [column.path for column in results.columns]
    found = [_surroundings(results)]
    if results.manifest["replicates"] > 1 and kind_of(results) in {"line", "resistances"}:
        found.append(f"Bands: {INTERVAL}.")
    if results.manifest["replicates"] > 1 and kind_of(results) == "many":
        found.append(f"Thin lines: {INTERVAL}.")
    if kind_of(results) == "map" and results.table[f"{measure}_mean"].isna().any():
        found.append("Grey: some replicate has none.")
    if kind_of(results) == "ranges":
        found.append(f"Lines: {INTERVAL}, paired.")
        found.append(captions.ignorance_of(_draws(results)).replace("Lighter bands", "Wide bars, paired too"))
    elif _draws(results):
        found.append(_drawn(results, measure))
    if patient and any("treatment" in path for path in paths):
        found.append("Toxicity is not modelled; more drug always looks better here.")
    if patient and _reaches_her2_low(results):
        found.append("The model overstates T-DM1 in HER2-low tumours, where it is not licensed.")
    if kind_of(results) in {"resistances", "ranges"}:
        sizes = "heights" if kind_of(results) == "resistances" else "lengths"
        found.append(f"Resistance: ranges were chosen, not measured; {sizes} do not rank mechanisms.")
        found.append(limits.PTEN)
    elif any(path.split(".")[-1] in sweep_resistances.CHOSEN for path in paths):
        found.append("Resistance: nobody has measured such folds in patients' tumours.")
    return (*found, limits.CELLS, limits.ADVICE)


def _draws(results: SweepResults) -> int:
    """Return how many draws the bands of ignorance are of; 0 where there are none."""
    return int(results.manifest.get("uncertain", {}).get("draws", 0))


def _drawn(results: SweepResults, measure: str) -> str:
    """Return what is drawn of other values, or that nothing is."""
    count, kind = _draws(results), kind_of(results)
    if kind == "line":
        return captions.ignorance_of(count)
    words = sweep_map.what(results, measure) if kind == "map" else "Light lines through the dots"
    return captions.ignorance_of(count, words) if words else limits.central(count)


def _ignorance(results: SweepResults) -> str:
    """Return what the draws of all points have in common."""
    if not _draws(results):
        return ""
    if kind_of(results) == "line":
        return "All points have the same draws, so the lighter band holds the same values all along the axis."
    if kind_of(results) == "ranges":
        return (
            "All points have the same draws, and none of them changes the size of a mechanism. The title compares the "
            "lengths of wide bars and lines: the median of their ratios."
        )
    return "All points have the same draws; their ranges stand in sweep.csv (model_low, model_high)."


def _reaches_her2_low(results: SweepResults) -> bool:
    """Whether some point has receptors below those of HER2-positive disease, or such a class."""
    for column in results.columns:
        values = results.table[column.name]
        if column.path.endswith("her2.receptors"):
            return bool((values < limits.LICENSED_RECEPTORS).any())
        if column.path.endswith("her2") and not column.numeric:
            return bool(values.isin(["0", "1+", "2+"]).any())
    clones = scenario(results).get("tumour", {}).get("clones", {}).values()
    return any(float(clone["her2"]["receptors"]) < limits.LICENSED_RECEPTORS for clone in clones)


def _surroundings(results: SweepResults) -> str:
    tree, days = scenario(results), results.manifest["duration_h"] / 24.0
    size = f"{results.manifest['cells_start']:,} founder cells"
    count = results.manifest["replicates"]
    if results.manifest["replicates_until"] is not None:
        size = f"as many replicates as {results.manifest['replicates_until']['asked']} needs, of {size}"
    else:
        size = f"{count} replicate{'s' if count > 1 else ''} of {size}"
    if results.manifest["setting"] == "patient":
        transport = tree["tumour"]["transport"]
        where = f"permeability {transport['permeability']}, Krogh radius {transport['krogh_radius']}".replace(
            " um", " µm"
        )
        return f"Patient tumour as one supply-limited compartment: {where}. Each point: {size}, {plain(days)} d."
    return f"Culture in {tree['culture']['medium']} medium. Each point: {size}, {plain(days)} d.".replace(" uL", " µL")


def caption(results: SweepResults, measure: str) -> str:
    """Return what is shown, of which scenario, over which values, and how it is meant."""
    manifest = results.manifest
    what = _KINDS[kind_of(results)].what
    if kind_of(results) == "map" and not sweep_map.levels_of(results, measure):
        what = "Colour: mean over replicates of each point."
    shown = f"{capital(measure_of(measure).label)}. {what}"
    missing = int(results.table[f"{measure}_mean"].isna().sum())
    left = "grey" if kind_of(results) == "map" else "not drawn"
    if missing:
        shown += f" {missing} of {len(results.table)} points have none in some replicate and are {left}."
    axes = "; ".join(manifest["axes"])
    run = (
        f"Scenario `{manifest['scenario']}`, {manifest['points']} points ({manifest['design']})"
        f"{': ' + axes if axes else ''}; seed {manifest['seed']}, tdm1sim {manifest['tdm1sim']}. {_base(results)}"
    )
    meant = (
        f"Intervals: {INTERVAL} (Student t over replicates); all points share their luck, so differences between them "
        "are known better than each alone (replicates.csv pairs them)."
    )
    keys = ", ".join(manifest["citations"])
    sources = f"Sources of the parameters (keys; `tdm1sim cite` writes them out): {keys}." if keys else ""
    return "\n\n".join(
        part
        for part in (
            shown,
            f"{run} {meant} {_ignorance(results)}".strip(),
            f"Limits: {' '.join(lines(results, measure))}",
            sources,
        )
        if part
    )


def _base(results: SweepResults) -> str:
    """Return what holds at every point that no axis changes: growth, treatment, clones with their receptors."""
    tree = scenario(results)
    clones = []
    for name, clone in tree["tumour"]["clones"].items():
        receptors = f"{plain(float(clone['her2']['receptors']))} receptors per cell"
        clones.append(f"{name} ({', '.join((receptors, *captions.departures(clone)))})")
    residual = str(tree.get("patient", {}).get("residual_trastuzumab", ""))
    doubling = tree["tumour"].get("growth", {}).get("doubling")
    grows = f"untreated doubling time {doubling}. " if doubling else ""
    treatment = tree.get("treatment")
    given = captions.treated(treatment, residual) if treatment else "No drug was given."
    return f"Where no axis says otherwise: {grows}{given} Clones: {'; '.join(clones)}. {captions.SCALE}"


def page(results: SweepResults, measure: str) -> Page:
    """Return the figure as a slide."""
    with style.look():
        kind = _KINDS[kind_of(results)]
        sheet, ax = blank(title(results, measure), kind.margin(results), key=kind_of(results) == "ranges")
        draw(results, measure, ax)
        return shrunk(sheet)


def write(
    results: SweepResults, folder: Path, measures: Sequence[str], formats: Iterable[str] = ("png", "svg")
) -> list[Path]:
    """Write a figure and its caption for each quantity that has a value somewhere; return the files."""
    formats = tuple(formats)
    written: list[Path] = []
    for measure in measures:
        if has_values(results, measure):
            told = title(results, measure), caption(results, measure)
            written += save(page(results, measure), folder, f"{NAME}_{measure}", *told, formats)
    return written
