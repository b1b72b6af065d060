"""Dose-response curves of cell lines or clones: means with intervals, fitted curves, IC50s, published points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tdm1sim.catalogue import load_catalogue
from tdm1sim.doses import Points, measured_for
from tdm1sim.figures import captions, labels, reading, style, texts
from tdm1sim.figures import curves as curves_of_any
from tdm1sim.figures.dose_response import READOUTS
from tdm1sim.figures.limits import limit_lines
from tdm1sim.figures.narrow import shrunk
from tdm1sim.figures.slide import blank, save
from tdm1sim.figures.words import INTERVAL, capital, listed, plain, spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Page

    from tdm1sim.doses import Curve, Estimate, Ignorance

NAME = "dose_response"
MARGIN = 3.1
"""Room right of the axes for the names of the curves, in."""
_MARKERS = "osD^vP*X"
_MOST_TOLD = 3
"""Curves whose IC50 the title has room for."""


def drug_of(curve: Curve) -> str:
    """Return the drug whose concentration varies, as titles call it."""
    known = load_catalogue().drugs
    return listed([known[name].short or name for name in dict.fromkeys(one.drug for one in curve.asked.varied)])


def published(curves: Sequence[Curve]) -> list[Points]:
    """Return the published series of the cell lines drawn, each once."""
    catalogue = load_catalogue()
    found = [points for one in curves for points in measured_for(one.asked.cell_line, one.asked.readout, catalogue)]
    return list({points.name: points for points in found}.values())


def draw(curves: Sequence[Curve], ax: Axes) -> Axes:
    """Draw the curves on ``ax`` and return it."""
    entries = []
    ax.set_xscale("log")
    for i, curve in enumerate(curves):
        look = style.clone_look(i, len(curves))
        marker = _MARKERS[i % len(_MARKERS)]
        _curve(ax, curve, look, marker)
        if (band := curve.ignorance) is not None and band.low.size:
            curves_of_any.ignorance(ax, curve.doses, (band.low, band.high), look.colour, curve.asked.name)
        end = curve.fit.curve.at(curve.doses[-1:])[0] if curve.fit.curve else curve.of_untreated.mean(axis=0)[-1]
        entries.append(
            labels.Entry(f"{spoken(curve.asked.name)}\nIC50 {_told(curve, texts.label)}", look, float(end), area=False)
        )
    handles = [
        handle for i, curve in enumerate(curves) for handle in _published(ax, curve, _MARKERS[i % len(_MARKERS)])
    ]
    _axes(ax, curves)
    labels.margin_labels(ax, entries, MARGIN)
    if handles:
        labels.key_above(ax, handles)
    labels.dress(ax, title(curves), below(curves))
    return ax


def _curve(ax: Axes, curve: Curve, look: style.Look, marker: str) -> None:
    """Draw means with their intervals, the fitted curve (means joined where there is none) and its IC50."""
    values = reading.interval(curve.of_untreated)
    name = curve.asked.name
    if values.has_interval:
        ax.vlines(curve.doses, values.low, values.high, color=look.colour, linewidth=2.0, gid=f"interval-{name}")
    dots: dict[str, Any] = {"linestyle": "none", "marker": marker, "markersize": 8.0}
    ax.plot(curve.doses, values.mean, color=look.colour, gid=f"means-{name}", **dots)
    if curve.fit.curve is None:
        ax.plot(curve.doses, values.mean, color=look.colour, linestyle=look.line, linewidth=1.6, gid=f"joined-{name}")
        return
    fine = np.geomspace(curve.doses[0], curve.doses[-1], 300)
    ax.plot(fine, curve.fit.curve.at(fine), color=look.colour, linestyle=look.line, gid=f"curve-{name}")
    found = curve.fit.ic50
    if found.value is None:
        return
    if found.low is not None and found.high is not None:
        ax.hlines(0.5, found.low, found.high, color=look.colour, linewidth=6.0, alpha=0.45, gid=f"ic50-range-{name}")
    ax.plot([found.value] * 2, [0.0, 0.5], color=look.colour, linewidth=1.4, linestyle=":", gid=f"ic50-{name}")


def _published(ax: Axes, curve: Curve, marker: str) -> list[Any]:
    """Draw the published points of a curve's cell line, open and black, in its marker; return their handles."""
    handles: list[Any] = []
    for one in published([curve]):
        handles += ax.plot(
            one.doses,
            one.values,
            color=style.MEANING["measured"].colour,
            linestyle="none",
            marker=marker,
            markersize=11,
            markerfacecolor="none",
            markeredgewidth=2.2,
            label=texts.label("measured_curve", what=one.label),
            gid=f"measured-{one.name}",
        )
    return handles


