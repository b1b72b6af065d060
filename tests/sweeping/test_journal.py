"""What is kept of an unfinished sweep: whole points of this sweep, and nothing else; one process at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tdm1sim.errors import InputError, MachineError
from tdm1sim.sweeping.journal import IDENTITY, POINTS, Journal
from tdm1sim.sweeping.lock import locked
from tdm1sim.sweeping.point import Done

MINE = {"the scenario": "a", "the points": "b", "the version of tdm1sim": "1"}


def done(number: int, value: float = 0.1) -> Done:
    return Done(number, {"means": {"surviving": {"mean": value, "low": None, "high": None}}}, 1.5)


def opened(folder: Path, restart: bool = False, **changed: str) -> tuple[Journal, dict[int, Done]]:
    folder.mkdir(exist_ok=True)
    journal = Journal(folder, {**MINE, **{key.replace("_", " "): value for key, value in changed.items()}})
    return journal, journal.open(restart=restart)


def test_kept_points_come_back_to_the_last_digit(tmp_path: Path) -> None:
    journal, found = opened(tmp_path / "j")
    assert found == {}
    for number, value in ((3, 0.1 + 0.2), (1, 1e-300)):
        journal.keep(done(number, value))
    assert opened(tmp_path / "j")[1] == {1: done(1, 1e-300), 3: done(3, 0.1 + 0.2)}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: text.replace("0.1", "0.2", 1),
        lambda text: text.replace('"point": 2', '"point": 3'),
        lambda text: text.replace('"sweep": "', '"sweep": "0'),
        lambda text: "[]",
    ],
    ids=["torn", "empty", "changed", "renumbered", "of another sweep", "not ours"],
)
def test_a_point_that_is_not_whole_or_not_ours_is_run_again(tmp_path: Path, spoil: object) -> None:
    journal, _ = opened(tmp_path / "j")
    journal.keep(done(1))
    journal.keep(done(2))
    file = tmp_path / "j" / POINTS / "000002.json"
    text = file.read_text(encoding="utf-8")
    assert spoil(text) != text  # type: ignore[operator]
    file.write_text(spoil(text), encoding="utf-8")  # type: ignore[operator]
    assert set(opened(tmp_path / "j")[1]) == {1}
    assert not file.exists()


def test_a_point_being_written_when_everything_stopped_leaves_no_trace(tmp_path: Path) -> None:
    opened(tmp_path / "j")[0].keep(done(1))
    (tmp_path / "j" / POINTS / "000002.json.new").write_text('{"point": 2, "res')
    assert set(opened(tmp_path / "j")[1]) == {1}
    assert [path.name for path in (tmp_path / "j" / POINTS).iterdir()] == ["000001.json"]


def test_another_sweep_is_refused_with_what_differs(tmp_path: Path) -> None:
    opened(tmp_path / "j")[0].keep(done(1))
    with pytest.raises(InputError) as caught:
        opened(tmp_path / "j", the_scenario="other")
    told = str(caught.value)
    assert "1 finished point of another sweep: what differs is the scenario;" in told
    assert "--restart" in told
    assert "the points" not in told.partition("what differs is")[2].partition(";")[0]
    assert set(opened(tmp_path / "j")[1]) == {1}, "refusing loses nothing"


def test_another_sweep_without_a_finished_point_gives_way(tmp_path: Path) -> None:
    """Stopped before its first point, it has nothing to lose; with one it is refused, as above."""
    opened(tmp_path / "j")
    assert opened(tmp_path / "j", the_scenario="other")[1] == {}
    assert json.loads((tmp_path / "j" / IDENTITY).read_text())["identity"]["the scenario"] == "other"
    journal, _ = opened(tmp_path / "j", the_scenario="other")
    journal.keep(done(1))
    with pytest.raises(InputError):
        opened(tmp_path / "j")


def test_restart_throws_them_away(tmp_path: Path) -> None:
    opened(tmp_path / "j")[0].keep(done(1))
    _, found = opened(tmp_path / "j", restart=True, the_scenario="other")
    assert found == {}
    assert json.loads((tmp_path / "j" / IDENTITY).read_text())["identity"]["the scenario"] == "other"


def test_points_without_an_identity_are_nobodys(tmp_path: Path) -> None:
    """As a restart leaves them that was killed in between."""
    opened(tmp_path / "j")[0].keep(done(1))
    (tmp_path / "j" / IDENTITY).unlink()
    assert opened(tmp_path / "j", the_scenario="other")[1] == {}


def test_an_unreadable_identity_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "j")[0].keep(done(1))
    (tmp_path / "j" / IDENTITY).write_text("{")
    with pytest.raises(InputError, match="--restart"):
        opened(tmp_path / "j")


HOLD = """
import sys
from pathlib import Path
from tdm1sim.sweeping.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock of ``j``."""
    root = Path(__file__).resolve().parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "j")],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    yield child
    child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()


def test_a_second_process_is_refused(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(InputError, match=rf"another process \(number {holder.pid}\) is working"),
        locked(tmp_path / "j"),
    ):
        pass


def test_kill_9_lets_go_of_the_lock(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with locked(tmp_path / "j"):
        assert (tmp_path / "j" / "lock").exists()


def test_the_lock_is_of_the_folder_that_is_there(tmp_path: Path) -> None:
    """Who finishes a sweep removes its folder, lock and all: the next one locks the new folder, not the old."""
    import shutil

    with locked(tmp_path / "j"):
        shutil.rmtree(tmp_path / "j")
        with locked(tmp_path / "j"):
            assert (tmp_path / "j" / "lock").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot make"), locked(tmp_path / "file" / "j"):
        pass


def test_a_disk_that_refuses_is_told_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, _ = opened(tmp_path / "j")
    journal.keep(done(1))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineError, match="No space left on device; points finished so far are kept"):
        journal.keep(done(2))
    monkeypatch.undo()
    assert set(opened(tmp_path / "j")[1]) == {1}
