"""What a user asks: the scenario language.

Floor 1. `load_scenario` reads a file, follows ``extends``, applies ``--set`` and reports every problem at once;
`resolve` joins the result with the catalogue into the frozen numbers of one run.
"""

from tdm1sim.scenario.axes import DESIGNS, Axis, Value, axes_of, unfit
from tdm1sim.scenario.inheritance import bundled
from tdm1sim.scenario.loading import Scenario, load_scenario, read_plain
from tdm1sim.scenario.resolution import Resolved, resolve
from tdm1sim.scenario.schema import json_schema
from tdm1sim.scenario.tree import place_of
from tdm1sim.scenario.validation import takes_whole_numbers
from tdm1sim.scenario.writing import as_asked, block

__all__ = [
    "DESIGNS",
    "Axis",
    "Resolved",
    "Scenario",
    "Value",
    "as_asked",
    "axes_of",
    "block",
    "bundled",
    "json_schema",
    "load_scenario",
    "place_of",
    "read_plain",
    "resolve",
    "takes_whole_numbers",
    "unfit",
]
