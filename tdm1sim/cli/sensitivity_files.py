"""The folder of ``sensitivity``: indices, design, outputs, what was not varied, manifest, figures; whole or absent."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.results import rounded
from tdm1sim.results_folder import MANIFEST, staged
from tdm1sim.scenario import as_asked
from tdm1sim.sensitivity import reading
from tdm1sim.sensitivity.outputs import OUTPUTS

if TYPE_CHECKING:
    from tdm1sim.sensitivity import Index, Study

_ABOUT = ("low", "high", "unit", "scale", "nominal", "status", "meaning")
_SHARED = ("tdm1sim", "python", "packages", "platform", "machine", "engine", "seed")


def _numbers(index: Index, method: str) -> list[float | None]:
    common = [index.mean, index.low, index.high, index.strength, index.strength_conf]
    return [*common, index.sigma] if method == "morris" else common


def records(study: Study) -> list[dict[str, Any]]:
    """Return one plain record per output and parameter, the strongest first."""
    method, found = study.plan.design.method, []
    for output, indices in study.indices.items():
        for index in indices:
            factor = index.factor
            about = {
                "low": factor.low,
                "high": factor.high,
                "unit": factor.entry.unit,
                "scale": "log" if factor.log else "linear",
                "nominal": factor.nominal,
                "status": factor.entry.status,
                "meaning": factor.entry.name,
            }
            numbers = dict(zip(reading.COLUMNS[method], _numbers(index, method), strict=True))
            found.append(rounded({"output": output, "parameter": factor.symbol, **numbers, **about}))
    return found


def write(study: Study, place: Path, *, force: bool, formats: tuple[str, ...], style: str = "slide") -> list[str]:
    """Write the folder and return its figures (paths in the end)."""
    plan, drawn = study.plan, []
    with staged(place, force) as folder:
        columns = ("output", "parameter", *reading.COLUMNS[plan.design.method], *_ABOUT)
        _csv(folder / reading.INDICES, columns, ([one[key] for key in columns] for one in records(study)))
        symbols = [factor.symbol for factor in plan.factors]
        _csv(folder / reading.DESIGN, ("point", "block", *symbols), _points(study))
        _csv(folder / reading.ANSWERS, ("point", *OUTPUTS), _outputs(study))
        _csv(folder / reading.LEFT, ("parameter", "why"), ((one.symbol, one.why) for one in plan.left))
        (folder / reading.RESOLVED).write_bytes(plan.base.text.encode())
        if plan.base.scenario is not None:
            (folder / reading.SCENARIO).write_bytes(as_asked(plan.base.scenario.tree).encode())
        text = json.dumps(_manifest(study), indent=1, ensure_ascii=False, allow_nan=False)
        (folder / MANIFEST).write_bytes((text + "\n").encode())
        if formats:
            from tdm1sim.figures.style import using
            from tdm1sim.figures.tornado import write as draw

            with using(style):  # from the files: drawn again, it is then the same picture
                drawn = [path.relative_to(folder) for path in draw(reading.read(folder), folder / "figures", formats)]
    return [str(place / path) for path in drawn]


def _points(study: Study) -> Iterable[list[object]]:
    """Yield the scenario as it stands as point 0, then the points of the design, in display units."""
    plan = study.plan
    yield [0, "", *(float(factor.nominal) for factor in plan.factors)]
    for number, shares in enumerate(plan.design.points.tolist()):
        values = [factor.value(share) for factor, share in zip(plan.factors, shares, strict=True)]
        yield [number + 1, number // plan.design.block + 1, *values]


def _outputs(study: Study) -> Iterable[list[object]]:
    for number, answer in enumerate((study.plan.first, *study.answers)):
        yield [number, *(answer.outputs[name] for name in OUTPUTS)]


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows([_cell(value) for value in row] for row in rows)
    path.write_bytes(text.getvalue().encode())


def _cell(value: object) -> object:
    """Return a cell as all tables have it: six digits, empty where there is nothing."""
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else ""
    return "" if value is None else value


def _manifest(study: Study) -> dict[str, Any]:
    plan, every = study.plan, (study.plan.first, *study.answers)
    return {
        **{key: plan.manifest[key] for key in _SHARED if key in plan.manifest},
        "scenario": plan.name,
        "method": plan.design.method,
        "blocks": plan.design.blocks,
        "set_aside": list(plan.design.refused),
        "outputs": [output.name for output in plan.outputs],
        "replicates": plan.base.parameters.plan.replicates,
        "cells": plan.base.parameters.plan.cells,
        "citations": list(plan.base.citations),
        "cost": {
            "runs": len(every),
            "cell_steps": float(f"{sum(answer.cell_steps for answer in every):.6g}"),
            "cpu_s": round(sum(answer.cpu for answer in every), 3),
            "run_s": round(sum(answer.wall for answer in every), 3),
        },
        "warnings": list(plan.base.warnings),
    }
