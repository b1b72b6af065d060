"""One page about a finished result, for a colleague who has nothing but a browser. Floor 7, reads results only.

`write` returns a single HTML file: figures, tables, where every number comes from, and how to make it again. It asks
nothing of a network and holds no program.
"""

from tdm1sim.report.page import write

__all__ = ["write"]
