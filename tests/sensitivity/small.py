"""A tiny study that several tests look at."""

from __future__ import annotations

from collections.abc import Sequence

from tdm1sim.scenario import Scenario, load_scenario
from tdm1sim.sensitivity import OUTPUTS, Choice, Plan, begin

TINY = ("tumour.cells=60", "run.replicates=1", "run.dt=2 h", "run.duration=48 h", "record.readouts=[]")


def tiny(*more: str, name: str = "in_vitro_sk_br_3") -> Scenario:
    return load_scenario(name, [*TINY, *more])


def plan_of(
    only: Sequence[str],
    *,
    blocks: int = 4,
    method: str = "morris",
    outputs: Sequence[str] = ("live_ratio",),
    bounds: dict[str, tuple[str, str]] | None = None,
    more: Sequence[str] = (),
) -> Plan:
    choice = Choice(only=tuple(only), bounds=bounds or {})
    return begin(tiny(*more), outputs=[OUTPUTS[name] for name in outputs], choice=choice, method=method, blocks=blocks)
