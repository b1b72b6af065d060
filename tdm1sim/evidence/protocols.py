"""The protocols: how each kind of published experiment is simulated, and which numbers it gives.

A protocol takes an experiment of the catalogue and a bench and returns a `Reading`: read-outs by name, each a
function of the dose or time at which it was read. What a publication leaves open is in the experiment's note.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from tdm1sim.catalogue.published import Experiment
from tdm1sim.engine.numpy_engine import NumpyEngine
from tdm1sim.engine.stepping import SteppingEngine
from tdm1sim.ensemble import run_replicate, tasks_of
from tdm1sim.evidence.arithmetic import geometric_mean
from tdm1sim.evidence.cultures import Bench, clone_name, parameters_of
from tdm1sim.evidence.settings import Settings, as_mapping
from tdm1sim.maths import MOLECULES_PER_NM_PL, falls_to
from tdm1sim.parameters import Parameters
from tdm1sim.surroundings.plasma_dm1 import PlasmaDM1
from tdm1sim.surroundings.shared import Tumour, surroundings_of
from tdm1sim.world import World

Read = Callable[[float], float | None]
Reading = Mapping[str, Read]
Protocol = Callable[[Experiment, Bench], Reading]

BASE = "in_vitro_sk_br_3"
"""Bundled scenario whose frame (culture, run, record) the culture protocols fill."""
NEVER = 1.0e9
"""A doubling time (h) and a threshold (nM) that is never reached."""


def dose_series(experiment: Experiment, bench: Bench) -> Reading:
    """Simulate wells with rising doses: the signal of each relative to untreated, and where it is halved."""
    s = Settings(experiment)
    hours, kind, unit = s.number("hours"), s.text("readout"), s.text("dose_unit")
    given = s.numbers("doses")
    per_nM = bench.catalogue.canonical("MW", bench.catalogue.parameters["MW"].value) * 1e-6 if unit == "ug/mL" else 1.0
    doses = [dose / per_nM for dose in given]
    series = ", ".join(f"{dose!r} nM" for dose in doses)
    well: dict[str, object] = {"medium": s.text("medium")}
    if "cells_per_well" in s:
        well["cells_per_well"] = s.number("cells_per_well")
    clone, more = _clone(s)
    overrides = [
        *more,
        f"culture={as_mapping(well)}",
        f"tumour.clones={as_mapping({clone[0]: clone[1]})}",
        f"tumour.cells={bench.cells(int(s.number('cells')))}",
        *_frame(hours, s.number("exposure", hours), "1 nM", s.number("capacity", 100_000)),
        f"record.readouts=[{{kind: {kind}, at: [{hours} h], concentrations: [{series}]}}]",
    ]
    s.finish()
    signal, untreated = _signals(parameters_of(bench, BASE, overrides), kind, hours)
    values = [signal[dose] / untreated for dose in doses]
    half = falls_to(doses, values)
    points = dict(zip(given, values, strict=True))
    return {
        "of_untreated": lambda dose: points[dose],
        "ic50_nM": lambda _: half,
        "ic50": lambda _: None if half is None else half * per_nM,
    }


def _clone(s: Settings) -> tuple[tuple[str, str], list[str]]:
    """Return name and text of the only clone, and overrides that go with it."""
    more = [f"parameters.doubling={s.text('doubling')}"] if "doubling" in s else []
    traits = s.mapping("traits")
    if "her2" in s:
        return ("cells", as_mapping({"fraction": 1, "her2": f'"{s.text("her2")}"', **traits})), more
    line = s.text("cell_line")
    return (clone_name(line), as_mapping({"fraction": 1, "cell_line": line, **traits})), more


def _frame(hours: float, exposure: float, concentration: str, capacity: float = 100_000) -> list[str]:
    """Return what every culture needs: one exposure, the length of the run, few records."""
    drug = f"drug: t-dm1, concentration: {concentration}, from: 0 h, until: {exposure} h"
    return [
        f"treatment=[{{{drug}}}]",
        f"run.duration={hours} h",
        "run.replicates=1",
        f"run.capacity={int(capacity)}",
        f"record.every={hours} h",
        "record.traces=0",
        "record.readouts=[]",
    ]


def _signals(parameters: Parameters, kind: str, hours: float) -> tuple[dict[float, float], float]:
    """Return the read-out of each well by its dose (nM), and that of the untreated well."""
    found, untreated = {}, 0.0
    for task in tasks_of(parameters, "auto"):
        if task.arm == "run":  # the scenario's own dose is one of the series
            continue
        value = run_replicate(task).readouts.get((kind, hours), 0.0)
        if task.arm == "untreated":
            untreated = value
        else:
            found[task.concentration] = value
    return found, untreated


def _undying(parameters: Parameters) -> Parameters:
    """Return the run with cells that neither divide, nor die, nor differ in HER2."""
    clones = tuple(replace(clone, doubling=NEVER, her2_sigma=0.0) for clone in parameters.clones)
    values = {**parameters.values, "kap": 0.0, "C_M": NEVER, "cv_cycle": 0.0}
    return replace(parameters, clones=clones, values=values)


def _until(engine: SteppingEngine, hours: float) -> None:
    while engine.world.t < hours - 1e-9:
        engine.advance()


def _held(engine: SteppingEngine, *columns: str) -> float:
    """Return molecules in all cells, summed over the named columns."""
    return float(engine.sums(columns).sum())


def pulse_chase(experiment: Experiment, bench: Bench) -> Reading:
    """Simulate a pulse of antibody, a wash and a chase: where the antibody is, of what the cells held at the wash."""
    s = Settings(experiment)
    line, pulse, end = s.text("cell_line"), s.number("pulse"), s.number("until")
    well = as_mapping({"medium": s.text("medium"), "cells_per_well": s.number("cells_per_well")})
    overrides = [
        f"culture={well}",
        f"tumour.clones={as_mapping({clone_name(line): as_mapping({'fraction': 1, 'cell_line': line})})}",
        "tumour.cells=2",
        *_frame(end, pulse, s.text("concentration")),
        "run.dt=0.25 h",
        "record.every=1 h",
    ]
    s.finish()
    bare = _undying(parameters_of(bench, BASE, overrides)).with_values(arm_payload=0.0)
    engine = NumpyEngine(World(bare, window=1))
    _until(engine, pulse)
    start = _held(engine, "C", "Ce", "L") + engine.world.ledger.moved["proteolysed"]
    course: dict[str, dict[float, float]] = {name: {} for name in ("surface", "medium", "inside", "catabolised")}
    while True:
        hour, world = round(engine.world.t, 6), engine.world
        course["surface"][hour] = _held(engine, "C") / start
        course["inside"][hour] = _held(engine, "Ce", "L") / start
        course["catabolised"][hour] = world.ledger.moved["proteolysed"] / start
        course["medium"][hour] = world.shared.amount / start
        if world.finished:
            break
        engine.advance()
    return {name: values.__getitem__ for name, values in course.items()}


def processing_rates(experiment: Experiment, bench: Bench) -> Reading:
    """Simulate cells kept in conjugate: half-lives of internalisation, of digestion inside, and of the catabolite."""
    s = Settings(experiment)
    lines, hours, dose = s.texts("cell_lines"), s.number("hours"), s.text("concentration")
    s.finish()
    found: dict[str, list[float]] = {"internalisation_h": [], "degradation_h": [], "efflux_h": []}
    for line in lines:
        overrides = [
            "culture={medium: 1000000 uL, cells_per_well: 1000}",
            f"tumour.clones={as_mapping({clone_name(line): as_mapping({'fraction': 1, 'cell_line': line})})}",
            "tumour.cells=2",
            *_frame(hours, hours, dose),
            "run.dt=0.25 h",
        ]
        engine = NumpyEngine(World(_undying(parameters_of(bench, BASE, overrides)), window=1))
        for name, half_life in _half_lives(engine, hours).items():
            found[name].append(half_life)
    means = {name: geometric_mean(values) for name, values in found.items()}
    return {name: _always(mean) for name, mean in means.items()}


def _always(value: float) -> Read:
    return lambda _: value


def _half_lives(engine: SteppingEngine, hours: float) -> dict[str, float]:
    """Return ln 2 over what passed in the second half of a run divided by the pool it left."""
    moved = engine.world.ledger.moved
    _until(engine, hours / 2.0)

    def passed() -> dict[str, float]:
        taken = _held(engine, "Ce", "L") + moved["proteolysed"] + moved["conjugate_exocytosed"] - moved["pinocytosed"]
        out = moved["dm1_effluxed"] + moved["catabolite_exocytosed"]
        return {"internalisation_h": taken, "degradation_h": moved["proteolysed"], "efflux_h": out}

    def pools() -> dict[str, float]:
        inside = _held(engine, "Ce", "L")
        return {"internalisation_h": _held(engine, "C"), "degradation_h": inside, "efflux_h": _held(engine, "PL", "Pc")}

    before, area, last = passed(), dict.fromkeys(pools(), 0.0), pools()
    while not engine.world.finished:
        t = engine.world.t
        engine.advance()
        now, h = pools(), engine.world.t - t
        for name in area:
            area[name] += 0.5 * h * (last[name] + now[name])
        last = now
    return {name: math.log(2.0) * area[name] / (value - before[name]) for name, value in passed().items()}


def time_in_arrest(experiment: Experiment, bench: Bench) -> Reading:
    """Return the mean time in mitotic arrest: death and slippage are one chance per hour each."""
    s = Settings(experiment)
    line = s.text("cell_line")
    s.finish()
    clone = as_mapping({"fraction": 1, "cell_line": line})
    v = parameters_of(bench, BASE, [f"tumour.clones={as_mapping({clone_name(line): clone})}"]).values
    mean = 1.0 / (v["kslip"] + v["kdm"] / v["q"])
    return {"mean_h": lambda _: mean}


def plasma(experiment: Experiment, bench: Bench) -> Reading:
    """Return a patient's plasma course after one dose, in closed form."""
    s = Settings(experiment)
    overrides = [f"patient.weight={s.text('weight')}", f"treatment.0.dose={s.text('dose')}", "run.duration=21 d"]
    s.finish()
    parameters = parameters_of(bench, "her2_positive", overrides)
    tumour, released = surroundings_of(parameters), PlasmaDM1(parameters)
    if not isinstance(tumour, Tumour):
        s.fail("a patient is expected")
    course = tumour.plasma
    summary = course.summary(504.0) or {}
    return {
        "concentration": lambda day: float(course.concentration(24.0 * day)),
        "cmax": lambda _: summary["cmax_ug_ml"],
        "auc": lambda _: summary["auc_ug_d_ml"],
        "half_life": lambda _: summary["half_life_d"],
        "dm1": lambda day: float(released.total_ng_ml([24.0 * day])[0]),
    }


