"""Where a result came from: versions, machine, hash, citations, and what a reader must be warned of. Floor 6."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, Any

from tdm1sim import __version__, saved_by
from tdm1sim.branching import not_saved
from tdm1sim.parameters import Parameters, Patient
from tdm1sim.recorder import Record

if TYPE_CHECKING:
    from tdm1sim.scenario import Resolved

_PACKAGES = ("mesa", "numpy", "numba", "scipy", "pandas", "matplotlib")


def manifest_of(
    resolved: Resolved,
    parameters: Parameters,
    summary: dict[str, Any],
    arms: Mapping[str, Sequence[Record]],
    engine: str,
    seconds: float,
) -> dict[str, Any]:
    """Return the content of ``manifest.json``.

    Parameters
    ----------
    resolved : Resolved
        The scenario.
    parameters : Parameters
        Of the run.
    summary : dict
        Of the run.
    arms : mapping of str to sequence of Record
        Every replicate of every arm.
    engine : str
        Name of the engine.
    seconds : float
        How long it took.
    """
    records = arms["run"]
    warnings = [*resolved.warnings, *not_saved(records, parameters)]
    if summary["outcome"] == "capacity_reached":
        day = min(r.end_h for r in records if r.outcome == "capacity_reached") / 24.0
        warnings.append(
            f"the population outgrew run.capacity ({parameters.plan.capacity} cells) on day {day:.3g} and the run "
            "stopped there; start with fewer cells, a shorter duration, or raise run.capacity"
        )
    warnings += _cut_short(arms, summary, parameters)
    note = None
    if parameters.plan.cells > 20_000:
        note = "cells.csv holds the whole lineages of 20000 founders, chosen by key"
    return {
        **made_by(),
        "engine": engine,
        "seed": parameters.plan.seed,
        "setting": "patient" if isinstance(parameters.surroundings, Patient) else "culture",
        "scenario_hash": hashlib.sha256(resolved.text.encode()).hexdigest(),
        "citations": list(resolved.citations),
        "steps": records[0].steps,
        "cells_note": note,
        "wall_time_s": round(seconds, 3),
        "warnings": warnings,
    }


def made_by() -> dict[str, Any]:
    """Return program, libraries and machine as every manifest has them."""
    return {
        "tdm1sim": __version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "platform": platform.platform(),
        "machine": platform.machine(),
    }


def _cut_short(arms: Mapping[str, Sequence[Record]], summary: Mapping[str, Any], parameters: Parameters) -> list[str]:
    """Return what a reader must know where an arm beside the run stopped at its capacity."""
    plan, told = parameters.plan, []
    advice = f"an arm outgrew run.capacity ({plan.capacity} cells); start with fewer cells or raise run.capacity"
    if plan.attribution and summary["attribution"]["until_h"] < plan.duration - 1e-6:
        told.append(f"attribution covers the first {summary['attribution']['until_h'] / 24.0:.3g} days only: {advice}")
    followed = [arms["run"][0], *(some[0] for arm, some in arms.items() if arm.startswith(saved_by.arm_name("")))]
    if plan.saved_by and any(record.outcome == "capacity_reached" for record in followed):
        told.append(f"{saved_by.COLUMN} is empty: {advice}")
    return told


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
