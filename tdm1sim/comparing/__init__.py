"""What-ifs on common luck: arms that differ in their scenario only, compared replicate by replicate. Floor 6.

The same cells meet the same luck in every arm, so that a difference is the scenario's and not chance's. `arms_of` puts
the scenarios on one plan, `compare` runs them, `Comparison` holds differences with their intervals, the difference of
the files in words, and the results of every arm.
"""

from tdm1sim.comparing.arms import Arms, arms_of, changed
from tdm1sim.comparing.comparison import Comparison, compare
from tdm1sim.comparing.words import Change, changes

__all__ = ["Arms", "Change", "Comparison", "arms_of", "changed", "changes", "compare"]
