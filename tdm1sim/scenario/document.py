"""The scenario language as a pydantic model: which keys there are and what each may hold.

Almost every key is optional here, because a file that extends another says only what differs. What a whole
scenario must say, and what contradicts what, is checked after merging (`tdm1sim.scenario.checks`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationInfo

from tdm1sim.parameters import PRECISIONS, READOUT_KINDS
from tdm1sim.scenario.axes import DESIGNS, MOST, Values, Vary
from tdm1sim.scenario.fields import (
    Count,
    Cycle,
    Kind,
    Moment,
    Number,
    Quantity,
    Share,
    Switch,
    Text,
    Titled,
    Word,
    brief,
    refuse,
    shown,
)

FIGURES = (
    "mechanism",
    "exposure",
    "pharmacokinetics",
    "drug_path",
    "dm1_bands",
    "three_lives",
    "cell_scatter",
    "fates",
    "clones",
    "clone_tree",
    "dose_response",
    "attribution",
    "plasma_dm1",
    "shed_ectodomain",
    "proteolysis_activity",
)
"""Figures a scenario may ask for by name."""
TAG = "~"
"""First character of the tags of alternatives: they stand in pydantic's addresses, never in ours."""

Time = Annotated[float, Quantity(dimension="time", above=0)]
Rate = Annotated[float, Quantity(dimension="rate", low=0)]
Uptake = Annotated[float, Quantity(dimension="uptake", low=0)]
CellVolume = Annotated[float, Quantity(dimension="volume_cell", above=0)]
Concentration = Annotated[float, Quantity(dimension="concentration", low=0)]
Unit = Annotated[float, Number(low=0, high=1)]
Fold = Annotated[float, Number(low=0, high=1e4)]
LogSd = Annotated[float, Number(low=0, high=3)]
Molecules = Annotated[float, Number(low=0, high=1e9)]
TrueFalse = Annotated[bool, Switch()]
Pten = Annotated[str, Word(("intact", "deficient"))]
Ish = Annotated[str, Word(("amplified", "not_amplified"))]
At = Annotated[float | Cycle, Moment()]
NAME_RULE = "a name of letters, digits, _ and -, at most 60"
Name = Annotated[str, Text(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", NAME_RULE)]
FILE_RULE = "a name of letters, digits and . _ -, at most 80: the result folder bears it"
Plain = Annotated[str, Text()]


class Section(BaseModel):
    """A table of the scenario: unknown keys are errors, nothing is converted in silence."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


class Receptors(Section):
    """HER2 of a clone by number."""

    receptors: Molecules | None = Field(default=None, description="Median surface HER2, molecules per cell.")
    spread: LogSd | None = Field(default=None, description="SD of the natural logarithm between cells.")


class Trait(Section):
    """A trait that differs between the cells of a clone."""

    median: Fold | None = Field(default=None, description="Median between cells, 1 = normal.")
    spread: LogSd | None = Field(default=None, description="SD of the natural logarithm between cells.")


class Format(Kind):
    """The version of the language."""

    def read(self, value: Any, _info: ValidationInfo, /) -> int:
        """Return 1, the only version there is."""
        if value != 1 or isinstance(value, bool):
            refuse(f"format {shown(value)} is not known", "this version reads format 1", "write `format: 1`")
        return 1

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"const": 1}


class Her2Class(Kind):
    """An IHC class; the names are the catalogue's and are checked with it."""

    def read(self, value: Any, _info: ValidationInfo, /) -> str:
        """Return the class as text."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not isinstance(value, str) and not (number and value == 0):
            both = "an IHC class (0, 1+, 2+, 3+), or {receptors: 1e6, spread: 0.5}"
            suggestion = ""
            if number:
                suggestion = f"write {value}+" if value in {1, 2, 3} else f"write {{receptors: {brief(value)}}}"
            refuse(f"{shown(value)} is not an IHC class", both, suggestion)
        return str(value) if isinstance(value, str) else "0"

    def describe(self) -> dict[str, Any]:
        """Return the JSON Schema of the value as written."""
        return {"enum": ["0", 0, "1+", "2+", "3+"], "description": "IHC class."}


def _table_or_value(value: Any) -> str:
    return f"{TAG}table" if isinstance(value, dict | Section) else f"{TAG}value"


Her2 = Annotated[
    Annotated[Receptors, Tag(f"{TAG}table")] | Annotated[str, Her2Class(), Tag(f"{TAG}value")],
    Discriminator(_table_or_value),
]
FoldOrTrait = Annotated[
    Annotated[Trait, Tag(f"{TAG}table")] | Annotated[float, Number(low=0, high=1e4), Tag(f"{TAG}value")],
    Discriminator(_table_or_value),
]


class Rates(Section):
    """Base rates of one clone, before its folds: stronger than ``parameters``; `resolve` writes them."""

    ke: Rate | None = Field(default=None, description="Endocytosis rate constant.")
    kr: Rate | None = Field(default=None, description="Recycling rate constant.")
    ks: Rate | None = Field(default=None, description="Endosome-to-lysosome rate constant.")
    kpino: Uptake | None = Field(default=None, description="Fluid-phase uptake.")
    V: CellVolume | None = Field(default=None, description="Cell volume.")
    doubling: Time | None = Field(default=None, description="Doubling time without treatment.")
    E_T: Unit | None = Field(default=None, description="Largest slowing of G1 by complete HER2 blockade.")


class Traits(Section):
    """What clones and cell lines share."""

    mdr1: FoldOrTrait | None = Field(default=None, description="Fold of total efflux, 1 = baseline.")
    slc46a3: FoldOrTrait | None = Field(default=None, description="SLC46A3 activity, 1 = intact, 0 = lost.")
    pten: Pten | None = Field(default=None, description="PTEN: intact or deficient.")
    her2_driven: TrueFalse | None = Field(
        default=None, description="Does HER2 signalling drive the cell? Default: where HER2 is amplified."
    )
    internalization: Fold | None = Field(default=None, description="Fold of endocytosis (ke), 1 = normal.")
    recycling: Fold | None = Field(default=None, description="Fold of recycling (kr), 1 = normal.")
    lysosome: Fold | None = Field(default=None, description="Lysosomal activity, 1 = normal.")


class Clone(Traits):
    """A clone of the tumour."""

    fraction: Annotated[float | str, Share()] | None = Field(
        default=None, description="Share of the founders; all add to 1, one may be `rest`."
    )
    her2: Her2 | None = Field(default=None, description="IHC class, or receptors per cell.")
    ish: Ish | None = Field(default=None, description="HER2 gene: amplified or not_amplified; required for 2+.")
    becomes: dict[str, Unit] | None = Field(
        default=None, description="Clones a daughter may turn into at division, each with its probability."
    )
    resistance: list[Plain] | None = Field(default=None, description="Resistance mechanisms of the catalogue.")
    cell_line: Plain | None = Field(default=None, description="A cell line of the catalogue, or of this file.")
    rates: Rates | None = Field(default=None, description="Base rates of this clone, before its folds.")


class CellLine(Traits):
    """A cell line of the file's own."""

    receptors: Molecules | None = Field(default=None, description="Median surface HER2, molecules per cell.")
    spread: LogSd | None = Field(default=None, description="SD of the natural logarithm between cells.")
    doubling: Time | None = Field(default=None, description="Doubling time without treatment.")
    volume: CellVolume | None = Field(default=None, description="Cell volume.")
    kpino: Uptake | None = Field(default=None, description="Fluid-phase uptake.")
    E_T: Unit | None = Field(default=None, description="Largest slowing of G1 by complete HER2 blockade.")


class PatientSection(Section):
    """The patient."""

    weight: Annotated[float, Quantity(dimension="weight", low=20, high=300)] | None = Field(
        default=None, description="Body weight."
    )
    population: TrueFalse | None = Field(
        default=None, description="Is each replicate another patient? Default: all are the typical one."
    )
    residual_trastuzumab: Annotated[float, Quantity(dimension="plasma", low=0, high=1000)] | None = Field(
        default=None, description="Trastuzumab that earlier therapy left in plasma at the start."
    )
    albumin: Annotated[float, Quantity(dimension="albumin", above=0, high=100)] | None = Field(
        default=None, description="Serum albumin; default: the reference patient's."
    )
    ecd: Annotated[float, Quantity(dimension="ectodomain", above=0, high=1e5)] | None = Field(
        default=None, description="HER2 ectodomain shed into plasma; default: the reference patient's."
    )
    tumour_burden: Annotated[float, Quantity(dimension="burden", above=0, high=200)] | None = Field(
        default=None, description="Sum of the longest diameters of the tumours; default: the reference patient's."
    )
    ast: Annotated[float, Quantity(dimension="enzyme", above=0, high=1e4)] | None = Field(
        default=None, description="Aspartate aminotransferase; default: the reference patient's."
    )


class ImmuneSection(Section):
    """The immune cells beside the tumour cells."""

    nk_per_tumour_cell: Annotated[float, Number(low=0, high=1000)] | None = Field(
        default=None, description="Natural killer cells per tumour cell."
    )


class CultureSection(Section):
    """The well."""

    medium: Annotated[float, Quantity(dimension="volume_medium", above=0)] | None = Field(
        default=None, description="Volume of medium."
    )
    cells_per_well: Annotated[float, Number(above=0, high=1e10)] | None = Field(
        default=None, description="Cells in the well at the start; each simulated cell stands for several."
    )


class Transport(Section):
    """How much drug reaches the tissue."""

    permeability: Annotated[float, Quantity(dimension="permeability", low=0)] | None = Field(
        default=None, description="Permeability of the vessel wall for antibody."
    )
    krogh_radius: Annotated[float, Quantity(dimension="length", above=0)] | None = Field(
        default=None, description="Radius of the tissue that one vessel supplies."
    )
    capillary_radius: Annotated[float, Quantity(dimension="length", above=0)] | None = Field(
        default=None, description="Radius of the vessel."
    )
    void: Annotated[float, Number(above=0, high=0.99)] | None = Field(
        default=None, description="Share of the tumour volume between the cells that antibody can reach."
    )


class Growth(Section):
    """Growth without treatment."""

    doubling: Time | None = Field(default=None, description="Doubling time without treatment.")


class TumourSection(Section):
    """The cells."""

    cells: Annotated[int, Count(low=1, high=1e15)] | None = Field(
        default=None, description="Founder cells of each replicate."
    )
    geometry: Annotated[str, Word(("well_mixed",))] | None = Field(default=None, description="Shape of the tissue.")
    transport: Transport | None = Field(default=None, description="How much drug reaches the tissue.")
    growth: Growth | None = Field(default=None, description="Growth without treatment.")
    clones: dict[Name, Clone] | None = Field(default=None, description="Clones by name.")


class Entry(Section):
    """One entry of the treatment: doses for a patient, an exposure in culture, or how much is inhibited."""

    model_config = ConfigDict(json_schema_extra={"required": ["drug"]})

    drug: Plain | None = Field(default=None, description="The drug.")
    dose: Annotated[float, Quantity(dimension="dose", low=0, high=1000)] | None = Field(
        default=None, description="Dose per body weight (patient)."
    )
    every: Time | None = Field(default=None, description="Time from dose to dose (patient).")
    cycles: Annotated[int, Count(low=1, high=1000)] | None = Field(
        default=None, description="Number of doses (patient); without it, until the end."
    )
    infusion: Time | None = Field(default=None, description="Length of an infusion (patient).")
    concentration: Concentration | None = Field(default=None, description="Concentration in the medium (culture).")
    inhibition: Unit | None = Field(
        default=None, description="Share of the activity that an inhibitor takes away (inhibitors)."
    )
    start: At | None = Field(default=None, alias="from", description="Start; default 0 h.")
    until: At | None = Field(default=None, description="End; in culture all medium is then replaced.")


class RunSection(Section):
    """How long, how fine, how many."""

    duration: Time | None = Field(default=None, description="Simulated time.")
    dt: Annotated[float, Quantity(dimension="time", above=0, high=24)] | None = Field(
        default=None, description="Longest time step; default 1 h."
    )
    seed: Annotated[int, Count(low=0, high=2**53)] | None = Field(default=None, description="Seed of all luck.")
    replicates: Annotated[int, Count(low=1, high=100_000)] | None = Field(
        default=None, description="Independent repetitions."
    )
    capacity: Annotated[int, Count(low=1, high=1e15)] | None = Field(
        default=None, description="Largest number of living cells before the run stops."
    )
    precision: Annotated[Literal["double", "single"], Word(PRECISIONS)] | None = Field(
        default=None, description="Of the cells' numbers; single is faster and needs the compiled engine."
    )


class ReadoutSection(Section):
    """An assay."""

    model_config = ConfigDict(json_schema_extra={"required": ["kind", "at"]})

    kind: Annotated[Literal["live", "atp", "clonogenic"], Word(READOUT_KINDS)] | None = Field(
        default=None, description="Which assay."
    )
    at: list[Annotated[float, Quantity(dimension="time", low=0)]] | None = Field(
        default=None, description="When it is read."
    )
    concentrations: list[Concentration] | None = Field(
        default=None, description="A dose series: one more well for each concentration (culture)."
    )
    measured: Plain | None = Field(default=None, description="A measured curve of the catalogue to draw over it.")


class RecordSection(Section):
    """What to keep."""

    every: Time | None = Field(default=None, description="Interval between records; default 6 h.")
    traces: Annotated[int, Count(low=0, high=1000)] | None = Field(
        default=None, description="Founders whose every state is kept."
    )
    readouts: list[ReadoutSection] | None = Field(default=None, description="Assays, each against untreated cells.")
    attribution: TrueFalse | None = Field(
        default=None, description="Work out the share of each way in which the drug acts, by further runs."
    )
    saved_by: TrueFalse | None = Field(
        default=None, description="Work out the trait that saved each survivor, by further runs."
    )
    save_state: list[Time] | None = Field(
        default=None, description="Times at which the state of every replicate is kept, for `run --resume`."
    )


class SweepSection(Section):
    """What `tdm1sim sweep` varies."""

    vary: dict[str, Annotated[Values, Vary()]] | None = Field(
        default=None, description="Paths, as --set takes them, each with a list of values or a range."
    )
    design: Annotated[str, Word(DESIGNS)] | None = Field(
        default=None, description="Every combination (grid, the default), random points, or a Latin hypercube (lhs)."
    )
    points: Annotated[int, Count(low=1, high=MOST)] | None = Field(
        default=None, description="Number of points of a random or lhs design."
    )


class Document(Section):
    """A whole scenario."""

    format: Annotated[int, Format()] | None = Field(default=None, description="Version of this language: 1.")
    name: Annotated[str, Text(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_-])?", FILE_RULE)] | None = Field(
        default=None, description="Name of the scenario and of its result folder; default: the file's name."
    )
    question: Plain | None = Field(default=None, description="The question this scenario answers.")
    extends: Plain | None = Field(
        default=None, description="A bundled scenario, or a file in the same folder, that this one changes."
    )
    patient: PatientSection | None = Field(default=None, description="Cells in a patient.")
    culture: CultureSection | None = Field(default=None, description="Cells in a well.")
    cell_lines: dict[Name, CellLine] | None = Field(default=None, description="Cell lines of the file's own, by name.")
    tumour: TumourSection | None = Field(default=None, description="The cells.")
    treatment: list[Entry] | None = Field(default=None, description="Drugs, in any order; empty for untreated.")
    immune: ImmuneSection | None = Field(default=None, description="Immune cells.")
    run: RunSection | None = Field(default=None, description="How long, how fine, how many.")
    record: RecordSection | None = Field(default=None, description="What to keep.")
    figures: list[Annotated[str | dict[str, str], Titled(FIGURES)]] | None = Field(
        default=None, description="Figures to draw, each a name or {name: own title}; default: those that fit the run."
    )
    sweep: SweepSection | None = Field(default=None, description="What `tdm1sim sweep` varies; `run` ignores it.")
    parameters: dict[str, Any] | None = Field(
        default=None, description="Numbers of the model by symbol (`tdm1sim explain` lists them)."
    )
