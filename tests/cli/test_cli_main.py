"""The program as a process: start, help, pipes, signals, and ``run.py`` on a bare Python."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tdm1sim import __version__
from tdm1sim.cli.main import COMMANDS, with_verb
from tests.cli.cli_fakes import Ending

ROOT = Path(__file__).resolve().parents[2]
Program = Callable[..., Ending]

HEAVY = (
    "numpy",
    "pandas",
    "scipy",
    "matplotlib",
    "mesa",
    "pint",
    "pydantic",
    "ruamel",
    "rich",
    "tqdm",
    "joblib",
)


def test_the_commands_are_exactly_those_of_this_release(process: Program) -> None:
    done = process("--help")
    assert done.code == 0
    listed = [line.split()[0] for line in done.out.split("Commands:")[1].splitlines() if line.startswith("  ")]
    expected = (
        "run sweep validate resolve compare dose-response sensitivity evidence figures bench methods report repeat new "
        "list explain cite schema schedule"
    )
    assert [name for name in listed if name in COMMANDS] == expected.split()
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_help_imports_nothing_heavy(process: Program) -> None:
    """What keeps ``--help`` under 0.3 s; a timed test would measure the machine."""
    script = (
        "import sys\nfrom tdm1sim.cli.main import main\ncode = main(['--help'])\n"
        f"print(code, sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    assert process("-c", script, program=()).out.splitlines()[-1] == "0 []"


def test_the_heavy_check_sees_a_heavy_import(process: Program) -> None:
    script = f"import sys, rich\nprint(sorted(set({HEAVY!r}) & set(sys.modules)))"
    assert process("-c", script, program=()).out.strip() == "['rich']"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(process: Program, name: str) -> None:
    done = process(name, "--help")
    assert done.code == 0
    assert name in done.out


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["a.yaml"], ["run", "a.yaml"]),
        (["dir/a", "--force"], ["run", "dir/a", "--force"]),
        (["--force", "a.YML"], ["run", "--force", "a.YML"]),
        (["run", "a.yaml"], ["run", "a.yaml"]),
        (["list"], ["list"]),
        (["--help"], ["--help"]),
        (["-h"], ["-h"]),
        (["--version"], ["--version"]),
        (["rnu"], ["rnu"]),
        ([], []),
    ],
)
def test_a_file_without_a_verb_is_run(words: list[str], meant: list[str]) -> None:
    assert with_verb(words) == meant


def test_a_misspelt_command_ends_with_2(process: Program) -> None:
    done = process("rnu")
    assert done.code == 2
    assert "No such command 'rnu'" in done.err
    assert "Traceback" not in done.err


def test_version(process: Program) -> None:
    done = process("--version")
    assert done.code == 0
    assert done.out == f"tdm1sim {__version__}\n"


def test_the_three_doors_are_one_program(process: Program) -> None:
    by_module = process("schedule")
    by_script = process("schedule", program=(str(ROOT / "run.py"),))
    assert by_module == by_script
    assert by_module.code == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("words", [["explain"], ["explain", "--json"], ["--help"]])
def test_a_closed_pipe_is_no_error(tmp_path: Path, words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)  # `| head` that has already left
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tdm1sim", *words],
            cwd=ROOT,
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
@pytest.mark.parametrize("words", [["explain"], ["schedule", "--json"]])
def test_a_full_disk_behind_standard_output_ends_with_3(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tdm1sim", *words],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 3
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_130_and_no_traceback(tmp_path: Path, number: signal.Signals) -> None:
    script = (
        "import signal, sys, time\nimport tdm1sim.mechanisms as mechanisms\n"
        # A job in the background is started deaf to Ctrl-C.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def slow():\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "mechanisms.schedule = slow\nfrom tdm1sim.cli.main import main\nsys.exit(main(['schedule']))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    child.send_signal(number)
    _, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (130, "interrupted.\n")


def bare_python(tmp_path: Path) -> tuple[str, dict[str, str]]:
    """A Python that has the standard library and nothing else: -S leaves out site-packages."""
    shutil.copy(ROOT / "run.py", tmp_path / "run.py")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return sys.executable, environment


def test_run_py_without_libraries_says_what_to_type(tmp_path: Path) -> None:
    python, environment = bare_python(tmp_path)
    command = [python, "-S", "run.py", "scenarios/her2_positive.yaml"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 3
    assert "numpy" in done.stderr
    assert "make demo" in done.stderr
    assert "pip install -e ." in done.stderr
    assert "Traceback" not in done.stderr


def test_run_py_points_to_the_environment_that_has_them(tmp_path: Path) -> None:
    python, environment = bare_python(tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    done = subprocess.run(
        [python, "-S", "run.py", "list"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert ".venv/bin/python run.py list" in done.stderr


def test_run_py_names_exactly_the_libraries_of_the_package() -> None:
    import re
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=]", text)[0] for text in project["dependencies"]}
    sys.path.insert(0, str(ROOT))
    try:
        import run
    finally:
        sys.path.remove(str(ROOT))
    # the NumPy engine does everything without these two
    assert set(run.NEEDED) == declared - {"numba", "platformdirs"}


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    import run

    monkeypatch.setattr(run, "OLDEST", (99, 0))
    assert run.start() == 3
    assert "needs Python 3.11" in capsys.readouterr().err


def test_an_early_interrupt_is_quiet(process: Program) -> None:
    """Ctrl-C while the program is still loading."""
    script = (
        "import sys\nfrom tdm1sim.cli import main as program\n"
        "def early(*_, **__):\n    raise KeyboardInterrupt\n"
        "program.app = early\nsys.exit(program.main(['list']))"
    )
    started = time.monotonic()
    assert process("-c", script, program=()).code == 130
    assert time.monotonic() - started < 60


def test_a_bundled_name_without_a_command_is_pointed_to_run(process: Program) -> None:
    """Only a file runs without a command; the name of a bundled scenario gets the command it needs."""
    done = process("mixed_resistance")
    assert done.code == 2
    assert done.err.splitlines()[-1].endswith("to run it: tdm1sim run mixed_resistance")
    assert "to run it" not in process("mixed_resistence").err
