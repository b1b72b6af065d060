"""The result folder of a sweep: tables, where they came from, and the same read again."""

from __future__ import annotations

import csv
import io
import json
import math
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim import __version__, precision
from tdm1sim.errors import InputError
from tdm1sim.parameters import Patient
from tdm1sim.results import rounded
from tdm1sim.results_folder import MANIFEST
from tdm1sim.sweeping import ignorance
from tdm1sim.sweeping.identity import identity, version_of
from tdm1sim.sweeping.planning import Column, Sweep
from tdm1sim.sweeping.point import Done
from tdm1sim.sweeping.running import Finished, How, engines_of

if TYPE_CHECKING:
    import pandas as pd

TABLE, REPLICATES, BASE, JOURNAL = "sweep.csv", "replicates.csv", "base.yaml", "journal.csv"
DRAWS = "draws.csv"
"""Only where draws were asked for."""
_PARTS = ("mean", "low", "high")
_PACKAGES = ("numpy", "scipy", "numba", "pandas", "joblib", "distributed")
_MOST_WARNED = 5


@dataclass(frozen=True, slots=True)
class SweepResults:
    """A finished sweep.

    Attributes
    ----------
    table : pandas.DataFrame
        ``sweep.csv``: a row per point.
    replicates : pandas.DataFrame
        ``replicates.csv``: a row per point and replicate.
    columns : tuple of Column
        What says where a point is.
    manifest : dict
        Where it came from.
    base : str
        ``base.yaml``.
    draws : pandas.DataFrame or None
        ``draws.csv``: a row per point and draw; None where nobody asked for draws.
    """

    table: pd.DataFrame
    replicates: pd.DataFrame
    columns: tuple[Column, ...]
    manifest: dict[str, Any]
    base: str
    draws: pd.DataFrame | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names of what was measured."""
        return tuple(str(name).removesuffix("_mean") for name in self.table.columns if str(name).endswith("_mean"))


def write(folder: Path, sweep: Sweep, done: Finished, how: How, seconds: float) -> SweepResults:
    """Write every file but the figures into an existing folder, and return what was written."""
    (folder / TABLE).write_bytes(_csv(*_table(sweep, done)).encode())
    (folder / REPLICATES).write_bytes(_csv(*_replicates(sweep, done)).encode())
    (folder / BASE).write_bytes(sweep.base_text.encode())
    if done.draws:
        (folder / DRAWS).write_bytes(_csv(*_draws(sweep, done)).encode())
    (folder / JOURNAL).write_bytes(_csv(*_journal(done)).encode())
    text = json.dumps(rounded(_manifest(sweep, done, how, seconds)), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / MANIFEST).write_bytes((text + "\n").encode())
    return read(folder)


def read(folder: Path) -> SweepResults:
    """Read the result folder of a sweep; raises `InputError` where it is not whole."""
    import pandas as pd

    _whole(folder, (TABLE, REPLICATES, BASE, MANIFEST))
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    names = [TABLE, REPLICATES, *([DRAWS] if "uncertain" in manifest else [])]
    _whole(folder, names)
    columns = tuple(Column(**column) for column in manifest["columns"])
    words = {column.name: str for column in columns if not column.numeric}
    tables = [
        pd.read_csv(folder / name, dtype={**words, "outcome": str}, keep_default_na=False, na_values=[""])
        for name in names
    ]
    base = (folder / BASE).read_text(encoding="utf-8")
    return SweepResults(tables[0], tables[1], columns, manifest, base, tables[2] if len(tables) > 2 else None)


def _whole(folder: Path, names: Iterable[str]) -> None:
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        msg = f"{folder} is not the result folder of a sweep: {', '.join(missing)} missing"
        raise InputError(msg)


def _quantities(done: Finished) -> list[str]:
    """Return what was measured at any point; points may have clones of their own."""
    return list(dict.fromkeys(name for one in done.points for name in one.result["means"]))


def _table(sweep: Sweep, done: Finished) -> tuple[list[str], list[Sequence[Any]]]:
    names = _quantities(done)
    until = "replicates_until" in done.points[0].result
    header = ["point", *(column.name for column in sweep.columns), "replicates", "outcome"]
    header += ["precise"] if until else []
    parts = (*_PARTS, *ignorance.PARTS) if done.draws else _PARTS
    header += [f"{name}_{part}" for name in names for part in parts]
    rows: list[Sequence[Any]] = []
    for i, (point, one) in enumerate(zip(sweep.points, done.points, strict=True)):
        means = one.result["means"]
        if done.draws:
            means = ignorance.bounded(means, [draw[i].result["means"] for draw in done.draws])
        row = [point.number, *point.values, one.result["replicates"], one.result["outcome"]]
        row += [str(one.result["replicates_until"]["reached"]).lower()] if until else []
        row += [means.get(name, {}).get(part) for name in names for part in parts]
        rows.append(row)
    return header, rows


def _replicates(sweep: Sweep, done: Finished) -> tuple[list[str], list[Sequence[Any]]]:
    names = _quantities(done)
    header = ["point", *(column.name for column in sweep.columns), "replicate", "outcome", *names]
    rows: list[Sequence[Any]] = []
    for point, one in zip(sweep.points, done.points, strict=True):
        values = one.result["values"]
        for i, outcome in enumerate(one.result["outcomes"]):
            measured = [values[name][i] if name in values else None for name in names]
            rows.append([point.number, *point.values, i + 1, outcome, *measured])
    return header, rows


def _draws(sweep: Sweep, done: Finished) -> tuple[list[str], list[Sequence[Any]]]:
    names = _quantities(done)
    header = ["point", *(column.name for column in sweep.columns), "draw", "outcome", *names]
    rows: list[Sequence[Any]] = []
    for i, point in enumerate(sweep.points):
        for draw, found in enumerate(done.draws, start=1):
            result = found[i].result
            means = [result["means"].get(name, {}).get("mean") for name in names]
            rows.append([point.number, *point.values, draw, result["outcome"], *means])
    return header, rows


def _journal(done: Finished) -> tuple[list[str], list[Sequence[Any]]]:
    """Return how long each point took, and each draw of it where there are any."""
    whole = [(one.number, "", one) for one in done.points]
    for draw, found in enumerate(done.draws, start=1):
        whole += [(own.number, str(draw), one) for own, one in zip(done.points, found, strict=True)]
    if not done.draws:
        return ["point", "seconds", "founder_steps"], [(n, *_cost(one)) for n, _, one in whole]
    return ["point", "draw", "seconds", "founder_steps"], [(n, draw, *_cost(one)) for n, draw, one in whole]


def _cost(one: Done) -> tuple[float, int]:
    return round(one.seconds, 3), one.result["cell_steps"]


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return the text of a table: six digits, missing is empty, quotes only where needed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_shown(value) for value in row] for row in rows)
    return text.getvalue()


def _shown(value: Any) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else value


def _manifest(sweep: Sweep, done: Finished, how: How, seconds: float) -> dict[str, Any]:
    """Return where a sweep came from: everything but the tables' own numbers."""
    plan = sweep.base.parameters.plan
    patient = isinstance(sweep.base.parameters.surroundings, Patient)
    said = [one.result.get("replicates_until") for one in done.points]
    return {
        "tdm1sim": __version__,
        "scenario": sweep.name,
        "question": sweep.question,
        "kind": sweep.kind,
        "design": sweep.design,
        "axes": [f"{column.path}: {column.words}" for column in sweep.columns if column.words],
        "columns": [asdict(column) for column in sweep.columns],
        "points": len(sweep.points),
        "seed": plan.seed,
        "replicates": plan.replicates,
        "replicates_until": None if how.until is None else {"asked": str(how.until), "max_replicates": how.until.most},
        "points_precise": None if how.until is None else sum(bool(one and one["reached"]) for one in said),
        "cells_start": plan.cells,
        "duration_h": plan.duration,
        "setting": "patient" if patient else "culture",
        "changes": _changes(sweep),
        "citations": list(sweep.base.citations),
        "warnings": warnings(sweep, done),
        "identity": identity(sweep, engines_of(sweep, how.engine), how.until),
        "engine": ", ".join(sorted(set(engines_of(sweep, how.engine)))),
        "computed_by": f"Dask at {how.cluster}" if how.cluster else f"{how.jobs} process{'es' if how.jobs > 1 else ''}",
        "points_kept_before": done.kept_before,
        "wall_time_s": seconds,
        "point_time_s": sum(one.seconds for one in done.points),
        **({"uncertain": ignorance.as_json(sweep.drawn, done.draws)} if sweep.drawn else {}),
        "python": platform.python_version(),
        "packages": {name: version_of(name) for name in _PACKAGES},
        "platform": platform.platform(),
        "machine": platform.machine(),
    }


