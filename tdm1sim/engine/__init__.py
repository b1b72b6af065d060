"""How the biology is computed: one scheme, several ways to hold cells. Floor 4."""

from __future__ import annotations

from importlib.util import find_spec

from tdm1sim.engine.base import Engine
from tdm1sim.errors import InputError, UsageError
from tdm1sim.parameters import Parameters
from tdm1sim.world import World

ENGINES = ("auto", "compiled", "numpy", "twin")
ENOUGH = 1.0e6
"""Cell-steps of one replicate from which the compiled engine is sooner done, its loading included."""


def chosen(name: str, parameters: Parameters) -> str:
    """Return the engine that `name` stands for in a run.

    Parameters
    ----------
    name : str
        One of `ENGINES`. ``auto`` chooses by the cells times the steps of one replicate and by nothing else, and takes
        the NumPy engine where numba is not installed; all engines live the same lives.
    parameters : Parameters
        Of the run.

    Raises
    ------
    UsageError
        There is no such engine, or it needs numba, which is not installed.
    InputError
        The run asks for single precision, and another engine or none that can.
    """
    if name not in ENGINES:
        message = f"there is no engine {name!r}; allowed: {', '.join(ENGINES)}"
        raise UsageError(message)
    compiles = find_spec("numba") is not None
    if name == "compiled" and not compiles:
        message = "the compiled engine needs numba: pip install numba; or take --engine numpy"
        raise UsageError(message)
    plan = parameters.plan
    if plan.precision == "single":
        if not compiles or name in {"numpy", "twin"}:
            message = "run.precision: single needs the compiled engine (and numba); allowed here: double"
            raise InputError(message)
        return "compiled"
    if name != "auto":
        return name
    return "compiled" if compiles and plan.cells * plan.duration / plan.dt >= ENOUGH else "numpy"


def engine_of(name: str, world: World, threads: int = 1) -> Engine:
    """Return the engine called `name`, filled with the founders of `world`.

    Parameters
    ----------
    name : str
        One of `ENGINES`, see `chosen`.
    world : World
        One replicate.
    threads : int
        How many the compiled engine may use; the results do not depend on it.
    """
    name = chosen(name, world.parameters)
    if name == "compiled":
        from tdm1sim.engine.compiled.warming import begin

        begin(world.parameters.plan.precision)  # before all that needs numba
        from tdm1sim.engine.compiled.engine import CompiledEngine

        return CompiledEngine(world, threads)
    if name == "numpy":
        from tdm1sim.engine.numpy_engine import NumpyEngine

        return NumpyEngine(world)
    from tdm1sim.engine.twin import TwinEngine

    return TwinEngine(world)
