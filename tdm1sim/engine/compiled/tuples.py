"""Named tuples in arrays: numbers that lie apart in memory become one tuple, and back, by one instruction for numba.

The same could be written as Python functions, a line per field. But numba takes milliseconds for each element of an
array that is read or written, and there are hundreds: this halves what the first run of all has to compile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin

from tdm1sim.engine.compiled.layout import LANES, RULE_NUMBERS, SUMMED
from tdm1sim.engine.compiled.traced import declare
from tdm1sim.engine.events import Medians, Rules
from tdm1sim.engine.rates import PLACES, transition_of
from tdm1sim.mechanisms.trafficking import Transition
from tdm1sim.population import INDEX, CycleTimes
from tdm1sim.surroundings.exponential import SIZE, STATES

Places = Callable[[Sequence[str]], Sequence[int]]


def in_columns(fields: Sequence[str]) -> list[int]:
    """Return where a tile keeps the columns of these names, from the cell's place in the first one."""
    return [INDEX[name] * LANES for name in fields]


def in_lines(fields: Sequence[str]) -> list[int]:
    """Return where a note keeps its numbers: a line of lanes after the other."""
    return [n * LANES for n in range(len(fields))]


def in_a_row(fields: Sequence[str]) -> list[int]:
    """Return where a row of numbers keeps them: side by side."""
    return list(range(len(fields)))


def reader(places: Places) -> Any:
    """Return the compiled function ``read(array, first, kind)``: the named tuple `kind` from a flat array."""

    @intrinsic
    def read(typing_context: Any, array: Any, first: Any, kind: Any) -> Any:  # noqa: ARG001
        made = kind.instance_class
        result = types.NamedUniTuple(array.dtype, len(made._fields), made)

        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            element = _elements(context, builder, signature.args, args)
            values = [builder.load(element(place)) for place in places(made._fields)]
            return context.make_tuple(builder, signature.return_type, values)

        return result(array, first, kind), build

    return read


def writer(places: Places) -> Any:
    """Return the compiled function ``write(array, first, values)``: a tuple into a flat array."""

    @intrinsic
    def write(typing_context: Any, array: Any, first: Any, values: Any) -> Any:  # noqa: ARG001
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            element = _elements(context, builder, signature.args, args)
            numbers = cgutils.unpack_tuple(builder, args[2])
            fields = getattr(values, "fields", None) or [""] * len(numbers)
            for place, number, kind in zip(places(fields), numbers, values.types, strict=True):
                builder.store(context.cast(builder, number, kind, array.dtype), element(place))
            return context.get_dummy_value()

        return types.void(array, first, values), build

    return write


def _elements(context: Any, builder: Any, kinds: Any, args: Any) -> Callable[[int], Any]:
    """Return what finds the address of an element of a flat array, so many after the first one."""
    array = context.make_array(kinds[0])(context, builder, args[0])
    first = context.cast(builder, args[1], kinds[1], types.intp)

    def element(place: int) -> Any:
        index = builder.add(first, ir.Constant(first.type, place))
        if context.enable_boundscheck:
            (length,) = cgutils.unpack_tuple(builder, array.shape)
            cgutils.do_boundscheck(context, builder, index, length, 0)
        return builder.gep(array.data, [index])

    return element


load, store = reader(in_columns), writer(in_columns)
"""The columns of a lane, whose place in the first column is given."""
noted_of, note = reader(in_lines), writer(in_lines)
"""What was noted of a cell, and noting it."""
row_of = reader(in_a_row)
"""Numbers side by side."""


@intrinsic
def in_precision(typing_context: Any, values: Any, k: Any) -> Any:  # noqa: ARG001
    """Return a named tuple of numbers, and of such tuples, in the precision of the numbers of `k`."""
    wanted = k.types[0]

    def kind_of(kind: Any) -> Any:
        if not isinstance(kind, types.BaseTuple):
            return wanted
        return types.BaseTuple.from_types([kind_of(part) for part in kind.types], kind.instance_class)

    def convert(context: Any, builder: Any, value: Any, kind: Any) -> Any:
        if not isinstance(kind, types.BaseTuple):
            return context.cast(builder, value, kind, wanted)
        parts = zip(cgutils.unpack_tuple(builder, value), kind.types, strict=True)
        return context.make_tuple(builder, kind_of(kind), [convert(context, builder, *part) for part in parts])

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return convert(context, builder, args[0], signature.args[0])

    return kind_of(values)(values, k), build


