"""Runs on which the engines are held to each other: those of the core, and what only chunks can get wrong."""

from __future__ import annotations

from tdm1sim.parameters import Parameters
from tests.core.test_engines import RUNS as EVERY_MECHANISM
from tests.runs import CULTURE_VALUES, PATIENT_VALUES, clone, culture, patient

IDLE = ((0.0, 1.0, 0.01),)
"""Exposures that leave cells alone."""
LOW_TO_HIGH = [
    clone(CULTURE_VALUES, name="low", her2=1e4, her2_sigma=0.2, doubling=25.0, becomes=(("high", 0.5),)),
    clone(CULTURE_VALUES, name="high", fraction=0.0, her2=3e6, her2_sigma=0.2),
]
UNHURT = {"C_M": 1e9, "kap": 0.0, "doubling": 1e5}
KEPT = {"keff": 0.0, "kexo": 0.0}

CHUNKS: dict[str, Parameters] = {
    "depletion and many deaths": culture(
        cells=300, cells_per_well=80_000.0, exposures=((0.0, 72.0, 1.0),), values={**CULTURE_VALUES, "NK": 0.2}
    ),
    "full chunks": culture(
        [clone(CULTURE_VALUES, her2=1e5, doubling=20.0)], cells=200, duration=84.0, exposures=((0.0, 84.0, 0.05),)
    ),
    "daughters of a rare clone's": culture(LOW_TO_HIGH, cells=60, duration=96.0),
    "daughters of a rare clone's, seldom looked at": culture(
        LOW_TO_HIGH, cells=60, duration=96.0, dt=6.0, record_every=48.0
    ),
    "cleared": culture(
        cells=100, duration=240.0, exposures=((0.0, 240.0, 30.0),), values={**CULTURE_VALUES, "NK": 3.0}
    ),
    "capacity reached": culture(
        [clone(CULTURE_VALUES, her2=1e4, doubling=20.0)], cells=100, duration=240.0, exposures=IDLE, capacity=300
    ),
    "a division in every step": culture(
        [clone(CULTURE_VALUES, her2=1e4, doubling=14.0)],
        {**CULTURE_VALUES, "t_S": 6.0},
        cells=2,
        duration=192.0,
        dt=12.0,
        record_every=192.0,
        exposures=IDLE,
    ),
    "payload that piles up, seldom looked at": culture(
        values={**CULTURE_VALUES, **UNHURT, **KEPT},
        cells=20,
        duration=504.0,
        record_every=504.0,
        exposures=((0.0, 504.0, 300.0),),
        medium=1e5,
    ),
    "payload that leaves nothing of proteolysis": culture(
        [clone(CULTURE_VALUES, her2=1e5, doubling=20.0)],
        {**CULTURE_VALUES, "C_T": 50.0},
        cells=150,
        exposures=((0.0, 72.0, 30.0),),
    ),
    "patient, weekly": patient(cells=100, record_every=168.0, values={**PATIENT_VALUES, "doubling": 60.0}),
}
RUNS = {**EVERY_MECHANISM, **CHUNKS}
