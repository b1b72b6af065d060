"""The table of ``dose-response``, at most 80 columns wide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from tdm1sim.tables import DISCLAIMER, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from tdm1sim.doses import Curve, Estimate, Points

LEAST_ON_THE_FALL = 2
"""Doses between the plateaus below which an IC50 follows from the form of the curve rather than from the data."""
READOUTS = {"live": "living cells", "atp": "ATP signal", "clonogenic": "colonies"}


def report(name: str, curves: Sequence[Curve], place: Path, drawn: bool) -> list[RenderableType]:
    """Return what was done, a table per curve, what is missing and why, and where the files are."""
    shown: list[RenderableType] = [Text(f"{name}: dose response", style="bold")]
    shown += [Text(line) for line in setting(curves)]
    for curve in curves:
        shown += [Text(""), _table(curve)]
        shown += [Text(f"  {line}") for line in _reasons(curve)]
    note = "Intervals: 95 %, chance alone (Student t over replicates)."
    if any(curve.ignorance is not None for curve in curves):
        note += (
            "\nModel: other assumed and calibrated values within their bounds, the same in\n"
            "every curve; drawn one by one they overstate ignorance."
        )
    files = f"Files: {place}{' (figure in figures/)' if drawn else ''}"
    shown += [Text(""), Text(note), Text(files, no_wrap=True, overflow="ignore"), Text(DISCLAIMER, style="dim")]
    return shown


def setting(curves: Sequence[Curve]) -> list[str]:
    """Return drug, exposure, read-out, well and size, which every curve of one command shares but the well."""
    one = curves[0].asked
    plan = one.resolved.parameters.plan
    drugs = " and ".join(dict.fromkeys(exposure.drug for exposure in one.varied))
    wells = dict.fromkeys(
        f"{curve.asked.well.cells_per_well:,.6g} cells per well in {curve.asked.well.medium:g} uL" for curve in curves
    )
    span = f"{curves[0].doses[0]:.4g} to {curves[0].doses[-1]:.4g} nM"
    size = f"{plan.replicates} replicate{'' if plan.replicates == 1 else 's'} of {plan.cells:,} cells"
    return [
        f"{READOUTS[one.readout]} after {one.at:g} h, in {drugs} from {one.times}",
        f"{'; '.join(wells)}; {curves[0].doses.size} doses, {span}",
        f"{size} at each dose, seed {plan.seed}",
    ]


def _table(curve: Curve) -> Table:
    fit = curve.fit
    table = plain_table(curve.asked.name)
    table.add_column("", width=44)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_row("IC50, half of untreated (nM)", *_cells(fit.ic50))
    if (band := curve.ignorance) is not None:
        low, high = ("not reached" if end is None else _number(end) for end in (band.ic50_low, band.ic50_high))
        ends = low if low == high == "not reached" else f"{low} to {high}"
        table.add_row(f"  model: middle 95 % of {band.draws} draws", "", ends)
    table.add_row("  where the simulated means cross half (nM)", _number(fit.crossing), "")
    for points in _measured(curve):
        if points.ic50 is not None:
            table.add_row(Text(f"  measured: {points.label} (nM)"), _number(points.ic50), "")
    table.add_row("IC50, half-way between plateaus (nM)", *_cells(fit.middle))
    table.add_row("slope", *_cells(fit.slope))
    table.add_row("upper plateau (of untreated)", *_cells(fit.top))
    table.add_row("lower plateau (of untreated)", *_cells(fit.bottom))
    table.add_row("residual of the curve (rms, of untreated)", _number(fit.residual), "")
    return table


def _measured(curve: Curve) -> list[Points]:
    from tdm1sim.catalogue import load_catalogue
    from tdm1sim.doses import measured_for

    return measured_for(curve.asked.cell_line, curve.asked.readout, load_catalogue())


def _reasons(curve: Curve) -> list[str]:
    """Return why a number or its interval is missing, each once."""
    fit = curve.fit
    named = {"IC50, half of untreated": fit.ic50, "half-way": fit.middle, "slope": fit.slope}
    told: dict[str, list[str]] = {}
    for name, estimate in named.items():
        if estimate.why:
            told.setdefault(estimate.why, []).append(name)
    lines = [f"{', '.join(names)}: {why}" for why, names in told.items()]
    if fit.middle.value is not None and fit.on_the_fall < LEAST_ON_THE_FALL:
        few = f"Only {fit.on_the_fall} of the doses lies" if fit.on_the_fall else "None of the doses lies"
        lines.append(
            f"{few} on the fall: the form of the curve decides, not the data. "
            f"Take more doses around {fit.middle.value:.2g} nM."
        )
    return lines


def _cells(estimate: Estimate) -> tuple[str, str]:
    low, high = estimate.low, estimate.high
    interval = "-" if low is None or high is None else f"{_number(low)} to {_number(high)}"
    return _number(estimate.value), interval


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
