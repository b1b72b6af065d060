"""The files of figures: which, equal bytes, no global state, no heavy import before something is drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from tdm1sim.errors import UsageError
from tdm1sim.figures import FIGURES, draw_all
from tests.figures import synthetic


def test_all_figures_are_written_with_their_captions(tmp_path: Path) -> None:
    results = synthetic.patient()
    written = draw_all(results, tmp_path / "figures")
    names = ["exposure", "drug_path", "dm1_bands", "fates", "clones"]
    assert [path.name for path in written] == [f"{n}.{kind}" for n in names for kind in ("png", "svg", "md")]
    assert all(path.stat().st_size > 500 for path in written)
    caption = (tmp_path / "figures" / "fates.md").read_text(encoding="utf-8")
    assert caption.startswith(f"# {FIGURES['fates'].title(results)}\n")
    assert FIGURES["fates"].caption(results) in caption


def test_slides_are_16_to_9_and_letters_stay_letters(tmp_path: Path) -> None:
    draw_all(synthetic.patient(), tmp_path, names=["fates"])
    header = (tmp_path / "fates.png").read_bytes()[16:24]
    assert (int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")) == (2000, 1125)
    svg = (tmp_path / "fates.svg").read_text(encoding="utf-8")
    assert "rapid (interphase)" in svg
    assert "never clinical advice" in svg


def test_a_pdf_has_the_letters_that_journals_take(tmp_path: Path) -> None:
    """TrueType and no Type 3, whatever the user's settings."""
    with mpl.rc_context({"pdf.fonttype": 3}):
        draw_all(synthetic.patient(), tmp_path, formats=["pdf"], names=["fates"])
    written = (tmp_path / "fates.pdf").read_bytes()
    assert b"/CIDFontType2" in written
    assert b"/Type3" not in written


def test_same_results_same_bytes_whatever_the_users_settings(tmp_path: Path) -> None:
    results = synthetic.three_clones()
    names = ["clones", "dm1_bands"]
    first = draw_all(results, tmp_path / "a", names=names)
    with mpl.rc_context({"font.size": 5.0, "axes.facecolor": "red", "svg.hashsalt": "other", "svg.fonttype": "path"}):
        second = draw_all(results, tmp_path / "b", names=names)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_another_run_gives_other_bytes(tmp_path: Path) -> None:
    (one, _) = draw_all(synthetic.patient(), tmp_path / "a", formats=["svg"], names=["fates"])
    (other, _) = draw_all(synthetic.untreated(), tmp_path / "b", formats=["svg"], names=["fates"])
    assert one.read_bytes() != other.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"names": ["fate"]}, "unknown figure 'fate'; there are: mechanism, exposure"),
        ({"names": ["dose_response"]}, "no data for the figure 'dose_response'; it has: mechanism, exposure"),
        ({"formats": ["jpg"]}, "unknown figure format 'jpg'; there are: png, svg"),
    ],
)
def test_unknown_names_are_told_with_what_there_is(tmp_path: Path, arguments: dict, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        draw_all(synthetic.patient(), tmp_path / "figures", **arguments)
    assert not (tmp_path / "figures").exists()


def test_nothing_heavy_before_drawing_and_no_pyplot_after(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; import tdm1sim.figures as f; assert 'matplotlib' not in sys.modules;"
        "from tests.figures import synthetic;"
        f"f.draw_all(synthetic.patient(), pathlib.Path({str(tmp_path)!r}));"
        "assert 'matplotlib.figure' in sys.modules; assert 'matplotlib.pyplot' not in sys.modules"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
