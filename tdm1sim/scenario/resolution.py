"""A scenario joined with the catalogue: every number of the run, frozen, and the same as a complete file.

Precedence of a number, strongest first: a clone's ``rates`` (which `resolve` writes) > ``parameters`` > the
scenario's own key (``tumour.growth.doubling``) > the cell line > the catalogue's default for the setting.
``sigma_her2`` and ``t_infusion`` only say what holds where a clone or a dose says nothing itself. Folds
(``internalization``, ``recycling``, ``lysosome``) multiply whatever base rate has won.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tdm1sim.catalogue import Catalogue, load_catalogue
from tdm1sim.covariates import LEFT
from tdm1sim.errors import InputError
from tdm1sim.parameters import Culture, Exposure, Inhibition, Parameters, Patient, Plan, Readout
from tdm1sim.scenario import treatment
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.checks import CAPACITY, CELLS, DT, EVERY, check_whole
from tdm1sim.scenario.clones import CloneResolver, fractions
from tdm1sim.scenario.document import ReadoutSection
from tdm1sim.scenario.loading import Scenario
from tdm1sim.scenario.numbers import KEYED, Number
from tdm1sim.scenario.patient import DIMENSION, covariates, patient
from tdm1sim.scenario.tree import Key
from tdm1sim.scenario.writing import neat, write
from tdm1sim.units import spell

REPLICATES, SEED, TRACES = 8, 1, 3
_DIMENSION = {"weight": "weight", "medium": "volume_medium", "P": "permeability", "RK": "length", "Rcap": "length"}
_DIMENSION["doubling"] = "time"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A scenario, complete.

    Attributes
    ----------
    name, question : str
        What it is called, and what it asks.
    parameters : Parameters
        Every number of the run, in canonical units.
    text : str
        The same as a YAML scenario that resolves to the same numbers; comments say where each came from.
    tree : dict
        The same as ordinary dictionaries; quantities are texts with units.
    citations : tuple of str
        Keys of the references behind the numbers used.
    warnings : tuple of str
        What a user should know before trusting the run.
    given : frozenset of str
        Symbols whose value the scenario itself says.
    scenario : Scenario or None
        What was resolved.
    """

    name: str
    question: str
    parameters: Parameters
    text: str = field(repr=False)
    tree: dict[str, Any] = field(repr=False)
    citations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    scenario: Scenario | None = field(default=None, repr=False)


def resolve(scenario: Scenario, catalogue: Catalogue | None = None, *, text: bool = True) -> Resolved:
    """Join a scenario with the catalogue.

    Parameters
    ----------
    scenario : Scenario
        From `load_scenario`.
    catalogue : Catalogue, optional
        What is known; the package's own by default.
    text : bool
        Whether to write the YAML, which takes nine tenths of the time; it is empty otherwise. For many runs at once.

    Returns
    -------
    Resolved
        With the patient's covariates applied, folds to rates, ``rest`` worked out.

    Raises
    ------
    InputError
        If the scenario does not fit this catalogue.
    """
    return _Resolver(scenario, catalogue or load_catalogue()).resolve(text=text)


