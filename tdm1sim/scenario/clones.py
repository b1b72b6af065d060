"""Clones resolved: what the scenario says over resistance mechanisms over the cell line over the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tdm1sim.parameters import Clone as ResolvedClone
from tdm1sim.scenario.checking import Checking
from tdm1sim.scenario.document import CellLine, Clone, Receptors, Trait
from tdm1sim.scenario.numbers import Number
from tdm1sim.scenario.writing import neat
from tdm1sim.units import DIMENSIONS, spell

T = TypeVar("T")

RATES: Mapping[str, str] = {
    "ke": "rate",
    "kr": "rate",
    "ks": "rate",
    "kpino": "uptake",
    "V": "volume_cell",
    "doubling": "time",
    "E_T": "number",
}
"""Numbers that may differ between clones, with their dimension: the keys of ``rates``."""
FOLDS = ("internalization", "recycling", "lysosome")


@dataclass(frozen=True, slots=True)
class Said:
    """A value and where it is from."""

    value: Any
    origin: str


@dataclass(slots=True)
class CloneText:
    """A clone as the complete scenario writes it: values by path, and the origin of each."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[tuple[str, ...], str] = field(default_factory=dict)

    def say(self, value: object, origin: str, *path: str) -> None:
        """Write one value at a path."""
        table = self.values
        for name in path[:-1]:
            table = table.setdefault(name, {})
        table[path[-1]] = neat(value)
        self.origins[path] = origin


class CloneResolver:
    """Resolves one clone.

    Parameters
    ----------
    check : Checking
        The document and the catalogue.
    numbers : mapping
        Every symbol as the run uses it where a clone does not differ.
    name : str
        Of the clone.
    """

    def __init__(self, check: Checking, numbers: Mapping[str, Number], name: str) -> None:
        self.check, self.numbers, self.name = check, numbers, name
        clones = check.document.tumour.clones if check.document.tumour else None
        self.clone: Clone = (clones or {})[name]
        self.references: set[str] = set()
        line = self.clone.cell_line
        self.own_line: CellLine | None = (check.document.cell_lines or {}).get(line) if line else None
        self.line = check.catalogue.cell_lines.get(line) if line and self.own_line is None else None
        self.set = self._resistance()

    def resolve(self, fraction: float) -> tuple[ResolvedClone, CloneText]:
        """Return the clone for the engine, and the same clone for people."""
        text = CloneText()
        text.say(fraction, self.here("fraction") if self.clone.fraction is not None else "the only clone", "fraction")
        receptors, spread = self.receptors(), self.spread()
        text.say(receptors.value, receptors.origin, "her2", "receptors")
        text.say(spread.value, spread.origin, "her2", "spread")
        driven = self.her2_driven()
        text.say(driven.value, driven.origin, "her2_driven")
        pten = self.trait("pten", "intact")
        text.say(pten.value, pten.origin, "pten")
        mdr1, slc46a3 = (self.distribution(key, text) for key in ("mdr1", "slc46a3"))
        folds = {key: self.trait(key, 1.0) for key in FOLDS}
        for key, fold in folds.items():
            text.say(fold.value, fold.origin, key)
        rates = {symbol: self.rate(symbol, text) for symbol in RATES}
        becomes = tuple((self.clone.becomes or {}).items())
        for target, probability in becomes:
            text.say(probability, self.here("becomes", target), "becomes", target)
        return (
            ResolvedClone(
                name=self.name,
                fraction=fraction,
                her2=receptors.value,
                her2_sigma=spread.value,
                mdr1=mdr1[0],
                mdr1_sigma=mdr1[1],
                slc46a3=slc46a3[0],
                slc46a3_sigma=slc46a3[1],
                pten_deficient=pten.value == "deficient",
                her2_driven=driven.value,
                ke=rates["ke"] * folds["internalization"].value,
                kr=rates["kr"] * folds["recycling"].value,
                ks=rates["ks"],
                phi=folds["lysosome"].value,
                kpino=rates["kpino"],
                volume=rates["V"],
                doubling=rates["doubling"],
                E_T=rates["E_T"],
                becomes=becomes,
                ke_normal=rates["ke"],
                kr_normal=rates["kr"],
            ),
            text,
        )

    def here(self, *path: str) -> str:
        """Return where a key of this clone was written."""
        return self.check.origin("tumour", "clones", self.name, *path)

    def line_said(self, trait: str) -> Said | None:
        """Return what the cell line says about a trait, if it has one and says something."""
        name = self.clone.cell_line or ""
        if self.own_line is not None:
            key = {"V": "volume"}.get(trait, trait)
            value = getattr(self.own_line, key, None)
            return None if value is None else Said(value, self.check.origin("cell_lines", name, key))
        if self.line is None:
            return None
        if trait in {"pten", "her2_driven"}:
            value = self.line.her2_driven if trait == "her2_driven" else _pten(self.line.pten_deficient)
            return Said(value, f"cell line {name}")
        key = {"V": "volume"}.get(trait, trait)
        if key not in self.line.values:
            return None
        self.references.update(self.line.references.get(key, ()))
        return Said(self.line.values[key], f"cell line {name} ({self.line.status.get(key, 'assumed')})")

    def trait(self, key: str, default: object) -> Said:
        """Return a trait by precedence: clone, resistance mechanism, cell line, default."""
        own = getattr(self.clone, key)
        if own is not None:
            return Said(own, self.here(key))
        if key in self.set:
            return self.set[key]
        return self.line_said(key) or Said(default, "default")

    def distribution(self, key: str, text: CloneText) -> tuple[float, float]:
        """Return median and spread of a trait that may differ between cells."""
        said = self.trait(key, 1.0)
        if isinstance(said.value, Trait):
            median = 1.0 if said.value.median is None else said.value.median
            spread = said.value.spread or 0.0
            text.say(median, said.origin, key, "median")
            text.say(spread, said.origin, key, "spread")
            return median, spread
        text.say(said.value, said.origin, key)
        return float(said.value), 0.0

    def rate(self, symbol: str, text: CloneText) -> float:
        """Return a base rate of this clone; write it where it differs from the whole run's."""
        number = self.numbers[symbol]
        own = getattr(self.clone.rates, symbol, None) if self.clone.rates else None
        if own is not None:
            said = Said(own, self.here("rates", symbol))
            if number.given and number.origin == "--set" and number.value != own:
                self.check.warnings.append(
                    f"{said.origin}: tumour.clones.{self.name}.rates.{symbol} is used, not the value of --set"
                )
        else:
            line = None if number.given else self.line_said(symbol)
            said = line or Said(number.value, number.origin)
        value = float(said.value)
        if value != number.value:
            text.say(_rate_text(value, symbol), said.origin, "rates", symbol)
        return value

    def receptors(self) -> Said:
        """Return the median receptors per cell, resistance applied."""
        her2 = self.clone.her2
        said: Said | None = None
        if isinstance(her2, Receptors) and her2.receptors is not None:
            said = Said(her2.receptors, self.here("her2", "receptors"))
        elif isinstance(her2, str):
            entry = self.check.catalogue.her2_classes[her2]
            self.references.update(entry.references)
            said = Said(entry.receptors, f"{self.here('her2')}, class {her2} ({entry.status})")
        said = said or self.line_said("receptors") or Said(0.0, "default")
        fold = self.set.get("her2_fold")
        if fold is None:
            return said
        return Said(float(said.value) * float(fold.value), f"{said.origin}; times {fold.value:g}, {fold.origin}")

    def spread(self) -> Said:
        """Return the SD of ln(receptors): what the clone says, else ``sigma_her2`` given, the line's, the default."""
        her2, sigma = self.clone.her2, self.numbers["sigma_her2"]
        if isinstance(her2, Receptors) and her2.spread is not None:
            return Said(her2.spread, self.here("her2", "spread"))
        line = None if sigma.given or her2 is not None else self.line_said("spread")
        return line or Said(sigma.value, f"sigma_her2, {sigma.origin}")

    def her2_driven(self) -> Said:
        """Return whether HER2 signalling drives the cell: stated, by ISH, by the line, by the class."""
        if self.clone.her2_driven is not None:
            return Said(self.clone.her2_driven, self.here("her2_driven"))
        if self.clone.ish is not None:
            return Said(self.clone.ish == "amplified", f"{self.here('ish')}, ish")
        line = self.line_said("her2_driven")
        if line is not None:
            return line
        if isinstance(self.clone.her2, str):
            amplified = self.check.catalogue.her2_classes[self.clone.her2].ish == "amplified"
            return Said(amplified, f"class {self.clone.her2}")
        return Said(False, "default: not amplified")

    def _resistance(self) -> dict[str, Said]:
        """Return what the clone's resistance mechanisms set; a key set twice was refused before."""
        found: dict[str, Said] = {}
        for name in self.clone.resistance or ():
            entry = self.check.catalogue.resistance[name]
            self.references.update(entry.references)
            for key, value in entry.sets.items():
                found[key] = Said(value, f"resistance {name} ({entry.status})")
        return found


