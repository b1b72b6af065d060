"""Stories of look-alike results: figures can be tested and looked at without a simulation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from tests.figures.look_alike import FakeResults, Story, build

T_DM1: dict[str, Any] = {"drug": "t-dm1", "dose": "3.6 mg/kg", "every": "21 d", "cycles": 1}


def naked() -> FakeResults:
    """Return a HER2-low patient given trastuzumab alone: no conjugate, no payload."""
    dose = {"drug": "trastuzumab", "dose": "8 mg/kg"}
    low = (("low", 1.0, "1+", 1.0),)
    story = Story(
        name="naked", clones=low, dose_every=None, treatment=(dose,), naked=1300.0, traits={"her2_driven": False}
    )
    return build(story)


def adcc() -> FakeResults:
    """Return a dish with trastuzumab and NK cells, which kill a part of the cells."""
    dose = {"drug": "trastuzumab", "concentration": "2 ug/mL"}
    story = Story(
        name="adcc_assay", patient=False, hours=24.0, every=1.0, dose_every=None, treatment=(dose,), naked=13.8, nk=0.4
    )
    return build(story)


def pertuzumab() -> FakeResults:
    """Return a patient given pertuzumab alone, whose course no column holds."""
    return build(Story(name="pertuzumab", dose_every=None, treatment=({"drug": "pertuzumab", "dose": "12 mg/kg"},)))


def codosing() -> FakeResults:
    """Return a patient given trastuzumab beside T-DM1."""
    both = (T_DM1, {"drug": "trastuzumab", "dose": "8 mg/kg"})
    return build(Story(name="codosing", treatment=both, naked=1300.0))


def t_dxd() -> FakeResults:
    """Return a patient given the other conjugate, in whom HER2-poor cells die of their neighbours' payload."""
    dose = {"drug": "t-dxd", "dose": "5.4 mg/kg", "every": "21 d", "cycles": 1}
    mixed = (("positive", 0.67, "3+", 1.0), ("poor", 0.33, "0", 1.4))
    return build(Story(name="t_dxd", clones=mixed, treatment=(dose,), parameters={"kin": "3.8 pL/h"}))


def cyp3a4_inhibitor() -> FakeResults:
    """Return a patient given a CYP3A4 inhibitor beside T-DM1."""
    both = (T_DM1, {"drug": "cyp3a4_inhibitor", "inhibition": 0.9})
    return build(Story(name="cyp3a4_inhibitor", treatment=both))


def mdr1_inhibitor() -> FakeResults:
    """Return a tumour with much MDR1, and a P-gp inhibitor beside T-DM1."""
    both = (T_DM1, {"drug": "pgp_inhibitor", "inhibition": 0.99})
    return build(Story(name="mdr1_inhibitor", treatment=both, traits={"mdr1": 10.0}))


def pten_deficient() -> FakeResults:
    """Return a tumour without PTEN."""
    return build(Story(name="pten_deficient", traits={"pten": "deficient", "her2_driven": True}))


def trafficking() -> FakeResults:
    """Return a tumour whose lysosomes digest less where there is much DM1."""
    return build(Story(name="impaired_trafficking", parameters={"C_T": "500 nM"}))


def population() -> FakeResults:
    """Return eight patients who handle the drug differently."""
    return build(Story(name="population", population=True))


def patient() -> FakeResults:
    """Return a HER2-positive patient, 21 days, all three fates."""
    return build(Story())


def untreated() -> FakeResults:
    """Return a patient without treatment."""
    return build(Story(name="untreated", dose_every=None))


def cleared() -> FakeResults:
    """Return a patient in whom no simulated cell survives, and whose tables end without living cells."""
    return build(Story(name="cleared", kill=0.08, payload=3.0))


def one_replicate() -> FakeResults:
    """Return a small run with one replicate."""
    return build(Story(name="quick_look", replicates=1, cells=200))


def her2_low() -> FakeResults:
    """Return a HER2-low patient."""
    return build(Story(name="her2_low", clones=(("low", 1.0, "1+", 1.0),), payload=0.2, kill=0.002))


def three_clones() -> FakeResults:
    """Return a mixed tumour over six cycles."""
    mixed = (
        ("sensitive", 0.8, "3+", 1.0),
        ("mdr1_high", 0.05, "3+", 4.0),
        ("her2_loss", 0.15, {"receptors": 1e5, "spread": 0.5}, 2.2),
    )
    return build(Story(name="mixed_resistance", hours=3024.0, clones=mixed, kill=0.004))


def twelve_clones() -> FakeResults:
    """Return a tumour with twelve clones, some with long names."""
    many = tuple(
        (
            f"clone_{i}" + "_with_a_remarkably_long_name_that_no_label_holds" * (i % 4 == 3),
            1 / 12,
            "3+",
            1.0 + 0.15 * i,
        )
        for i in range(12)
    )
    return build(Story(name="twelve_clones", clones=many, hours=1008.0, cells=2400))


def long_run() -> FakeResults:
    """Return two years of untreated growth."""
    return build(Story(name="two_years", hours=17520.0, every=48.0, dose_every=504.0, kill=0.0013))