@intrinsic
def plus(typing_context: Any, sums: Any, flows: Any, magic: Any, fine: Any, counts: Any) -> Any:  # noqa: ARG001
    """Return the exact sums with a cell's flows added (`tdm1sim.engine.compiled.exact`), where the cell counts."""
    names = [field.removesuffix("_coarse") for field in sums.fields[::2]]

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        moved, magic, fine, counts = args[1:]
        before = cgutils.unpack_tuple(builder, args[0])
        integer, none = before[0].type, ir.Constant(before[0].type, 0)

        def counted(old: Any, term: Any) -> Any:
            return builder.add(old, builder.select(counts, builder.bitcast(term, integer), none))

        after = []
        for n, name in enumerate(names):
            at = flows.fields.index(name)
            x = context.cast(builder, builder.extract_value(moved, at), flows.types[at], types.float64)
            rounded = builder.fadd(x, magic)
            rest = builder.fsub(x, builder.fsub(rounded, magic))
            after += [counted(before[2 * n], rounded), counted(before[2 * n + 1], builder.fadd(rest, fine))]
        return context.make_tuple(builder, sums, after)

    return sums(sums, flows, types.float64, types.float64, types.boolean), build


@intrinsic
def enter(typing_context: Any, row: Any, first: Any, sums: Any, coarse: Any, fine: Any) -> Any:  # noqa: ARG001
    """Add sums to a row of the books from `first` on, less the constants that every term carries."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        element = _elements(context, builder, signature.args, args)
        for n, (field, value) in enumerate(zip(sums.fields, cgutils.unpack_tuple(builder, args[2]), strict=True)):
            name = field.rpartition("_")[0]
            there = element(2 * SUMMED.index(name) + n % 2)
            builder.store(builder.add(builder.load(there), builder.sub(value, args[3 + n % 2])), there)
        return context.get_dummy_value()

    return types.void(row, first, sums, types.int64, types.int64), build


@intrinsic
def rules_of_row(typing_context: Any, row: Any, others: Any, chances: Any) -> Any:  # noqa: ARG001
    """Return the `Rules` of a clone from its row of `layout.rule_table`, and what its daughters may become."""
    nested: dict[str, Any] = {"times": CycleTimes, "medians": Medians}
    lists = {"others": others, "chances": chances}

    def kind_of(field: str) -> Any:
        made = nested.get(field)
        return types.NamedUniTuple(row.dtype, len(made._fields), made) if made else lists.get(field, row.dtype)

    result = types.BaseTuple.from_types([kind_of(field) for field in Rules._fields], Rules)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        element = _elements(context, builder, (row, types.intp), (args[0], context.get_constant(types.intp, 0)))
        numbers = (builder.load(element(place)) for place in count())
        given = {"others": args[1], "chances": args[2]}
        for field, value in given.items() if context.enable_nrt else ():
            context.nrt.incref(builder, lists[field], value)  # the tuple gives it back
        for field in ("times", *RULE_NUMBERS, "medians"):  # their order in the row
            made = nested.get(field)
            parts = [next(numbers) for _ in (made._fields if made else (field,))]
            given[field] = context.make_tuple(builder, kind_of(field), parts) if made else parts[0]
        return context.make_tuple(builder, signature.return_type, [given[field] for field in Rules._fields])

    return result(row, others, chances), build


@lower_builtin(transition_of, types.Array, types.Float)
def _transition_of(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Read the elements of a transition from its matrix, rows one after the other in memory."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    values = []
    for row, column in PLACES:
        value = builder.load(builder.gep(array.data, [context.get_constant(types.intp, row * SIZE + column)]))
        values.append(builder.fmul(args[1], value) if row > STATES else value)
    return context.make_tuple(builder, signature.return_type, values)


_ELEMENTS = types.NamedUniTuple(types.float64, len(PLACES), Transition)
declare(transition_of, lambda matrix, ks: _ELEMENTS if matrix.layout == "C" else None)  # noqa: ARG005 - numba's order
