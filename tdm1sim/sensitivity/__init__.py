"""Which numbers of the model an output depends on, over the ranges the catalogue calls plausible. Floor 6."""

from tdm1sim.sensitivity.design import METHODS, Design, design_of
from tdm1sim.sensitivity.factors import CLASSES, Choice, Factor, Left, factors_of
from tdm1sim.sensitivity.indices import Index, indices_of
from tdm1sim.sensitivity.outputs import OUTPUTS, Output, output_named
from tdm1sim.sensitivity.reading import read
from tdm1sim.sensitivity.study import Plan, Study, begin, study_of

__all__ = [
    "CLASSES",
    "METHODS",
    "OUTPUTS",
    "Choice",
    "Design",
    "Factor",
    "Index",
    "Left",
    "Output",
    "Plan",
    "Study",
    "begin",
    "design_of",
    "factors_of",
    "indices_of",
    "output_named",
    "read",
    "study_of",
]
