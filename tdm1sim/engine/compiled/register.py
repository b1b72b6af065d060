"""The science is written once, in Python; here those very functions become compiled code.

What runs for every cell and step is a straight line of arithmetic and is traced (`tdm1sim.engine.compiled.traced`),
with `forceinline`: that is what keeps the loop over lanes in vector instructions. Without it the code is right and many
times slower, in silence (``benchmarks/vectorised.py`` watches). All else numba reads from its source.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic, lower_builtin, overload, register_jitable

from tdm1sim import histogram, luck, maths, pools
from tdm1sim.engine import books, events, rates
from tdm1sim.engine.compiled.cache import open_cache
from tdm1sim.engine.compiled.traced import choose, declare, trace
from tdm1sim.mechanisms import cell, cycle, cytosol, death, exchange, immune, lysosome, signalling, trafficking

FLAGS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract"}, "nogil": True}
"""Of every compiled function. Contraction alone: no reordering, so sums and signs stay what they are."""
PLAIN: dict[str, Any] = {**FLAGS, "no_cfunc_wrapper": True}
"""Of functions that compiled code knows by another name."""
INNER: dict[str, Any] = {**FLAGS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Of functions that only compiled code calls."""
OUTER: dict[str, Any] = {**FLAGS, "no_cfunc_wrapper": True, "cache": open_cache()}
"""Of functions that Python calls."""
BRIEF: dict[str, Any] = {**OUTER, "nogil": False}
"""Of those that are over in microseconds: to wait for the interpreter's lock again would take longer."""

IN_LANES: tuple[Callable[..., Any], ...] = (
    pools.inverses,
    pools._lingering,
    pools._passing,
    pools.emptyings,
    pools.emptying,
    pools.carry_over,
    pools.first_order,
    cycle.cycle,
    cytosol.cytosol,
    cytosol.free_fraction,
    cytosol.halfway,
    death._eighth_power,
    death.apoptosis_hazards,
    death.apoptosis_hazard,
    exchange.crossing,
    exchange.efflux_fold,
    immune._fourth_power,
    immune.adcc_hazards,
    immune.adcc_hazard,
    lysosome.catabolite,
    lysosome.impairment,
    lysosome.impaired,
    lysosome.unimpaired,
    lysosome.proteolysis,
    signalling.death_factors,
    signalling.pi3k_activities,
    signalling.pi3k_activity,
    trafficking.carried,
    trafficking.synthesis,
    trafficking.trafficking,
    cell.receptor_step,
    cell.payload_step,
    cell.clock_step,
)
"""What runs for every cell and step."""
AT_EVENTS: tuple[Callable[..., Any], ...] = (
    luck.daughter_key,
    luck.uniform,
    luck.clock,
    luck._salt,
    death.arrest_probability,
    events._wait,
    events._to_gate,
    events._advance,
    events._rates,
    events._struck,
    events.live_through,
    events.settle,
    events.next_clone,
    events._scaled,
    events.turn_into,
    events.daughter,
    rates.rates_of,
    books.enter,
    histogram.place,
    histogram.ranked,
    histogram.between,
)
"""What runs where something happens to a cell, and once per step."""


def register(*, forceinline: bool = True) -> None:
    """Tell numba about every function of the science; `forceinline` is off only to show what that costs."""
    for function in IN_LANES:
        trace(function, forceinline=forceinline)
    for function in AT_EVENTS:
        register_jitable(**PLAIN)(function)
    overload(luck.mix, jit_options=PLAIN, strict=False)(_mix)
    overload(luck.normal, jit_options=PLAIN, strict=False)(_normal)


def _chooses(symbol: str) -> Any:
    def choice(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.return_type
        x, y = (context.cast(builder, *each, kind) for each in zip(args, signature.args, strict=True))
        return choose(builder, symbol, x, y)

    return choice


def _either(x: Any, y: Any) -> Any:
    return cpu_target.typing_context.unify_types(types.unliteral(x), types.unliteral(y))


for _function, _symbol in ((maths.minimum, "<"), (maths.maximum, ">")):
    declare(_function, _either)
    for _kind in (types.Float, types.Integer):
        lower_builtin(_function, _kind, _kind)(_chooses(_symbol))


def _mix(x: Any) -> Any:  # noqa: ARG001
    golden, m1, m2 = np.uint64(luck._GOLDEN), np.uint64(luck._M1), np.uint64(luck._M2)
    a, b, c = np.uint64(30), np.uint64(27), np.uint64(31)

    def mixed(x):
        z = np.uint64(x) + golden
        z = (z ^ (z >> a)) * m1
        z = (z ^ (z >> b)) * m2
        return z ^ (z >> c)

    return mixed


def _normal(decision: Any, key: Any) -> Any:  # noqa: ARG001
    return lambda decision, key: _ndtri(luck.uniform(decision, key))


@intrinsic
def bits(typing_context: Any, x: Any) -> Any:  # noqa: ARG001
    """Return the bits of a float64 as an int64."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(args[0], context.get_value_type(types.int64))

    return types.int64(types.float64), build


@intrinsic
def number(typing_context: Any, x: Any) -> Any:  # noqa: ARG001
    """Return the float64 that has the bits of an int64."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.int64), build


_NDTRI = "tdm1sim_ndtri"
_ndtri = types.ExternalFunction(_NDTRI, types.float64(types.float64))


@cache
def bring_ndtri() -> None:
    """Give scipy's own inverse of the normal distribution the name by which compiled code, and its cache, know it.

    Before any of what draws normal numbers is compiled or loaded; not earlier, because scipy takes its time.
    """
    import llvmlite.binding
    from numba.extending import get_cython_function_address

    llvmlite.binding.add_symbol(_NDTRI, get_cython_function_address("scipy.special.cython_special", "ndtri"))
