"""The state of a running replicate, taken so that a branch can go on from it. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tdm1sim import __version__, agreement
from tdm1sim.engine.base import Engine
from tdm1sim.parameters import Parameters, Patient
from tdm1sim.population import NAMES
from tdm1sim.recorder import Record, Recorder
from tdm1sim.state import FORMAT, State, facts_of_world

DAY = 24.0
FOLDER = "state"
"""Folder of a result that holds a folder per time with a file per replicate."""


def label(t: float, setting: str) -> str:
    """Return a time as it stands in names of states and branches: ``21d`` in a patient, ``36h`` in a culture."""
    days = t / DAY
    return f"{days:.10g}d" if setting == "patient" and days == round(days, 3) else f"{t:.10g}h"


def history_of(facts: Mapping[str, Any], parameters: Parameters, grid: str) -> dict[str, Any]:
    """Return what a branch changes at the state with these facts.

    Parameters
    ----------
    facts : mapping
        Of the state.
    parameters : Parameters
        Of the branch.
    grid : str
        Of the branch up to the state (`tdm1sim.agreement.grid_of`).

    Returns
    -------
    dict
        ``at_h``; ``changed``, the paths of numbers of the model that differ; ``whole``, whether a run of the branch's
        scenario from the start comes to the same state, and records the same before it.
    """
    plan, changed = parameters.plan, agreement.differences(facts["free"], agreement.free(parameters))
    saved = facts["plan"]
    alike = grid == facts["grid"] and plan.record_every == saved["record_every"] and plan.traces == saved["traces"]
    whole = alike and not changed and plan.capacity >= saved["capacity"]
    return {"at_h": facts["time_h"], "changed": changed, "whole": whole}


def state_of(engine: Engine, recorder: Recorder, parameters: Parameters) -> State:
    """Return the state of a replicate at one of the times of `tdm1sim.world.World.saves`.

    Parameters
    ----------
    engine : Engine
        At the end of the window, before anything is recorded there.
    recorder : Recorder
        Of that engine.
    parameters : Parameters
        Of the run; those of the engine may be another patient's.
    """
    world, tally, begun = engine.world, engine.world.tally, engine.world.state
    t, plan = world.saves[world.position], parameters.plan
    terms, events = agreement.fixed(parameters), agreement.given(parameters, t)
    before: list[dict[str, Any]] = []
    if begun is not None:
        grid = agreement.grid_of(world, begun.time)
        before = [*begun.facts["history"], history_of(begun.facts, parameters, grid)]
    facts: dict[str, Any] = {
        "format": FORMAT,
        "tdm1sim": __version__,
        "columns": list(NAMES),
        "clones": [clone.name for clone in engine.clones],
        "replicate": world.replicate,
        "replicates": plan.replicates,
        "time_h": t,
        "engine": engine.name,
        "fixed": terms,
        "free": agreement.free(parameters),
        "given": events,
        "digest": agreement.digest(terms, events),
        "plan": {"record_every": plan.record_every, "traces": plan.traces, "capacity": plan.capacity},
        "grid": agreement.grid_of(world, t),
        "history": before,
        "recorded": recorder.progress(),
        "own": engine.own(),
        **facts_of_world(world),
    }
    return State(
        facts=facts,
        cells=engine.population(),
        pace={name: np.asarray(value) for name, value in engine.pace._asdict().items()},
        ends=tally.by_group,
        bands=tally.bands,
        peaks=tally.peaks.counts,
        lives=tally.lives.rows,
        names=tally.lives.names,
    )


def setting_of(parameters: Parameters) -> str:
    """Return ``patient`` or ``culture``."""
    return "patient" if isinstance(parameters.surroundings, Patient) else "culture"


def files_of(records: Sequence[Record], parameters: Parameters) -> dict[str, bytes]:
    """Return the states that a run saved: path in the result folder to content."""
    setting = setting_of(parameters)
    return {
        f"{FOLDER}/{label(t, setting)}/{record.replicate}.npz": content
        for record in records
        for t, content in record.states.items()
    }


def not_saved(records: Sequence[Record], parameters: Parameters) -> list[str]:
    """Return in words which states a run was to save and did not reach."""
    told, setting = [], setting_of(parameters)
    for t in parameters.plan.save_state:
        if t > (parameters.plan.resumed_at or 0.0) + 1e-9:
            early = [str(record.replicate) for record in records if t not in record.states]
            if early:
                told.append(
                    f"replicate {', '.join(early)} outgrew run.capacity before {label(t, setting)}: "
                    "the state of that time cannot be continued"
                )
    return told
