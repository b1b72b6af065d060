"""What the pictures must not teach by accident: one table of limit lines.

Each line says on which figures it stands, when, and what. Every figure prints its lines, and its caption
repeats them; a figure without a line from here is a defect that the tests look for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tdm1sim import given
from tdm1sim.catalogue.drugs import DEFAULT
from tdm1sim.figures import reading
from tdm1sim.figures.words import number_of

if TYPE_CHECKING:
    from tdm1sim.results import Results

EVERY = "every figure"
PTEN = (
    "PTEN: a finding in cell lines; EMILIA: PIK3CA mutants did no worse on T-DM1 "
    "(10.9 against 9.8 months, exploratory)."
)
TOXICITY = "Toxicity is not modelled."
CELLS = "Fractions of cells, not of patients."
ADVICE = "A teaching and research tool, never clinical advice."
PERTUZUMAB = "Pertuzumab here meets no NK cells and is never used up: do not rank it with trastuzumab."
PUT_IN = "HER2 drives no cell here, so blockade slows none (E_T = 0): put in, not found."
SUBDOMAINS = "Which antibodies compete is put in (subdomains of HER2); found is only how much."
"""Words that stand on other pages too, where no run is shown."""
CENTRAL = ("mechanism", "three_lives", "cell_scatter", "clone_tree")
"""Figures of single cells, of one replicate, or of a drawing: a range over draws has no place in them."""
LICENSED_RECEPTORS = 5e5
"""Receptors per cell below which a patient's tumour counts as HER2-low here: between 2+ and 3+."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit line.

    Attributes
    ----------
    name : str
        What it guards against.
    figures : tuple of str
        Figures it stands on; ``EVERY`` for all.
    when : callable
        Results to bool: whether the line applies to this run.
    text : callable
        Results to str: the line as printed.
    """

    name: str
    figures: tuple[str, ...]
    when: Callable[[Results], bool]
    text: Callable[[Results], str]


def _always(_: Results) -> bool:
    return True


def _treated_patient(results: Results) -> bool:
    return reading.is_patient(results) and reading.has_drug(results)


def _given_t_dm1(results: Results) -> bool:
    return reading.has_conjugate(results) and given.of(results).conjugate.name == DEFAULT


def _her2_low_patient(results: Results) -> bool:
    """Whether T-DM1, which is licensed for HER2-positive disease, is given to a patient with HER2-low cells."""
    if not (_treated_patient(results) and _given_t_dm1(results)):
        return False
    return any(
        name in {"0", "1+", "2+"} or receptors < LICENSED_RECEPTORS
        for name, receptors in reading.her2_of(results).values()
    )


def _nowhere_driven(results: Results) -> bool:
    clones = reading.clones(results).values()
    return bool(clones) and all(traits.get("her2_driven") is False for traits in clones)


def _naked_her2_low(results: Results) -> bool:
    """Whether the run is that of NSABP B-47: naked antibody, in a patient whose tumour HER2 does not drive."""
    alone = reading.has_antibody(results) and not reading.has_conjugate(results)
    return reading.is_patient(results) and alone and _nowhere_driven(results)


def _put_in(results: Results) -> bool:
    return reading.has_antibody(results) and _nowhere_driven(results)


def _uncalibrated(results: Results) -> bool:
    return reading.has_conjugate(results) and not _given_t_dm1(results)


def _bystander(results: Results) -> bool:
    """Whether payload that has left a cell enters others, in a tissue where only neighbours would be near."""
    enters = number_of(reading.setting(results, "parameters.kin")) > 0
    return enters and reading.is_patient(results) and reading.has_conjugate(results)


def _pten(results: Results) -> bool:
    return any(str(traits.get("pten")) == "deficient" for traits in reading.clones(results).values())


def _folds(results: Results) -> bool:
    """Whether a clone carries a resistance by a fold that we chose, or less HER2 than the tumour that HER2 drives."""
    if not reading.has_conjugate(results):
        return False
    receptors = reading.her2_of(results)
    return any(
        reading.folds(traits) or (traits.get("her2_driven") is True and receptors[name][1] < LICENSED_RECEPTORS)
        for name, traits in reading.clones(results).items()
    )


def _nk_killed(results: Results) -> bool:
    return bool(results.timeseries["died_adcc"].max() > 0)


def _cleared_text(results: Results) -> str:
    return (
        f"Cleared: none of {reading.simulated(results):,} simulated cells; rarer survivors are invisible; not a cure."
    )


def central(draws: int) -> str:
    """Return what a figure says that shows the run itself where values were drawn, and no range over the draws."""
    return f"The run at its own values: the range over {draws} draws is not shown here."


LIMITS: tuple[Limit, ...] = (
    Limit(
        "bands",
        ("dm1_bands", "three_lives", "cell_scatter"),
        _always,
        lambda _: "Bands: this model's thresholds, not measured; fate follows them by construction.",
    ),
    Limit(
        "drawing",
        ("mechanism",),
        _always,
        lambda _: "A drawing, not to scale; the widths and numbers of its coloured arrows are the run's.",
    ),
    Limit(
        "lives",
        ("three_lives",),
        _always,
        lambda _: "Single cells show how it happens, not how often.",
    ),
    Limit(
        "her2_low",
        (EVERY,),
        _her2_low_patient,
        lambda _: "The model overstates T-DM1 in HER2-low tumours, where it is not licensed.",
    ),
    Limit(
        "dose",
        ("exposure", "pharmacokinetics", "mechanism", "fates", "clones", "clone_tree", "plasma_dm1"),
        _treated_patient,
        lambda results: (
            "Toxicity is not modelled; more drug always looks better here."
            if reading.has_conjugate(results)
            else TOXICITY
        ),
    ),
    Limit(
        "plasma_dm1",
        ("plasma_dm1", "pharmacokinetics"),
        _always,
        lambda _: "DM1 in plasma does not feed the cells here.",
    ),
    Limit(
        "cyp3a4",
        (EVERY,),
        lambda results: given.of(results).inhibits("cyp3a4"),
        lambda _: (
            "Tumour cells that notice nothing are no word on safety; a rise of DM1 in plasma was not seen in EMILIA."
        ),
    ),
    Limit(
        "reversal",
        (EVERY,),
        lambda results: given.of(results).inhibits("pgp"),
        lambda _: "Reversal: in cells; P-gp inhibitors have disappointed in trials.",
    ),
    Limit(
        "pten",
        ("mechanism", "drug_path", "dm1_bands", "cell_scatter", "fates", "clones", "attribution"),
        _pten,
        lambda _: PTEN,
    ),
    Limit(
        "folds",
        ("mechanism", "drug_path", "dm1_bands", "cell_scatter", "fates", "clones", "clone_tree"),
        _folds,
        lambda _: "Resistance: folds were chosen; heights do not rank mechanisms.",
    ),
    Limit(
        "uncalibrated",
        (EVERY,),
        _uncalibrated,
        lambda results: f"{given.of(results).conjugate.short} is not calibrated here: read directions, not sizes.",
    ),
    Limit(
        "bystander",
        ("drug_path", "dm1_bands", "cell_scatter", "fates", "clones"),
        _bystander,
        lambda results: (
            f"Well mixed: {given.of(results).payload} that leaves a cell reaches all others alike, which exaggerates "
            "how far it reaches in tissue."
        ),
    ),
    Limit(
        "patients",
        (EVERY,),
        reading.is_population,
        lambda _: "Patients differ only in how they handle the drug (PK); their tumours are alike.",
    ),
    Limit(
        "adcc",
        ("mechanism", "dm1_bands", "cell_scatter", "fates", "clones", "attribution"),
        _nk_killed,
        lambda _: "The constants of ADCC are assumed.",
    ),
    Limit(
        "shedding",
        ("shed_ectodomain",),
        _always,
        lambda _: "The rate of shedding is assumed.",
    ),
    Limit(
        "trafficking",
        ("proteolysis_activity",),
        _always,
        lambda _: "Impaired trafficking is assumed: nobody has measured it.",
    ),
    Limit(
        "becomes",
        ("clone_tree",),
        _always,
        lambda _: "The chance of becoming another clone is assumed.",
    ),
    Limit(
        "dose_series",
        ("dose_response",),
        _always,
        lambda _: (
            "Toxicity is not modelled; more drug always looks better here. "
            "Cells per well and assay length shift such curves."
        ),
    ),
    Limit(
        "shares",
        ("attribution",),
        _always,
        lambda _: "Shares depend on E_T and q, which nobody measured.",
    ),
    Limit(
        "put_in",
        ("attribution", "fates", "clones"),
        _put_in,
        lambda _: PUT_IN,
    ),
    Limit(
        "b47",
        ("fates", "clones"),
        _naked_her2_low,
        lambda _: "Trastuzumab did not help HER2-low disease in NSABP B-47 (3,270 patients) either.",
    ),
    Limit(
        "cleared",
        ("mechanism", "drug_path", "dm1_bands", "cell_scatter", "fates", "clones", "clone_tree", "attribution"),
        reading.is_cleared,
        _cleared_text,
    ),
    Limit(
        "central",
        CENTRAL,
        lambda results: reading.draws(results) > 0,
        lambda results: central(reading.draws(results)),
    ),
    Limit("cells", (EVERY,), _always, lambda _: CELLS),
    Limit("advice", (EVERY,), _always, lambda _: ADVICE),
)


def limit_lines(figure: str, results: Results) -> tuple[str, ...]:
    """Return the limit lines of one figure for one run, in the order of the table."""
    return tuple(
        limit.text(results)
        for limit in LIMITS
        if (EVERY in limit.figures or figure in limit.figures) and limit.when(results)
    )
