"""Mechanisms become compiled code by being run: once, with numbers that write down what is done to them.

A mechanism is a straight line of arithmetic, so what it does to one number it does to all. Run with a `Number` in each
place it leaves its instructions behind, as a function that compiled code calls by the mechanism's name. Numba would
read the same from the source text, but takes 30 ms for each of forty functions where this takes one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import lower_builtin

Mechanism = Callable[..., Any]


class Number:
    """A number of compiled code that is not known yet, while a mechanism is run with it.

    Parameters
    ----------
    scribe : Scribe
        Who writes instructions.
    kind : numba type
        float32 or float64.
    value : llvmlite value
        What holds it; None while only its kind is asked for.
    """

    __slots__ = ("kind", "scribe", "value")

    def __init__(self, scribe: Scribe, kind: Any, value: Any) -> None:
        self.scribe, self.kind, self.value = scribe, kind, value

    def __add__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fadd", self, other)

    def __radd__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fadd", other, self)

    def __sub__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fsub", self, other)

    def __rsub__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fsub", other, self)

    def __mul__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fmul", self, other)

    def __rmul__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fmul", other, self)

    def __truediv__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fdiv", self, other)

    def __rtruediv__(self, other: Any) -> Number:
        return self.scribe.arithmetic("fdiv", other, self)

    def __neg__(self) -> Number:
        return self.scribe.arithmetic("fsub", -0.0, self)

    def __bool__(self) -> bool:
        message = "a mechanism asks whether a number is this or that: a straight line only becomes code for many cells"
        raise TypeError(message)

    def __array_ufunc__(self, function: Any, method: str, *values: Any) -> Number:
        """Answer `tdm1sim.maths`, which takes what is not a float to be a column of NumPy."""
        if method == "__call__" and function is np.sqrt:
            return self.scribe.root(self)
        if method == "__call__" and function in _EITHER:
            return self.scribe.either(_EITHER[function], *values)
        return NotImplemented  # type: ignore[no-any-return]


_EITHER = {np.minimum: "<", np.maximum: ">"}


class Scribe:
    """Writes the instructions of a mechanism.

    Parameters
    ----------
    context, builder : numba context, llvmlite builder
        None while only kinds are asked for.
    """

    def __init__(self, context: Any = None, builder: Any = None) -> None:
        self.context, self.builder = context, builder

    def wrap(self, kind: Any, value: Any = None) -> Any:
        """Return what a mechanism takes for an argument: numbers, tuples of them, or a mechanism."""
        if isinstance(kind, types.BaseTuple):
            parts = [self.wrap(part, self._part(value, n)) for n, part in enumerate(kind.types)]
            made = getattr(kind, "instance_class", None)
            return made(*parts) if made else tuple(parts)
        if isinstance(kind, types.Function):
            return kind.typing_key
        if isinstance(kind, types.Float):
            return Number(self, kind, value)
        message = f"a mechanism takes floating-point numbers and tuples of them, not {kind}"
        raise TypeError(message)

    def unwrap(self, result: Any) -> tuple[Any, Any]:
        """Return kind and value of what a mechanism returned."""
        if isinstance(result, tuple):
            kinds, values = zip(*map(self.unwrap, result), strict=True)
            kind = types.BaseTuple.from_types(kinds, type(result) if hasattr(result, "_fields") else None)
            return kind, self.context.make_tuple(self.builder, kind, values) if self.context else None
        number = self._number(result)
        return number.kind, number.value

    def arithmetic(self, name: str, x: Any, y: Any) -> Number:
        """Add, subtract, multiply or divide."""
        kind, x, y = self._alike(x, y)
        return Number(self, kind, getattr(self.builder, name)(x, y) if self.builder else None)

    def either(self, symbol: str, x: Any, y: Any) -> Number:
        """Return ``x if x < y else y`` (or ``>``): one comparison, no branch."""
        kind, x, y = self._alike(x, y)
        return Number(self, kind, choose(self.builder, symbol, x, y) if self.builder else None)

    def root(self, x: Number) -> Number:
        """Return the square root."""
        if not self.builder:
            return x
        square = self.builder.module.declare_intrinsic("llvm.sqrt", [x.value.type])
        return Number(self, x.kind, self.builder.call(square, [x.value]))

    def _part(self, value: Any, n: int) -> Any:
        return self.builder.extract_value(value, n) if self.builder else None

    def _number(self, x: Any) -> Number:
        if isinstance(x, Number):
            return x
        return Number(self, types.float64, self.context.get_constant(types.float64, x) if self.context else None)

    def _alike(self, x: Any, y: Any) -> tuple[Any, Any, Any]:
        """Return two numbers' values in the wider of their kinds."""
        one, other = self._number(x), self._number(y)
        kind = max(one.kind, other.kind, key=lambda kind: kind.bitwidth)
        if not self.builder:
            return kind, None, None
        return kind, *(self.context.cast(self.builder, n.value, n.kind, kind) for n in (one, other))


def choose(builder: Any, symbol: str, x: Any, y: Any) -> Any:
    """Write ``x if x < y else y`` (or ``>``) for numbers of one kind; return the value."""
    floating = isinstance(x.type, ir.FloatType | ir.DoubleType)
    compare = builder.fcmp_ordered if floating else builder.icmp_signed
    return builder.select(compare(symbol, x, y), x, y)


def trace(function: Mechanism, *, forceinline: bool) -> None:
    """Have compiled code call a mechanism by its name.

    Parameters
    ----------
    function : callable
        A straight line of arithmetic on floats and tuples of them.
    forceinline : bool
        Whether its instructions are put where it is called, whatever LLVM thinks (``alwaysinline``): only so can a loop
        over cells be in vector instructions.
    """
    scribe = Scribe()
    declare(function, lambda *kinds: scribe.unwrap(function(*map(scribe.wrap, kinds)))[0])

    @lower_builtin(function, types.VarArg(types.Any))
    def lower(context: Any, builder: Any, kinds: Any, args: Any) -> Any:
        return builder.call(_written(context, builder.module, function, kinds, forceinline=forceinline), args)


def declare(function: Mechanism, kind_of: Callable[..., Any]) -> None:
    """Tell numba which kind of thing a function returns, from the kinds of its arguments; None where it takes none."""

    class Declared(AbstractTemplate):  # type: ignore[misc]
        key = function

        def generic(self, args: Any, kws: Any) -> Any:
            kind = None if kws else kind_of(*args)
            return None if kind is None else signature(kind, *args)

    infer_global(function, types.Function(Declared))


def _written(context: Any, module: Any, function: Mechanism, kinds: Any, *, forceinline: bool) -> Any:
    """Return the mechanism as a function of an LLVM module, written there when it is first asked for."""
    variant = zlib.crc32(str(kinds).encode())
    name = f"{function.__module__}.{function.__qualname__}.{variant:08x}"
    if name in module.globals:
        return module.globals[name]
    given = [context.get_value_type(kind) for kind in kinds.args]
    made = ir.Function(module, ir.FunctionType(context.get_value_type(kinds.return_type), given), name)
    made.linkage = "linkonce_odr"  # a function of many modules that is one
    made.attributes.add("nounwind")
    if forceinline:
        made.attributes.add("alwaysinline")
    builder = ir.IRBuilder(made.append_basic_block("entry"))
    scribe = Scribe(context, builder)
    result = function(*map(scribe.wrap, kinds.args, made.args))
    builder.ret(scribe.unwrap(result)[1])
    return made
