"""From ``RESULT@21d`` and a scenario to a branch: which state is meant, and whether the scenario fits it. Floor 6."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdm1sim import __version__, agreement
from tdm1sim.branching import FOLDER, history_of, label, setting_of
from tdm1sim.errors import InputError, Problem, UsageError
from tdm1sim.parameters import Parameters
from tdm1sim.state import read_facts
from tdm1sim.surroundings.variability import patient_of
from tdm1sim.units import UnitError, parse_in_unit, spell
from tdm1sim.world import World

if TYPE_CHECKING:
    from tdm1sim.scenario import Resolved

_UNITS = {
    "doubling": "h",
    "volume": "pL",
    "weight": "kg",
    "CL": "L/h",
    "Vc": "L",
    "Q": "L/h",
    "Vp": "L",
    "medium": "uL",
}
_BANDS = ("parameters.C_M", "parameters.C_A", "parameters.band_fraction")


@dataclass(frozen=True, slots=True)
class Branch:
    """A run that goes on from saved states.

    Attributes
    ----------
    label : str
        The time as it stands in the name of the branch: ``21d``.
    parameters : Parameters
        Of the branch.
    states : tuple of bytes
        The state of each replicate.
    note : dict
        What ``manifest.json`` says of it: ``continues`` (a scenario's name), ``at_h``, ``state`` (a hash), ``changed``
        (numbers of the model that differ from what the state was made with, by path), ``whole`` (whether a run of the
        branch's scenario from the start gives the same).
    warnings : tuple of str
        What a reader must know.
    """

    label: str
    parameters: Parameters
    states: tuple[bytes, ...]
    note: dict[str, Any]
    warnings: tuple[str, ...] = ()


def branch_of(text: str, resolved: Resolved) -> Branch:
    """Return the branch of a scenario at a saved state.

    Parameters
    ----------
    text : str
        ``RESULT@TIME``: a result folder and a time at which it keeps its state.
    resolved : Resolved
        The scenario that goes on from there.

    Raises
    ------
    UsageError
        The text has no time, or one that cannot be read.
    InputError
        There is no such state, another version saved it, or the scenario does not fit; with every difference.
    """
    place = state_place(text)
    paths = _files(place, resolved.parameters.plan.replicates)
    states = tuple(_content(path) for path in paths)
    every = [read_facts(content, str(path)) for content, path in zip(states, paths, strict=True)]
    facts = every[0]
    _check_whole(every, place)
    parameters = replace(resolved.parameters, plan=replace(resolved.parameters.plan, resumed_at=facts["time_h"]))
    problems = _unlike(facts, parameters)
    if not problems:
        steps = [*facts["history"], _step(facts, parameters)]
        changed = list(dict.fromkeys(path for step in steps for path in step["changed"]))
        problems = _further(changed, parameters, facts["time_h"])
    if problems:
        raise InputError([replace(problem, file=f"{resolved.name} --resume {text}") for problem in problems])
    note = {
        "continues": _name(place.parents[1]),
        "at_h": facts["time_h"],
        "state": _hash(states),
        "changed": changed,
        "whole": all(step["whole"] for step in steps),
    }
    return Branch(place.name, parameters, states, note, _warnings(changed, facts["time_h"]))


def state_place(text: str) -> Path:
    """Return the folder of the state that ``RESULT@TIME`` means; as `branch_of`."""
    result, _, time = text.rpartition("@")
    if not result:
        folder = Path(text)
        kept = f" ({folder} keeps {_listed(folder)})" if (folder / FOLDER).is_dir() else ""
        message = f"--resume {text}: at which time? write RESULT@TIME, such as {text}@21d{kept}"
        raise UsageError(message)
    try:
        t = parse_in_unit(time, "h")
    except UnitError as error:
        message = f"--resume {text}: {error}"
        raise UsageError(message) from None
    folder = Path(result)
    if not folder.is_dir():
        message = f"--resume {text}: there is no folder {folder}"
        raise InputError(message)
    if not (folder / "manifest.json").is_file():
        message = f"--resume {text}: {folder} is not a result folder (no manifest.json in it)"
        raise InputError(message)
    for setting in ("patient", "culture"):
        place = folder / FOLDER / label(t, setting)
        if place.is_dir():
            return place
    if not (folder / FOLDER).is_dir():
        example = f"record: {{save_state: [{spell(t, 'time')}]}}"
        message = f"--resume {text}: {folder} keeps no state; run it again with `{example}`"
    else:
        message = f"--resume {text}: {folder} keeps no state of that time; there are {_listed(folder)}"
    raise InputError(message)


def _listed(folder: Path) -> str:
    """Return the times at which a result keeps its state, in order."""
    names = [path.name for path in (folder / FOLDER).iterdir() if path.is_dir()]
    return ", ".join(sorted(names, key=lambda name: (parse_in_unit(name, "h"), name)))


def _files(place: Path, replicates: int) -> list[Path]:
    """Return the file of each replicate, those that are missing too."""
    paths = [place / f"{n}.npz" for n in range(1, replicates + 1)]
    there = [path for path in paths if path.is_file()]
    if len(there) == replicates:
        return paths
    saved = sorted(int(path.stem) for path in place.glob("*.npz") if path.stem.isdigit())
    if saved == list(range(1, len(saved) + 1)):
        what = f"{place} holds {len(saved)} replicate{'' if len(saved) == 1 else 's'}, the scenario has {replicates}"
        raise InputError([Problem("run.replicates", what, suggestion=f"add --replicates {len(saved)}")])
    gone = ", ".join(path.stem for path in paths if path not in there)
    message = f"{place} lacks replicate {gone}: it outgrew run.capacity before; save an earlier state, or raise it"
    raise InputError(message)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise InputError(message) from None


def _check_whole(every: Sequence[Mapping[str, Any]], place: Path) -> None:
    """Refuse states of another version, and replicates that do not belong together."""
    made = {str(facts["tdm1sim"]) for facts in every}
    if made != {__version__}:
        message = (
            f"{place} was saved by tdm1sim {', '.join(sorted(made))}, and this is {__version__}: "
            "a state is continued by the version that saved it; run the scenario again to save it anew"
        )
        raise InputError(message)
    of_one = {(facts["digest"], facts["time_h"]) for facts in every}
    if len(of_one) > 1 or [facts["replicate"] for facts in every] != list(range(1, len(every) + 1)):
        message = f"{place} holds replicates of different runs; save it again"
        raise InputError(message)


def _step(facts: Mapping[str, Any], parameters: Parameters) -> dict[str, Any]:
    world = World(patient_of(parameters, 1), 1)
    return history_of(facts, parameters, agreement.grid_of(world, facts["time_h"]))


# Whether it fits -----------------------------------------------------------------------------------------------


def _unlike(facts: Mapping[str, Any], parameters: Parameters) -> list[Problem]:
    """Return what a scenario says otherwise than the state, and may not."""
    t, plan, now = float(facts["time_h"]), parameters.plan, agreement.fixed(parameters)
    found = []
    for path in agreement.differences(facts["fixed"], now):
        was, here = (_shown(path, side.get(path)) for side in (facts["fixed"], now))
        found.append(Problem(path, f"was {was} when the state was saved, here it is {here}", _kept_with(path)))
    if not found and not agreement.same(facts["given"], agreement.given(parameters, t)):
        weight = now.get("patient.weight", 1.0)
        was, here = _told(facts["given"], weight), _told(agreement.given(parameters, t), weight)
        what = f"before {spell(t, 'time')} the state was given {was}; this scenario gives {here}"
        allowed = "state what had been given as it was; what begins from then on is free"
        found.append(Problem("treatment", what, allowed))
    if plan.duration <= t + 1e-9:
        what = f"{spell(plan.duration, 'time')} is not after the state"
        allowed = f"more than {spell(t, 'time')}: time counts from the start of the first run"
        found.append(Problem("run.duration", what, allowed))
    recorded = {(kind, at) for kind, at, _ in facts["recorded"]["readouts"]}
    early = {(one.kind, at) for one in plan.readouts for at in one.at if at < t - 1e-9}
    found += [
        Problem("record.readouts", f"{kind} at {spell(at, 'time')} lies before the state, which does not hold it")
        for kind, at in sorted(early - recorded)
    ]
    return found


def _kept_with(path: str) -> str:
    """Return why something cannot change."""
    if path.startswith("tumour.clones."):
        return "the cells exist already and keep what they were drawn with"
    if path.startswith("patient.") or path.rpartition(".")[2] in agreement.BODY or "_ref" in path or ".x_" in path:
        return "plasma follows from the whole course, so the body cannot change on the way"
    return "a branch keeps it"


def _further(changed: Sequence[str], parameters: Parameters, t: float) -> list[Problem]:
    """Refuse further arms where they would have to start from states of their own."""
    plan = parameters.plan
    asked = {"readouts": bool(plan.readouts), "attribution": plan.attribution, "saved_by": plan.saved_by}
    if not changed:
        return []
    what = (
        f"needs arms that are run from the start, and the branch changed numbers of the model at {spell(t, 'time')} "
        f"({', '.join(changed)}); only the run itself has a saved state"
    )
    off = {"readouts": "[]", "attribution": "false", "saved_by": "false"}
    return [
        Problem(f"record.{name}", what, suggestion=f"write `{name}: {off[name]}`") for name, on in asked.items() if on
    ]


def _warnings(changed: Sequence[str], t: float) -> tuple[str, ...]:
    limits = [path.rpartition(".")[2] for path in changed if path in _BANDS]
    if not limits:
        return ()
    return (
        f"bands of the cells that died before {spell(t, 'time')} are by the limits then: the branch changed "
        f"{', '.join(limits)}",
    )


def _shown(path: str, value: Any) -> str:
    """Return a value of an agreement as people read it."""
    name = path.rpartition(".")[2]
    if value is None:
        return "absent"
    if path.startswith("parameters."):
        from tdm1sim.catalogue import load_catalogue
        from tdm1sim.catalogue.canonical import from_canonical

        unit = load_catalogue().parameters[name].unit
        return f"{from_canonical(value, unit):.6g}{'' if unit == '1' else f' {unit}'}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.10g} {_UNITS.get(name, '')}".rstrip()


def _told(events: Sequence[Sequence[Any]], weight: float) -> str:
    """Return what was given, in words; doses per body weight (kg)."""
    told = []
    for drug, start, unit, amount, *_ in events:
        size = f"{amount / weight:.6g} mg/kg" if unit == "mg" else f"{amount:.6g} {unit}".removesuffix(" inhibition")
        told.append(f"{drug} {size} at {spell(start, 'time')}")
    return "; ".join(told) or "nothing"


# What is said of it --------------------------------------------------------------------------------------------


def _name(folder: Path) -> str:
    """Return the scenario of a result."""
    try:
        return str(json.loads((folder / "summary.json").read_text(encoding="utf-8"))["scenario"])
    except (OSError, ValueError, KeyError):
        return folder.name


def _hash(states: Sequence[bytes]) -> str:
    whole = hashlib.sha256()
    for state in states:
        whole.update(hashlib.sha256(state).digest())
    return whole.hexdigest()


def in_whole(resolved: Resolved, note: Mapping[str, Any]) -> Resolved:
    """Return the scenario of a branch as a run from the start that takes the same steps.

    Parameters
    ----------
    resolved : Resolved
        Of the branch.
    note : mapping
        ``branch`` of its manifest.

    Raises
    ------
    InputError
        If such a run would not come to the same.
    """
    if not note["whole"]:
        why = f"other numbers of the model ({', '.join(note['changed'])})" if note["changed"] else "other steps"
        name = f"{note['continues']}@{label(note['at_h'], setting_of(resolved.parameters))}"
        message = (
            f"this result continues {name} with {why}, so it cannot be run from the start; "
            f"say where the state is: --resume RESULT@{name.rpartition('@')[2]}"
        )
        raise InputError(message)
    plan = replace(resolved.parameters.plan, resumed_at=note["at_h"])
    return replace(resolved, parameters=replace(resolved.parameters, plan=plan))
