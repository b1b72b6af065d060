"""What one run will use: every number resolved, in canonical units, frozen.

Floor 1. The scenario says what is asked, the catalogue says what is known; ``tdm1sim.scenario.resolve`` joins
them into the objects below and nobody after it asks again. Canonical units everywhere inside: hours, nM,
molecules per cell, pL, uL, um, kg, mg, L.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

READOUT_KINDS = ("live", "atp", "clonogenic")
PRECISIONS = ("double", "single")
ARMS = ("payload", "blockade", "adcc", "shedding")
"""Ways in which a drug acts; the symbol ``arm_<name>`` is 1 where it is on, 0 where it is switched off."""
Site = Literal["IV", "II"]
"""Extracellular subdomain of HER2 that an antibody binds: IV (trastuzumab, its conjugates) or II (pertuzumab)."""
PayloadClass = Literal["microtubule", "topoisomerase_1"]
Target = Literal["pi3k", "pgp", "cyp3a4"]


@dataclass(frozen=True, slots=True)
class Clone:
    """One clone of the tumour: the traits its founders draw and the rates all its cells share.

    Attributes
    ----------
    name : str
        Name in the scenario.
    fraction : float
        Share of the founders, 0 to 1.
    her2 : float
        Median surface HER2 of an untreated cell, molecules per cell, > 0 (0 is written as 0 and binds nothing).
    her2_sigma, mdr1_sigma, slc46a3_sigma : float
        Spread of the lognormal between cells (SD of the natural logarithm), >= 0.
    mdr1 : float
        Median fold of the total efflux rate constant, 1 = baseline, >= 0.
    slc46a3 : float
        Median SLC46A3 activity, 1 = intact, 0 = lost.
    pten_deficient, her2_driven : bool
        PTEN state; whether HER2 signalling drives the cell (then blockade slows its G1).
    ke, kr, ks : float
        Endocytosis, recycling and endosome-to-lysosome rate constants of this clone, 1/h, folds included.
    phi : float
        Lysosomal activity, 1 = normal.
    kpino : float
        Fluid-phase uptake, pL/h.
    volume : float
        Cell volume, pL.
    doubling : float
        Doubling time without treatment, h.
    E_T : float
        Largest slowing of G1 by complete HER2 blockade, 0 to 1.
    becomes : tuple of (str, float)
        Clones a daughter may turn into at division, with the probability per daughter.
    ke_normal, kr_normal : float or None
        `ke` and `kr` without the clone's folds of internalisation and recycling, 1/h; None where they are the same.
    """

    name: str
    fraction: float
    her2: float
    her2_sigma: float
    mdr1: float
    mdr1_sigma: float
    slc46a3: float
    slc46a3_sigma: float
    pten_deficient: bool
    her2_driven: bool
    ke: float
    kr: float
    ks: float
    phi: float
    kpino: float
    volume: float
    doubling: float
    E_T: float
    becomes: tuple[tuple[str, float], ...] = ()
    ke_normal: float | None = None
    kr_normal: float | None = None


@dataclass(frozen=True, slots=True)
class Infusion:
    """One intravenous infusion: start (h), length (h, > 0) and amount of antibody (mg)."""

    start: float
    length: float
    dose: float


@dataclass(frozen=True, slots=True)
class Disposition:
    """Two-compartment pharmacokinetics of an antibody: CL, Q (L/h), Vc, Vp (L)."""

    CL: float
    Vc: float
    Q: float
    Vp: float


@dataclass(frozen=True, slots=True)
class Course:
    """A naked antibody in a patient.

    Attributes
    ----------
    drug : str
        Name in the catalogue.
    site : {'IV', 'II'}
        Subdomain it binds; on IV it competes with the conjugate.
    disposition : Disposition
        Its pharmacokinetics.
    infusions : tuple of Infusion
        In order of time.
    residual : float
        Plasma concentration left by earlier therapy at time 0, ug/mL; declines with the terminal half-life.
    MW : float
        Molar mass, g/mol.
    """

    drug: str
    site: Site
    disposition: Disposition
    infusions: tuple[Infusion, ...]
    residual: float = 0.0
    MW: float = 148_000.0


@dataclass(frozen=True, slots=True)
class Inhibition:
    """An inhibitor of PI3K, P-gp or CYP3A4: fraction of the activity taken away, from ``start`` to ``end`` (h)."""

    target: Target
    fraction: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Variability:
    """How patients differ, so that each replicate can be another one (`tdm1sim.surroundings.variability`).

    The numbers in brackets are T-DM1's: Lu et al. 2014, doi:10.1007/s00280-014-2500-2. There ``Q`` and ``Vp`` vary too
    (181 % and 75 %), but with shrinkage of 50 % and 36 % the data hardly say how, so they are not drawn. Trastuzumab's
    own pharmacokinetics and those of DM1 are the same in all patients.

    Attributes
    ----------
    cv_CL, cv_Vc : float
        Coefficients of variation of the lognormal clearance and central volume at equal covariates (0.1911, 0.1166).
    covariance : float
        Of the two logarithms (0.011: correlation 0.5).
    weight : float
        Median body weight, kg; the distribution is lognormal (assumed).
    weight_low, weight_high : float
        Its 5th and 95th percentiles, kg (49, 98).
    left : Course or None
        Trastuzumab with its pharmacokinetics and without infusions, for what earlier therapy may have left; None draws
        nothing.
    left_share : float
        Share of patients who have any left (0.5, assumed).
    left_high : float
        95th percentile over all patients, ug/mL (54); exponential among those who have any (assumed).
    """

    cv_CL: float
    cv_Vc: float
    covariance: float
    weight: float
    weight_low: float
    weight_high: float
    left: Course | None = None
    left_share: float = 0.5
    left_high: float = 54.0


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient with a well-mixed, supply-limited tumour.

    Attributes
    ----------
    weight : float
        Body weight, kg.
    CL, Vc, Q, Vp : float
        Two-compartment conjugate pharmacokinetics of this patient (weight covariates applied): L/h, L, L/h, L.
    infusions : tuple of Infusion
        In order of time.
    interval : float
        Time between doses, h; 0 when there is at most one.
    P, Rcap, RK : float
        Vascular permeability (um/h), capillary radius (um), Krogh cylinder radius (um).
    void : float
        Fraction of the tumour volume that antibody can reach between the cells.
    courses : tuple of Course
        Naked antibodies given, or left from earlier therapy.
    variability : Variability or None
        Where given, each replicate is another patient; the fields above are those of the typical one.
    """

    weight: float
    CL: float
    Vc: float
    Q: float
    Vp: float
    infusions: tuple[Infusion, ...]
    interval: float
    P: float
    Rcap: float
    RK: float
    void: float
    courses: tuple[Course, ...] = ()
    variability: Variability | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """Antibody added to the medium at ``start`` (h) to ``concentration`` (nM); all medium is replaced at ``end``.

    Where several antibodies are in the medium, those that go on are put back at their stated concentration.
    ``conjugate`` says whether it carries payload; ``site`` the subdomain it binds.
    """

    start: float
    end: float
    concentration: float
    drug: str = "t-dm1"
    conjugate: bool = True
    site: Site = "IV"


