"""Published measurements that a simulation is held against: how each is simulated, what was measured, what it fitted.

The numbers themselves stay in the evidence rows; an entry names the rows and says what in a simulated experiment
corresponds to each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from tdm1sim.catalogue.reading import Fields, FrozenDict

Use = Literal["calibration", "prediction"]
USES = ("calibration", "prediction")


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment to simulate.

    Attributes
    ----------
    name, protocol : str
        Key; name of the function that simulates it (`tdm1sim.evidence.protocols`).
    settings : mapping
        What that function needs to know: cell line, hours, exposure, medium, doses.
    note : str
        What is assumed about it.
    """

    name: str
    protocol: str
    settings: Mapping[str, object]
    note: str


@dataclass(frozen=True, slots=True)
class Published:
    """Measurements of one kind from one experiment.

    Attributes
    ----------
    name, label : str
        Key; what was measured in what, in a few words.
    rows : tuple of str
        Rows of the evidence data, one number each.
    experiment, read : str
        The experiment that gives the simulated numbers; which of its read-outs.
    at : tuple of float
        Dose or time of each row, as its condition prints it; empty where the experiment has one number only.
    unit : str
        Unit of the compared numbers.
    divide_by : float
        What the measured numbers are divided by to be in that unit; 1 for most.
    floor : float
        Reading error or detection limit: numbers below it, measured or simulated, count as this. 0 for none.
    used_for : {'calibration', 'prediction'}
        Whether a value in force was fitted to these rows, or to data derived from them.
    because : str
        Which values were fitted to them, or why none was.
    note : str
        What a reader must know of the comparison.
    """

    name: str
    label: str
    rows: tuple[str, ...]
    experiment: str
    read: str
    at: tuple[float, ...]
    unit: str
    divide_by: float
    floor: float
    used_for: Use
    because: str
    note: str


@dataclass(frozen=True, slots=True)
class Unused:
    """Rows that no simulation is held against, and the reason."""

    name: str
    reason: str
    rows: tuple[str, ...]


def experiment(where: str, name: str, data: object) -> Experiment:
    """Return one experiment."""
    fields = Fields(where, data)
    settings = fields.raw("settings")
    if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
        fields.fail("`settings` is a mapping from names")
    found = Experiment(name, fields.text("protocol"), FrozenDict(settings), fields.text("note", ""))
    fields.finish()
    return found


def published(where: str, name: str, data: object) -> Published:
    """Return one entry; as many places as rows, where there are places."""
    fields = Fields(where, data)
    raw = fields.raw("at", [])
    if not isinstance(raw, list):
        fields.fail("`at` is a list of numbers, one for each row")
    entry = Published(
        name=name,
        label=fields.text("label"),
        rows=fields.rows("rows"),
        experiment=fields.text("experiment"),
        read=fields.text("read"),
        at=tuple(fields.number("at", value) for value in raw),
        unit=fields.text("unit"),
        divide_by=fields.number("divide_by", fields.raw("divide_by", 1.0)),
        floor=fields.number("floor", fields.raw("floor", 0.0)),
        used_for=cast(Use, fields.choice("used_for", USES)),
        because=fields.text("because"),
        note=fields.text("note", ""),
    )
    fields.finish()
    if not entry.rows:
        fields.fail("`rows` names no row")
    if entry.at and len(entry.at) != len(entry.rows):
        fields.fail(f"`at` has {len(entry.at)} numbers for {len(entry.rows)} rows")
    if entry.divide_by <= 0.0 or entry.floor < 0.0:
        fields.fail("`divide_by` is above 0, `floor` not below")
    return entry


def unused(where: str, name: str, data: object) -> Unused:
    """Return one group of rows that are not compared."""
    fields = Fields(where, data)
    found = Unused(name, fields.text("reason"), fields.rows("rows"))
    fields.finish()
    return found