def tumour_uptake(experiment: Experiment, bench: Bench) -> Reading:
    """Simulate trastuzumab in a patient's tumour: everything in a gram of it, over dose per gram of body."""
    s = Settings(experiment)
    weight, dose, day = s.quantity("weight", "kg"), s.number("dose_mg"), s.number("day")
    overrides = [
        f"tumour.clones={as_mapping({'all': as_mapping({'fraction': 1, 'her2': chr(34) + s.text('her2') + chr(34)})})}",
        f"tumour.cells={bench.cells(int(s.number('cells')))}",
        f"patient.weight={weight} kg",
        f"treatment=[{as_mapping({'drug': 'trastuzumab', 'dose': f'{dose / weight!r} mg/kg'})}]",
        f"run.duration={day} d",
        "run.replicates=1",
        "record.traces=0",
    ]
    s.finish()
    parameters = parameters_of(bench, "her2_positive", overrides)
    engine = NumpyEngine(World(parameters, window=1))
    while not engine.world.finished:
        engine.advance()
    v, void = parameters.values, parameters.surroundings.void  # type: ignore[union-attr]
    kept = engine.world.shared.entered - engine.world.shared.left - engine.world.ledger.moved["lost_conjugate"]
    volume = engine.living() * v["V"] / (1.0 - void)  # pL, so that nM times it is in molecules
    ug_per_g = kept / (volume * MOLECULES_PER_NM_PL) * v["MW"] * 1e-6
    uptake = ug_per_g / (dose / weight)  # mg/kg is ug/g
    return {"relative_uptake": lambda _: uptake}


