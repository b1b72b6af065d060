"""What a sensitivity is of: numbers that every run has, whatever its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tdm1sim.errors import UsageError

if TYPE_CHECKING:
    from tdm1sim.results import Results


@dataclass(frozen=True, slots=True)
class Output:
    """One number of a run.

    Attributes
    ----------
    name, label : str
        What ``--output`` calls it; what it is, in words.
    read : callable
        From results to the number; None where this run has none.
    readout : bool
        Whether it needs the scenario's read-outs, and with them an untreated arm.
    """

    name: str
    label: str
    read: Callable[[Results], float | None]
    readout: bool = False


def _fate(name: str) -> Callable[[Results], float | None]:
    return lambda results: _mean(results.summary["fates"][name])


def _living(name: str) -> Callable[[Results], float | None]:
    return lambda results: _mean(results.summary["living"][name])


def _mean(interval: Mapping[str, float | None]) -> float | None:
    return interval["mean"]


def _area(results: Results) -> float:
    """Return the area under the living cells per founder, in days, mean over replicates."""
    areas = []
    for _, part in results.timeseries.groupby("replicate", sort=True):
        hours, live = (part[column].to_numpy(dtype=float) for column in ("time_h", "live_cells"))
        areas.append(float(np.trapezoid(live, hours)) / 24.0 / live[0])
    return float(np.mean(areas))


def _nadir(results: Results) -> float | None:
    found = results.summary["nadir"]["ratio"]
    return None if found is None else _mean(found)


def _peak(results: Results) -> float | None:
    found = results.summary["dm1_nM"]["peak_median"]
    return None if found is None else float(found)


def _readout(results: Results) -> float | None:
    """Return the first read-out at its last time, of untreated, mean over replicates."""
    table = results.readouts
    if table is None or not len(table):
        return None
    own = table[table["readout"] == table["readout"].iloc[0]]
    last = own[own["time_h"] == own["time_h"].max()]
    value = float(last["of_untreated"].astype(float).mean())
    return value if np.isfinite(value) else None


OUTPUTS: dict[str, Output] = {
    output.name: output
    for output in (
        Output("live_ratio", "live cells per founder at the end", lambda r: _mean(r.summary["cell_number_ratio"])),
        Output("auc", "area under live cells per founder (days)", _area),
        Output("nadir", "fewest live cells per founder", _nadir),
        Output("surviving", "fraction surviving", _fate("surviving")),
        Output("apoptosis", "fraction with rapid apoptosis", _fate("apoptosis")),
        Output("mitotic_catastrophe", "fraction with mitotic catastrophe", _fate("mitotic_catastrophe")),
        Output("adcc", "fraction killed by NK cells", _fate("adcc")),
        Output("cycling", "fraction cycling at the end", _living("cycling")),
        Output("arrested", "fraction arrested at the end", _living("arrested")),
        Output("multinucleated", "fraction multinucleated at the end", _living("multinucleated")),
        Output("dm1_peak", "median peak of DM1 in a cell (nM)", _peak),
        Output("readout", "first read-out of the scenario, of untreated", _readout, readout=True),
    )
}
"""Every output, by the name of ``--output``; the first is the default."""


def output_named(name: str) -> Output:
    """Return an output.

    Raises
    ------
    UsageError
        There is none of that name; the nearest is named.
    """
    from tdm1sim.scenario.fields import nearest

    if name not in OUTPUTS:
        near = nearest(name, list(OUTPUTS))
        msg = f"--output {name}: no such output; allowed: {', '.join(OUTPUTS)}{f'; {near}' if near else ''}"
        raise UsageError(msg)
    return OUTPUTS[name]
