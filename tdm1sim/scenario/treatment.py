"""The treatment in hours, mg and nM: doses become infusions, entries of a culture become exposures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from tdm1sim.parameters import Exposure, Infusion
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.document import Entry
from tdm1sim.scenario.fields import Cycle, nearest

CONJUGATE = "t-dm1"
MAX_INFUSIONS = 10_000
_FOR_PATIENTS = ("dose", "every", "cycles", "infusion")


@dataclass(frozen=True, slots=True)
class Doses:
    """One entry of a patient's treatment worked out: mg/kg, and hours from the start of the run."""

    index: int
    dose: float
    start: float
    every: float | None
    cycles: int
    infusion: float

    def times(self) -> list[float]:
        """Return the start of each infusion, h."""
        return [self.start + number * (self.every or 0.0) for number in range(self.cycles)]


def doses(check: Checking, duration: float, t_infusion: float) -> list[Doses]:
    """Return the entries of a patient's treatment, in the order written; problems go to ``check``."""
    entries = check.document.treatment or []
    found: list[Doses] = []
    for index, entry in enumerate(entries):
        if not _complete(check, index, entry, "dose", ("concentration",)):
            continue
        worked = _patient_entry(check, index, entry, duration, t_infusion)
        if worked is not None:
            found.append(worked)
    _refuse_overlapping_infusions(check, found)
    return found


def infusions(planned: list[Doses], weight: float) -> tuple[tuple[Infusion, ...], float]:
    """Return infusions in order of time, in mg for a body weight (kg), and the interval between doses, h."""
    found = [Infusion(time, entry.infusion, entry.dose * weight) for entry in planned for time in entry.times()]
    found.sort(key=lambda infusion: infusion.start)
    return tuple(found), found[1].start - found[0].start if len(found) > 1 else 0.0


def exposures(check: Checking, duration: float) -> list[tuple[int, Exposure]]:
    """Return the exposures of a culture with the index of their entry, in order of time."""
    found: list[tuple[int, Exposure]] = []
    for index, entry in enumerate(check.document.treatment or []):
        if not _complete(check, index, entry, "concentration", _FOR_PATIENTS):
            continue
        times: list[float] = []
        for key, value, default in (("from", entry.start, 0.0), ("until", entry.until, duration)):
            if isinstance(value, Cycle):
                allowed = "a time such as 24 h; cycles belong to a patient"
                check.complain(("treatment", index, key), f"cycle {value.number} has no meaning in culture", allowed)
                break
            times.append(default if value is None else value)
        else:
            if entry.until is None:
                times[1] = max(times[1], times[0] + 1.0)  # begins too late: told below
            if not _in_order(check, index, times[0], times[1], duration):
                continue
            found.append((index, Exposure(times[0], times[1], entry.concentration or 0.0)))
    found.sort(key=lambda pair: pair[1].start)
    for (first, one), (second, other) in pairwise(found):
        if other.start < one.end:
            later = max(first, second)
            what = f"overlaps with treatment.{min(first, second)}: both hold {CONJUGATE} at {other.start:g} h"
            check.complain(("treatment", later), what, "exposures to one drug follow each other", "set `until`")
    return found


def _complete(check: Checking, index: int, entry: Entry, needed: str, foreign: tuple[str, ...]) -> bool:
    """Check drug and keys of an entry against the setting; True where the rest can be worked out."""
    base = ("treatment", index)
    if entry.drug is None:
        if check.fine(*base, "drug"):
            check.complain((*base, "drug"), "is missing", f"a drug: {_drugs(check)}", f"write `drug: {CONJUGATE}`")
    elif entry.drug not in check.catalogue.drugs:
        near = nearest(entry.drug, list(check.catalogue.drugs))
        check.complain((*base, "drug"), f"there is no drug {entry.drug!r}", f"known: {_drugs(check)}", near)
    home = {"patient": "a patient", "culture": "a culture"}[check.setting]
    example = {"dose": "dose: 3.6 mg/kg", "concentration": "concentration: 10 nM"}[needed]
    for key in foreign:
        if getattr(entry, key) is not None:
            allowed = f"the entries of {home} have drug, {needed}, from, until"
            allowed += ", every, cycles, infusion" if needed == "dose" else ""
            check.complain((*base, key), f"{key} does not belong to {home}", allowed, f"write `{example}`", key=True)
    if getattr(entry, needed) is None and check.fine(*base, needed):
        check.complain((*base, needed), "is missing", f"{home} needs it", f"write `{example}`")
    return check.fine(*base)