def _pten(deficient: bool) -> str:
    return "deficient" if deficient else "intact"


def _rate_text(value: float, symbol: str) -> object:
    dimension = RATES[symbol]
    return value if DIMENSIONS[dimension].unit == "1" else spell(value, dimension)


def fractions(check: Checking) -> dict[str, float]:
    """Return the share of each clone, ``rest`` worked out; complains where they do not add to 1."""
    clones = check.document.tumour.clones if check.document.tumour else None
    base = ("tumour", "clones")
    if not clones:
        if check.fine(*base):
            check.complain(base, "there are no clones", "at least one", "write `main: {fraction: 1, her2: 3+}`")
        return {}
    whole = not any(bad[:2] == base and len(bad) == len(base) + 1 for bad in check.bad)
    if not whole or not all(check.fine(*base, name, "fraction") for name in clones):
        return {}
    if len(clones) == 1 and next(iter(clones.values())).fraction is None:
        return dict.fromkeys(clones, 1.0)
    missing = [name for name, clone in clones.items() if clone.fraction is None]
    for name in missing:
        check.complain((*base, name, "fraction"), "is missing", "a number from 0 to 1, or the word rest")
    rest = [name for name, clone in clones.items() if clone.fraction == "rest"]
    for name in rest[1:]:
        check.complain((*base, name, "fraction"), "rest is written twice", f"once; {rest[0]} has it", "give a number")
    if missing or rest[1:]:
        return {}
    shares = {name: clone.fraction for name, clone in clones.items() if isinstance(clone.fraction, float)}
    total = sum(shares.values())
    listed = " + ".join(f"{share:g}" for share in shares.values())
    if rest and total <= 1 + 1e-9:
        shares[rest[0]] = max(0.0, 1.0 - total)
    elif rest or abs(total - 1) > 1e-9:
        allowed = "they add to at most 1 beside rest" if rest else "they add to 1; one may be `rest`"
        last = next(reversed(shares))
        suggestion = ""
        if not rest and 0 <= (fixed := shares[last] + 1 - total) <= 1:
            suggestion = f"write `fraction: {fixed:.6g}` or `fraction: rest` for {last}"
        how = f" ({listed})" if len(shares) > 1 else ""
        check.complain(base, f"the fractions add to {total:.9g}{how}", allowed, suggestion, key=True)
        return {}
    return {name: shares[name] for name in clones}