def _axes(ax: Axes, curves: Sequence[Curve]) -> None:
    every = np.concatenate([curve.doses for curve in curves])
    ax.set_xlim(float(every.min()) / 1.5, float(every.max()) * 1.5)
    ax.set_ylim(0.0, 1.08 * max(1.0, ax.dataLim.y1))
    ax.axhline(1.0, color=style.colour("guide"), linewidth=1.2, linestyle=(0, (4.0, 3.0)))
    ax.axhline(0.5, color=style.colour("guide"), linewidth=1.2, linestyle=(0, (1.0, 2.0)))
    style.number_ticks(ax.xaxis)
    style.number_ticks(ax.yaxis)
    ax.grid(axis="y")
    ax.set_xlabel(texts.label("in_medium", drug=drug_of(curves[0])))
    ax.set_ylabel(texts.label("of_untreated", readout=texts.label(f"readout_{curves[0].asked.readout}")))


def _told(curve: Curve, words: texts.Words = texts.english) -> str:
    """Return an IC50 with its interval, or that there is none."""
    found = curve.fit.ic50
    if found.value is None:
        return words("ic50_not_reached" if curve.fit.crossing is None else "ic50_not_in_fit")
    model = "" if curve.ignorance is None else f"\n{words('ic50_model', range=_model(curve.ignorance, words))}"
    return f"{plain(found.value)} nM{_interval(found, words)}{model}"


def _model(found: Ignorance, words: texts.Words) -> str:
    """Return the ends of the band of ignorance of an IC50."""
    none = words("ic50_not_reached")
    low, high = (none if end is None else plain(end) for end in (found.ic50_low, found.ic50_high))
    return low if low == high == none else words("range", low=low, high=high)


def _interval(found: Estimate, words: texts.Words) -> str:
    if found.low is None or found.high is None:
        return ""
    return f"\n({words('range', low=plain(found.low), high=plain(found.high))})"


def title(curves: Sequence[Curve]) -> str:
    """Return the finding: at which dose the signal of each is halved."""
    one = curves[0]
    name, hours = READOUTS[one.asked.readout], f"{plain(one.asked.at)} h"
    halved = sorted((c for c in curves if c.fit.ic50.value is not None), key=lambda c: c.fit.ic50.value or 0.0)
    if not halved:
        lowest = min(float(curve.of_untreated.mean(axis=0).min()) for curve in curves)
        if all(curve.of_untreated.mean(axis=0)[0] <= 0.5 for curve in curves):
            return f"{capital(drug_of(one))} halves the {name} in {hours} below the lowest dose tested"
        return f"{capital(drug_of(one))} nowhere halves the {name} in {hours}: lowest {plain(lowest, 2)} of untreated"
    shown = halved if len(halved) <= _MOST_TOLD else [halved[0], halved[-1]]
    told = [f"{plain(c.fit.ic50.value or 0.0, 2)} nM in {spoken(c.asked.name)}" for c in shown]
    joined = listed(told) if len(halved) <= _MOST_TOLD else f"{told[0]} to {told[1]}"
    others = [spoken(curve.asked.name) for curve in curves if curve.fit.ic50.value is None]
    rest = f", not in {listed(others)}" if others and len(others) <= _MOST_TOLD else ""
    return f"{capital(drug_of(one))} halves the {name} in {hours} at {joined}{rest}"


