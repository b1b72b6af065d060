"""Ignorance beside chance: what a run would say with other values of what nobody has measured. Floor 6.

Replicates show chance: the same numbers, other luck. `plan` draws the catalogue's assumed and calibrated values inside
their bounds, `over` runs every draw on the luck of the run itself, and `bounded` and `curve_bands` turn what came out
into ``model_low`` and ``model_high``. Arms that are compared get the same draws.
"""

from tdm1sim.uncertainty.bands import (
    BANDS,
    borders_of,
    bounded,
    curve_bands,
    curves_of,
    of_draws,
    with_model_bands,
)
from tdm1sim.uncertainty.draws import Plan, plan
from tdm1sim.uncertainty.running import over
from tdm1sim.uncertainty.values import Value, uncertain_values

__all__ = [
    "BANDS",
    "Plan",
    "Value",
    "borders_of",
    "bounded",
    "curve_bands",
    "curves_of",
    "of_draws",
    "over",
    "plan",
    "uncertain_values",
    "with_model_bands",
]