class _Resolver:
    """Builds parameters, complete tree and origins side by side."""

    def __init__(self, scenario: Scenario, catalogue: Catalogue) -> None:
        self.scenario, self.catalogue = scenario, catalogue
        self.check = Checking(scenario.root, scenario.document, catalogue)
        self.numbers = check_whole(self.check)
        if self.check.problems:
            raise InputError(self.check.problems)
        self.tree: dict[str, Any] = {}
        self.origins: dict[tuple[Key, ...], str] = {}
        self.references: set[str] = set()
        self.planned = treatment.Planned()
        self.surroundings: Patient | Culture | None = None

    def resolve(self, *, text: bool) -> Resolved:
        """Return the whole."""
        scenario = self.scenario
        self.say(1, "", "format")
        self.say(scenario.name, "", "name")
        if scenario.question:
            self.say(scenario.question, "", "question")
        plan = self.plan()
        self.planned = treatment.plan(self.check, plan.duration, self.number("t_infusion"))
        surroundings = self.surroundings = self.patient() if self.check.setting == "patient" else self.culture()
        clones = self.clones(plan)
        self.treatment_text()
        self.keyed("NK")
        self.plan_text(plan)
        if scenario.document.figures is not None:
            self.say(list(scenario.document.figures), self.check.origin("figures"), "figures")
        if scenario.document.sweep is not None:
            self.say(scenario.tree["sweep"], self.check.origin("sweep"), "sweep")
        self.parameters_text()
        values = {symbol: number.value for symbol, number in self.numbers.items()}
        self.cite()
        return Resolved(
            name=scenario.name,
            question=scenario.question,
            parameters=Parameters(
                values,
                clones,
                surroundings,
                plan,
                inhibitions=tuple(inhibition for _, _, inhibition in self.planned.inhibitions),
                drug=self.check.conjugate,
                payload=self.catalogue.drugs[self.check.conjugate].payload or "microtubule",
            ),
            text=write(self.tree, self.origins) if text else "",
            tree=self.tree,
            citations=tuple(sorted(self.references)),
            warnings=tuple(dict.fromkeys(self.check.warnings)),
            given=frozenset(symbol for symbol, number in self.numbers.items() if number.given),
            scenario=scenario,
        )

    def say(self, value: object, origin: str, *path: str | int) -> None:
        """Write a value at a path of the complete tree."""
        table: Any = self.tree
        for name in path[:-1]:
            table = table.setdefault(name, {})
        table[path[-1]] = neat(value)
        if origin:
            self.origins[path] = origin

    def said(self, value: Any, default: Any, *path: str | int) -> tuple[Any, str]:
        """Return a value of the scenario or its default, and where it is from."""
        return (default, "default") if value is None else (value, self.check.origin(*path))

    def number(self, symbol: str) -> float:
        """Return a number of the run, canonical."""
        return self.numbers[symbol].value

    def keyed(self, symbol: str) -> None:
        """Write a number at its own key."""
        number = self.numbers[symbol]
        dimension = _DIMENSION.get(symbol)
        self.say(spell(number.value, dimension) if dimension else number.value, number.origin, *KEYED[symbol])

    def plan(self) -> Plan:
        """Return how long, how fine, how many."""
        document = self.scenario.document
        run, record, tumour = document.run, document.record, document.tumour
        cells = (tumour.cells if tumour else None) or CELLS
        traces = TRACES if record is None or record.traces is None else record.traces
        if record and record.traces is not None and traces > cells:
            self.check.warnings.append(f"record.traces: {traces} is more than the {cells} founders; all are followed")
        readouts = (record.readouts if record else None) or ()
        return Plan(
            cells=cells,
            duration=(run.duration if run else None) or 0.0,
            dt=(run.dt if run else None) or DT,
            seed=SEED if run is None or run.seed is None else run.seed,
            replicates=(run.replicates if run else None) or REPLICATES,
            capacity=(run.capacity if run else None) or max(CAPACITY, cells),
            precision=(run.precision if run else None) or "double",
            record_every=(record.every if record else None) or EVERY,
            traces=min(traces, cells),
            readouts=tuple(_readout(readout) for readout in readouts),
            attribution=bool(record and record.attribution),
            saved_by=bool(record and record.saved_by),
            save_state=tuple(sorted(set((record.save_state if record else None) or ()))),
        )

    def patient(self) -> Patient:
        """Return the patient, and write what he is."""
        self.keyed("weight")
        for name, said in covariates(self.check, self.numbers).items():
            self.say(spell(said.value, DIMENSION[name]), said.origin, "patient", name)
        section = self.scenario.document.patient
        population, origin = self.said(section.population if section else None, False, "patient", "population")
        self.say(population, origin, "patient", "population")
        found = patient(self.check, self.numbers, self.planned)
        if found.variability is not None and found.variability.left is not None:
            del self.tree["patient"][LEFT]  # stated, it would be everybody's; unsaid, each patient draws his own
        return found

    def culture(self) -> Culture:
        """Return the well."""
        self._cells_of_line()
        self.keyed("medium")
        self.keyed("cells_per_well")
        exposures = tuple(exposure for _, exposure in self.planned.exposures)
        return Culture(self.number("medium"), self.number("cells_per_well"), exposures)

    def _cells_of_line(self) -> None:
        """Take the cells per well of the only cell line, where the scenario does not say."""
        clones = (self.scenario.document.tumour.clones if self.scenario.document.tumour else None) or {}
        names = {clone.cell_line for clone in clones.values()}
        line = self.catalogue.cell_lines.get(names.pop() or "") if len(names) == 1 else None
        if line is None or self.numbers["cells_per_well"].given or "cells_per_well" not in line.values:
            return
        value = float(line.values["cells_per_well"])
        origin = f"cell line {line.name} ({line.status.get('cells_per_well', 'assumed')})"
        self.numbers["cells_per_well"] = Number(value, f"{value:g}", origin, given=False)

    def clones(self, plan: Plan) -> tuple[Any, ...]:
        """Return the clones in the order written, and write the tumour."""
        tumour = self.scenario.document.tumour
        cells, origin = self.said(tumour.cells if tumour else None, plan.cells, "tumour", "cells")
        self.say(cells, origin, "tumour", "cells")
        if self.check.setting == "patient":
            geometry, origin = self.said(tumour.geometry if tumour else None, "well_mixed", "tumour", "geometry")
            self.say(geometry, origin, "tumour", "geometry")
            for symbol in ("P", "RK", "Rcap", "void"):
                self.keyed(symbol)
        self.keyed("doubling")
        found = []
        for name, share in fractions(self.check).items():
            resolver = CloneResolver(self.check, self.numbers, name)
            clone, text = resolver.resolve(share)
            self.references |= resolver.references
            found.append(clone)
            self.say(text.values, "", "tumour", "clones", name)
            for path, origin in text.origins.items():
                self.origins["tumour", "clones", name, *path] = origin
        return tuple(found)

    def treatment_text(self) -> None:
        """Write the treatment with every time worked out."""
        found: dict[int, dict[str, Any]] = {}
        for doses in self.planned.doses:
            entry: dict[str, Any] = {"drug": doses.drug.name, "dose": spell(doses.dose, "dose")}
            if doses.every is not None:
                entry["every"] = spell(doses.every, "time")
            entry |= {"cycles": doses.cycles, "infusion": spell(doses.infusion, "time")}
            found[doses.index] = entry | {"from": spell(doses.start, "time")}
        for index, exposure in self.planned.exposures:
            entry = {"drug": exposure.drug, "concentration": spell(exposure.concentration, "concentration")}
            found[index] = entry | _times(exposure)
        for index, drug, inhibition in self.planned.inhibitions:
            found[index] = {"drug": drug.name, "inhibition": neat(inhibition.fraction)} | _times(inhibition)
        entries: list[dict[str, Any]] = []
        self.tree["treatment"] = entries
        for index, entry in sorted(found.items()):
            self._entry_origins(len(entries), index, entry)
            entries.append(entry)

    def _entry_origins(self, index: int, source: int, entry: dict[str, Any]) -> None:
        written = (self.scenario.document.treatment or [])[source]
        for key in entry:
            said = getattr(written, {"from": "start"}.get(key, key)) is not None
            default = f"t_infusion, {self.numbers['t_infusion'].origin}" if key == "infusion" else "default"
            self.origins["treatment", index, key] = self.check.origin("treatment", source, key) if said else default

    def plan_text(self, plan: Plan) -> None:
        """Write the plan."""
        document = self.scenario.document
        run: dict[str, Any] = {
            "duration": spell(plan.duration, "time"),
            "dt": spell(plan.dt, "time"),
            "seed": plan.seed,
        }
        run |= {"replicates": plan.replicates, "capacity": plan.capacity, "precision": plan.precision}
        record: dict[str, Any] = {"every": spell(plan.record_every, "time"), "traces": plan.traces}
        record |= {"attribution": plan.attribution, "saved_by": plan.saved_by}
        if plan.save_state:
            record["save_state"] = [spell(time, "time") for time in plan.save_state]
        for section, table in (("run", run), ("record", record)):
            written = getattr(document, section)
            for key, value in table.items():
                _, origin = self.said(getattr(written, key, None), value, section, key)
                self.say(value, origin, section, key)
        for index, readout in enumerate(plan.readouts):
            entry: dict[str, Any] = {"kind": readout.kind, "at": [spell(time, "time") for time in readout.at]}
            if readout.concentrations:
                entry["concentrations"] = [spell(dose, "concentration") for dose in readout.concentrations]
            if readout.measured:
                entry["measured"] = readout.measured
            self.tree["record"].setdefault("readouts", []).append(entry)
            self.origins["record", "readouts", index, "kind"] = self.check.origin("record", "readouts", index, "kind")

    def parameters_text(self) -> None:
        """Write every symbol that has no key of its own in this setting."""
        home = "patient" if self.check.setting == "patient" else "culture"
        for symbol, number in self.numbers.items():
            key = KEYED.get(symbol, ())
            written = key and (
                key[0] in {home, "immune"}
                or key[:2] == ("tumour", "growth")
                or (home == "patient" and key[:2] == ("tumour", "transport"))
            )
            if written:
                continue
            bare = self.check.known[symbol].unit == "1"
            self.say(number.value if bare else number.text, number.origin, "parameters", symbol)

    def cite(self) -> None:
        """Collect the references of the catalogue's values in use, of the drugs and the measured curves."""
        where = self.surroundings
        courses = where.courses if isinstance(where, Patient) else ()
        antibodies = {course.drug for course in courses}
        for symbol, number in self.numbers.items():
            entry = self.check.known[symbol]
            if not number.given and (not entry.like or entry.group in antibodies):
                self.references.update(entry.references)
        drugs = {entry.drug or "" for entry in self.scenario.document.treatment or ()}
        for name in drugs | antibodies:
            self.references.update(self.catalogue.drugs[name].references)
        for readout in (self.scenario.document.record and self.scenario.document.record.readouts) or ():
            if readout.measured:
                self.references.update(self.catalogue.measured[readout.measured].references)


def _times(span: Exposure | Inhibition) -> dict[str, str]:
    return {"from": spell(span.start, "time"), "until": spell(span.end, "time")}


def _readout(section: ReadoutSection) -> Readout:
    return Readout(
        kind=section.kind or "live",
        at=tuple(sorted(set(section.at or ()))),
        concentrations=tuple(sorted(set(section.concentrations or ()))),
        measured=section.measured or "",
    )
