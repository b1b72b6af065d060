"""The treatment in hours, mg and nM: doses become infusions, exposures or inhibitions.

An entry is one drug. Entries of one drug follow each other; those of several drugs may overlap. What an entry must
say depends on the kind of drug and on the setting: `tdm1sim.scenario.entries` checks that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tdm1sim.catalogue import DrugEntry
from tdm1sim.parameters import Exposure, Infusion, Inhibition
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.document import Entry
from tdm1sim.scenario.entries import check_entry
from tdm1sim.scenario.fields import Cycle

MAX_INFUSIONS = 10_000


@dataclass(frozen=True, slots=True)
class Doses:
    """One entry of a patient's treatment worked out: mg/kg, and hours from the start of the run."""

    index: int
    drug: DrugEntry
    dose: float
    start: float
    every: float | None
    cycles: int
    infusion: float

    def times(self) -> list[float]:
        """Return the start of each infusion, h."""
        return [self.start + number * (self.every or 0.0) for number in range(self.cycles)]


@dataclass(frozen=True, slots=True)
class Planned:
    """A treatment worked out, each thing with the index of the entry it comes from.

    Attributes
    ----------
    doses : list of Doses
        In a patient, in the order written.
    exposures : list of (int, Exposure)
        In a culture, in order of time.
    inhibitions : list of (int, DrugEntry, Inhibition)
        In both, in the order written.
    """

    doses: list[Doses] = field(default_factory=list)
    exposures: list[tuple[int, Exposure]] = field(default_factory=list)
    inhibitions: list[tuple[int, DrugEntry, Inhibition]] = field(default_factory=list)


def plan(check: Checking, duration: float, t_infusion: float) -> Planned:
    """Return the treatment of a run of ``duration`` (h); problems go to ``check``."""
    found = Planned()
    for index, entry in enumerate(check.document.treatment or []):
        drug = check_entry(check, index, entry)
        if drug is None:
            continue
        if drug.kind == "inhibitor":
            between = _between(check, index, entry, duration)
            if between is not None and drug.target:
                held = Inhibition(drug.target, entry.inhibition or 0.0, *between)
                found.inhibitions.append((index, drug, held))
        elif check.setting == "culture":
            between = _between(check, index, entry, duration)
            if between is not None and drug.site:
                held_at = entry.concentration or 0.0
                exposure = Exposure(*between, held_at, drug.name, drug.kind == "conjugate", drug.site)
                found.exposures.append((index, exposure))
        else:
            doses = _doses(check, index, entry, drug, duration, t_infusion)
            if doses is not None:
                found.doses.append(doses)
    found.exposures.sort(key=lambda pair: pair[1].start)
    _refuse_overlaps(check, found)
    return found


def infusions(planned: Sequence[Doses], weight: float) -> tuple[tuple[Infusion, ...], float]:
    """Return infusions in order of time, in mg for a body weight (kg), and the interval between doses, h."""
    found = [Infusion(time, entry.infusion, entry.dose * weight) for entry in planned for time in entry.times()]
    found.sort(key=lambda infusion: infusion.start)
    return tuple(found), found[1].start - found[0].start if len(found) > 1 else 0.0


def _between(check: Checking, index: int, entry: Entry, duration: float) -> tuple[float, float] | None:
    """Return start and end of an exposure or an inhibition, h; None where it does not take place."""
    start, until = (_moment(check, index, key, getattr(entry, key)) for key in ("start", "until"))
    if (start is None and entry.start is not None) or (until is None and entry.until is not None):
        return None
    start = start or 0.0
    end = max(duration, start + 1.0) if until is None else until  # begins too late: told below
    return (start, end) if _in_order(check, index, start, end, duration) else None


def _doses(
    check: Checking, index: int, entry: Entry, drug: DrugEntry, duration: float, t_infusion: float
) -> Doses | None:
    base = ("treatment", index)
    start, until = (_moment(check, index, key, getattr(entry, key)) for key in ("start", "until"))
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
    return Doses(index, drug, entry.dose or 0.0, start, entry.every, cycles, infusion)


def _moment(check: Checking, index: int, key: str, value: float | Cycle | None) -> float | None:
    """Return a moment in hours; None where there is none or it cannot be worked out."""
    if not isinstance(value, Cycle):
        return value
    path = ("treatment", index, "from" if key == "start" else key)
    if check.setting == "culture":
        allowed = "a time such as 24 h; cycles belong to a patient"
        check.complain(path, f"cycle {value.number} has no meaning in culture", allowed)
        return None
    entries = check.document.treatment or []
    first = next((i for i, entry in enumerate(entries) if entry.drug == check.conjugate), None)
    if first is None:
        allowed = "a time such as 42 d; cycles are the doses of a conjugate"
        check.complain(path, f"cycle {value.number} has no meaning without a conjugate", allowed)
        return None
    if first == index and key == "start":
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


def _refuse_overlaps(check: Checking, found: Planned) -> None:
    """Refuse two entries of one drug at the same time."""
    spans = [
        *((e.drug.name, time, time + e.infusion, e.index, "infuse") for e in found.doses for time in e.times()),
        *((e.drug, e.start, e.end, index, "hold") for index, e in found.exposures),
        *((drug.name, i.start, i.end, index, "give") for index, drug, i in found.inhibitions),
    ]
    rules = {"infuse": "infusions of", "hold": "exposures to", "give": "entries of"}
    told: set[tuple[int, int]] = set()
    for (drug, _, end, one, verb), (same, later, _, other, _) in pairwise(sorted(spans)):
        pair = (min(one, other), max(one, other))
        if same == drug and later < end and pair not in told:
            told.add(pair)
            what = f"overlaps with treatment.{pair[0]}: both {verb} {drug} at {later:g} h"
            suggestion = "set `from`" if verb == "infuse" else "set `until`"
            check.complain(("treatment", pair[1]), what, f"{rules[verb]} one drug follow each other", suggestion)
