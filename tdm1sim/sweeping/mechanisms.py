"""Every resistance mechanism of the catalogue, one after the other, each over its own plausible range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tdm1sim.catalogue import load_catalogue
from tdm1sim.catalogue.entries import ResistanceEntry
from tdm1sim.errors import UsageError
from tdm1sim.scenario import Resolved, Scenario, resolve
from tdm1sim.sweeping.planning import Column, Sweep, resolve_points

NONE = "none"
"""The scenario as it is: what every mechanism is compared with."""
COLUMNS = (
    Column("resistance", "resistance", numeric=False),
    Column("sets", "sets", numeric=False),
    Column("value", "value"),
    Column("fold", "fold", log=True),
)
DESIGN = "one at a time"
DEFAULT_VALUES = 6
_SPAN = 30.0
"""A range that begins at 0 is walked down to this fraction of its other end, and then to 0."""


def plan_resistances(scenario: Scenario, count: int | None = None, extra: Sequence[str] = ()) -> Sweep:
    """Return the sweep in which all clones carry each mechanism of the catalogue in turn.

    Parameters
    ----------
    scenario : Scenario
        Any; a ``sweep:`` block in it is left aside.
    count : int, optional
        Values per mechanism, at equal ratios between the ends of its range; `DEFAULT_VALUES` when not given.
    extra : sequence of str
        ``PATH=VALUE`` that hold for all points alike.

    Notes
    -----
    ``fold`` is how many times above or below normal the value is; it is empty for a total loss, and for PTEN, which
    is intact or deficient.
    """
    count = DEFAULT_VALUES if count is None else count
    if not 2 <= count <= 1000:
        msg = f"--points {count}: from 2 to 1000 values for each mechanism"
        raise UsageError(msg)
    bare = scenario.without("sweep")
    bare = bare.with_overrides(extra) if extra else bare
    base = resolve(bare)
    changes: list[tuple[str, ...]] = [()]
    values: list[tuple[float | str | None, ...]] = [(NONE, "", None, 1.0)]
    for entry in load_catalogue().resistance.values():
        for value in values_of(entry, count):
            changes.append(tuple(_changes(entry, value, base, bare)))
            number = None if isinstance(value, str) else value
            values.append((entry.name, ", ".join(entry.sets), number, fold_of(number)))
    points, warnings = resolve_points(bare, base, changes, values)
    told = tuple(dict.fromkeys((*base.warnings, *warnings)))
    return Sweep(
        f"{scenario.name}-resistances",
        scenario.question,
        "resistances",
        DESIGN,
        COLUMNS,
        points,
        base,
        {},
        told,
    )


def values_of(entry: ResistanceEntry, count: int) -> list[float | str]:
    """Return what a mechanism is set to: `count` values over its range, or its only state."""
    if entry.low is None or entry.high is None:
        return list(entry.sets.values())
    low = entry.low or entry.high / _SPAN
    steps = count if entry.low else count - 1
    shares = [i / max(steps - 1, 1) for i in range(steps)]
    found: list[float | str] = [float(f"{low * (entry.high / low) ** share:.6g}") for share in shares]
    return found if entry.low else [0.0, *found]


def fold_of(value: float | None) -> float | None:
    """Return how many times above or below normal (1) a value is; None for a total loss and for a word."""
    return None if not value else float(f"{max(value, 1.0 / value):.6g}")


def _changes(entry: ResistanceEntry, value: float | str, base: Resolved, bare: Scenario) -> list[str]:
    """Return a mechanism as changes of every clone."""
    (key,) = entry.sets
    if key != "her2_fold":
        return [f"tumour.clones.*.{key}={value}"]
    clones: Mapping[str, Any] = base.tree["tumour"]["clones"]
    found = []
    for name, clone in clones.items():
        receptors = clone["her2"]["receptors"] / _own_fold(bare, name) * float(value)
        found += [
            f"tumour.clones.{name}.her2={{receptors: {receptors:.6g}, spread: {clone['her2']['spread']}}}",
            # Fewer receptors do not mean that the tumour stops depending on them.
            f"tumour.clones.{name}.her2_driven={'true' if clone['her2_driven'] else 'false'}",
        ]
    return found


def _own_fold(bare: Scenario, name: str) -> float:
    """Return the fold of HER2 that the clone's own resistances apply to whatever it is given."""
    clones = (bare.document.tumour.clones if bare.document.tumour else None) or {}
    known = load_catalogue().resistance
    own = [known[one].sets.get("her2_fold", 1.0) for one in clones[name].resistance or ()]
    product = 1.0
    for fold in own:
        product *= float(fold)
    return product
