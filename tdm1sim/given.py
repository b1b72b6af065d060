"""What a run was given, and the words for it: drugs, payload, what it binds, how its cells stop. Floor 7.

One place, so that no picture and no table says DM1 where DXd was given, or "no drug" where the antibody was naked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tdm1sim.catalogue import DrugEntry, load_catalogue
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.units import UnitError, parse_in_unit

if TYPE_CHECKING:
    from tdm1sim.results import Results

AMOUNTS = ("dose", "concentration", "inhibition")
"""How much of a drug an entry of the treatment gives, by kind of drug."""


@dataclass(frozen=True, slots=True)
class Words:
    """How the cells of a class of payload are told; the tables' own names stay the same.

    Attributes
    ----------
    target, short_target : str
        What the payload binds; the same where there is little room.
    arrested, slipped : str
        Cells that stopped at the payload's checkpoint, and those that left it without dividing.
    dead, aside : str
        The fate `mitotic_catastrophe` in short, and what is said beside it.
    waiting, stopped : str
        The two kinds of survivors.
    """

    target: str
    short_target: str
    arrested: str
    slipped: str
    dead: str
    aside: str
    waiting: str
    stopped: str

    @property
    def died(self) -> str:
        """Return the fate `mitotic_catastrophe` with its explanation."""
        return f"{self.dead} ({self.aside})"


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "microtubule": Words(
            target="tubulin",
            short_target="tubulin",
            arrested="arrested in mitosis",
            slipped="multinucleated (slipped out of arrest)",
            dead="mitotic catastrophe",
            aside="arrest, then death, often apoptotic",
            waiting="surviving, no mitosis since birth",
            stopped="surviving in arrest or multinucleated",
        ),
        "topoisomerase_1": Words(
            target="topoisomerase I",
            short_target="topo I",
            arrested="arrested after S phase",
            slipped="out of arrest, dividing no more",
            dead="arrest, then death",
            aside="after S phase",
            waiting="surviving, still cycling",
            stopped="surviving, dividing no more",
        ),
    }
)
"""Words by class of payload: where its cells meet it, and how they stop."""


@dataclass(frozen=True, slots=True)
class Given:
    """The drugs of a run.

    Attributes
    ----------
    drugs : tuple of DrugEntry
        What the treatment gives any of, in its order, each once.
    conjugate : DrugEntry
        The run's conjugate; the usual one where none is given, whose numbers then stand.
    """

    drugs: tuple[DrugEntry, ...]
    conjugate: DrugEntry

    @property
    def antibodies(self) -> tuple[str, ...]:
        """Return the naked antibodies by name."""
        return tuple(drug.short for drug in self.drugs if drug.kind == "antibody")

    @property
    def payload(self) -> str:
        """Return the name of the payload."""
        return self.conjugate.payload_name

    @property
    def words(self) -> Words:
        """Return the words for its cells."""
        return WORDS[self.conjugate.payload]

    def inhibits(self, target: str) -> bool:
        """Whether an inhibitor of a target (``pgp``, ``pi3k``, ``cyp3a4``) is given."""
        return any(drug.target == target for drug in self.drugs)

    def has(self, name: str) -> bool:
        """Whether a drug is given."""
        return any(drug.name == name for drug in self.drugs)


def given(scenario: Mapping[str, Any]) -> Given:
    """Return the drugs of a resolved scenario (a plain tree)."""
    known = load_catalogue().drugs
    run = scenario.get("run")
    end = _hours(run.get("duration")) if isinstance(run, Mapping) else None
    found: dict[str, DrugEntry] = {}
    for entry in scenario.get("treatment") or ():
        if isinstance(entry, Mapping) and str(entry.get("drug")) in known and _takes_place(entry, end):
            found[str(entry["drug"])] = known[str(entry["drug"])]
    conjugate = next((drug for drug in found.values() if drug.kind == "conjugate"), known[DEFAULT])
    return Given(tuple(found.values()), conjugate)


def of(results: Results) -> Given:
    """Return the drugs of a run."""
    return given(getattr(results, "scenario", {}))


def _takes_place(entry: Mapping[str, Any], end: float | None) -> bool:
    """Whether an entry gives anything before the run ends."""
    start = _hours(entry.get("from"))
    if end is not None and start is not None and start >= end:
        return False
    amounts = [str(entry[key]).split() for key in AMOUNTS if entry.get(key) is not None]
    return not amounts or any(words and _number(words[0]) != 0.0 for words in amounts)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0  # not ours to read: something is given


def _hours(value: object) -> float | None:
    """Return a time of a scenario in hours; None where it is none (a cycle, or not set)."""
    try:
        return parse_in_unit(str(value), "h")
    except UnitError:
        return None