def _changes(sweep: Sweep) -> dict[str, list[str]] | None:
    """Return what each point changes, where the columns do not say it."""
    if sweep.kind == "axes":
        return None
    return {str(point.number): list(point.changes) for point in sweep.points}


def warnings(sweep: Sweep, done: Finished) -> list[str]:
    """Return what a reader of the tables must know, each once."""
    found = list(sweep.warnings)
    full = [one.number for one in done.points if one.result["outcome"] == "capacity_reached"]
    if full:
        found.append(
            f"{_listed(full)}: the population outgrew run.capacity and the run stopped there; start with fewer "
            "cells, a shorter duration, or raise run.capacity"
        )
    if done.draws:
        found += ignorance.warnings(done.draws)
    short = [(one.number, one.result["replicates_until"]) for one in done.points if "replicates_until" in one.result]
    missed = [(number, said) for number, said in short if not said["reached"]]
    found += [f"point {number}: {precision.warning(said)}" for number, said in missed[:_MOST_WARNED]]
    if len(missed) > _MOST_WARNED:
        found.append(f"{len(missed)} points in all were not as precise as asked: see the column precise of {TABLE}")
    return found


def _listed(numbers: Sequence[int]) -> str:
    some = ", ".join(str(number) for number in numbers[:_MOST_WARNED])
    more = f" and {len(numbers) - _MOST_WARNED} more" if len(numbers) > _MOST_WARNED else ""
    return f"point{'s' if len(numbers) > 1 else ''} {some}{more}"
