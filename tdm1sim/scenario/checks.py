"""Whether a scenario hangs together: names that exist, parts that fit, sizes a machine can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tdm1sim.scenario import treatment
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.clones import fractions
from tdm1sim.scenario.document import Clone, ReadoutSection, Receptors, RunSection
from tdm1sim.scenario.fields import nearest
from tdm1sim.scenario.numbers import Number, numbers, read_parameters
from tdm1sim.scenario.tree import Path
from tdm1sim.units import spell

BYTES_PER_CELL = 600
MAX_BYTES = 16 * 2**30
MAX_STEPS = 1_000_000
MAX_RECORDS = 100_000
MAX_CLONES = 100
MAX_STATES = 100
SHORTEST_G1 = 1.0  # h
AMPLIFIED_RECEPTORS = 5e5
CELLS, CAPACITY, DT, EVERY = 2000, 100_000, 1.0, 6.0
"""Defaults of the plan: founders, largest number of living cells, step and record interval in hours."""


def check_whole(check: Checking) -> dict[str, Number]:
    """Run every check across sections and return the numbers of the model; problems go to ``check``."""
    _check_setting(check)
    values = numbers(check, read_parameters(check))
    _check_doubling(check, values)
    _check_clones(check)
    fractions(check)
    duration = _check_run(check)
    if not (check.document.patient and check.document.culture):
        end = math.inf if duration is None else duration
        treatment.plan(check, end, values["t_infusion"].value)
    _check_readouts(check, duration)
    _check_states(check, duration)
    return values


def _check_setting(check: Checking) -> None:
    document = check.document
    if document.patient is not None and document.culture is not None:
        check.complain(("culture",), "there is a patient and a culture", "one of them", "remove one", key=True)
    elif document.patient is None and document.culture is None and check.fine("patient") and check.fine("culture"):
        suggestion = "write `patient: {weight: 70 kg}`"
        check.complain(
            (), "neither `patient` nor `culture` is there", "exactly one says where the cells live", suggestion
        )
    tumour = document.tumour
    if document.culture is not None and document.patient is None and tumour is not None:
        for key in ("transport", "geometry"):
            if getattr(tumour, key) is not None:
                what = f"{key} belongs to the tumour of a patient"
                check.complain(("tumour", key), what, "a culture has `medium`", "remove it", key=True)
    if tumour is None and check.fine("tumour"):
        check.complain(("tumour",), "is missing", "a scenario needs cells", "write `tumour: {clones: …}`")
    transport = tumour.transport if tumour else None
    if transport is not None:
        inner, outer = transport.capillary_radius, transport.krogh_radius
        if inner is not None and outer is not None and inner >= outer:
            path = ("tumour", "transport", "capillary_radius")
            check.complain(path, f"{inner:g} um is not inside the tissue", f"less than krogh_radius, {outer:g} um")


def _check_doubling(check: Checking, values: Mapping[str, Number]) -> None:
    """Refuse doubling times that leave no room for G1."""
    phases = sum(values[symbol].value for symbol in ("t_S", "t_G2", "t_M"))
    shortest = phases + SHORTEST_G1
    document = check.document
    clones = (document.tumour.clones if document.tumour else None) or {}
    lines = document.cell_lines or {}
    found: list[tuple[Path, float | None]] = [
        *((("cell_lines", name, "doubling"), line.doubling) for name, line in lines.items()),
        *((("tumour", "clones", n, "rates", "doubling"), c.rates.doubling) for n, c in clones.items() if c.rates),
    ]
    doubling = values["doubling"]
    if doubling.given or not clones:
        in_block = document.parameters and "doubling" in document.parameters
        path: Path = ("parameters", "doubling") if in_block else ("tumour", "growth", "doubling")
        found.append((path, doubling.value))
    else:
        found += [(("tumour", "clones", name, "cell_line"), _line_doubling(check, c)) for name, c in clones.items()]
        found.append((("tumour", "growth", "doubling"), doubling.value))
    allowed = f"at least {shortest:g} h: S, G2 and M take {phases:g} h and G1 needs {SHORTEST_G1:g} h"
    for path, value in found:
        if value is not None and value < shortest:
            check.complain(path, f"cells cannot double in {spell(value, 'time')}", allowed)


def _line_doubling(check: Checking, clone: Clone) -> float | None:
    line = check.catalogue.cell_lines.get(clone.cell_line or "")
    return line.values.get("doubling") if line else None


def _check_clones(check: Checking) -> None:
    catalogue_lines, own_lines = check.catalogue.cell_lines, check.document.cell_lines or {}
    for name, line in own_lines.items():
        if name in catalogue_lines:
            what = f"{name!r} is a cell line of the catalogue"
            check.complain(("cell_lines", name), what, "a name of your own", f"write `my-{name}`", key=True)
        if line.receptors is None and check.fine("cell_lines", name, "receptors"):
            check.complain(("cell_lines", name, "receptors"), "is missing", "molecules per cell, such as 1e6")
    clones = (check.document.tumour.clones if check.document.tumour else None) or {}
    if len(clones) > MAX_CLONES:
        check.complain(("tumour", "clones"), f"there are {len(clones)} clones", f"at most {MAX_CLONES}")
    for name, clone in clones.items():
        _check_clone(check, name, clone, list(clones))


def _check_clone(check: Checking, name: str, clone: Clone, names: Sequence[str]) -> None:
    base = ("tumour", "clones", name)
    lines = [*(check.document.cell_lines or {}), *check.catalogue.cell_lines]
    if clone.cell_line is not None and clone.cell_line not in lines:
        _unknown(check, (*base, "cell_line"), "cell line", clone.cell_line, lines)
    _check_her2(check, base, clone)
    _check_resistance(check, base, clone)
    becomes = clone.becomes or {}
    for target in becomes:
        others = [other for other in names if other != name]
        if target == name:
            check.complain(
                (*base, "becomes", target),
                "is the clone itself",
                f"another: {', '.join(others)}" if others else "another clone",
                key=True,
            )
        elif target not in names and check.fine("tumour", "clones", target):
            _unknown(check, (*base, "becomes", target), "clone", target, others, key=True)
    if sum(becomes.values()) > 1 + 1e-9:
        total = sum(becomes.values())
        check.complain((*base, "becomes"), f"the probabilities add to {total:g}", "at most 1", key=True)


def _check_her2(check: Checking, base: Path, clone: Clone) -> None:
    classes = check.catalogue.her2_classes
    her2, path = clone.her2, (*base, "her2")
    if her2 is None and clone.cell_line is None and check.fine(*path) and check.fine(*base, "cell_line"):
        both = f"an IHC class ({', '.join(classes)}), or {{receptors: 1e6, spread: 0.5}}, or `cell_line`"
        check.complain(path, "is missing", both, "write `her2: 3+`")
    elif isinstance(her2, str) and her2 not in classes:
        both = f"an IHC class ({', '.join(classes)}), or {{receptors: 1e6, spread: 0.5}}"
        near = f"did you mean '{her2}+'?" if f"{her2}+" in classes else ""
        check.complain(path, f"{her2!r} is not an IHC class", both, near)
    elif isinstance(her2, str) and classes[her2].ish == "required" and check.fine(*base, "ish"):
        if clone.ish is None and clone.cell_line is None:
            what = f"is missing: her2 {her2} is decided by the gene"
            check.complain((*base, "ish"), what, "amplified or not_amplified", "write `ish: not_amplified`")
    elif isinstance(her2, Receptors) and check.fine(*path):
        _check_receptors(check, path, clone, her2)


def _check_receptors(check: Checking, path: Path, clone: Clone, her2: Receptors) -> None:
    """Check ``her2: {receptors, spread}``; warn where so many receptors are taken as not amplified."""
    if her2.receptors is None:
        if clone.cell_line is None:
            check.complain((*path, "receptors"), "is missing", "molecules per cell, such as 1e6")
        return
    stated = (clone.her2_driven, clone.ish, clone.cell_line) != (None, None, None)
    if her2.receptors >= AMPLIFIED_RECEPTORS and not stated:
        check.warnings.append(
            f"{check.origin(*path)}: clone {path[-2]} has {her2.receptors:g} receptors but neither `ish` nor"
            " `her2_driven`; it is taken as not amplified, so blockade of HER2 does nothing"
        )


def _check_resistance(check: Checking, base: Path, clone: Clone) -> None:
    known = check.catalogue.resistance
    setters: dict[str, str] = {}
    for index, name in enumerate(clone.resistance or ()):
        path = (*base, "resistance", index)
        if name not in known:
            _unknown(check, path, "resistance mechanism", name, list(known))
            continue
        for key in known[name].sets:
            said = getattr(clone, key, None) is not None
            if key in setters and not said:
                what = f"{name} and {setters[key]} both set {key}"
                check.complain(path, what, "one of them", f"or write `{key}:` yourself")
            setters[key] = name


def _unknown(check: Checking, path: Path, kind: str, name: str, known: Sequence[str], *, key: bool = False) -> None:
    listed = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    check.complain(
        path, f"there is no {kind} {name!r}", f"known: {listed}" if known else "", nearest(name, known), key=key
    )


def _check_run(check: Checking) -> float | None:
    """Check the plan; return the duration where there is one."""
    run = check.document.run or RunSection.model_construct()
    record = check.document.record
    every = EVERY if record is None or record.every is None else record.every
    dt = DT if run.dt is None else run.dt
    _check_memory(check, run)
    if run.duration is None:
        if check.fine("run", "duration"):
            check.complain(("run", "duration"), "is missing", "how long to simulate", "write `duration: 21 d`")
        return None
    if run.duration / dt > MAX_STEPS:
        what = f"{run.duration:g} h in steps of {dt:g} h are {run.duration / dt:.3g} steps"
        check.complain(("run", "dt"), what, f"at most {MAX_STEPS:,}", "make dt longer or the run shorter")
    if run.duration / every > MAX_RECORDS:
        what = f"{run.duration / every:.3g} records"
        check.complain(("record", "every"), what, f"at most {MAX_RECORDS:,}", "record less often")
    return run.duration


def _binds(check: Checking, name: str | None) -> bool:
    drug = check.catalogue.drugs.get(name or "")
    return drug is None or drug.kind != "inhibitor"


def _check_memory(check: Checking, run: RunSection) -> None:
    tumour = check.document.tumour
    cells = CELLS if tumour is None or tumour.cells is None else tumour.cells
    capacity = max(CAPACITY, cells) if run.capacity is None else run.capacity
    most = MAX_BYTES // BYTES_PER_CELL
    allowed = f"at most {most:,} cells, {MAX_BYTES / 2**30:g} GiB"
    for path, count in ((("tumour", "cells"), cells), (("run", "capacity"), capacity)):
        if count > most:
            what = f"{count:.4g} cells would need about {_size(count * BYTES_PER_CELL)} of memory"
            suggestion = "a few thousand cells and several replicates say the same" if path[0] == "tumour" else ""
            check.complain(path, what, allowed, suggestion)
            return
    if capacity < cells:
        what = f"{capacity:,} is less than the {cells:,} cells of the start"
        check.complain(("run", "capacity"), what, f"at least {cells:,}", f"write `capacity: {10 * cells}`")


def _size(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} PiB"


def _check_states(check: Checking, duration: float | None) -> None:
    times = (check.document.record.save_state if check.document.record else None) or ()
    if len(times) > MAX_STATES:
        check.complain(("record", "save_state"), f"{len(times)} states", f"at most {MAX_STATES}", "save fewer")
    for number, time in enumerate(times):
        if duration is not None and time > duration:
            what = f"{spell(time, 'time')} is after the end of the run"
            allowed = f"at most {spell(duration, 'time')}"
            check.complain(("record", "save_state", number), what, allowed, "make run.duration longer")


def _check_readouts(check: Checking, duration: float | None) -> None:
    record = check.document.record
    for index, readout in enumerate((record.readouts if record else None) or ()):
        base = ("record", "readouts", index)
        for key, example in (("kind", "kind: atp"), ("at", "at: [72 h]")):
            if not getattr(readout, key) and check.fine(*base, key):
                check.complain((*base, key), "is missing", "a read-out needs it", f"write `{example}`")
        for number, time in enumerate(readout.at or ()):
            if duration is not None and time > duration:
                what = f"{time:g} h is after the end of the run"
                check.complain((*base, "at", number), what, f"at most {duration:g} h", "make run.duration longer")
        _check_readout_setting(check, base, readout)


def _check_readout_setting(check: Checking, base: Path, readout: ReadoutSection) -> None:
    if check.setting == "patient":
        if readout.kind not in {None, "live"}:
            check.complain((*base, "kind"), f"{readout.kind} is an assay of cultures", "live counts in a patient")
        for key in ("concentrations", "measured"):
            if getattr(readout, key) is not None:
                check.complain((*base, key), f"{key} belongs to a culture", "replace `patient`", "remove it", key=True)
        return
    binding = any(_binds(check, entry.drug) for entry in check.document.treatment or ())
    if readout.concentrations is not None and not binding and check.fine("treatment"):
        allowed = "one entry says when the drug is there"
        what = "a dose series needs a treatment" + (" with an antibody" if check.document.treatment else "")
        check.complain((*base, "concentrations"), what, allowed, key=True)
    known = check.catalogue.measured
    if readout.measured is None:
        return
    if readout.measured not in known:
        _unknown(check, (*base, "measured"), "measured curve", readout.measured, list(known))
    elif readout.kind not in {None, known[readout.measured].readout}:
        what = f"{readout.measured} was measured as {known[readout.measured].readout}"
        check.complain((*base, "measured"), what, f"this read-out is {readout.kind}")