def assay(curves: Sequence[Curve]) -> str:
    """Return exposure, read-out and well, which no IC50 is to be without."""
    one = curves[0].asked
    wells = dict.fromkeys(
        f"{plain(c.asked.well.cells_per_well, 6)} cells per well in {plain(c.asked.well.medium)} µL" for c in curves
    )
    plan = one.resolved.parameters.plan
    size = "1 replicate" if plan.replicates == 1 else f"{plan.replicates} replicates"
    return (
        f"{capital(drug_of(curves[0]))} from {one.times}, read at {plain(one.at)} h; {'; '.join(wells)}; "
        f"{size} of {plain(plan.cells, 6)} simulated cells."
    )


def below(curves: Sequence[Curve]) -> tuple[str, ...]:
    """Return the small lines under the figure."""
    limits = dict.fromkeys(line for curve in curves for line in limit_lines(NAME, curve.results))
    bars = f"Bars: {INTERVAL}." if len(curves[0].of_untreated) > 1 else ""
    return tuple(line for line in (assay(curves), bars, captions.ignorance_of(draws_of(curves)), *limits) if line)


def draws_of(curves: Sequence[Curve]) -> int:
    """Return how many draws of uncertain values the bands of ignorance are of; 0 where there are none."""
    return max((curve.ignorance.draws for curve in curves if curve.ignorance is not None), default=0)


def caption(curves: Sequence[Curve]) -> str:
    """Return what is shown, how it was fitted, and where published points come from."""
    what = (
        f"{capital(READOUTS[curves[0].asked.readout])} relative to untreated wells at the same time, against the "
        f"{drug_of(curves[0])} concentration put into the medium (logarithmic axis). {assay(curves)} Points: means "
        "over replicates. Lines: a logistic curve with four parameters through the means. Dotted: half of untreated; "
        "where a curve meets it is its IC50, with the interval as a thick line (95 %, chance alone: Student t over "
        "the fits of single replicates; the uncertainty of the model's numbers is not in it). "
        f"{captions.ignorance_of(draws_of(curves))}"
    ).rstrip()
    told = [f"{curve.asked.name}: IC50 {_told(curve)}".replace("\n", " ") + _why(curve) for curve in curves]
    sources = [
        f"Measured: {one.label}, read at {plain(one.hours)} h after {plain(one.exposure)} h in the drug"
        f"{'; values of the model were fitted to it' if one.calibration else ''} ({'; '.join(one.sources)})."
        for one in published(curves)
    ]
    lines = (f"{line}." for line in told)
    return captions.compose(NAME, curves[0].results, what, *lines, *sources, cells=_cells(curves))


def _cells(curves: Sequence[Curve]) -> str:
    """Return the doses and the cells of every curve: each is a series of runs of its own."""
    doses = curves[0].doses
    found = dict.fromkeys(captions.clones(curve.results) for curve in curves)
    clones = "; ".join(text.removesuffix(captions.SCALE).strip().removeprefix("Clones: ").rstrip(".") for text in found)
    wells = "Each curve is of wells of its own. " if len(curves) > 1 else ""
    return (
        f"{wells}{len(doses)} concentrations of {drug_of(curves[0])} from {plain(float(doses[0]))} to "
        f"{plain(float(doses[-1]))} nM. Clones: {clones}. {captions.SCALE}"
    )


def _why(curve: Curve) -> str:
    return f" ({curve.fit.ic50.why})" if curve.fit.ic50.why else ""


def page(curves: Sequence[Curve]) -> Page:
    """Return the figure as a slide."""
    with style.look():
        sheet, ax = blank(title(curves), MARGIN, key=bool(published(curves)))
        draw(curves, ax)
        return shrunk(sheet)


def write(curves: Sequence[Curve], folder: Path, formats: Iterable[str] = ("png", "svg")) -> Sequence[Path]:
    """Write the figure and its caption into ``folder``; return the files."""
    return save(page(curves), folder, NAME, title(curves), caption(curves), formats)
