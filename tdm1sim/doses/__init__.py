"""Dose-response curves of cell lines and clones: how they are run, and where they are halved. Floor 6."""

from tdm1sim.doses.ignorance import with_ignorance
from tdm1sim.doses.logistic import Estimate, Fit, Logistic, fit
from tdm1sim.doses.measured import Points, measured_for
from tdm1sim.doses.reading import read
from tdm1sim.doses.series import Asked, Curve, Ignorance, Wanted, asked_of, curve_of

__all__ = [
    "Asked",
    "Curve",
    "Estimate",
    "Fit",
    "Ignorance",
    "Logistic",
    "Points",
    "Wanted",
    "asked_of",
    "curve_of",
    "fit",
    "measured_for",
    "read",
    "with_ignorance",
]
