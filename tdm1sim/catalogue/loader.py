"""The catalogue as an object: sections read when first asked for, frozen, with what is inside checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from tdm1sim.catalogue import sections
from tdm1sim.catalogue.canonical import CANONICAL, from_canonical, to_canonical
from tdm1sim.catalogue.checks import check
from tdm1sim.catalogue.drugs import DEFAULT, overlaid, own_symbols, read_drugs
from tdm1sim.catalogue.entries import (
    CellLineEntry,
    DrugEntry,
    Her2Class,
    MeasuredCurve,
    ParameterEntry,
    Reference,
    ResistanceEntry,
)
from tdm1sim.catalogue.published import Experiment, Published, Unused, experiment, published, unused
from tdm1sim.catalogue.reading import CatalogueError, Fields, FrozenDict, read_mapping, read_table, read_yaml

Entry = TypeVar("Entry")
DATA = Path(__file__).parent / "data"
MEASURED_COLUMNS = ("curve", "evidence", "dose_ug_ml", "value")
EVIDENCE_COLUMNS = (
    "id",
    "quantity",
    "system",
    "condition",
    "value",
    "unit",
    "low",
    "high",
    "source",
    "confidence",
)


class Catalogue:
    """Everything known, by name.

    Each section is a dictionary that cannot be changed; its file is read when the section is first used,
    because a run needs a part only and start-up time is felt.

    Parameters
    ----------
    folder : Path
        Where the data files lie.
    """

    folder: Path

    def __init__(self, folder: Path) -> None:
        self.__dict__["folder"] = folder

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: the catalogue is shared by everything in the process."""
        msg = f"the catalogue cannot be changed (`{name}`)"
        raise AttributeError(msg)

    def replaced(self, **sections: Mapping[str, Any]) -> Catalogue:
        """Return a catalogue in which some sections (``parameters``, ``her2_classes``) are others; this one stays."""
        other = Catalogue(self.folder)
        kept = {name: section for name, section in self.__dict__.items() if name not in sections}
        other.__dict__.update(kept, **{name: FrozenDict(section) for name, section in sections.items()})
        return other

    @cached_property
    def parameters(self) -> FrozenDict[str, ParameterEntry]:
        """Every number of the model, by symbol, in the order of the file's groups; then those of naked antibodies."""
        entries: dict[str, ParameterEntry] = {}
        for group, members in read_yaml(self.folder / "parameters.yaml").items():
            for symbol, data in read_mapping(f"parameters.yaml: {group}", members).items():
                where = f"parameters.yaml: {group}: {symbol}"
                if symbol in entries:
                    msg = f"{where}: this symbol is also in the group `{entries[symbol].group}`"
                    raise CatalogueError(msg)
                entries[symbol] = sections.parameter(where, group, symbol, data)
        return FrozenDict({**entries, **own_symbols(self.drugs, entries)})

    def parameters_with(self, conjugate: str) -> FrozenDict[str, ParameterEntry]:
        """Return every number of the model where ``conjugate`` is the one given: its own values over the others."""
        if not self.drugs[conjugate].values:
            return self.parameters
        return FrozenDict(overlaid(self.drugs[conjugate], self.parameters))

    @cached_property
    def cell_lines(self) -> FrozenDict[str, CellLineEntry]:
        """Cell lines, by name."""
        return self._section("cell_lines.yaml", sections.cell_line)

    @cached_property
    def her2_classes(self) -> FrozenDict[str, Her2Class]:
        """IHC classes ``0``, ``1+``, ``2+``, ``3+``."""
        return self._section("her2_classes.yaml", sections.her2_class)

    @cached_property
    def resistance(self) -> FrozenDict[str, ResistanceEntry]:
        """Resistance mechanisms, by name."""
        return self._section("resistance.yaml", sections.resistance)

    @cached_property
    def drugs(self) -> FrozenDict[str, DrugEntry]:
        """Drugs, by name: conjugates, naked antibodies, inhibitors; a file each."""
        found = read_drugs(self.folder / "drugs")
        if DEFAULT not in found:
            msg = f"drugs: there is no {DEFAULT}.yaml"
            raise CatalogueError(msg)
        return FrozenDict(found)

    @cached_property
    def references(self) -> FrozenDict[str, Reference]:
        """Publications and public documents, by key."""
        return self._section("references.yaml", sections.reference)

    @cached_property
    def measured(self) -> FrozenDict[str, MeasuredCurve]:
        """Published curves, by name; doses converted with the catalogue's molar mass."""
        entries = read_yaml(self.folder / "measured.yaml")
        points: dict[str, list[tuple[str, float, float]]] = {name: [] for name in entries}
        for number, row in enumerate(read_table(self.folder / "measured.csv", MEASURED_COLUMNS), start=2):
            fields = Fields(f"measured.csv: row {number}", row)
            if row["curve"] not in points:
                fields.fail(f"no curve {row['curve']!r} in measured.yaml")
            dose, value = (fields.number(key, row[key]) for key in ("dose_ug_ml", "value"))
            points[row["curve"]].append((row["evidence"], dose, value))
        molar_mass = self.canonical("MW", self.parameters["MW"].value)
        return FrozenDict(
            {
                name: sections.measured(f"measured.yaml: {name}", name, data, points[name], molar_mass)
                for name, data in entries.items()
            }
        )

    @cached_property
    def evidence(self) -> FrozenDict[str, FrozenDict[str, str]]:
        """Rows of the evidence data by id, each from column name to text."""
        rows: dict[str, FrozenDict[str, str]] = {}
        for name in ("cell.csv", "body.csv", "further.csv"):
            for row in read_table(self.folder / "evidence" / name, EVIDENCE_COLUMNS):
                if row["id"] in rows:
                    msg = f"{name}: {row['id']}: this id appears twice"
                    raise CatalogueError(msg)
                rows[row["id"]] = FrozenDict(row)
        return FrozenDict(rows)

    @cached_property
    def experiments(self) -> FrozenDict[str, Experiment]:
        """How published experiments are simulated, by name."""
        return self._section("evidence/experiments.yaml", experiment)

    @cached_property
    def published(self) -> FrozenDict[str, Published]:
        """Published measurements that a simulation is held against, by name."""
        return self._section("evidence/published.yaml", published)

    @cached_property
    def unused(self) -> FrozenDict[str, Unused]:
        """Rows of the evidence data that no simulation is held against, by reason."""
        return self._section("evidence/unused.yaml", unused)

    def canonical(self, symbol: str, value: float) -> float:
        """Return ``value``, given in the display unit of ``symbol``, in its canonical unit."""
        return to_canonical(value, self.parameters[symbol].unit)

    def displayed(self, symbol: str, value: float) -> float:
        """Return ``value``, given in the canonical unit of ``symbol``, in its display unit."""
        return from_canonical(value, self.parameters[symbol].unit)

    def canonical_unit(self, symbol: str) -> str:
        """Return the unit that ``symbol`` has inside (``1/h``)."""
        return CANONICAL[self.parameters[symbol].unit][0]

    def _section(self, file: str, make: Callable[[str, str, object], Entry]) -> FrozenDict[str, Entry]:
        entries = read_yaml(self.folder / file)
        return FrozenDict({name: make(f"{file}: {name}", name, data) for name, data in entries.items()})


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """Return the catalogue.

    Parameters
    ----------
    folder : Path, optional
        Another data folder than the one of the package. It is read and checked whole at once; the package's
        own is checked by the tests, so that a run reads only the sections it uses.

    Returns
    -------
    Catalogue
        The same object every time for the package's own data.

    Raises
    ------
    CatalogueError
        Naming file and entry, for an unknown, missing or doubled key, a value outside its bounds, a reference
        or an evidence row that does not exist or, for a sourced value, was not read in its source.
    """
    if folder is None:
        return _bundled()
    catalogue = Catalogue(folder)
    check(catalogue)
    return catalogue


@cache
def _bundled() -> Catalogue:
    return Catalogue(DATA)
