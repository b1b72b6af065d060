"""Published dose series of a cell line, as the evidence data has them, to be drawn over simulated ones."""

from __future__ import annotations

from dataclasses import dataclass

from tdm1sim.catalogue import Catalogue
from tdm1sim.catalogue.published import Experiment, Published
from tdm1sim.evidence.comparison import measurement

PROTOCOL = "dose_series"


@dataclass(frozen=True, slots=True)
class Points:
    """A published dose series.

    Attributes
    ----------
    name, label : str
        Key in the evidence data; what was measured.
    doses, values : tuple of float
        nM; relative to untreated.
    hours, exposure : float
        When it was read and how long the drug was there, h, as its experiment is simulated.
    readout : str
        The read-out it corresponds to.
    calibration : bool
        Whether a value of the model was fitted to it, so that agreement is no merit.
    ic50 : float or None
        Published dose at half of untreated, nM.
    sources : tuple of str
        Where the numbers are from.
    """

    name: str
    label: str
    doses: tuple[float, ...]
    values: tuple[float, ...]
    hours: float
    exposure: float
    readout: str
    calibration: bool
    ic50: float | None
    sources: tuple[str, ...]


def measured_for(line: str, readout: str, catalogue: Catalogue) -> list[Points]:
    """Return the published series of a cell line that were read in the same way.

    Parameters
    ----------
    line : str
        Name in the catalogue.
    readout : str
        ``live``, ``atp`` or ``clonogenic``.
    catalogue : Catalogue
        What is known.
    """
    found = []
    for entry in catalogue.published.values():
        experiment = catalogue.experiments[entry.experiment]
        settings = experiment.settings
        if experiment.protocol != PROTOCOL or entry.read != "of_untreated":
            continue
        if (settings.get("cell_line"), settings.get("readout")) == (line, readout):
            found.append(_points(entry, experiment, catalogue))
    return found


def _points(entry: Published, experiment: Experiment, catalogue: Catalogue) -> Points:
    rows = [catalogue.evidence[row] for row in entry.rows]
    settings = experiment.settings
    hours = float(str(settings["hours"]))
    mass = catalogue.canonical("MW", catalogue.parameters["MW"].value) * 1e-6  # ug/mL in 1 nM
    per_nM = mass if settings.get("dose_unit") == "ug/mL" else 1.0
    return Points(
        entry.name,
        entry.label,
        tuple(dose / per_nM for dose in entry.at),
        tuple(measurement(row, entry.divide_by)[0] for row in rows),
        hours,
        float(str(settings.get("exposure", hours))),
        str(settings["readout"]),
        entry.used_for == "calibration",
        _ic50(entry.experiment, catalogue),
        tuple(dict.fromkeys(row["source"] for row in rows)),
    )


def _ic50(experiment: str, catalogue: Catalogue) -> float | None:
    """Return the published IC50 (nM) of an experiment, where there is one."""
    for entry in catalogue.published.values():
        if entry.experiment == experiment and entry.read == "ic50_nM" and entry.unit == "nM":
            return measurement(catalogue.evidence[entry.rows[0]], entry.divide_by)[0]
    return None
