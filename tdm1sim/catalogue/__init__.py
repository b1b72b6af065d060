"""What the literature says.

Floor 1. Parameters, cell lines, HER2 classes, resistance mechanisms, drugs, references and measurements lie
in ``data/``; each value has a unit, bounds, and a source or the word ``assumed`` or ``calibrated``. Start
with `load_catalogue`.
"""

from tdm1sim.catalogue.entries import (
    CellLineEntry,
    DrugEntry,
    Her2Class,
    MeasuredCurve,
    ParameterEntry,
    Reference,
    ResistanceEntry,
)
from tdm1sim.catalogue.loader import Catalogue, load_catalogue
from tdm1sim.catalogue.reading import CatalogueError

__all__ = [
    "Catalogue",
    "CatalogueError",
    "CellLineEntry",
    "DrugEntry",
    "Her2Class",
    "MeasuredCurve",
    "ParameterEntry",
    "Reference",
    "ResistanceEntry",
    "load_catalogue",
]
