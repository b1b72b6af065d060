"""The loader: reads what is asked for, lets nobody change it, and refuses data broken on purpose."""

import copy
import pickle
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from tdm1sim.catalogue import CatalogueError, load_catalogue
from tdm1sim.catalogue.loader import DATA, Catalogue

P, L, H, R, D, F, M = (
    "parameters.yaml",
    "cell_lines.yaml",
    "her2_classes.yaml",
    "resistance.yaml",
    "drugs/t-dm1.yaml",
    "references.yaml",
    "measured.yaml",
)
X, A, I = (f"drugs/{name}.yaml" for name in ("t-dxd", "trastuzumab", "pgp_inhibitor"))
# file, what stands there, what stands there instead, what the refusal must say
BREAKAGES = {
    "unknown key": (
        P,
        "    value: 0.36 1/nM/h\n",
        "    valeu: 0.36 1/nM/h\n",
        "parameters.yaml: binding: kon",
    ),
    "unknown key, near": (P, "    value: 3.5\n", "    value: 3.5\n    nam: x\n", "unknown key `nam`.*`name`"),
    "missing key": (P, "    range: 0.36 to 2.6\n", "", "kon: `range` is missing"),
    "doubled key": (P, "  KD:\n", "  kon:\n", 'duplicate key "kon"'),
    "doubled symbol": (
        P,
        "  klys:\n",
        "  kon:\n",
        "lysosome: kon: this symbol is also in the group `binding`",
    ),
    "group, not a mapping": (P, "\nbinding:\n", "\nodd: 3\nbinding:\n", "odd: a mapping from names"),
    "below its range": (P, "value: 0.314 nM", "value: 0.05 nM", "KD: 0.05 is not inside its range 0.1 to 5"),
    "above its range": (P, "value: 0.314 nM", "value: 9 nM", "KD: 9 is not inside"),
    "setting outside its range": (P, "patient: 160 nM", "patient: 500 nM", "C_M: 500 is not inside"),
    "settings in two units": (P, "patient: 160 nM", "patient: 0.16 uM", "C_M: `culture` is in nM"),
    "one setting only": (P, "    patient: 160 nM\n", "", "C_M: `patient` is missing"),
    "range upside down": (P, "range: 0.1 to 5", "range: 5 to 0.1", "KD: 0.314 is not inside"),
    "range, no range": (P, "range: 0.1 to 5", "range: 0.1", "KD: `range`"),
    "NaN": (P, "value: 0.314 nM", "value: nan nM", "KD: `value` is 'nan', a number"),
    "text for a number": (P, "value: 0.314 nM", "value: small nM", "KD: `value` is 'small'"),
    "true for a number": (P, "value: 3.5\n", "value: true\n", "DAR: `value` is True"),
    "unknown unit": (P, "value: 0.314 nM", "value: 0.314 nmol", "KD: the unit 'nmol' is not one of"),
    "unknown status": (
        P,
        "status: sourced",
        "status: surely",
        "kon: `status` is 'surely', allowed are sourced",
    ),
    "sourced by nobody": (
        P,
        "    references: scheuher_2023\n    evidence: c004",
        "    evidence: c004",
        "kon: sou",
    ),
    "unknown reference": (
        P,
        "references: lopus_2010\n",
        "references: lopus_2011\n",
        "KDt: there is no reference",
    ),
    "unknown row": (
        P,
        "evidence: c058, c059",
        "evidence: c058, c999",
        "KDt: there is no evidence row `c999`",
    ),
    "row misspelt": (P, "evidence: c058, c059", "evidence: 58", "KDt: `evidence`"),
    "rows backwards": (P, "evidence: c058, c059", "evidence: c059-c058", "KDt: .*runs backwards"),
    "empty place": (P, "evidence: c058, c059", "evidence: c058,, c059", "KDt: `evidence` has an empty place"),
    "hearsay called sourced": (
        P,
        "evidence: c001, b117",
        "evidence: c001, c002",
        "KD: sourced, .*c002.*K-high",
    ),
    "assumption called sourced": (
        P,
        "status: assumed\n    references: molina_2001\n    evidence: c046",
        "status: sourced\n    references: molina_2001\n    evidence: c046",
        "ksh: sourced, .*c046.*A-low",
    ),
    "not YAML": (P, "binding:\n", "binding: [\n", "parameters.yaml: while parsing"),
    "unknown trait": (L, "    receptors: {value: 1.13e6", "    receptor: {value: 1.13e6", "sk-br-3: traits"),
    "trait without unit": (L, "value: 37.4 h", "value: 37.4", "sk-br-3: doubling: `value` is 37.4 1"),
    "negative trait": (L, "value: 37.4 h", "value: -37.4 h", "sk-br-3: doubling: `value` is -37.4 h"),
    "trait hearsay": (
        L,
        "{value: 3.5e4, status: assumed, evidence",
        "{value: 3.5e4, status: sourced, references: hermark_2010, evidence",
        "mcf7: receptors: sourced, .*c085",
    ),
    "no doubling time": (
        L,
        "    doubling: {value: 29 h, status: assumed, evidence: b159}\n",
        "",
        "mcf7: the trait `doubling` is missing",
    ),
    "driven, not a flag": (L, "her2_driven: true", "her2_driven: yes", "sk-br-3: `her2_driven` is 'yes'"),
    "unknown class": (L, "her2_class: 3+", "her2_class: 4+", "sk-br-3: `her2_class` is '4\\+'"),
    "class median outside": (H, "receptors: 5e4", "receptors: 5e5", "1\\+: 500000 is not inside"),
    "class with a unit": (H, "receptors: 5e4", "receptors: 5e4 nM", "1\\+: `receptors` is a number per cell"),
    "resistance of nothing": (R, "sets: {her2_fold: 0.1}", "sets: {}", "her2_loss: exactly one"),
    "resistance of the unknown": (R, "sets: {mdr1: 10}", "sets: {mdr2: 10}", "unknown key `mdr2`.*`mdr1`"),
    "resistance outside": (R, "sets: {mdr1: 10}", "sets: {mdr1: 100}", "mdr1_high: 100 is not inside"),
    "resistance without range": (R, "  range: 3 to 30\n", "", "mdr1_high: `range` is missing"),
    "resistance of a word": (
        R,
        "sets: {pten: deficient}",
        "sets: {pten: gone}",
        "pten_deficient: sets: `pten`",
    ),
    "drug of an unknown symbol": (D, "symbols: MW, ", "symbols: WM, ", "t-dm1.yaml: there is no parameter `WM`"),
    "drug of no kind": (
        D,
        "kind: conjugate",
        "kind: potion",
        "drugs/t-dm1.yaml: `kind` is 'potion', allowed are conjug",
    ),
    "payload of no class": (D, "payload: microtubule", "payload: x", "t-dm1.yaml: `payload` is 'x', allowed are micro"),
    "payload without a name": (D, "payload_name: DM1\n", "", "drugs/t-dm1.yaml: `payload_name` is missing"),
    "site nobody knows": (D, "site: IV", "site: I", "t-dm1.yaml: `site` is 'I', allowed are IV, II"),
    "drug with a key of another kind": (D, "site: IV", "site: IV\ntarget: pgp", "t-dm1.yaml: unknown key `target`"),
    "value of an unknown symbol": (X, "  DAR: {", "  DRA: {", "drugs/t-dxd.yaml: DRA: there is no parameter `DRA`"),
    "value in another unit": (X, "value: 0.199 L/d, range", "value: 0.199 L/h, range", "t-dxd.yaml: Q: is in L/h"),
    "value outside its range": (X, "{value: 8, range: 7 to 8", "{value: 9, range: 7 to 8", "t-dxd.yaml: DAR: 9 is not"),
    "value without a range": (X, "{value: 8, range: 7 to 8, ", "{value: 8, ", "t-dxd.yaml: DAR: `range` is missing"),
    "value without a place in its source": (
        A,
        'status: sourced, references: bruno_2005,\n    note: "Table 3, as transcribed in nlmixr2lib."}',
        "status: sourced, references: bruno_2005}",
        "trastuzumab.yaml: x_Vc: sourced, but neither an evidence row nor `note`",
    ),
    "value by an unknown author": (
        A,
        "references: bruno_2005, evidence: b067",
        "references: x",
        "there is no refer.*`x`",
    ),
    "antibody that lacks a volume": (A, "  Vp: {", "  Vx: {", "trastuzumab.yaml: `values` of an antibody are CL, Vc"),
    "inhibitor with values": (I, "references:", "values: {}\nreferences:", "pgp_inhibitor.yaml: unknown key `values`"),
    "inhibitor of nothing": (I, "target: pgp", "target: luck", "pgp_inhibitor.yaml: `target` is 'luck', allowed are"),
    "reference nobody names": (
        F,
        "austin_2004:\n",
        "nobody_1999:\n  text: x\n  checked: x\naustin_2004:\n",
        "references.yaml: nobody_1999: nothing",
    ),
    "reference never checked": (
        F,
        "  checked: >-\n    All against PubMed;",
        "  note: >-\n    All",
        "molina_2001",
    ),
    "doubled reference": (F, "barok_2014:\n", "austin_2004:\n", 'duplicate key "austin_2004"'),
    "unknown assay": (M, "readout: atp", "readout: mtt", "sk_br_3_t_dm1_72h: `readout` is 'mtt'"),
    "curve by nobody": (M, "  references: lewis_phillips_2008\n", "", "sk_br_3_t_dm1_72h: sourced, but"),
    "point of no curve": ("measured.csv", "sk_br_3_t_dm1_72h,c097", "other,c097", "row 2: no curve 'other'"),
    "point changed": ("measured.csv", "c100,0.04,0.3464", "c100,0.04,0.5", "c100 has 0.3464, not 0.5"),
    "doses not rising": ("measured.csv", "c100,0.04,", "c100,0.0001,", "the doses must be positive and rise"),
    "dose, no number": ("measured.csv", "c100,0.04,", "c100,much,", "row 5: `dose_ug_ml` is 'much'"),
    "short row": ("measured.csv", "c100,0.04,0.3464", "c100,0.04", "row 5: 4 fields are expected"),
    "other header": ("measured.csv", "curve,evidence", "curve,row", "measured.csv: the header is"),
    "evidence twice": ("evidence/cell.csv", "\nc002,", "\nc001,", "cell.csv: c001: this id appears twice"),
}


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Return a function that copies the data and replaces one text in one file."""

    def breaking(name: str, old: str, new: str) -> Path:
        folder = tmp_path / "data"
        shutil.copytree(DATA, folder)
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text, "the breakage no longer applies"
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return breaking


def test_shipped_data_holds_together() -> None:
    load_catalogue(DATA)


def test_an_unbroken_copy_is_accepted(broken: Callable[[str, str, str], Path]) -> None:
    load_catalogue(broken(P, "value: 0.36 1/nM/h", "value: 0.37 1/nM/h"))


@pytest.mark.parametrize("name", BREAKAGES)
def test_broken_data_is_refused_by_name(name: str, broken: Callable[[str, str, str], Path]) -> None:
    file, old, new, said = BREAKAGES[name]
    with pytest.raises(CatalogueError, match=said):
        load_catalogue(broken(file, old, new))


def test_evidence_row_that_somebody_names_must_exist(broken: Callable[[str, str, str], Path]) -> None:
    folder = broken("evidence/cell.csv", "\nc058,", "\nc958,")
    with pytest.raises(CatalogueError, match="KDt: there is no evidence row `c058`"):
        load_catalogue(folder)


def test_missing_file_is_named(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    (tmp_path / "data" / D).unlink()
    with pytest.raises(CatalogueError, match=r"there is no t-dm1\.yaml"):
        load_catalogue(tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "drugs")
    with pytest.raises(CatalogueError, match="drugs: there is no drug"):
        load_catalogue(tmp_path / "data")
    (tmp_path / "data" / L).unlink()
    with pytest.raises(CatalogueError, match=r"cell_lines\.yaml"):
        _ = Catalogue(tmp_path / "data").cell_lines


def test_same_object_every_time() -> None:
    assert load_catalogue() is load_catalogue()


def test_only_what_is_asked_for_is_read() -> None:
    catalogue = Catalogue(DATA)
    assert catalogue.parameters
    assert set(vars(catalogue)) == {"folder", "parameters", "drugs"}, "naked antibodies bring symbols"


def test_nobody_can_change_it() -> None:
    catalogue = load_catalogue()
    with pytest.raises(TypeError, match="cannot be changed"):
        catalogue.parameters["kon"] = catalogue.parameters["KD"]
    with pytest.raises(TypeError, match="cannot be changed"):
        catalogue.parameters["C_M"].by_setting["patient"] = 1.0  # type: ignore[index]
    with pytest.raises(TypeError, match="cannot be changed"):
        catalogue.cell_lines.update({})
    with pytest.raises(AttributeError, match="cannot be changed"):
        catalogue.parameters = {}  # type: ignore[misc,assignment]


def test_entries_survive_copying_and_travelling() -> None:
    entry = load_catalogue().parameters["C_M"]
    assert pickle.loads(pickle.dumps(entry)) == copy.deepcopy(entry) == entry  # noqa: S301
    assert asdict(entry)["by_setting"] == {"culture": 80.0, "patient": 160.0}
