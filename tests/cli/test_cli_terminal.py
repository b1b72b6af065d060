"""What a terminal sees and a pipe does not: the progress bar, colour, letters that cannot be written."""

from __future__ import annotations

import io
import json
import sys
import time

import numpy as np
import pytest
from rich.text import Text

from tdm1sim.cli import terminal
from tdm1sim.cli.guard import report
from tdm1sim.cli.progress import bar
from tdm1sim.errors import InputError, MachineError, UsageError


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def a_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Make both streams a terminal; no fixture, for pytest puts its own streams back after fixtures."""
    stream = Screen()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


def test_a_terminal_sees_the_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = a_screen(monkeypatch)
    with bar("her2_positive", hidden=False) as move:
        assert move is not None
        for done in (0.0, 2016.0, 4032.0):
            time.sleep(0.12)  # bars are redrawn at most ten times a second
            move(done, 4032.0)
    assert "her2_positive:   0% |" in screen.getvalue()
    assert "her2_positive: 100% |" in screen.getvalue()
    assert "about 00:00 to go" in screen.getvalue()


def test_a_pipe_and_a_quiet_run_see_none(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = a_screen(monkeypatch)
    with bar("x", hidden=True) as move:
        assert move is None
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with bar("x", hidden=False) as move:
        assert move is None
    assert screen.getvalue() == ""


def test_a_terminal_gets_colour_unless_it_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = a_screen(monkeypatch)
    terminal.show(Text("fates", style="red"))
    assert "\x1b[31m" in screen.getvalue()
    screen.truncate(0)
    monkeypatch.setenv("NO_COLOR", "1")
    terminal.show(Text("fates", style="red"))
    assert "31m" not in screen.getvalue()


def test_a_letter_that_a_terminal_cannot_write_does_not_end_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Narrow(io.BytesIO):
        def isatty(self) -> bool:
            return True

    raw = Narrow()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    terminal.prepare_streams()
    terminal.say("µm")
    assert raw.getvalue() == b"?m\n"


def test_what_a_program_reads_is_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    terminal.prepare_streams()
    terminal.say("µm")
    assert raw.getvalue() == "µm\n".encode()


def test_json_lines_hold_plain_values(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say_json(
        {
            "count": np.int64(3),
            "mean": np.float64(0.5),
            "flag": np.bool_(True),
            "off": float("inf"),
            "rows": (1, None, "µ"),
            1: {"nan": float("nan")},
        }
    )
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "count": 3,
        "mean": 0.5,
        "flag": True,
        "off": None,
        "rows": [1, None, "µ"],
        "1": {"nan": None},
    }
    assert '"count": 3,' in line


@pytest.mark.parametrize(
    ("error", "code", "start"),
    [
        (InputError("no such file"), 1, "no such file"),
        (UsageError("--jobs 0"), 2, "usage: --jobs 0"),
        (MachineError("full"), 3, "error: full"),
        (OSError("strange"), 3, "error: the machine refused: strange"),
        (KeyboardInterrupt(), 130, "interrupted."),
        (
            ValueError("x\x1b[31m"),
            3,
            "error: this is a defect in tdm1sim, not in your input (ValueError: x?[31m)",
        ),
        (SystemExit(5), 5, ""),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_every_error_has_its_code_and_its_line(
    error: BaseException,
    code: int,
    start: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tdm1sim.cli.guard.silence_stdout", lambda: None)  # pytest still needs its own
    assert report(error) == code
    assert capsys.readouterr().err.startswith(start)
