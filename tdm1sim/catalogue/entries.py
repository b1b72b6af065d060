"""The kinds of knowledge the catalogue holds; each value with unit, source or status, and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tdm1sim.parameters import PayloadClass, Site, Target

Status = Literal["sourced", "assumed", "calibrated"]
Setting = Literal["culture", "patient"]
DrugKind = Literal["conjugate", "antibody", "inhibitor"]


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication or public document.

    Attributes
    ----------
    key : str
        Short name (``lu_2014``).
    text : str
        Authors, title, journal, year, as a reader would cite it.
    doi, pmid, url : str
        Identifiers; empty when there is none.
    checked : str
        How the citation was checked, or that it was not.
    """

    key: str
    text: str
    doi: str = ""
    pmid: str = ""
    url: str = ""
    checked: str = ""


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """One number of the model.

    Attributes
    ----------
    symbol, name : str
        The symbol a scenario's ``parameters:`` block uses; what it means in words.
    value : float
        In ``unit``; infinity where a mechanism is off by default.
    unit : str
        Unit as displayed (pint spelling; ``1`` for a pure number).
    low, high : float
        Plausible range in ``unit``: what ``--set`` accepts without a warning, and what sweeps draw from.
    status : {'sourced', 'assumed', 'calibrated'}
        How sure: read in a source, chosen by us, or fitted (the note says to what).
    by_setting : mapping
        Values that differ between ``culture`` and ``patient``; empty when ``value`` holds for both.
    references, evidence : tuple of str
        Reference keys; ids of rows in the evidence data.
    group, note : str
        Heading in lists; what a user should know.
    like : str
        For a number of a naked antibody (``CL_trastuzumab``) the symbol it is one of (``CL``): what has no meaning
        for that has none for it. Empty otherwise.
    uncertain : mapping
        Setting to the bounds, in ``unit``, inside which the true value is looked for where they are narrower than the
        range; empty where the range serves.
    chosen : bool
        Whether who asks decides it (a switch, the size of a well): there is nothing not to know about it.
    """

    symbol: str
    name: str
    value: float
    unit: str
    low: float
    high: float
    status: Status
    by_setting: Mapping[str, float]
    references: tuple[str, ...]
    evidence: tuple[str, ...]
    group: str
    note: str
    like: str = ""
    uncertain: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    chosen: bool = False

    def bounds_in(self, setting: Setting) -> tuple[float, float]:
        """Return the bounds inside which the value is looked for in ``culture`` or ``patient``, in ``unit``."""
        return self.uncertain.get(setting, (self.low, self.high))

    def in_setting(self, setting: Setting) -> float:
        """Return the default value in ``culture`` or ``patient``, in ``unit``."""
        return self.by_setting.get(setting, self.value)


@dataclass(frozen=True, slots=True)
class CellLineEntry:
    """A cell line: ``values`` maps traits to numbers; ``status`` and ``references`` say where they come from.

    Traits: ``receptors`` (molecules per cell), ``spread`` (SD of ln), ``doubling`` (h), ``volume`` (pL),
    ``ke`` (1/h), ``kpino`` (pL/h), ``E_T``, ``cells_per_well``; those absent are the catalogue's defaults.
    ``evidence`` names the rows of the evidence data behind each trait.
    """

    name: str
    label: str
    values: Mapping[str, float]
    her2_driven: bool
    pten_deficient: bool
    her2_class: str
    status: Mapping[str, Status]
    references: Mapping[str, tuple[str, ...]]
    note: str
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Her2Class:
    """An IHC class (``0``, ``1+``, ``2+``, ``3+``): median receptors per cell, range, default ISH state."""

    name: str
    receptors: float
    low: float
    high: float
    ish: Literal["amplified", "not_amplified", "required"]
    status: Status
    references: tuple[str, ...]
    note: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResistanceEntry:
    """A resistance mechanism: which clone key it sets to what, the plausible range, and on what evidence."""

    name: str
    label: str
    sets: Mapping[str, float | str]
    low: float | None
    high: float | None
    status: Status
    references: tuple[str, ...]
    evidence: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class DrugEntry:
    """A drug.

    Attributes
    ----------
    name, label : str
        What the treatment calls it; what it is.
    kind : {'conjugate', 'antibody', 'inhibitor'}
        Which decides what a scenario says of it: a dose or a concentration, or how much it inhibits.
    site : {'IV', 'II', ''}
        Subdomain of HER2 that an antibody or a conjugate binds; empty for an inhibitor.
    payload : {'microtubule', 'topoisomerase_1', ''}
        What the payload of a conjugate acts on; else empty.
    target : {'pi3k', 'pgp', 'cyp3a4', ''}
        What an inhibitor inhibits; else empty.
    symbols : tuple of str
        Parameters that describe it.
    values : mapping of str to ParameterEntry
        Of a conjugate: values that replace the catalogue's where it is the run's conjugate. Of a naked antibody: its
        pharmacokinetics, which have symbols of their own (``CL_trastuzumab``).
    references : tuple of str
        Reference keys.
    note : str
        What a user should know.
    short : str
        Its name in titles (``T-DM1``); that of the treatment where it has none of its own.
    payload_name, released : str
        Of a conjugate: its payload (``DM1``), and as what lysosomes set it free (``Lys-MCC-DM1``); else empty.
    """

    name: str
    label: str
    kind: DrugKind
    site: Site | Literal[""]
    payload: PayloadClass | Literal[""]
    target: Target | Literal[""]
    symbols: tuple[str, ...]
    values: Mapping[str, ParameterEntry]
    references: tuple[str, ...]
    note: str
    short: str = ""
    payload_name: str = ""
    released: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredCurve:
    """A published curve to draw over a simulated one.

    Attributes
    ----------
    name, label : str
        Key in scenarios; legend text with the source.
    x, y : tuple of float
        Points: conjugate concentration (nM) and the read-out relative to untreated.
    x_label, y_label : str
        What the axes mean.
    readout : str
        Read-out kind the assay corresponds to.
    hours : float
        Assay length, h.
    evidence, references : tuple of str
        Evidence row of each point; sources.
    """

    name: str
    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str
    readout: str
    hours: float
    evidence: tuple[str, ...]
    references: tuple[str, ...]
    note: str
