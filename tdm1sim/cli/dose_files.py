"""The folder of ``dose-response``: tidy table, fits, scenarios, whole runs, manifest, figure; whole or absent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim.doses.reading import BANDS, FITS, RUNS, SCENARIO, read
from tdm1sim.doses.series import COLUMNS
from tdm1sim.results import rounded
from tdm1sim.results_folder import MANIFEST, staged
from tdm1sim.scenario import as_asked

if TYPE_CHECKING:
    from tdm1sim.doses import Curve, Wanted
    from tdm1sim.scenario import Scenario
    from tdm1sim.uncertainty import Plan

_SHARED = ("tdm1sim", "python", "packages", "platform", "machine", "engine", "seed")


def fits(curves: Sequence[Curve]) -> list[dict[str, Any]]:
    """Return one plain record per curve: what was done, and what came out."""
    from tdm1sim.catalogue import load_catalogue
    from tdm1sim.doses import measured_for

    catalogue, found = load_catalogue(), []
    for curve, name in zip(curves, names(curves), strict=True):
        asked, well, plan = curve.asked, curve.asked.well, curve.asked.resolved.parameters.plan
        fit = asdict(curve.fit)
        parameters = fit.pop("curve")
        record = {
            "curve": asked.name,
            "run": f"{RUNS}/{name}",
            "cell_line": asked.cell_line or None,
            "drugs": list(dict.fromkeys(one.drug for one in asked.varied)),
            "readout": asked.readout,
            "read_h": asked.at,
            "exposed_h": asked.exposed,
            "exposed": asked.times,
            "cells_per_well": well.cells_per_well,
            "medium_uL": well.medium,
            "replicates": plan.replicates,
            "cells": plan.cells,
            "doses_nM": curve.doses.tolist(),
            "logistic": parameters,
            "ic50_nM": fit["ic50"],
            "middle_nM": fit["middle"],
            "slope": fit["slope"],
            "top": fit["top"],
            "bottom": fit["bottom"],
            "ic50_of_means_nM": fit["crossing"],
            "residual_rms": fit["residual"],
            "doses_on_the_fall": fit["on_the_fall"],
            "intervals": "95 %, chance alone: Student t over the fits of single replicates",
            **_model(curve),
            "measured": [asdict(points) for points in measured_for(asked.cell_line, asked.readout, catalogue)],
        }
        found.append(rounded(record))
    return found


def _model(curve: Curve) -> dict[str, Any]:
    """Return the bands of ignorance of a curve, where values were drawn."""
    band = curve.ignorance
    if band is None:
        return {}
    ic50 = {"draws": band.draws, "model_low": band.ic50_low, "model_high": band.ic50_high, "silent": band.silent}
    return {"ic50_nM_of_draws": ic50}


def write(
    curves: Sequence[Curve],
    place: Path,
    *,
    scenario: Scenario,
    wanted: Wanted,
    seconds: float,
    warnings: Sequence[str],
    drawn: Plan | None = None,
    force: bool,
    formats: tuple[str, ...],
    style: str = "slide",
) -> list[str]:
    """Write the folder of what was wanted of a scenario, and return its figures (paths in the end)."""
    figures: list[Path] = []
    with staged(place, force) as folder:
        (folder / "dose_response.csv").write_bytes(_table(curves).encode())
        _json(folder / FITS, {"curves": fits(curves)})
        for curve, name in zip(curves, names(curves), strict=True):
            (folder / f"resolved-{name}.yaml").write_bytes(curve.asked.resolved.text.encode())
            (folder / RUNS / name).mkdir(parents=True)
            curve.results.write(folder / RUNS / name)
        (folder / SCENARIO).write_bytes(as_asked(scenario.tree).encode())
        if drawn is not None:
            (folder / BANDS).write_bytes(_bands(curves).encode())
        _json(
            folder / MANIFEST, {**_manifest(curves, seconds, warnings), "asked": _asked(wanted, drawn), **_said(drawn)}
        )
        if formats:
            from tdm1sim.figures.dose_curves import write as draw
            from tdm1sim.figures.style import using

            with using(style):  # from the files: drawn again, it is then the same picture
                figures = [path.relative_to(folder) for path in draw(read(folder), folder / "figures", formats)]
    return [str(place / path) for path in figures]


def _asked(wanted: Wanted, drawn: Plan | None) -> list[str]:
    """Return the options that make the same curves of ``scenario.yaml``."""
    words = [word for line in wanted.cell_lines for word in ("--cell-line", line)]
    words += [word for clone in wanted.clones for word in ("--clone", clone)]
    words += ["--readout", wanted.readout] if wanted.readout else []
    words += ["--at", f"{wanted.at:.12g} h"] if wanted.at is not None else []
    words += ["--doses", ", ".join(f"{dose:.12g} nM" for dose in wanted.doses)] if wanted.doses else []
    words += ["--cells-per-well", f"{wanted.cells_per_well:.12g}"] if wanted.cells_per_well is not None else []
    return words + (["--uncertain", str(len(drawn.runs))] if drawn is not None else [])


def _said(drawn: Plan | None) -> dict[str, Any]:
    return {} if drawn is None else {"uncertain": drawn.as_json()}


def _table(curves: Sequence[Curve]) -> str:
    return _csv(COLUMNS, [row for curve in curves for row in curve.rows()])


def _bands(curves: Sequence[Curve]) -> str:
    """Return the bands of ignorance: of each curve its signal at each dose, of untreated."""
    bands = [(curve.asked.name, curve.doses, curve.ignorance) for curve in curves if curve.ignorance is not None]
    rows = [(name, *row) for name, doses, band in bands for row in zip(doses, band.low, band.high, strict=False)]
    return _csv(("curve", "dose_nM", "model_low", "model_high"), rows)


def _csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row] for row in rows)
    return text.getvalue()


def _manifest(curves: Sequence[Curve], seconds: float, warnings: Sequence[str]) -> dict[str, Any]:
    first = curves[0].results.manifest
    citations = sorted({str(key) for curve in curves for key in curve.results.manifest["citations"]})
    return {
        **{key: first[key] for key in _SHARED if key in first},
        "curves": {curve.asked.name: curve.results.manifest["scenario_hash"] for curve in curves},
        "citations": citations,
        "wall_time_s": round(seconds, 3),
        "warnings": list(warnings),
    }


def names(curves: Sequence[Curve]) -> list[str]:
    """Return what files of each curve are called: its name without what belongs in no file's name, each once."""
    found: list[str] = []
    for curve in curves:
        plain = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in curve.asked.name)
        taken = {name.lower() for name in found}  # some disks do not tell capitals apart
        number = 2
        name = plain
        while name.lower() in taken:
            name, number = f"{plain}-{number}", number + 1
        found.append(name)
    return found


def _json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_bytes((text + "\n").encode())