@dataclass(frozen=True, slots=True)
class Culture:
    """A well: medium volume (uL), cells per well, and the entries of the treatment, in order of time."""

    medium: float
    cells_per_well: float
    exposures: tuple[Exposure, ...]


@dataclass(frozen=True, slots=True)
class Readout:
    """An assay read at some times, in one well or (a dose series) in several.

    Attributes
    ----------
    kind : {'live', 'atp', 'clonogenic'}
        Which assay.
    at : tuple of float
        Times, h.
    concentrations : tuple of float
        Conjugate concentrations of a dose series, nM; empty for the scenario's own treatment only.
    measured : str
        Name of a measured curve in the evidence data to draw over it; empty for none.
    """

    kind: Literal["live", "atp", "clonogenic"]
    at: tuple[float, ...]
    concentrations: tuple[float, ...] = ()
    measured: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how fine, how many, what to keep.

    Attributes
    ----------
    cells : int
        Founder cells of each replicate.
    duration, dt : float
        Simulated time and longest step, h.
    seed, replicates, capacity : int
        Seed of all luck; independent repetitions; largest number of living cells before the run stops.
    record_every : float
        Interval between records, h.
    traces : int
        Founders whose every state is followed.
    readouts : tuple of Readout
        Assays.
    attribution, saved_by : bool
        Whether the share of each arm of the drug, and the trait that saved each survivor, are worked out by further
        runs on common luck.
    precision : {'double', 'single'}
        Of the cells' numbers; sums, totals and events are in double in any case.
    save_state : tuple of float
        Times (h, rising) at which the state of every replicate is kept, so that it can be continued.
    resumed_at : float or None
        Time (h) of the saved state that the run continues; None for a run from the start.
    """

    cells: int
    duration: float
    dt: float
    seed: int
    replicates: int
    capacity: int
    record_every: float
    traces: int
    readouts: tuple[Readout, ...] = ()
    attribution: bool = False
    saved_by: bool = False
    precision: Literal["double", "single"] = "double"
    save_state: tuple[float, ...] = ()
    resumed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything a run needs and nothing else.

    Attributes
    ----------
    values : mapping of str to float
        Every symbol of the catalogue in canonical units (``tdm1sim explain`` lists them), overrides applied.
    clones : tuple of Clone
        At least one; fractions add to 1.
    surroundings : Patient or Culture
        What the cells see.
    plan : Plan
        Time, size, luck, records.
    inhibitions : tuple of Inhibition
        Inhibitors given beside the antibodies.
    drug : str
        Name of the conjugate.
    payload : {'microtubule', 'topoisomerase_1'}
        What its payload acts on, which decides where in the cycle cells meet it.
    """

    values: Mapping[str, float]
    clones: tuple[Clone, ...]
    surroundings: Patient | Culture
    plan: Plan = field(repr=False)
    inhibitions: tuple[Inhibition, ...] = ()
    drug: str = "t-dm1"
    payload: PayloadClass = "microtubule"

    def untreated(self) -> Parameters:
        """Return the same run with no drug given: the arm every read-out is compared with.

        What earlier therapy left in a patient stays: it was there before.
        """
        where = self.surroundings
        if isinstance(where, Patient):
            left = tuple(replace(course, infusions=()) for course in where.courses if course.residual > 0.0)
            bare: Patient | Culture = replace(where, infusions=(), interval=0.0, courses=left)
        else:
            bare = replace(where, exposures=())
        return replace(self, surroundings=bare, inhibitions=())

    def activity(self, target: Target, t: float) -> float:
        """Return the share of an activity that the inhibitors leave at time `t` (h), 0 to 1; two of them multiply."""
        if not self.inhibitions:  # asked of every step
            return 1.0
        return math.prod(1.0 - i.fraction for i in self.inhibitions if i.target == target and i.start <= t < i.end)

    def with_values(self, **values: float) -> Parameters:
        """Return the same run with other numbers, in canonical units."""
        return replace(self, values={**self.values, **values})

    def at_concentration(self, concentration: float) -> Parameters:
        """Return the same well with every exposure to the conjugate at ``concentration`` (nM).

        Without a conjugate the naked antibodies are the series.
        """
        if not isinstance(self.surroundings, Culture):
            msg = "a dose series belongs to a culture"
            raise TypeError(msg)
        exposures = self.surroundings.exposures
        series = any(e.conjugate for e in exposures)
        dosed = tuple(replace(e, concentration=concentration) if e.conjugate == series else e for e in exposures)
        return replace(self, surroundings=replace(self.surroundings, exposures=dosed))
