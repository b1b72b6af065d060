"""All that was measured, on what, and what it comes to."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

from tdm1sim import __version__
from tdm1sim.benching.laps import SCENARIO
from tdm1sim.benching.ratios import BUSY, Speed
from tdm1sim.benching.sizes import FULL, Sizes
from tdm1sim.benching.targets import MISSED, OPEN, TARGETS, Finding, as_record, verdict

FULL_ONLY = "a full bench only"
"""The note of what small sizes cannot show."""
_PACKAGES = ("numpy", "numba", "mesa", "scipy")


@dataclass(frozen=True, slots=True)
class Report:
    """A benchmark.

    Attributes
    ----------
    sizes : Sizes
        How large.
    findings : mapping of str to Finding
        By key of the target.
    speeds : tuple of Speed
        Of each engine.
    machine : mapping
        What it ran on.
    busy : float
        Wall over CPU seconds of single-threaded work: 1 on a quiet machine.
    seconds : float
        Wall seconds of all of it.
    changed : bool
        Whether the program's sources changed meanwhile.
    """

    sizes: Sizes
    findings: Mapping[str, Finding]
    speeds: tuple[Speed, ...]
    machine: Mapping[str, Any]
    busy: float
    seconds: float
    changed: bool = False

    @property
    def missed(self) -> list[str]:
        """Keys of the targets whose floor does not hold."""
        return [target.key for target in TARGETS if verdict(target, self.findings[target.key]) == MISSED]

    @property
    def quick(self) -> bool:
        """Whether the sizes are other than those the targets are for."""
        return self.sizes != FULL

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The table of targets."""
        return [as_record(t, self.findings[t.key], described(t.what, self.sizes)) for t in TARGETS]

    def notes(self) -> list[str]:
        """Return what a reader must know."""
        told = ["Ratios carry over to other machines; seconds and cell-steps are this machine's, at this hour."]
        if self.quick:
            told.append(
                "Small sizes, for a look: the targets are for larger runs. Start-up, memory, whole runs and the first "
                "compilation are measured by a full bench only."
            )
        if self.busy > BUSY:
            told.append(
                f"The machine was busy with other work (wall {self.busy:.2g} x CPU seconds): ratios of CPU seconds "
                "hold, whatever is measured by the wall clock is too slow."
            )
        if self.changed:
            told.append("The sources of the program changed meanwhile: what was measured is not one program.")
        return told

    def as_json(self) -> dict[str, Any]:
        """Return the content of ``bench.json``."""
        return {
            "tdm1sim": __version__,
            "scenario": SCENARIO,
            "quick": self.quick,
            "machine": dict(self.machine),
            "sizes": asdict(self.sizes),
            "targets": self.rows,
            "speeds": [speed.as_record() for speed in self.speeds],
            "wall_per_cpu": self.busy,
            "notes": self.notes(),
            "missed": self.missed,
            "not_measured": [row["target"] for row in self.rows if row["verdict"] == OPEN],
            "wall_s": self.seconds,
        }


def count(cells: int) -> str:
    """Return a number of cells as people write it: 1e6 where it is a power of ten, 50,000 else."""
    digits = str(cells)
    return f"1e{len(digits) - 1}" if digits.strip("0") == "1" and cells >= 1000 else f"{cells:,}"


def described(what: str, sizes: Sizes) -> str:
    """Return a target's text with the sizes filled in."""
    cells = {name: count(getattr(sizes, name)) for name in ("few", "middle", "many", "small")}
    return what.format(**cells, runs=sizes.runs, days=f"{sizes.whole_hours / 24.0:g}")


def machine_of(cores: int) -> dict[str, Any]:
    """Return what the benchmark runs on: CPUs this program may use, system, versions, load before it began."""
    versions: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    load = round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    return {
        "cpus": cores,
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "packages": versions,
        "load_before": load,
    }
