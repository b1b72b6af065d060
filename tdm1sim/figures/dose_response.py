"""Read-outs against the concentration of conjugate, with the published curve over the simulated one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim import given
from tdm1sim.catalogue import load_catalogue
from tdm1sim.figures import captions, curves, labels, reading, style, texts
from tdm1sim.figures.words import capital, plain
from tdm1sim.maths import falls_to

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from tdm1sim.catalogue.entries import MeasuredCurve
    from tdm1sim.results import Results

NAME = "dose_response"
READOUTS = {name: texts.english(f"readout_{name}") for name in ("live", "atp", "clonogenic")}
"""What read-outs are called in sentences."""
_LINES = ("-", "--", "-.", ":")


def _rows(results: Results) -> pd.DataFrame | None:
    """Return the rows of the concentration series, None when the run has none."""
    if results.readouts is None:
        return None
    # without any concentration the column holds None, which only numbers can be compared with
    given = results.readouts["concentration_nM"].astype(float) > 0.0
    rows = results.readouts[given]
    return rows if len(rows) else None


def applies(results: Results) -> bool:
    """Whether the run has read-outs over a series of concentrations."""
    return _rows(results) is not None


def series(results: Results) -> dict[tuple[str, float], tuple[reading.Floats, reading.Series]]:
    """Return per read-out (kind, h) the concentrations (nM, rising) and the value relative to untreated."""
    rows = _rows(results)
    if rows is None:
        return {}
    found = {}
    for (kind, hours), part in rows.groupby(["readout", "time_h"], sort=True):
        table = part.pivot(index="replicate", columns="concentration_nM", values="of_untreated")
        at = table.columns.to_numpy(dtype=float)
        found[str(kind), float(str(hours))] = (at, reading.interval(table.to_numpy(dtype=float)))
    return found


def drug_of(results: Results) -> str:
    """Return the drug whose concentration varies: the conjugate, or the first naked antibody where there is none."""
    drugs = given.of(results)
    return drugs.conjugate.short if drugs.has(drugs.conjugate.name) or not drugs.antibodies else drugs.antibodies[0]


def measured(results: Results) -> list[MeasuredCurve]:
    """Return the published curves that the scenario's read-outs name and the catalogue holds."""
    entries = reading.setting(results, "record.readouts")
    wanted = [entry.get("measured") for entry in entries or () if isinstance(entry, Mapping)]
    known = load_catalogue().measured
    names = [name for entry in wanted for name in ([entry] if isinstance(entry, str) else entry or ())]
    return [known[name] for name in dict.fromkeys(names) if name in known]


def half(concentration: reading.Floats, values: reading.Floats) -> float | None:
    """Return where a curve first falls to half of untreated, nM (linear in the logarithm), if it does."""
    return falls_to(concentration.tolist(), values.tolist())


def draw(results: Results, ax: Axes) -> Axes:
    """Draw the dose response on ``ax`` and return it."""
    found, points = series(results), measured(results)
    for i, ((kind, hours), (at, values)) in enumerate(found.items()):
        colour = style.series_look(i + 1).colour  # black are measured points
        readout = texts.label(f"readout_{kind}") if kind in READOUTS else kind
        text = texts.label("simulated_readout", readout=readout, hours=plain(hours))
        ax.plot(
            at,
            values.mean,
            color=colour,
            linestyle=_LINES[i % len(_LINES)],
            marker=".",
            markersize=11,
            label=text,
        )
        curves.ignorance(ax, at, _ignorance(results, kind, hours, at), colour, f"{kind}-{hours:g}")
        if values.has_interval:
            ax.fill_between(at, values.low, values.high, color=colour, alpha=0.25, linewidth=0)
    _measured(ax, points)
    _axes(ax, drug_of(results), [at for at, _ in found.values()] + [np.asarray(curve.x) for curve in points])
    labels.key_above(ax, ax.get_legend_handles_labels()[0])
    labels.dress(ax, title(results), captions.below(NAME, results, _assay(results), captions.bands(results)))
    return ax


