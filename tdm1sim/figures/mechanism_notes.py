"""What is said beside each part of the picture of the mechanism, from the run's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tdm1sim import given
from tdm1sim.figures import mechanism_amounts as amounts
from tdm1sim.figures import reading, texts
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
    bound, off = _amount(n["bound"]), _part(n, "dissociated", "bound")
    shed = _amount(n["shed_receptor"])
    killed = percent(float(results.summary["fates"]["adcc"]["mean"]))
    return [
        Note(1, (242.0, 364.0), *_both("binds", drug=name, count=bound), "conjugate", badge=(306.0, 354.0)),
        Note(1, (382.0, 286.0), *_both("comes_off", count=off), "conjugate", badge=(348.0, 262.0)),
        Note(1, (196.0, 304.0), *_both("pertuzumab"), side="right"),
        Note(1, (62.0, 348.0), *_both("shed", count=shed), "shed", badge=(60.0, 290.0)),
        Note(1, (624.0, 344.0), *_both("nk", share=killed), "adcc", badge=(584.0, 316.0)),
    ]


def _inside(results: Results) -> list[Note]:
    n = amounts.carried(results)
    taken, on = _amount(n["internalised"]), _amount(n["sorted_to_lysosome"])
    back = _part(n, "recycled", "internalised")
    return [
        Note(2, (250.0, 186.0), *_both("taken_in", count=taken), "conjugate"),
        Note(2, (384.0, 180.0), *_both("recycled", count=back), "conjugate"),
        Note(2, (290.0, 70.0), *_both("lysosomes", count=on), "conjugate", badge=(336.0, 76.0)),
    ]


def _payload_notes(results: Results) -> list[Note]:
    n, drugs = amounts.carried(results), given.of(results)
    payload, released = drugs.payload, drugs.conjugate.released
    free, into, out = (_amount(n[x]) for x in ("carried_released", "catabolite_to_cytosol", "dm1_effluxed"))
    freed = _both("set_free", payload=payload, released=released, count=free)
    held = _both("in_cytosol", payload=payload, level=f"{plain(amounts.cytosol(results)[0], 2)} nM")
    return [
        Note(3, (440.0, 24.0), *freed, "payload", "center", (440.0, 106.0)),
        Note(3, (502.0, 152.0), *_both("to_cytosol", slc46a3=slc46a3(results), count=into), "payload"),
        Note(3, (574.0, 86.0), *held, "payload", "center", (604.0, 96.0)),
        Note(3, (708.0, 312.0), *_both("out_again", mdr1=mdr1(results), count=out), "payload", badge=(718.0, 300.0)),
    ]


def _effect_notes(results: Results) -> list[Note]:
    held = percent(amounts.cytosol(results)[1])
    signal = _both("signal", share=percent(amounts.pi3k(results))) if drives(results) else _both("not_driven")
    return [
        Note(4, (676.0, 30.0), *_both("target", share=held), side="center", badge=(690.0, 34.0)),
        Note(4, (128.0, 158.0), *signal, badge=(146.0, 150.0)),
    ]


def _both(name: str, **parts: str) -> tuple[str, str]:
    """Return what stands beside a part of the picture, and what the key says of it."""
    return texts.label(f"note_{name}", **parts), texts.label(f"key_{name}", **parts)


def _amount(count: float) -> str:
    return amounts.million(count, words=texts.label)


def _part(n: Mapping[str, float], some: str, of: str) -> str:
    """Return an amount with its share of another."""
    return f"{_amount(n[some])}\n({percent(amounts.share(n, some, of))})"


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
    name = texts.label("mdr1_fold", fold=plain(fold)) if fold > 0.0 and fold != 1.0 else texts.label("mdr1")
    return texts.label("mdr1_inhibited", mdr1=name) if given.of(results).inhibits("pgp") else name


def slc46a3(results: Results) -> str:
    """Return the name of the transporter, with its activity where the run's only clone has another than 1."""
    activity = _fold(results, "slc46a3")
    if activity == 0.0:
        return texts.label("slc46a3_lost")
    other = activity > 0.0 and activity != 1.0
    return texts.label("slc46a3_fold", fold=plain(activity)) if other else texts.label("slc46a3")


def drives(results: Results) -> bool:
    """Whether HER2 drives some clone, so that there is a signal to block."""
    clones = reading.clones(results).values()
    return not clones or any(traits.get("her2_driven") is not False for traits in clones)


def lost_pten(results: Results) -> bool:
    """Whether every clone lacks PTEN."""
    clones = reading.clones(results).values()
    return bool(clones) and all(str(traits.get("pten")) == "deficient" for traits in clones)
