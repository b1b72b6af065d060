"""Pages drawn once from made-up results, and what stands on them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from tdm1sim.figures import (
    page,
)
from tests.figures import look_alike, synthetic

ATTRIBUTED = ("attributed", "attributed_low")
PAGES = [
    (story, name)
    for story in synthetic.ALL
    if story not in (*ATTRIBUTED, "acquired")
    for name in ("exposure", "drug_path", "dm1_bands", "fates", "clones", "dose_response")
    if name != "dose_response" or story == "culture"
]
PAGES += [(story, "attribution") for story in ATTRIBUTED]
PAGES += [(story, "plasma_dm1") for story in ("patient", "cyp3a4_inhibitor", "population")]
PAGES += [(story, "pharmacokinetics") for story in ("patient", "cyp3a4_inhibitor", "population")]
PAGES += [(story, "shed_ectodomain") for story in ("patient", "naked", "adcc")]
MECHANISM = ("patient", "culture", "her2_low", "three_clones", "mdr1_inhibitor", "pten_deficient", "cleared")
PAGES += [(story, "mechanism") for story in MECHANISM]
PAGES += [(story, "three_lives") for story in ("patient", "culture", "t_dxd")]
PAGES += [(story, "cell_scatter") for story in ("patient", "culture", "three_clones", "t_dxd", "cleared")]
PAGES += [("trafficking", "proteolysis_activity"), ("acquired", "clone_tree")]

EVERYWHERE = ("Fractions of cells, not of patients", "never clinical advice")
BANDS = "this model's thresholds, not measured; fate follows them by construction"
TOXICITY = "toxicity is not modelled; more drug always looks better here"
HER2_LOW = "the model overstates T-DM1 in HER2-low tumours, where it is not licensed"
CLEARED = "none of 16,000 simulated cells; rarer survivors are invisible; not a cure"
SHARES = "shares depend on E_T and q, which nobody measured"
PUT_IN = "HER2 drives no cell here, so blockade slows none (E_T = 0): put in, not found"
B47 = "Trastuzumab did not help HER2-low disease in NSABP B-47 (3,270 patients)"
REVERSAL = "in cells; P-gp inhibitors have disappointed in trials"
PIK3CA = "EMILIA: PIK3CA mutants did no worse on T-DM1"
FOLDS = "folds were chosen; heights do not rank mechanisms"
SAFETY = "no word on safety; a rise of DM1 in plasma was not seen in EMILIA"
NOT_FED = "DM1 in plasma does not feed the cells"
WELL_MIXED = "reaches all others alike, which exaggerates how far it reaches in tissue"
UNCALIBRATED = "T-DXd is not calibrated here: read directions, not sizes"
PATIENTS = "Patients differ only in how they handle the drug (PK); their tumours are alike"
ADCC = "the constants of ADCC are assumed"
OF_STORY = {
    "cyp3a4_inhibitor": SAFETY,
    "mdr1_inhibitor": REVERSAL,
    "t_dxd": UNCALIBRATED,
    "population": PATIENTS,
}
"""Lines on every figure of a story."""
OF_CELLS = {
    "naked": B47,
    "mdr1_inhibitor": FOLDS,
    "three_clones": FOLDS,
    "acquired": FOLDS,
    "pten_deficient": PIK3CA,
    "t_dxd": WELL_MIXED,
    "adcc": ADCC,
}
"""Lines on the fates and clones of a story."""
OF_FATES = ("fates", "clones", "clone_tree", "mechanism", "cell_scatter")
"""Figures these lines stand on."""
OF_FIGURE = {
    "pharmacokinetics": NOT_FED,
    "mechanism": "a drawing, not to scale",
    "three_lives": "single cells show how it happens, not how often",
    "plasma_dm1": NOT_FED,
    "shed_ectodomain": "the rate of shedding is assumed",
    "clone_tree": "The chance of becoming another clone is assumed",
    "proteolysis_activity": "impaired trafficking is assumed: nobody has measured it",
}
"""Lines on a figure of any story."""
TRANSPORT = "vessel permeability 259 µm/d, Krogh radius 75 µm"
DISH = "8,000 cells per well, 72 h"


@functools.cache
def results_of(story: str) -> look_alike.FakeResults:
    return synthetic.ALL[story]()


@functools.cache
def sheet_of(story: str, name: str) -> Figure:
    sheet = page(name, results_of(story))
    sheet.draw_without_rendering()
    return sheet


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def words_on(sheet: Figure) -> str:
    return " | ".join(flat(text.get_text()) for text in sheet.findobj(Text) if text.get_text())


def all_axes(ax: Axes) -> Iterator[Axes]:
    yield ax
    for child in ax.child_axes:
        yield from all_axes(child)


def by_gid(sheet: Figure, gid: str) -> list[Any]:
    return sheet.findobj(lambda artist: artist.get_gid() == gid)


def required(story: str, name: str) -> list[str]:
    """The limit lines and settings a figure must carry, written down a second time, from the design."""
    lines = list(EVERYWHERE)
    in_dish = story in {"culture", "adcc"}
    treated_patient = not in_dish and story not in {"untreated", "naked", "pertuzumab"}
    lines += [OF_STORY[story]] if story in OF_STORY else []
    lines += [OF_CELLS[story]] if name in OF_FATES and story in OF_CELLS else []
    lines += [OF_FIGURE[name]] if name in OF_FIGURE else []
    lines += ["toxicity is not modelled"] if story == "naked" and name in {"exposure", "fates", "clones"} else []
    if name in {"dm1_bands", "three_lives", "cell_scatter"}:
        lines.append(BANDS)
    if (
        treated_patient
        and name in {"exposure", "pharmacokinetics", "mechanism", "fates", "clones", "clone_tree", "plasma_dm1"}
    ) or name == "dose_response":
        lines.append(TOXICITY)
    if name == "attribution":
        lines.append(SHARES)
    if story == "attributed_low" or (story == "naked" and name in {"fates", "clones"}):
        lines.append(PUT_IN)
    if story in {"her2_low", "three_clones", "acquired", "attributed_low"}:
        lines.append(HER2_LOW)
    if story == "cleared" and name != "exposure":
        lines.append(CLEARED)
    lines.append("5,000 cells per well, 24 h" if story == "adcc" else DISH if in_dish else TRANSPORT)
    return lines


def missing(story: str, name: str, sheet: Figure, caption: str) -> list[str]:
    """The required lines that the picture or its caption lacks."""
    drawn, told = words_on(sheet).lower(), flat(caption).lower()
    return [line for line in required(story, name) if line.lower() not in drawn or line.lower() not in told]


def boxes(sheet: Figure) -> list[tuple[str, Any]]:
    """Every visible text of a page with its box, pixels."""
    renderer = FigureCanvasAgg(sheet).get_renderer()
    found = []
    for text in sheet.findobj(Text):
        words = flat(text.get_text())
        if not words or not text.get_visible():
            continue
        box = (
            Text.get_window_extent(text, renderer) if isinstance(text, Annotation) else text.get_window_extent(renderer)
        )
        found.append((words, box))
    return found


def overlaps(found: list[tuple[str, Any]], slack: float = 2.0) -> list[tuple[str, str]]:
    return [
        (a, b)
        for (a, one), (b, other) in combinations(found, 2)
        if min(one.x1, other.x1) - max(one.x0, other.x0) > slack
        and min(one.y1, other.y1) - max(one.y0, other.y0) > slack
    ]
