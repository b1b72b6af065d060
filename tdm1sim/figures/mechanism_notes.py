"""What is said beside each part of the picture of the mechanism, from the run's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tdm1sim import given
from tdm1sim.figures import mechanism_amounts as amounts
from tdm1sim.figures import reading
from tdm1sim.figures.glyphs import Point
from tdm1sim.figures.words import number_of, percent, plain

if TYPE_CHECKING:
    from tdm1sim.results import Results


@dataclass(frozen=True, slots=True)
class Note:
    """Words beside a part: on a slide where they stand, on paper a number there and the words in a key.

    Attributes
    ----------
    step : int
        The frame with which they appear.
    at : tuple of float
        Where.
    text : str
        What a slide says; line breaks are its own.
    told : str
        What the key says, with the names of the parts.
    meaning : str
        Of the colour of the swatch in the key; empty for what has none of its own.
    side : str
        Horizontal alignment on a slide.
    badge : tuple of float, optional
        Where the number stands, if not at ``at``.
    """

    step: int
    at: Point
    text: str
    told: str
    meaning: str = ""
    side: str = "left"
    badge: Point | None = None


def notes(results: Results) -> list[Note]:
    """Return everything that is said beside a part of the picture, in the order of the drug's way."""
    return [*_outside(results), *_inside(results), *_payload_notes(results), *_effect_notes(results)]


def _outside(results: Results) -> list[Note]:
    n, name = amounts.carried(results), given.of(results).conjugate.short
    bound, off = amounts.million(n["bound"]), _part(n, "dissociated", "bound")
    shed = amounts.million(n["shed_receptor"])
    killed = percent(float(results.summary["fates"]["adcc"]["mean"]))
    iv = f"{name} binds subdomain IV of HER2: {bound}"
    fc = f"NK cell, whose Fc receptor holds the antibody; killed so: {killed} of the cells"
    return [
        Note(1, (242.0, 364.0), f"binds at IV: {bound}", iv, "conjugate", badge=(306.0, 354.0)),
        Note(1, (382.0, 286.0), f"comes off:\n{off}", f"comes off again: {off}", "conjugate", badge=(348.0, 262.0)),
        Note(1, (196.0, 304.0), "pertuzumab\nbinds at II", "subdomain II, where pertuzumab binds", side="right"),
        Note(
            1, (62.0, 348.0), f"shed HER2:\n{shed}", f"HER2's ectodomain is shed: {shed}", "shed", badge=(60.0, 290.0)
        ),
        Note(1, (624.0, 344.0), f"killed by\nNK cells:\n{killed}", fc, "adcc", badge=(584.0, 316.0)),
    ]


def _inside(results: Results) -> list[Note]:
    n = amounts.carried(results)
    taken, on = amounts.million(n["internalised"]), amounts.million(n["sorted_to_lysosome"])
    back = _part(n, "recycled", "internalised")
    return [
        Note(2, (250.0, 186.0), f"taken in:\n{taken}", f"taken into endosomes: {taken}", "conjugate"),
        Note(2, (384.0, 180.0), f"recycled:\n{back}", f"recycled to the surface: {back}", "conjugate"),
        Note(2, (290.0, 70.0), f"to lysosomes:\n{on}", f"sorted to lysosomes: {on}", "conjugate", badge=(336.0, 76.0)),
    ]


def _payload_notes(results: Results) -> list[Note]:
    n, drugs = amounts.carried(results), given.of(results)
    payload, released = drugs.payload, drugs.conjugate.released
    free, into, out = (amounts.million(n[x]) for x in ("carried_released", "catabolite_to_cytosol", "dm1_effluxed"))
    peak = f"{plain(amounts.cytosol(results)[0], 2)} nM"
    freed = f"lysosome: the antibody is digested, {payload} set free as {released}: {free}"
    pumped = f"{mdr1(results)} and other ways out: {out}"
    held = f"{payload} in the cytosol: {peak} in the median cell at its peak"
    return [
        Note(3, (440.0, 24.0), f"{payload} set free: {free}", freed, "payload", "center", (440.0, 106.0)),
        Note(3, (502.0, 152.0), f"to the cytosol:\n{into}", f"{slc46a3(results)}, to the cytosol: {into}", "payload"),
        Note(
            3, (574.0, 86.0), f"{payload} in the cytosol:\n{peak} at its peak", held, "payload", "center", (604.0, 96.0)
        ),
        Note(3, (708.0, 312.0), f"out again:\n{out}", pumped, "payload", badge=(718.0, 300.0)),
    ]


def _effect_notes(results: Results) -> list[Note]:
    held = percent(amounts.cytosol(results)[1])
    left = percent(amounts.pi3k(results))
    signal = f"PI3K signal:\n{left} left"
    told = f"PI3K, which PTEN holds back, drives G1; the antibody leaves {left} of its signal"
    if not drives(results):
        signal, told = "HER2 drives\nno cell here", "PI3K drives G1; HER2 drives no cell here"
    spindle = f"spindle: {held} of it binds tubulin, and cells stop in mitosis"
    return [
        Note(4, (676.0, 30.0), f"{held} on tubulin:\nmitotic arrest", spindle, side="center", badge=(690.0, 34.0)),
        Note(4, (128.0, 158.0), signal, told, badge=(146.0, 150.0)),
    ]


def _part(n: Mapping[str, float], some: str, of: str) -> str:
    """Return an amount with its share of another."""
    return f"{amounts.million(n[some])}\n({percent(amounts.share(n, some, of))})"


def _alone(results: Results) -> Mapping[str, Any]:
    """Return the traits of a run's only clone; of none where there are several."""
    clones = list(reading.clones(results).values())
    return clones[0] if len(clones) == 1 else {}


def _fold(results: Results, trait: str) -> float:
    value = _alone(results).get(trait)
    return number_of(value.get("median") if isinstance(value, Mapping) else value)


def mdr1(results: Results) -> str:
    """Return the name of the pump, the fold of a run's only clone if it is not 1, and whether it is inhibited."""
    fold = _fold(results, "mdr1")
    name = f"MDR1 (P-gp) ×{plain(fold)}" if fold > 0.0 and fold != 1.0 else "MDR1 (P-gp)"
    return f"{name}\n(inhibited)" if given.of(results).inhibits("pgp") else name


def slc46a3(results: Results) -> str:
    """Return the name of the transporter, with its activity where the run's only clone has another than 1."""
    activity = _fold(results, "slc46a3")
    if activity == 0.0:
        return "SLC46A3 lost"
    return f"SLC46A3 ×{plain(activity)}" if activity > 0.0 and activity != 1.0 else "SLC46A3"


def drives(results: Results) -> bool:
    """Whether HER2 drives some clone, so that there is a signal to block."""
    clones = reading.clones(results).values()
    return not clones or any(traits.get("her2_driven") is not False for traits in clones)


def lost_pten(results: Results) -> bool:
    """Whether every clone lacks PTEN."""
    clones = reading.clones(results).values()
    return bool(clones) and all(str(traits.get("pten")) == "deficient" for traits in clones)