def _patient_entry(check: Checking, index: int, entry: Entry, duration: float, t_infusion: float) -> Doses | None:
    base = ("treatment", index)
    start = _moment(check, index, "from", entry.start)
    until = _moment(check, index, "until", entry.until)
    if (start is None and entry.start is not None) or (until is None and entry.until is not None):
        return None
    start = start or 0.0
    end = math.inf if until is None else until
    if not _in_order(check, index, start, end, duration):
        return None
    if (entry.cycles or 1) > 1 and entry.every is None:
        check.complain((*base, "every"), "is missing", f"{entry.cycles} cycles need it", "write `every: 21 d`")
        return None
    infusion = t_infusion if entry.infusion is None else entry.infusion
    cycles = entry.cycles or 1
    if entry.every is not None and not (entry.cycles is None and math.isinf(min(end, duration))):
        if infusion > entry.every:
            what = f"an infusion of {infusion:g} h does not fit into {entry.every:g} h"
            check.complain((*base, "every"), what, "longer than an infusion")
            return None
        last = min(end, duration) if entry.cycles is None else end
        fitting = math.inf if math.isinf(last) else max(1.0, math.ceil((last - start) / entry.every - 1e-9))
        cycles = int(min(entry.cycles or MAX_INFUSIONS + 1, fitting))
    if cycles > MAX_INFUSIONS:
        check.complain((*base, "every"), f"more than {MAX_INFUSIONS:,} doses", f"at most {MAX_INFUSIONS:,}")
        return None
    return Doses(index, entry.dose or 0.0, start, entry.every, cycles, infusion)


def _moment(check: Checking, index: int, key: str, value: float | Cycle | None) -> float | None:
    """Return a moment in hours; None where there is none or it cannot be worked out."""
    if not isinstance(value, Cycle):
        return value
    path = ("treatment", index, key)
    entries = check.document.treatment or []
    first = next((i for i, entry in enumerate(entries) if entry.drug == CONJUGATE), index)
    if first == index and key == "from":
        check.complain(path, f"cycle {value.number} counts the doses of this very entry", "a time such as 42 d")
        return None
    leader = entries[first]
    if leader.every is None or isinstance(leader.start, Cycle):
        allowed = f"treatment.{first} needs `every`, and a time in `from`"
        check.complain(path, f"cycle {value.number} cannot be worked out", allowed)
        return None
    return (leader.start or 0.0) + (value.number - 1) * leader.every


def _in_order(check: Checking, index: int, start: float, end: float, duration: float) -> bool:
    """Tell whether an entry takes place; complain about one that ends before it begins."""
    if end <= start:
        check.complain(("treatment", index, "until"), f"ends at {end:g} h", f"after its start, {start:g} h")
        return False
    if start >= duration:
        check.warnings.append(
            f"{check.origin('treatment', index)}: treatment.{index} begins at {start:g} h, when the run of"
            f" {duration:g} h has ended; it is left out"
        )
        return False
    return True


def _refuse_overlapping_infusions(check: Checking, planned: list[Doses]) -> None:
    times = sorted((time, entry.infusion, entry.index) for entry in planned for time in entry.times())
    told: set[tuple[int, int]] = set()
    for (start, length, one), (later, _, other) in pairwise(times):
        pair = (min(one, other), max(one, other))
        if later < start + length and pair not in told:
            told.add(pair)
            what = f"overlaps with treatment.{pair[0]}: both infuse {CONJUGATE} at {later:g} h"
            check.complain(("treatment", pair[1]), what, "infusions of one drug follow each other", "set `from`")


def _drugs(check: Checking) -> str:
    return ", ".join(check.catalogue.drugs)
