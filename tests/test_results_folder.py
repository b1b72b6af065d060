"""A result folder is whole or absent, and nothing is replaced unless asked."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tdm1sim import results_folder
from tdm1sim.errors import InputError, MachineError
from tdm1sim.results_folder import check, staged


def fill(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text('{"tdm1sim": "0.1.0"}', encoding="utf-8")
    (folder / "summary.json").write_text(text, encoding="utf-8")
    (folder / "figures").mkdir()


def put(destination: Path, text: str, *, force: bool = False) -> None:
    with staged(destination, force) as folder:
        fill(folder, text)


def fail(destination: Path, error: BaseException, *, force: bool = False) -> None:
    """Write half a result, then meet ``error``."""
    with staged(destination, force) as folder:
        fill(folder, "half")
        raise error


def holds(destination: Path) -> str:
    return (destination / "summary.json").read_text(encoding="utf-8")


def test_a_new_folder_appears_whole_and_only_at_the_end(tmp_path: Path) -> None:
    destination = tmp_path / "results" / "run"
    with staged(destination, False) as folder:
        fill(folder, "new")
        assert not destination.exists()
        assert folder.parent == destination.parent  # the same file system, so that the rename is one step
    assert holds(destination) == "new"
    assert [path.name for path in destination.parent.iterdir()] == ["run"]


def test_the_folder_has_the_permissions_of_any_new_folder(tmp_path: Path) -> None:
    put(tmp_path / "run", "new")
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "run").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_a_failed_or_interrupted_run_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        fail(tmp_path / "run", error())
    assert list(tmp_path.iterdir()) == []


def test_a_failed_forced_run_leaves_the_old_result(tmp_path: Path) -> None:
    put(tmp_path / "run", "old")
    with pytest.raises(KeyboardInterrupt):
        fail(tmp_path / "run", KeyboardInterrupt(), force=True)
    assert holds(tmp_path / "run") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    put(tmp_path / "run", "old")
    with pytest.raises(InputError, match="--force"):
        check(tmp_path / "run", force=False)
    with pytest.raises(InputError, match=r"exists already.*--force.*--out"):
        put(tmp_path / "run", "new")
    assert holds(tmp_path / "run") == "old"


def test_force_replaces_an_older_result(tmp_path: Path) -> None:
    put(tmp_path / "run", "old")
    (tmp_path / "run" / "extra.txt").write_text("gone with the old one")
    put(tmp_path / "run", "new", force=True)
    assert holds(tmp_path / "run") == "new"
    assert not (tmp_path / "run" / "extra.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("kind", ["strangers", "file", "broken manifest", "other manifest", "dangling link"])
def test_force_never_replaces_what_is_not_ours(tmp_path: Path, kind: str) -> None:
    destination = tmp_path / "run"
    if kind == "file":
        destination.write_text("mine")
    elif kind == "dangling link":
        destination.symlink_to(tmp_path / "nowhere")
    else:
        destination.mkdir()
        (destination / "thesis.tex").write_text("mine")
    if kind == "broken manifest":
        (destination / "manifest.json").write_text("{")
    if kind == "other manifest":
        (destination / "manifest.json").write_text('{"name": "a web page"}')
    with pytest.raises(InputError, match="not a result folder"):
        put(destination, "new", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_force_takes_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    put(tmp_path / "run", "new", force=True)
    assert holds(tmp_path / "run") == "new"


def test_a_link_to_a_result_is_replaced_and_the_result_stays(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "kept")
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    put(tmp_path / "run", "new", force=True)
    assert holds(tmp_path / "run") == "new"
    assert holds(tmp_path / "elsewhere") == "kept"


def test_another_run_that_was_faster_wins_without_force(tmp_path: Path) -> None:
    slow = staged(tmp_path / "run", False)
    fill(slow.__enter__(), "slow")  # entered by hand: the other run comes in between
    put(tmp_path / "run", "fast")
    with pytest.raises(InputError, match="exists already"):
        slow.__exit__(None, None, None)
    assert holds(tmp_path / "run") == "fast"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_another_forced_run_between_the_two_renames_is_replaced_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "run", "old")
    rename, meddled = Path.rename, []

    def meddling(self: Path, target: Path) -> Path:
        moved = rename(self, target)
        if ".old-" in str(target) and not meddled:
            meddled.append(True)
            (tmp_path / "run").mkdir()
            fill(tmp_path / "run", "meddler")
        return moved

    monkeypatch.setattr(Path, "rename", meddling)
    put(tmp_path / "run", "new", force=True)
    assert meddled
    assert holds(tmp_path / "run") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_swap_that_fails_brings_the_old_result_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "run", "old")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if ".partial-" in self.name:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(MachineError, match="Input/output error"):
        put(tmp_path / "run", "new", force=True)
    assert holds(tmp_path / "run") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"No space left.*make room"):
        fail(tmp_path / "run", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_write_that_the_machine_cuts_short_leaves_nothing(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from tdm1sim.errors import MachineError
        from tdm1sim.results_folder import staged

        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            with staged(Path(sys.argv[1]) / "run", False) as folder:
                (folder / "cells.csv").write_bytes(bytes(100_000))
        except MachineError as error:
            print(error)
        """
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "cannot write" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_place_under_a_file_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("not a folder")
    with pytest.raises(MachineError, match="not a folder"):
        check(tmp_path / "results" / "run", force=False)


def test_a_folder_that_may_not_be_written_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere, so the answer is faked
    with pytest.raises(MachineError, match=r"no permission.*--out"):
        check(tmp_path / "deep" / "run", force=False)


def test_checking_makes_nothing(tmp_path: Path) -> None:
    check(tmp_path / "a" / "b" / "run", force=False)
    assert list(tmp_path.iterdir()) == []


def test_without_the_clean_up_a_failure_would_leave_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The companion: these tests see a half-written folder when there is one."""
    monkeypatch.setattr(results_folder.shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(ValueError, match="broken"):
        fail(tmp_path / "run", ValueError("broken"))
    left = list(tmp_path.iterdir())
    monkeypatch.undo()
    assert len(left) == 1
    assert left[0].name.startswith(".run.partial-")
    shutil.rmtree(left[0])
