"""How the biology is computed: one shared loop, several ways to hold cells. Floor 4."""

from __future__ import annotations

from tdm1sim.engine.base import Engine
from tdm1sim.errors import UsageError
from tdm1sim.world import World

ENGINES = ("auto", "compiled", "numpy", "twin")


def engine_of(name: str, world: World) -> Engine:
    """Return the engine called `name`, filled with the founders of `world`.

    Parameters
    ----------
    name : {'auto', 'numpy', 'twin'}
        ``auto`` takes the fastest that gives the same results.
    world : World
        One replicate.
    """
    if name in {"auto", "numpy"}:
        from tdm1sim.engine.numpy_engine import NumpyEngine

        return NumpyEngine(world)
    if name == "compiled":
        from tdm1sim.engine.compiled.engine import CompiledEngine

        return CompiledEngine(world)
    if name == "twin":
        from tdm1sim.engine.twin import TwinEngine

        return TwinEngine(world)
    message = f"there is no engine {name!r}; allowed: {', '.join(ENGINES)}"
    raise UsageError(message)
