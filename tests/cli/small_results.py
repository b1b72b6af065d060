"""Two small results, simulated once: a patient whose clones change, and a dose series in a well."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

from tdm1sim.ensemble import simulate_resolved
from tdm1sim.results import Results
from tdm1sim.scenario import load_scenario, resolve

ASKED = {
    "acquired_mdr1": (
        "tumour.cells=40",
        "run.duration=6 d",
        "run.replicates=2",
        "tumour.growth.doubling=3 d",
        "tumour.clones.sensitive.becomes.mdr1_high=0.2",
        "treatment.0.dose=0.5 mg/kg",
        "record.saved_by=true",
        "record.attribution=true",
        "parameters.E_T=0.3",
    ),
    "in_vitro_sk_br_3": (
        "tumour.cells=20",
        "run.duration=12 h",
        "run.replicates=1",
        "treatment.0.until=12 h",
        "record.readouts=[{kind: atp, at: [12 h], concentrations: [1 nM, 10 nM]}]",
    ),
}


@functools.cache
def results_of(name: str) -> Results:
    return simulate_resolved(resolve(load_scenario(name, ASKED[name])))


def written(folder: Path, name: str) -> Path:
    """Return a folder of its own with one of the results."""
    place = folder / name
    place.mkdir(parents=True)
    results_of(name).write(place)
    return place


def copied(place: Path, name: str) -> Path:
    return Path(shutil.copytree(place, place.with_name(name)))
