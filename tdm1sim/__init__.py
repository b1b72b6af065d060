"""tdm1sim: how the antibody-drug conjugate T-DM1 works inside HER2-expressing cells, and why it stops working.

A teaching and research tool, never clinical advice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tdm1sim.ensemble import simulate
    from tdm1sim.model import Cell, TumourModel
    from tdm1sim.results import Results
    from tdm1sim.scenario import Scenario, load_scenario

__all__ = ["Cell", "Results", "Scenario", "TumourModel", "__version__", "load_scenario", "simulate"]
__version__ = "0.1.0"

_HOME = {
    "Cell": "tdm1sim.model",
    "Results": "tdm1sim.results",
    "Scenario": "tdm1sim.scenario",
    "TumourModel": "tdm1sim.model",
    "load_scenario": "tdm1sim.scenario",
    "simulate": "tdm1sim.ensemble",
}


def __getattr__(name: str) -> Any:
    """Import public names when they are first used: the package itself costs next to nothing."""
    if name in _HOME:
        import importlib

        return getattr(importlib.import_module(_HOME[name]), name)
    message = f"module 'tdm1sim' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """List the public names only."""
    return sorted(__all__)