def static_payload(experiment: Experiment, bench: Bench) -> Reading:
    """Simulate constant exposures of a xenograft's cells: the DM1 per cell at which their number stands still."""
    s = Settings(experiment)
    line, days = s.text("cell_line"), s.number("days")
    volume, C_M, E_T = s.quantity("volume", "pL"), s.quantity("C_M", "nM"), s.number("E_T")
    doubling, doses = s.quantity("doubling", "h"), s.numbers("concentrations")
    cells = bench.cells(int(s.number("cells")))
    s.finish()
    growth, payload = [], []
    for dose in doses:
        overrides = [
            "culture={medium: 10000000 uL, cells_per_well: 500}",
            f"tumour.clones={as_mapping({clone_name(line): as_mapping({'fraction': 1, 'cell_line': line})})}",
            f"tumour.cells={cells}",
            *_frame(24.0 * days, 24.0 * days, f"{dose!r} nM"),
            "run.dt=2 h",
        ]
        parameters = parameters_of(bench, BASE, overrides).with_values(C_M=C_M, kdec=0.0)
        own = replace(parameters.clones[0], doubling=doubling, volume=volume, E_T=E_T)
        engine = NumpyEngine(World(replace(parameters, clones=(own,)), window=1))
        _until(engine, 12.0 * days)
        early = engine.living()
        _until(engine, 24.0 * days)
        growth.append(engine.living() / max(early, 1))
        mean = _held(engine, "PL", "Pc") / max(engine.living(), 1)
        payload.append(mean / (volume * MOLECULES_PER_NM_PL))
    still = falls_to(payload, growth, 1.0) if payload[0] > 0.0 else None
    return {"payload_nM": lambda _: still}


PROTOCOLS: dict[str, Protocol] = {
    "dose_series": dose_series,
    "pulse_chase": pulse_chase,
    "processing_rates": processing_rates,
    "time_in_arrest": time_in_arrest,
    "plasma": plasma,
    "tumour_uptake": tumour_uptake,
    "static_payload": static_payload,
}
"""Every protocol, by the name that experiments use."""
