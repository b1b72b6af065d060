"""A sensitivity study as its folder keeps it: what its figures take, to six digits; nothing is simulated."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from tdm1sim.catalogue import load_catalogue
from tdm1sim.catalogue.entries import ParameterEntry, Status
from tdm1sim.errors import InputError
from tdm1sim.scenario import load_scenario, resolve
from tdm1sim.sensitivity.design import Design
from tdm1sim.sensitivity.factors import Factor, Left
from tdm1sim.sensitivity.indices import Index, elementary
from tdm1sim.sensitivity.outputs import OUTPUTS
from tdm1sim.sensitivity.study import Answer, Plan, Study

INDICES, DESIGN, ANSWERS, LEFT = "sensitivity.csv", "design.csv", "outputs.csv", "not_varied.csv"
RESOLVED, SCENARIO, MANIFEST = "resolved.yaml", "scenario.yaml", "manifest.json"
"""Complete; as it was asked for, from which alone the same study follows, since a clone's own numbers vary in it."""
SUFFIX = "-sensitivity"
"""Of the folder's name, after that of the scenario."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "morris": ("mu", "mu_low", "mu_high", "mu_star", "mu_star_conf", "sigma"),
    "sobol": ("S1", "S1_low", "S1_high", "ST", "ST_conf"),
}
"""Columns of ``sensitivity.csv``: mean with its interval, strength with half of its own, and of Morris the spread."""
Row = Mapping[str, str]


def read(folder: Path) -> Study:
    """Read the folder of a study.

    Parameters
    ----------
    folder : Path
        As ``tdm1sim sensitivity`` wrote it.

    Returns
    -------
    Study
        The scenario of its plan is the complete one of ``resolved.yaml``; what each run cost is not kept, and 0.

    Raises
    ------
    InputError
        It is not whole, or of an output, a parameter or a scenario that this version does not have.
    """
    missing = [name for name in (INDICES, DESIGN, ANSWERS, LEFT, RESOLVED, MANIFEST) if not (folder / name).is_file()]
    if missing:
        msg = f"{folder}: not a whole result of `tdm1sim sensitivity`: {', '.join(missing)} missing; {again(folder)}"
        raise InputError(msg)
    try:
        return _study(folder)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        msg = f"{folder}: not what `tdm1sim sensitivity` wrote: {error!r}; {again(folder)}"
        raise InputError(msg) from None


def again(folder: Path) -> str:
    """Return the command that makes such a folder anew, in words."""
    name = folder.resolve().name.removesuffix(SUFFIX)
    return f"run `tdm1sim sensitivity {name} --force` again, with its options"


def _study(folder: Path) -> Study:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    scenario = load_scenario(folder / RESOLVED)
    text = (folder / RESOLVED).read_text(encoding="utf-8")
    base = replace(resolve(scenario, text=False), text=text, warnings=tuple(manifest["warnings"]))
    rows, method = _rows(folder / INDICES), str(manifest["method"])
    known = load_catalogue().parameters_with(base.parameters.drug)
    factors = {row["parameter"]: _factor(row, known) for row in rows}
    points = _rows(folder / DESIGN)
    order = tuple(factors[name] for name in points[0] if name in factors)
    shares = [[_share(float(row[one.symbol]), one) for one in order] for row in points if row["block"]]
    design = Design(method, np.array(shares), int(manifest["blocks"]), tuple(manifest["set_aside"]))
    first, *answers = [Answer(_outputs(row), 0.0, 0.0, 0.0) for row in _rows(folder / ANSWERS)]
    plan = Plan(
        name=str(manifest["scenario"]),
        base=base,
        scenario=scenario,
        factors=order,
        left=tuple(Left(row["parameter"], row["why"]) for row in _rows(folder / LEFT)),
        design=design,
        outputs=tuple(OUTPUTS[name] for name in manifest["outputs"]),
        engine=str(manifest["engine"]),
        first=first,
        manifest=manifest,
    )
    return Study(plan, tuple(answers), {one.name: _indices(rows, one.name, plan, answers) for one in plan.outputs})


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _outputs(row: Row) -> dict[str, float | None]:
    return {name: _number(row.get(name)) for name in OUTPUTS}


def _factor(row: Row, known: Mapping[str, ParameterEntry]) -> Factor:
    """Return a factor with the words and the status it had, whatever the catalogue says of it by now."""
    status = cast("Status", row["status"])
    entry = replace(known[row["parameter"]], name=row["meaning"], unit=row["unit"], status=status)
    nominal = _number(row["nominal"])  # empty where what it describes is off
    low, high = float(row["low"]), float(row["high"])
    return Factor(entry, low, high, math.inf if nominal is None else nominal, row["scale"] == "log")


def _share(value: float, factor: Factor) -> float:
    """Return how far a value is from the lower (0) to the upper bound (1)."""
    if factor.log:
        return math.log(value / factor.low) / math.log(factor.high / factor.low)
    return (value - factor.low) / (factor.high - factor.low)


def _indices(rows: Sequence[Row], output: str, plan: Plan, answers: Sequence[Answer]) -> list[Index]:
    """Return the indices of one output in the order of the table, the strongest first."""
    method, columns = plan.design.method, COLUMNS[plan.design.method]
    effects = {factor.symbol: () for factor in plan.factors}
    if method == "morris":
        values = np.array([one.outputs[output] for one in answers], dtype=np.float64)
        found = elementary(plan.design, values)
        effects = {factor.symbol: tuple(found[:, i].tolist()) for i, factor in enumerate(plan.factors)}
    by_symbol = {factor.symbol: factor for factor in plan.factors}
    told = []
    for row in (one for one in rows if one["output"] == output):
        mean, low, high, strength, conf = (_number(row[name]) for name in columns[:5])
        sigma = _number(row[columns[5]]) if len(columns) > 5 else None
        name = row["parameter"]
        told.append(Index(by_symbol[name], effects[name], strength or 0.0, conf or 0.0, mean or 0.0, low, high, sigma))
    return told
