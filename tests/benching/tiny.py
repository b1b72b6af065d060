"""A benchmark small enough for the tests, and one that was never run."""

from __future__ import annotations

from tdm1sim.benching import Report, Sizes
from tdm1sim.benching.laps import Runner
from tdm1sim.benching.ratios import Speed
from tdm1sim.benching.targets import TARGETS, Finding

SIZES = Sizes(40, 60, 80, 6.0, 0.05, 12.0, 2, 30, 2, processes=False)


def report(**changed: Finding) -> Report:
    """Return a report in which every floor holds by a little, but for what is `changed`."""
    findings = {
        target.key: Finding(target.floor * (1.01 if target.more else 0.99), 0.9 * target.floor, 1.1 * target.floor)
        for target in TARGETS
    }
    speeds = (Speed(Runner("mesa", 40, 0.05), 2.0e4, 1.0e4, 3.0e4), Speed(Runner("compiled", 80, 6.0), 3e8, 2e8, 4e8))
    machine = {
        "cpus": 2,
        "system": "Linux",
        "machine": "x86_64",
        "python": "3.13.1",
        "packages": {"numpy": "2.0", "numba": None},
        "load_before": 0.1,
    }
    return Report(SIZES, {**findings, **changed}, speeds, machine, 1.0, 12.3)
