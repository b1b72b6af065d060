"""The table of ``sensitivity``, at most 80 columns wide."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from tdm1sim.figures.words import plain
from tdm1sim.sensitivity.factors import named
from tdm1sim.tables import DISCLAIMER, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from tdm1sim.sensitivity import Index, Output, Study

MOST = 12
"""Rows of a table; the file has them all."""


def report(study: Study, place: Path, drawn: bool) -> list[RenderableType]:
    """Return what was varied, a table per output, what was not varied, and where the files are."""
    plan, run = study.plan, study.plan.base.parameters.plan
    what = "Morris screening" if plan.design.method == "morris" else "Sobol indices"
    unit = "trajectories" if plan.design.method == "morris" else "samples"
    replicates = f"{run.replicates} replicate{'' if run.replicates == 1 else 's'}"
    shown: list[RenderableType] = [
        Text(f"{plan.name}: sensitivity", style="bold"),
        Text(f"{what}, {plan.design.blocks} {unit}: {len(plan.design.points):,} runs, all with the same luck"),
        Text(f"{len(plan.factors)} parameters varied between their bounds: {named(plan.factors)}"),
        Text(f"{replicates} of {run.cells:,} cells in each run, {run.duration:g} h, seed {run.seed}"),
    ]
    for output in plan.outputs:
        shown += [Text(""), _table(study, output), *_rest(study, output)]
    files = f"Files: {place}{' (figures in figures/)' if drawn else ''}"
    closing = [Text(""), Text(_not_varied(study)), Text(_meaning(plan.design.method))]
    return [*shown, *closing, Text(files, no_wrap=True, overflow="ignore"), Text(DISCLAIMER, style="dim")]


def _table(study: Study, output: Output) -> Table:
    morris = study.plan.design.method == "morris"
    now = study.plan.first.outputs[output.name]
    table = plain_table(f"{output.label}, now {plain(now or 0.0)}")
    table.add_column("parameter", no_wrap=True)
    for head in ("effect", "95 % interval", "size") if morris else ("alone", "95 % interval", "total"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("bounds", no_wrap=True)
    table.add_column("how sure", no_wrap=True)
    for index in study.indices[output.name][:MOST]:
        if index.strength > 0.0:
            table.add_row(*_row(index))
    return table


def _rest(study: Study, output: Output) -> list[Text]:
    """Return what is said of the parameters that the table leaves out."""
    indices = study.indices[output.name]
    still = sum(1 for index in indices if index.strength == 0.0)
    weaker = len(indices) - still - MOST
    told = [f"{weaker} weaker ones are in sensitivity.csv"] if weaker > 0 else []
    told += [f"{still} of {len(indices)} without any effect at all"] if still else []
    return [Text(f"{'; '.join(told)}.")] if told else []


def _row(index: Index) -> list[str]:
    factor, low, high = index.factor, index.low, index.high
    interval = "-" if low is None or high is None else f"{plain(low, 2)} to {plain(high, 2)}"
    unit = "" if factor.entry.unit == "1" else f" {factor.entry.unit}"
    bounds = f"{factor.low:g} to {factor.high:g}{unit}"
    return [factor.symbol, plain(index.mean, 2), interval, plain(index.strength, 2), bounds, str(factor.entry.status)]


def _not_varied(study: Study) -> str:
    """Return how many parameters were left, for which kind of reason."""
    if not study.plan.left:
        return "Only the parameters named were varied."
    sure = Counter(one.why.partition(";")[0] for one in study.plan.left if "--class" in one.why)
    told = [f"{count} {status} (--class all)" for status, count in sure.items()]
    others = len(study.plan.left) - sum(sure.values())
    told += [f"{others} that this run does not use or states itself"] if others else []
    return f"Not varied: {', '.join(told)}; not_varied.csv says why."


def _meaning(method: str) -> str:
    if method == "morris":
        return (
            "Effect: change of the output when the parameter goes from its lower to its upper bound, mean over "
            "trajectories; size: the same without its sign. Screening is not proof, and bounds are what matters."
        )
    return (
        "Share of the output's variance: of the parameter alone, and in total with its interactions. Bounds are what "
        "matters."
    )
