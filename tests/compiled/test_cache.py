"""Compiled code is kept by what it was compiled from: an edit anywhere is in the next result."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("numba")

import numba

from tdm1sim.engine.compiled.cache import open_cache, source_hash
from tests.compiled.elsewhere import HERE, PINNED, WHERE, copy_of_package, results_in
from tests.compiled.lived import CLOSE, far

pytestmark = pytest.mark.xdist_group("compiled")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "mechanisms").mkdir(parents=True)
    for name in ("__init__.py", "mechanisms/__init__.py", "mechanisms/cytosol.py", "mechanisms/cell.py"):
        (folder / name).write_text(f"# {name}\n", encoding="utf-8")
    return folder


@pytest.fixture
def folder_of_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)  # put back afterwards


def test_every_source_is_in_the_hash(package: Path) -> None:
    seen = {source_hash(package)}
    for path in sorted(package.rglob("*.py")):
        path.write_text(path.read_text(encoding="utf-8") + "x = 1\n", encoding="utf-8")
        seen.add(source_hash(package))
    (package / "mechanisms" / "new.py").touch()
    seen.add(source_hash(package))
    (package / "mechanisms" / "new.py").rename(package / "mechanisms" / "other.py")
    seen.add(source_hash(package))
    assert len(seen) == 7


def test_nothing_else_is_in_the_hash(package: Path) -> None:
    before = source_hash(package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "cell.pyc").write_bytes(b"whatever")
    os.utime(package / "mechanisms" / "cell.py", (0, 0))
    assert source_hash(package) == before
    assert source_hash() == source_hash(HERE / "tdm1sim")


@pytest.mark.usefixtures("folder_of_numba")
def test_folders_of_a_month_ago_are_removed(tmp_path: Path) -> None:
    old, young, strange = tmp_path / "old", tmp_path / "young", tmp_path / "strange"
    for folder in (old, young, strange):
        folder.mkdir()
        (folder / "code").touch()
    for folder, days in ((old, 31.0), (young, 29.0)):
        (folder / ".used").touch()
        then = time.time() - days * 86_400.0
        os.utime(folder / ".used", (then, then))
    (tmp_path / "a file").touch()
    assert open_cache(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"young", "strange", "a file", source_hash()}
    assert Path(numba.config.CACHE_DIR) == tmp_path / source_hash()


@pytest.mark.usefixtures("folder_of_numba")
def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WHERE, str(tmp_path / "here"))
    assert open_cache()
    assert Path(numba.config.CACHE_DIR) == tmp_path / "here" / source_hash()


@pytest.mark.usefixtures("folder_of_numba")
def test_its_own_folder_is_kept_however_old(tmp_path: Path) -> None:
    own = tmp_path / source_hash()
    own.mkdir()
    (own / ".used").touch()
    os.utime(own / ".used", (0.0, 0.0))
    assert open_cache(tmp_path)
    assert time.time() - (own / ".used").stat().st_mtime < 3600.0


@pytest.mark.usefixtures("folder_of_numba")
def test_a_folder_that_another_process_removes_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    exists, stat_of = Path.exists, Path.stat

    def seen(path: Path, **more: bool) -> bool:
        return path.parent == gone or exists(path, **more)

    def looked(path: Path, **more: bool) -> os.stat_result:
        if path.parent == gone:
            raise FileNotFoundError(path)
        return stat_of(path, **more)

    monkeypatch.setattr(Path, "exists", seen)
    monkeypatch.setattr(Path, "stat", looked)
    assert open_cache(tmp_path)


@pytest.mark.usefixtures("folder_of_numba")
def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    before = numba.config.CACHE_DIR
    (tmp_path / "file").touch()
    assert not open_cache(tmp_path / "file" / "below")  # as good as a read-only home, and root cannot write there
    assert before == numba.config.CACHE_DIR


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="looks for a cache where other systems keep it")
def test_where_nothing_can_be_written_it_compiles_anew(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (ours, theirs) = results_in(HERE, tmp_path / "file", "coarse steps@compiled", "coarse steps@numpy")
    assert ours[0] == theirs[0]
    assert stat.S_ISREG((tmp_path / "file").stat().st_mode)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="looks for a cache where other systems keep it")
def test_an_edit_to_a_mechanism_changes_the_result(tmp_path: Path) -> None:
    package, cache = copy_of_package(tmp_path / "package"), tmp_path / "cache"
    case = "coarse steps"
    (before,) = results_in(package, cache, f"{case}@compiled", before=PINNED)
    source = package / "tdm1sim" / "mechanisms" / "cytosol.py"
    text = source.read_text(encoding="utf-8")
    line = "x = x_efflux * free_fraction("
    assert text.count(line) == 1
    source.write_text(text.replace(line, "x = k.two * x_efflux * free_fraction("), encoding="utf-8")

    after, numpy = results_in(package, cache, f"{case}@compiled", f"{case}@numpy")
    assert after[1] != before[1]
    assert after[0] == numpy[0]
    assert after[3] == numpy[3]
    for ours, theirs in zip(after[2], numpy[2], strict=True):  # the flows
        assert max(far(a, b, 1.0) for a, b in zip(ours, theirs, strict=True)) < CLOSE

    (stale,) = results_in(package, cache, f"{case}@compiled", before=PINNED)
    assert stale == before  # the companion: a cache named by nothing serves the old biology
    kept = {path.name for path in (cache / "tdm1sim" / "compiled").iterdir()}
    assert {"whatever", source_hash(package / "tdm1sim")} <= kept


COMPILED_HERE = """
import sys
from tests.compiled.lived import run
from tests.compiled.runs import RUNS
if sys.argv[1] == "readonly":
    from tdm1sim.engine.compiled import engine
    true = engine.see_ahead

    def other(k, sums, around, supply, times, *rest):
        times.setflags(write=False)
        return true(k, sums, around, supply, times, *rest)

    engine.see_ahead = other
run(RUNS["coarse steps"], "compiled")
from tdm1sim.engine.compiled.accounts import carry_on
from tdm1sim.engine.compiled.kernel import see_ahead
print(*(f.py_func.__name__ for f in (see_ahead, carry_on) if f.stats.cache_misses))
"""


@pytest.mark.slow
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor compiles everything in one process")
@pytest.mark.parametrize(("how", "again"), [("as it is", ""), ("readonly", "foresee")])
def test_what_the_other_process_has_compiled_is_what_is_called(tmp_path: Path, how: str, again: str) -> None:
    """Arguments of another type would have it all compiled once more; the second case is the companion."""
    environment = {**os.environ, "PYTHONPATH": str(HERE), "XDG_CACHE_HOME": str(tmp_path)}
    for name in ("NUMBA_CACHE_DIR", WHERE):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", COMPILED_HERE, how],
        capture_output=True, text=True, check=False, cwd=HERE, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == again
