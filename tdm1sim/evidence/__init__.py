"""The model held against published measurements. Floor 6.

Each measurement in the catalogue names an experiment; a protocol simulates it, and both numbers are put side by side
with their fold error, apart for rows that a value was fitted to and rows that none was.
"""

from tdm1sim.evidence.comparison import Comparison, Line, Row, compare

__all__ = ["Comparison", "Line", "Row", "compare"]