def _ignorance(
    results: Results, kind: str, hours: float, at: reading.Floats
) -> tuple[reading.Floats, reading.Floats] | None:
    """Return the band of ignorance of a read-out over the concentrations; None where no values were drawn."""
    found = [
        reading.model_band(results.uncertainty, f"readouts.{kind}.{dose:.6g}", np.array([hours]))
        for dose in at.tolist()
    ]
    known = [band for band in found if band is not None]
    if not known or len(known) < len(found):
        return None
    return np.array([low[0] for low, _ in known]), np.array([high[0] for _, high in known])


def _measured(ax: Axes, points: Sequence[MeasuredCurve]) -> None:
    for curve, marker in zip(points, "osD^v" * len(points), strict=False):
        ax.plot(
            curve.x,
            curve.y,
            color=style.MEANING["measured"].colour,
            linestyle="none",
            marker=marker,
            markersize=12,
            markerfacecolor=style.colour("ground"),
            markeredgewidth=2.5,
            label=texts.label("measured_curve", what=curve.label),
            gid=f"measured-{curve.name}",
        )


def _axes(ax: Axes, drug: str, concentrations: Sequence[reading.Floats]) -> None:
    every = np.concatenate([at[at > 0] for at in concentrations])
    ax.set_xscale("log")
    ax.set_xlim(float(every.min()) / 1.5, float(every.max()) * 1.5)
    ax.set_ylim(0.0, 1.08 * max(1.0, ax.dataLim.y1))
    ax.axhline(1.0, color=style.colour("guide"), linewidth=1.2, linestyle=(0, (4.0, 3.0)))
    ax.axhline(0.5, color=style.colour("guide"), linewidth=1.2, linestyle=(0, (1.0, 2.0)))
    style.number_ticks(ax.xaxis)
    style.number_ticks(ax.yaxis)
    ax.grid(axis="y")
    ax.set_xlabel(texts.label("in_medium", drug=drug))
    ax.set_ylabel(texts.label("relative_to_untreated"))


def _assay(results: Results) -> str:
    """Return assay hours of simulated and measured curves, where they are worth comparing."""
    hours = sorted({hours for _, hours in series(results)})
    told = f"Read at {', '.join(plain(value) for value in hours)} h"
    points = measured(results)
    if points:
        told += f"; measured at {', '.join(plain(curve.hours) for curve in points)} h"
    return f"{told}."


def title(results: Results) -> str:
    """Return the finding: where the signal is halved, simulated and measured."""
    (kind, hours), (at, values) = next(iter(_first(results).items()))
    name, who = READOUTS.get(kind, kind), capital(drug_of(results))
    point = half(at, values.mean)
    if point is None:
        lowest = float(np.nanmin(values.mean))
        if values.mean[0] <= 0.5:
            return f"{plain(float(at[0]))} nM of {drug_of(results)} already halves the {name} in {plain(hours)} h"
        text = f"{who} does not halve the {name} in {plain(hours)} h: lowest {plain(lowest, 2)} of untreated"
    else:
        text = f"{who} halves the {name} at {plain(point, 2)} nM in {plain(hours)} h"
    for curve in measured(results):
        order = np.argsort(curve.x)
        seen = half(np.asarray(curve.x)[order], np.asarray(curve.y)[order])
        if curve.readout == kind and seen is not None:
            return f"{text}; measured: {plain(seen, 2)} nM"
    return text


def _first(results: Results) -> dict[tuple[str, float], tuple[reading.Floats, reading.Series]]:
    """Return the read-out told in the title: one that was measured too, else the first."""
    found = series(results)
    kinds = {curve.readout for curve in measured(results)}
    key = next((key for key in found if key[0] in kinds), next(iter(found)))
    return {key: found[key]}


def caption(results: Results) -> str:
    """Return what is shown, from which run, and where measured points come from."""
    what = (
        f"Read-outs relative to untreated cells at the same time, against the {drug_of(results)} concentration put "
        f"into the medium (logarithmic axis). Lines: mean over replicates. {_assay(results)} An ATP signal "
        "counts arrested and multinucleated cells more than cycling ones and lags behind death; it is a "
        "model of the assay. Dotted line: half of untreated."
    )
    sources = [
        f"Measured: {curve.label} ({curve.x_label}; {curve.y_label}; {plain(curve.hours)} h; sources: "
        f"{', '.join(curve.references) or 'see evidence'}). {curve.note}".strip()
        for curve in measured(results)
    ]
    return captions.compose(NAME, results, what, *sources, captions.intervals(results))