def attributed(
    *, blockade: float = -0.03, other: float = 0.0, half: float | None = 0.02, driven: bool = True
) -> FakeResults:
    """Return a patient in whom the share of each arm was worked out: parts of effects 0.64, 1.35 and 0.8."""
    results = build(Story() if driven else Story(name="her2_low", clones=(("low", 1.0, "1+", 1.0),)))
    for traits in results.scenario["tumour"]["clones"].values():
        traits["her2_driven"] = driven
    games = {}
    for measure, effect in (("live_cells", 0.64), ("cell_number", 1.35), ("killing", 0.8)):
        shares = {"payload": 1.0 - blockade - other, "blockade": blockade, "adcc": 0.0, "other": other}
        parts = {name: _game_part(share, effect, half if share else 0.0) for name, share in shares.items()}
        left = parts.pop("other")
        games[measure] = {"effect": _around(effect, half), "arms": parts, "other": left}
    results.summary["attribution"] = {"until_h": 504.0, **games.pop("live_cells"), **games}
    return results


def _game_part(share: float, effect: float, half: float | None) -> dict[str, dict[str, float | None]]:
    return {"effect": _around(share * effect, half), "share": _around(share, half)}


def _around(mean: float, half: float | None) -> dict[str, float | None]:
    if half is None:
        return {"mean": mean, "low": None, "high": None}
    return {"mean": mean, "low": mean - half, "high": mean + half}


def acquired(*, arose: bool = True) -> FakeResults:
    """Return a tumour whose sensitive cells become one with much MDR1, which becomes one without HER2, now and then."""
    kinds = (("sensitive", 1.0, "3+", 1.0), ("mdr1_high", 0.0, "3+", 3.0), ("her2_loss", 0.0, "1+", 3.0))
    results = build(Story(name="acquired", clones=kinds, kill=0.01, replicates=2))
    traits = results.scenario["tumour"]["clones"]
    traits["sensitive"]["becomes"], traits["mdr1_high"]["becomes"] = {"mdr1_high": 0.01}, {"her2_loss": 0.01}
    cells = results.cells.assign(end_h=np.where(results.cells["fate"] == "surviving", 504.0, 300.0))
    if arose:
        families = [_family(str(n), 30.0 + 5.0 * n, 3 + n % 3, "mdr1_high" if n % 4 else "her2_loss") for n in range(9)]
        cells.loc[:8, ["fate", "end_h"]] = ["divided", 20.0]
        rows = pd.DataFrame([row for family in families for row in family])
        cells = pd.concat([cells, rows], ignore_index=True)
    return FakeResults(**{**vars(results), "cells": cells})


def _family(founder: str, first: float, generations: int, last: str) -> list[dict[str, Any]]:
    """Return a founder's daughters: one stays and dies, the other has changed; her last granddaughters are ``last``."""
    common = {"her2_per_cell": 1e6, "dm1_peak_nM": 300.0, "band": "intermediate", "stage_end": "cycling"}

    def row(path: str, parent: str, clone: str, birth: float, end: float, fate: str) -> dict[str, Any]:
        lived = {"birth_h": birth, "end_h": end, "fate": fate}
        return {"cell_id": path, "parent_id": parent, "clone": clone, **lived, **common}

    rows = [row(f"{founder}.1", founder, "sensitive", 20.0, first, "apoptosis")]
    paths = [f"{founder}.0"]
    for generation in range(generations):
        birth, ends = 20.0 + generation * first, generation == generations - 1
        clone = last if ends else "mdr1_high"
        alive = "surviving" if int(founder) % 3 else "mitotic_catastrophe"
        fate, end = (alive, 504.0 if alive == "surviving" else 400.0) if ends else ("divided", birth + first)
        for path in paths:
            short = path[:-1].rstrip(".")
            rows.append(row(path, short, clone, birth, end, fate))
        paths = [f"{path}{which}" for path in paths for which in "01"]
    return rows


def culture(*, with_series: bool = True) -> FakeResults:
    """Return a dish of SK-BR-3-like cells, 72 h, with a series of concentrations."""
    story = Story(
        name="in_vitro_sk_br_3",
        patient=False,
        hours=72.0,
        every=1.0,
        replicates=4,
        kill=0.02,
        growth=math.log(2.0) / 37.4,
        clones=(("sk_br_3", 1.0, {"receptors": 1.13e6, "spread": 0.5}, 1.0),),
    )
    results = build(story)
    if not with_series:
        return results
    luck = np.random.default_rng(7)
    rows = []
    for replicate in range(1, 5):
        rows.append((replicate, 72.0, "atp", 0.5, 0.5, np.nan))
        for concentration in np.geomspace(0.003, 100.0, 10):
            value = 0.325 + 0.675 / (1 + (concentration / 0.09) ** 1.3) + 0.012 * luck.standard_normal()
            rows.append((replicate, 72.0, "atp", 1e4 * value, value, concentration))
    columns = ["replicate", "time_h", "readout", "value", "of_untreated", "concentration_nM"]
    return FakeResults(**{**vars(results), "readouts": pd.DataFrame(rows, columns=columns)})


ALL = {
    "patient": patient,
    "untreated": untreated,
    "cleared": cleared,
    "one_replicate": one_replicate,
    "her2_low": her2_low,
    "three_clones": three_clones,
    "twelve_clones": twelve_clones,
    "long_run": long_run,
    "culture": culture,
    "naked": naked,
    "adcc": adcc,
    "pertuzumab": pertuzumab,
    "codosing": codosing,
    "t_dxd": t_dxd,
    "cyp3a4_inhibitor": cyp3a4_inhibitor,
    "mdr1_inhibitor": mdr1_inhibitor,
    "pten_deficient": pten_deficient,
    "trafficking": trafficking,
    "population": population,
    "acquired": acquired,
    "attributed": attributed,
    "attributed_low": lambda: attributed(blockade=0.0, driven=False),
}
