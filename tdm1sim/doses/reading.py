"""A dose series as its folder keeps it: the curves that its figure takes, and nothing is simulated."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tdm1sim.doses.logistic import Estimate, Fit, Logistic
from tdm1sim.doses.series import Asked, Curve, Ignorance, shares_of
from tdm1sim.errors import InputError
from tdm1sim.repeating import resolved_again
from tdm1sim.results import Results

FITS, BANDS, RUNS, SCENARIO = "fit.json", "uncertainty.csv", "runs", "scenario.yaml"
"""What came out of each curve; bands of ignorance, where there are any; the folder of the whole runs behind them; the
scenario as it was asked for."""
SUFFIX = "-dose-response"
"""Of the folder's name, after that of the scenario."""


def read(folder: Path) -> list[Curve]:
    """Read the folder of a dose series.

    Parameters
    ----------
    folder : Path
        As ``tdm1sim dose-response`` wrote it.

    Returns
    -------
    list of Curve
        In their order, to the six digits of the files: fits are those that were told, not fitted again. What was said
        of a curve before it was run (`Asked.warnings`) is in ``manifest.json``.

    Raises
    ------
    InputError
        It is not whole, of a version that kept no runs, or of one whose scenarios this version does not read.
    """
    try:
        records = json.loads((folder / FITS).read_text(encoding="utf-8"))["curves"]
        bands = _bands(folder / BANDS)
        return [_curve(folder, record, bands.get(str(record["curve"]), [])) for record in records]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{folder}: not what `tdm1sim dose-response` wrote: {error!r}; {again(folder)}"
        raise InputError(msg) from None


def places(folder: Path) -> list[str]:
    """Return what the files of each curve are called: ``runs/NAME``, ``resolved-NAME.yaml``."""
    records = json.loads((folder / FITS).read_text(encoding="utf-8"))["curves"]
    return [str(record["run"]).rpartition("/")[2] for record in records]


def again(folder: Path) -> str:
    """Return the command that makes such a folder anew, in words."""
    name = folder.resolve().name.removesuffix(SUFFIX)
    return f"run `tdm1sim dose-response {name} --force` again, with its options"


def _curve(folder: Path, record: Mapping[str, Any], band: list[tuple[float, float]]) -> Curve:
    if not record.get("run"):
        made = json.loads((folder / "manifest.json").read_text(encoding="utf-8")).get("tdm1sim", "unknown")
        msg = (
            f"{folder}: made by a tdm1sim ({made}) that kept no runs in it, so there is too little to draw its figure "
            f"from; {again(folder)}"
        )
        raise InputError(msg)
    place = folder / str(record["run"])
    results = Results.read(place)
    resolved, _ = resolved_again(place, results)
    asked = Asked(
        str(record["curve"]),
        str(record["cell_line"] or ""),
        str(record["readout"]),
        float(record["read_h"]),
        replace(resolved, warnings=()),  # they were told, and the manifest has them
    )
    doses, values, shares = shares_of(asked, results)
    return Curve(asked, doses, values, shares, _fit(record), results, _ignorance(record, band))


def _fit(record: Mapping[str, Any]) -> Fit:
    logistic = record["logistic"]
    return Fit(
        curve=None if logistic is None else Logistic(**logistic),
        ic50=Estimate(**record["ic50_nM"]),
        middle=Estimate(**record["middle_nM"]),
        slope=Estimate(**record["slope"]),
        top=Estimate(**record["top"]),
        bottom=Estimate(**record["bottom"]),
        crossing=record["ic50_of_means_nM"],
        residual=record["residual_rms"],
        on_the_fall=int(record["doses_on_the_fall"]),
    )


def _ignorance(record: Mapping[str, Any], band: list[tuple[float, float]]) -> Ignorance | None:
    told = record.get("ic50_nM_of_draws")
    if told is None:
        return None
    low, high = (np.array([ends[i] for ends in band], dtype=np.float64) for i in (0, 1))
    return Ignorance(int(told["draws"]), low, high, told["model_low"], told["model_high"], int(told["silent"]))


def _bands(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Return the bands of ignorance by curve, in the order of the doses; none where no values were drawn."""
    found: dict[str, list[tuple[float, float]]] = {}
    if not path.is_file():
        return found
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["curve"], []).append((float(row["model_low"]), float(row["model_high"])))
    return found
