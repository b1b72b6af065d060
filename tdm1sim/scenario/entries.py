"""What one entry of the treatment must say, and must not: it depends on the kind of drug and on the setting."""

from __future__ import annotations

from tdm1sim.catalogue import DrugEntry
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.document import Entry
from tdm1sim.scenario.drugs import CONJUGATE
from tdm1sim.scenario.fields import nearest

EXAMPLES = {"dose": "dose: 3.6 mg/kg", "concentration": "concentration: 10 nM", "inhibition": "inhibition: 0.8"}
OWN = {
    "dose": ("dose", "every", "cycles", "infusion"),
    "concentration": ("concentration",),
    "inhibition": ("inhibition",),
}
"""What an entry needs, and the keys that go with it."""


def check_entry(check: Checking, index: int, entry: Entry) -> DrugEntry | None:
    """Check drug and keys of an entry; return the drug where the rest can be worked out, else None."""
    base = ("treatment", index)
    drug = _drug(check, index, entry)
    needed, home = _needed(check, entry, drug)
    foreign = [key for group, keys in OWN.items() if group != needed for key in keys if getattr(entry, key) is not None]
    for key in foreign:
        allowed = f"the entries of {home} have drug, {', '.join((*OWN[needed][:1], 'from', 'until', *OWN[needed][1:]))}"
        suggestion = f"write `{EXAMPLES[needed]}`"
        check.complain((*base, key), f"{key} does not belong to {home}", allowed, suggestion, key=True)
    if not foreign and getattr(entry, needed) is None and check.fine(*base, needed):
        check.complain((*base, needed), "is missing", f"{home} needs it", f"write `{EXAMPLES[needed]}`")
    return drug if check.fine(*base) else None


def _drug(check: Checking, index: int, entry: Entry) -> DrugEntry | None:
    """Return the drug of an entry; complain where there is none, or none that fits the run."""
    path = ("treatment", index, "drug")
    known = check.catalogue.drugs
    listed = ", ".join(known)
    if entry.drug is None:
        if check.fine(*path):
            check.complain(path, "is missing", f"a drug: {listed}", f"write `drug: {CONJUGATE}`")
        return None
    if entry.drug not in known:
        check.complain(path, f"there is no drug {entry.drug!r}", f"known: {listed}", nearest(entry.drug, list(known)))
        return None
    drug = known[entry.drug]
    if drug.target == "cyp3a4" and check.setting == "culture":
        what = f"{drug.name} has no meaning in culture"
        check.complain(path, what, "it acts on DM1 in a patient's plasma", "remove the entry")
    if drug.kind == "conjugate":
        for earlier, other in enumerate((check.document.treatment or ())[:index]):
            held = known.get(other.drug or "")
            if held is not None and held.kind == "conjugate" and held.name != drug.name:
                what = f"{drug.name} beside {held.name} (treatment.{earlier}): two kinds of payload"
                check.complain(path, what, "a run has one conjugate", "make two scenarios and compare them")
                break
    return drug


def _needed(check: Checking, entry: Entry, drug: DrugEntry | None) -> tuple[str, str]:
    """Return the key that an entry needs, and in words whose entry it is."""
    inhibits = entry.inhibition is not None if drug is None else drug.kind == "inhibitor"
    if inhibits:
        return "inhibition", "an inhibitor"
    if entry.inhibition is not None:
        return ("dose" if check.setting == "patient" else "concentration"), "an antibody"
    return ("dose", "a patient") if check.setting == "patient" else ("concentration", "a culture")
