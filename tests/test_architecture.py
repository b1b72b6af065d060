"""The house stands: imports go down the floors only, and some libraries live in one room only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "tdm1sim"

FLOORS: dict[str, int] = {
    name: floor
    for floor, names in {
        0: "__version__ errors units maths luck pools histogram intervals workers",
        1: "catalogue covariates scenario parameters",
        2: "population surroundings bands lives state agreement world",
        3: "mechanisms observables",
        4: "engine census cells recorder branching summary quantities results results_folder lineages",
        5: "model",
        6: "ensemble manifest evidence attribution saved_by repeating resuming uncertainty comparing doses sensitivity "
        "precision sweeping benching",
        7: "figures gallery given methods tables report",
        8: "cli __main__ __init__",
    }.items()
    for name in names.split()
}
ONLY = {  # a library, and the rooms it may be imported in
    "ruamel": {"catalogue", "scenario", "parameters"},
    "matplotlib": {"figures"},
    "tqdm": {"cli"},
    "typer": {"cli"},
    "mesa": {"model"},
    "random": {"luck"},
    "numpy.random": {"luck"},
    "numba": {"engine"},
    "pptx": {"gallery"},
    "llvmlite": {"engine"},
}


def imports(tree: ast.AST) -> Iterator[str]:
    """Every dotted name a module imports; ``np.random`` used through its parent counts too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and node.attr == "random" and isinstance(node.value, ast.Name):
            yield {"np": "numpy"}.get(node.value.id, node.value.id) + ".random"


def room(module: str) -> str:
    return [*module.split("."), "__init__"][1]


def faults(module: str, source: str) -> list[str]:
    """What is wrong with the imports of ``module`` (``tdm1sim.figures.fates``)."""
    found = []
    for name in dict.fromkeys(imports(ast.parse(source))):
        if name.startswith("."):
            found.append(f"{module} imports {name} by a relative path")
        elif name.split(".")[0] == "tdm1sim" and name != "tdm1sim":
            if room(name) not in FLOORS:
                found.append(f"{module} imports {name}, which is on no floor")
            elif FLOORS[room(name)] > FLOORS[room(module)]:
                found.append(f"{module} (floor {FLOORS[room(module)]}) imports {name} (floor {FLOORS[room(name)]})")
        found += [
            f"{module} imports {name}: {library} belongs to {', '.join(sorted(rooms))}"
            for library, rooms in ONLY.items()
            if (name == library or name.startswith(library + ".")) and room(module) not in rooms
        ]
    return found


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield ".".join(["tdm1sim", *path.relative_to(PACKAGE).with_suffix("").parts]), path


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=[name for name, _ in modules()])
def test_imports_go_down_only(module: str, path: Path) -> None:
    assert room(module) in FLOORS, f"{module} is on no floor: give it one here and in docs/architecture.md"
    assert faults(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("tdm1sim.mechanisms.fake", "import tdm1sim.results", "(floor 3) imports tdm1sim.results (floor 4)"),
        (
            "tdm1sim.engine.fake",
            "def f():\n    from tdm1sim.cli import main",
            "imports tdm1sim.cli (floor 8)",
        ),
        ("tdm1sim.world", "from tdm1sim import model", "imports tdm1sim.model (floor 5)"),
        ("tdm1sim.engine.fake", "import ruamel.yaml", "ruamel belongs to"),
        ("tdm1sim.tables", "import matplotlib.pyplot as plt", "matplotlib belongs to figures"),
        ("tdm1sim.ensemble", "from tqdm import tqdm", "tqdm belongs to cli"),
        ("tdm1sim.engine.fake", "import mesa", "mesa belongs to model"),
        (
            "tdm1sim.engine.fake",
            "import numpy as np\nnp.random.default_rng(1)",
            "numpy.random belongs to luck",
        ),
        ("tdm1sim.engine.fake", "from numpy.random import default_rng", "numpy.random belongs to luck"),
        ("tdm1sim.engine.fake", "import random", "random belongs to luck"),
        ("tdm1sim.engine.fake", "from . import numpy", "relative"),
        ("tdm1sim.engine.fake", "import tdm1sim.attic", "on no floor"),
    ],
)
def test_a_module_that_breaks_a_rule_is_caught(module: str, source: str, complaint: str) -> None:
    assert any(complaint in fault for fault in faults(module, source))


def test_a_module_that_keeps_the_rules_passes() -> None:
    source = "import numpy as np\nfrom tdm1sim import errors\nfrom tdm1sim.luck import generator"
    assert faults("tdm1sim.engine.fake", source) == []


def test_files_stay_within_400_lines() -> None:
    long = {name: n for name, path in modules() if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}
