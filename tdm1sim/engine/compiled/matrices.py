"""Products of small square matrices for compiled code, as loops written for LLVM: `tdm1sim.maths` has them for NumPy.

All matrices have 13 rows, so the loops have a length that LLVM knows, and lie in memory row by row. Numba would compile
the same loops from Python in a tenth of a second each, which the first run would wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin

from tdm1sim import maths
from tdm1sim.engine.compiled.traced import declare
from tdm1sim.surroundings.exponential import SIZE

_AREA = SIZE * SIZE


class _Writer:
    """Writes loops over arrays of float64 that lie in one piece.

    Parameters
    ----------
    context, builder, kinds, args
        As numba gives them to who writes a function.
    """

    def __init__(self, context: Any, builder: Any, kinds: Any, args: Any) -> None:
        self.context, self.builder, self.args = context, builder, args
        self.arrays: list[Any] = [
            context.make_array(kind)(context, builder, value) if isinstance(kind, types.Array) else None
            for kind, value in zip(kinds.args, args, strict=True)
        ]

    def size(self, n: int) -> Any:
        """Return a number known now."""
        return self.context.get_constant(types.intp, n)

    def length(self, array: int, axis: int = 0) -> Any:
        """Return the length of an array's axis."""
        return cgutils.unpack_tuple(self.builder, self.arrays[array].shape)[axis]

    @contextmanager
    def loops(self, *lengths: Any) -> Iterator[list[Any]]:
        """Nest loops, the last one inside; yield their indices."""
        with ExitStack() as stack:
            yield [
                stack.enter_context(cgutils.for_range(self.builder, self.size(n) if isinstance(n, int) else n)).index
                for n in lengths
            ]

    def at(self, array: int, *places: tuple[Any, Any]) -> Any:
        """Return the address of an element: the sum of indices times what each steps over."""
        index = self.size(0)
        for place, over in places:
            step = self.size(over) if isinstance(over, int) else over
            index = self.builder.add(index, self.builder.mul(place, step))
        if self.context.enable_boundscheck:
            cgutils.do_boundscheck(self.context, self.builder, index, self.arrays[array].nitems, 0)
        return self.builder.gep(self.arrays[array].data, [index])

    def add(self, place: Any, x: Any, y: Any) -> None:
        """Add a product to what is there."""
        b = self.builder
        b.store(b.fadd(b.load(place), b.fmul(x, y)), place)


@lower_builtin(maths.multiply, types.Array, types.Array, types.Array, types.Any)
def _multiply(context: Any, builder: Any, kinds: Any, args: Any) -> Any:
    w = _Writer(context, builder, kinds, args)
    zero = context.get_constant(types.float64, 0.0)
    with w.loops(w.length(0), SIZE) as (n, i):
        with builder.if_then(builder.not_(args[3])), w.loops(SIZE) as (j,):
            builder.store(zero, w.at(2, (n, _AREA), (i, SIZE), (j, 1)))
        with w.loops(SIZE) as (k,):
            x = builder.load(w.at(0, (n, _AREA), (i, SIZE), (k, 1)))
            with builder.if_then(builder.fcmp_unordered("!=", x, zero)), w.loops(SIZE) as (j,):  # half of them are 0
                y = builder.load(w.at(1, (n, _AREA), (k, SIZE), (j, 1)))
                w.add(w.at(2, (n, _AREA), (i, SIZE), (j, 1)), x, y)
    return context.get_dummy_value()


@lower_builtin(maths.act, types.Array, types.Array, types.Array)
def _act(context: Any, builder: Any, kinds: Any, args: Any) -> Any:
    w = _Writer(context, builder, kinds, args)
    zero, few = context.get_constant(types.float64, 0.0), w.length(1, 2)
    with w.loops(w.length(0), SIZE, few) as (n, i, j):
        row = builder.mul(few, w.size(SIZE))
        there = w.at(2, (n, row), (i, few), (j, 1))
        builder.store(zero, there)
        with w.loops(SIZE) as (k,):
            x = builder.load(w.at(0, (n, _AREA), (i, SIZE), (k, 1)))
            w.add(there, x, builder.load(w.at(1, (n, row), (k, few), (j, 1))))
    return context.get_dummy_value()


@lower_builtin(maths.assign, types.Array, types.Array)
def _assign(context: Any, builder: Any, kinds: Any, args: Any) -> Any:
    w = _Writer(context, builder, kinds, args)
    with w.loops(_AREA) as (i,):
        builder.store(builder.load(w.at(1, (i, 1))), w.at(0, (i, 1)))
    return context.get_dummy_value()


@lower_builtin(maths.combine, types.Array, types.Array, types.Float, types.Array)
def _combine(context: Any, builder: Any, kinds: Any, args: Any) -> Any:
    w = _Writer(context, builder, kinds, args)
    clones, terms = w.length(1, 1), w.length(0, 1)
    piece, zero = builder.mul(clones, w.size(_AREA)), context.get_constant(types.float64, 0.0)
    with w.loops(w.length(0)) as (s,):
        with w.loops(piece) as (i,):
            builder.store(zero, w.at(3, (s, piece), (i, 1)))
        with w.loops(terms) as (p,):
            weight = builder.fmul(args[2], builder.load(w.at(0, (s, terms), (p, 1))))
            with w.loops(piece) as (i,):
                w.add(w.at(3, (s, piece), (i, 1)), weight, builder.load(w.at(1, (p, piece), (i, 1))))
    return context.get_dummy_value()


def _none_if(*contiguous: int) -> Callable[..., Any]:
    """Return what says that nothing is returned, if arrays at these places lie row by row."""
    return lambda *kinds: types.none if all(kinds[n].layout == "C" for n in contiguous) else None


declare(maths.multiply, _none_if(0, 1, 2))
declare(maths.act, _none_if(0, 1, 2))
declare(maths.assign, _none_if(0, 1))
declare(maths.combine, _none_if(0, 1, 3))
