"""What no single file can check: every reference and evidence row exists, is used, and supports its value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tdm1sim.catalogue.entries import Status
from tdm1sim.catalogue.reading import CatalogueError

if TYPE_CHECKING:
    from tdm1sim.catalogue.loader import Catalogue


class Claim(NamedTuple):
    """One value and what it rests on."""

    where: str
    status: Status
    references: tuple[str, ...]
    evidence: tuple[str, ...]


def claims(catalogue: Catalogue) -> Iterator[Claim]:
    """Yield everything in the catalogue that names a reference or an evidence row."""
    for symbol, entry in catalogue.parameters.items():
        yield Claim(f"parameters.yaml: {symbol}", entry.status, entry.references, entry.evidence)
    for name, line in catalogue.cell_lines.items():
        for trait in line.values:
            where = f"cell_lines.yaml: {name}: {trait}"
            yield Claim(where, line.status[trait], line.references[trait], line.evidence[trait])
    for name, group in catalogue.her2_classes.items():
        yield Claim(f"her2_classes.yaml: {name}", group.status, group.references, group.evidence)
    for name, trait_loss in catalogue.resistance.items():
        where = f"resistance.yaml: {name}"
        yield Claim(where, trait_loss.status, trait_loss.references, trait_loss.evidence)
    for name, drug in catalogue.drugs.items():
        yield Claim(f"drugs/{name}.yaml", "assumed", drug.references, ())
        for symbol, held in drug.values.items() if drug.kind == "conjugate" else ():
            yield Claim(f"drugs/{name}.yaml: {symbol}", held.status, held.references, held.evidence)
    for name, curve in catalogue.measured.items():
        yield Claim(f"measured.yaml: {name}", "sourced", curve.references, curve.evidence)


def check(catalogue: Catalogue) -> None:
    """Read the whole catalogue and refuse the first thing that does not hold together.

    Raises
    ------
    CatalogueError
        Naming the entry.
    """
    used: set[str] = set()
    for claim in claims(catalogue):
        used.update(claim.references)
        _check_claim(catalogue, claim)
    for key in catalogue.references:
        if key not in used:
            msg = f"references.yaml: {key}: nothing in the catalogue names it"
            raise CatalogueError(msg)
    for name, drug in catalogue.drugs.items():
        catalogue.parameters_with(name)  # refuses values of unknown symbols and in another unit
        for symbol in drug.symbols:
            if symbol not in catalogue.parameters:
                msg = f"drugs/{name}.yaml: there is no parameter `{symbol}`"
                raise CatalogueError(msg)
    _check_measured(catalogue)


def _check_claim(catalogue: Catalogue, claim: Claim) -> None:
    for key in claim.references:
        if key not in catalogue.references:
            msg = f"{claim.where}: there is no reference `{key}` in references.yaml"
            raise CatalogueError(msg)
    for row in claim.evidence:
        if row not in catalogue.evidence:
            msg = f"{claim.where}: there is no evidence row `{row}`"
            raise CatalogueError(msg)
        confidence = catalogue.evidence[row]["confidence"]
        # Only S rows were read in the source; K and A rows inform, D rows are our own arithmetic.
        if claim.status == "sourced" and not confidence.startswith("S"):
            msg = f"{claim.where}: sourced, but evidence row {row} has confidence {confidence}"
            raise CatalogueError(msg)


def _check_measured(catalogue: Catalogue) -> None:
    """Refuse a measured curve whose points are not those of its evidence rows."""
    for name, curve in catalogue.measured.items():
        for row, value in zip(curve.evidence, curve.y, strict=True):
            if float(catalogue.evidence[row]["value"]) != value:
                msg = f"measured.yaml: {name}: {row} has {catalogue.evidence[row]['value']}, not {value:g}"
                raise CatalogueError(msg)
