"""What a user asks: the scenario language.

Floor 1. `load_scenario` reads a file, follows ``extends``, applies ``--set`` and reports every problem at once;
`resolve` joins the result with the catalogue into the frozen numbers of one run.
"""

from tdm1sim.scenario.inheritance import bundled
from tdm1sim.scenario.loading import Scenario, load_scenario, read_plain
from tdm1sim.scenario.resolution import Resolved, resolve
from tdm1sim.scenario.schema import json_schema

__all__ = ["Resolved", "Scenario", "bundled", "json_schema", "load_scenario", "read_plain", "resolve"]
