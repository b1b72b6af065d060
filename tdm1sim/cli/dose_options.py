"""What ``dose-response`` is told on the command line, read into hours and nM."""

# Heavy imports wait inside the functions: `tdm1sim --help` is to answer at once.

from __future__ import annotations

import math
import re

from tdm1sim.errors import UsageError

EXAMPLE = "0.01:100:9:log, or a list such as '0.1 nM, 1 nM, 10 nM'"
MOST_DOSES = 200
_BARE = re.compile(r"\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?\s*")


def hours_of(text: str | None) -> float | None:
    """Return ``--at 72h`` in hours; None where it was not given.

    Raises
    ------
    UsageError
        It is no time above zero.
    """
    if text is None:
        return None
    from tdm1sim.units import UnitError, parse_quantity

    try:
        hours = parse_quantity(text, "time")
    except UnitError as error:
        msg = f"--at {text}: {error}"
        raise UsageError(msg) from None
    if hours <= 0.0:
        msg = f"--at {text}: a time after the start is needed, such as 72h"
        raise UsageError(msg)
    return hours


def doses_of(text: str | None) -> tuple[float, ...] | None:
    """Return ``--doses`` in nM, rising and once each: LOW:HIGH:N[:log|lin], or a list; a bare number is nM.

    Raises
    ------
    UsageError
        It cannot be read, or holds fewer doses than a curve needs.
    """
    if text is None:
        return None
    parts = text.split(":")
    doses = _span(text, parts) if len(parts) > 1 else [_dose(text, part) for part in text.split(",") if part.strip()]
    found = tuple(sorted(set(doses)))
    from tdm1sim.doses.logistic import LEAST_DOSES

    if len(found) < LEAST_DOSES:
        msg = f"--doses {text}: {len(found)} doses; a curve of four parameters takes at least {LEAST_DOSES}"
        raise UsageError(msg)
    return found


def _span(text: str, parts: list[str]) -> list[float]:
    """Return the doses of ``LOW:HIGH:N[:log|lin]``."""
    kind = parts[3].strip().lower() if len(parts) == 4 else "log"
    if len(parts) not in {3, 4} or kind not in {"log", "lin"} or not parts[2].strip().isdecimal():
        raise _unread(text)
    low, high, count = _dose(text, parts[0]), _dose(text, parts[1]), int(parts[2])
    if low >= high:
        msg = f"--doses {text}: the first dose is not below the last"
        raise UsageError(msg)
    if not 2 <= count <= MOST_DOSES:
        msg = f"--doses {text}: {count} doses; 5 to {MOST_DOSES} are allowed"
        raise UsageError(msg)
    steps = [i / (count - 1) for i in range(count)]
    ratio = math.log(high / low)
    each = [low * math.exp(ratio * step) if kind == "log" else low + (high - low) * step for step in steps]
    return [float(f"{dose:.4g}") for dose in each[:-1]] + [high]


def _dose(text: str, part: str) -> float:
    from tdm1sim.units import UnitError, parse_quantity

    try:
        dose = parse_quantity(f"{part} nM" if _BARE.fullmatch(part) else part, "concentration", molar_mass=_mass())
    except UnitError as error:
        msg = f"--doses {text}: {error}; write {EXAMPLE}"
        raise UsageError(msg) from None
    if dose <= 0.0:
        msg = f"--doses {text}: {part.strip()} is not above zero; untreated wells are run by themselves"
        raise UsageError(msg)
    return dose


def _mass() -> float:
    """Return the molar mass of the conjugate, g/mol, for doses in ug/mL."""
    from tdm1sim.catalogue import load_catalogue

    catalogue = load_catalogue()
    return catalogue.canonical("MW", catalogue.parameters["MW"].value)


def _unread(text: str) -> UsageError:
    return UsageError(f"--doses {text}: cannot be read; write {EXAMPLE}")
