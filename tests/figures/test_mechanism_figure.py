"""The mechanism in one picture: arrows as wide as what they carried, numbers of the run, four steps of one geometry."""

from __future__ import annotations

import dataclasses
import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from tdm1sim.figures import FIGURES, applicable, glyphs, mechanism, page, style
from tdm1sim.figures import mechanism_amounts as amounts
from tests.figures import synthetic
from tests.figures.look_alike import FakeResults
from tests.figures.sheets import by_gid, flat, results_of, sheet_of, words_on


def totals(results: FakeResults) -> dict[str, float]:
    """The amounts, read a second time: the last row of each replicate, then their mean."""
    last = results.flows[results.flows["time_h"] == results.flows["time_h"].max()]
    return {str(name): float(last[name].mean()) for name in amounts.ARROWS}


def changed(results: FakeResults, **factors: float) -> FakeResults:
    """The same run with other amounts along some arrows."""
    flows = results.flows.assign(**{name: results.flows[name] * factor for name, factor in factors.items()})
    return dataclasses.replace(results, flows=flows)


def shafts(sheet: Figure) -> dict[str, PathPatch]:
    found = {name: by_gid(sheet, f"arrow-{name}") for name in amounts.ARROWS}
    return {name: patches[0] for name, patches in found.items() if patches}


def wrong_widths(results: FakeResults, sheet: Figure) -> list[str]:
    """Arrows whose width is not the square root of what they carried, the widest 22 points, none below 1.2."""
    carried, drawn = totals(results), shafts(sheet)
    most = max(carried.values())
    faults = []
    for name, amount in carried.items():
        wanted = max(1.2, 22.0 * (amount / most) ** 0.5) if amount > 0 else 0.0
        width = float(drawn[name].get_linewidth()) if name in drawn else 0.0
        if abs(width - wanted) > 1e-6:
            faults.append(f"{name}: {width} instead of {wanted}")
    return faults


@pytest.mark.parametrize("story", ["patient", "culture", "her2_low", "three_clones"])
def test_arrows_are_as_wide_as_the_rule_says(story: str) -> None:
    assert wrong_widths(results_of(story), sheet_of(story, "mechanism")) == []


def test_another_rule_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amounts, "width", lambda amount, largest: 22.0 * amount / largest)
    results = results_of("patient")
    assert wrong_widths(results, page("mechanism", results)) != []


def test_four_times_as_much_is_twice_as_wide() -> None:
    results = results_of("patient")
    more = page("mechanism", changed(results, dm1_effluxed=0.25))
    before, after = (
        shafts(sheet)["dm1_effluxed"].get_linewidth() for sheet in (sheet_of("patient", "mechanism"), more)
    )
    assert before == pytest.approx(2.0 * after)


def test_a_little_is_drawn_thin_and_nothing_not_at_all() -> None:
    results = changed(results_of("patient"), shed_receptor=1e-6, dm1_effluxed=0.0)
    drawn = shafts(page("mechanism", results))
    assert drawn["shed_receptor"].get_linewidth() == amounts.THINNEST
    assert "dm1_effluxed" not in drawn


def test_the_key_shows_widths_of_the_same_rule() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "mechanism")
    most = max(totals(results).values())
    for size, text in ((1e6, "1 million"), (1e7, "10 million")):
        (line,) = by_gid(sheet, f"width-{size:.0f}")
        assert line.get_linewidth() == pytest.approx(22.0 * (size / most) ** 0.5)
        assert text in words_on(sheet)


def test_numbers_beside_arrows_are_the_run_s() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "mechanism")
    told, carried = words_on(sheet), totals(results)
    for name, words in {
        "bound": "binds at IV",
        "internalised": "taken in",
        "sorted_to_lysosome": "to lysosomes",
        "catabolite_to_cytosol": "to the cytosol",
        "dm1_effluxed": "out again",
        "shed_receptor": "shed HER2",
    }.items():
        assert f"{words}: {carried[name] / 1e6:.3g} million" in told
    back = round(100.0 * carried["recycled"] / carried["internalised"])
    assert f"recycled: {carried['recycled'] / 1e6:.3g} million ({back} %)" in told
    median = results.timeseries.groupby("time_h")[["dm1_cytosol_nM_median", "dm1_tubulin_bound_nM_median"]].mean()
    top = median["dm1_cytosol_nM_median"].idxmax()
    held = 100.0 * median.loc[top, "dm1_tubulin_bound_nM_median"] / median.loc[top, "dm1_cytosol_nM_median"]
    assert f"{held:.0f} % on tubulin" in told
    assert f"{carried['catabolite_to_cytosol'] / 1e6:.3g} million DM1" in FIGURES["mechanism"].title(results)


def test_every_part_has_its_name() -> None:
    told = words_on(sheet_of("patient", "mechanism"))
    for part in (
        *("I", "II", "III", "IV", "HER2", "T-DM1", "pertuzumab", "NK cell", "Fc receptor", "endosome", "lysosome"),
        *("Lys-MCC- DM1", "SLC46A3", "MDR1 (P-gp)", "DM1 in the cytosol", "tubulin", "mitotic arrest", "PI3K", "PTEN"),
        *("nucleus", "drives G1", "what became of the cells", "rapid apoptosis", "mitotic catastrophe", "surviving"),
    ):
        assert part in told, part


def test_the_bar_is_the_fates_of_the_summary() -> None:
    results, sheet = results_of("patient"), sheet_of("patient", "mechanism")
    found = {name: by_gid(sheet, f"fate-{name}")[0] for name in ("surviving", "mitotic_catastrophe", "apoptosis")}
    whole = sum(bar.get_height() for bar in found.values())
    for name, bar in found.items():
        assert bar.get_height() / whole == pytest.approx(results.summary["fates"][name]["mean"])
        assert (bar.get_hatch() or "") == style.MEANING[name].hatch


def test_traits_of_the_only_clone_stand_at_their_parts() -> None:
    assert "MDR1 (P-gp) ×10 (inhibited)" in words_on(sheet_of("mdr1_inhibitor", "mechanism"))
    assert "×" not in words_on(sheet_of("three_clones", "mechanism")), "no clone speaks for the others"
    lost = synthetic.patient()
    lost.scenario["tumour"]["clones"]["main"] |= {"slc46a3": 0, "her2_driven": False}
    told = words_on(page("mechanism", lost))
    assert "SLC46A3 lost" in told
    assert "HER2 drives no cell here" in told


def test_only_the_drug_it_is_of_has_the_picture() -> None:
    drawn = {story for story in synthetic.ALL if "mechanism" in applicable(results_of(story))}
    assert {"patient", "culture", "codosing", "population"} <= drawn
    assert drawn.isdisjoint({"untreated", "naked", "pertuzumab", "adcc", "t_dxd"})
    without = dataclasses.replace(results_of("patient"), flows=results_of("patient").flows.iloc[:0])
    assert "mechanism" not in applicable(without)


def pixels(sheet: Figure) -> np.ndarray:
    file = io.BytesIO()
    with style.look():
        sheet.savefig(file, format="png", dpi=50)
    file.seek(0)
    return np.asarray(imread(file))


@pytest.mark.parametrize("how", style.STYLES)
def test_four_frames_build_up_one_picture(how: str) -> None:
    results = results_of("patient")
    with style.using(how):
        frames, whole = mechanism.frames(results), page("mechanism", results)
        assert np.array_equal(pixels(frames[-1]), pixels(whole))
    assert len(frames) == 4
    arrows = [set(shafts(frame)) for frame in frames]
    assert arrows[0] == {"bound", "dissociated", "shed_receptor"}
    assert arrows[1] - arrows[0] == {"internalised", "recycled", "sorted_to_lysosome"}
    assert arrows[2] - arrows[1] == {"catabolite_to_cytosol", "dm1_effluxed"}
    assert arrows[3] == arrows[2]
    for one, other in itertools.pairwise(frames):
        assert how.startswith("paper") or by_gid(one, "title")[0].get_text() != by_gid(other, "title")[0].get_text()
        for name, shaft in shafts(one).items():
            np.testing.assert_array_equal(shaft.get_path().vertices, shafts(other)[name].get_path().vertices)
            assert shaft.get_linewidth() == shafts(other)[name].get_linewidth()


def test_frames_stand_still() -> None:
    """What is drawn in one frame has not moved by a pixel in the next, or flipping through them would jump."""
    frames = mechanism.frames(results_of("patient"))
    for frame in frames:
        frame.draw_without_rendering()
    for one, other in itertools.pairwise(frames):
        for gid in ("subdomain-IV", "arrow-bound"):
            first, second = (by_gid(frame, gid)[0].get_window_extent().extents for frame in (one, other))
            np.testing.assert_array_equal(first, second)


def test_frames_are_written_with_their_titles(tmp_path: Path) -> None:
    results = results_of("patient")
    written = mechanism.write_frames(results, tmp_path / "frames", formats=["svg"])
    assert [path.name for path in written] == [f"mechanism_{n}.{kind}" for n in (1, 2, 3, 4) for kind in ("svg", "md")]
    firsts = [path.read_text(encoding="utf-8").splitlines()[0] for path in written if path.suffix == ".md"]
    assert firsts[-1] == f"# {FIGURES['mechanism'].title(results)}"
    assert len(set(firsts)) == 4
    assert "endosome" not in written[0].read_text(encoding="utf-8")
    assert "endosome" in written[2].read_text(encoding="utf-8")


def covered(sheet: Figure) -> list[tuple[str, str]]:
    """Words that an arrow's shaft runs over."""
    sheet.draw_without_rendering()
    renderer = FigureCanvasAgg(sheet).get_renderer()
    found = []
    texts = [text for text in sheet.findobj(Text) if text.get_text().strip() and text.get_gid() is None]
    boxes = [(flat(text.get_text()), Text.get_window_extent(text, renderer)) for text in texts]
    for name, shaft in shafts(sheet).items():
        curve: Any = [tuple(point) for point in shaft.get_path().vertices]
        radius = shaft.get_linewidth() * sheet.dpi / 144.0
        for x, y in shaft.get_transform().transform([glyphs.bezier(curve, u) for u in np.linspace(0, 1, 60)]):
            for words, box in boxes:
                away = max(box.x0 - x, x - box.x1, box.y0 - y, y - box.y1)
                if away < radius - 2.0:
                    found.append((name, words))
    return sorted(set(found))


@pytest.mark.parametrize("story", ["patient", "three_clones"])
def test_no_arrow_runs_over_words(story: str) -> None:
    assert covered(sheet_of(story, "mechanism")) == []


def test_not_even_when_all_arrows_are_as_wide_as_can_be() -> None:
    results = results_of("patient")
    most = totals(results)
    flows = results.flows.assign(**dict.fromkeys(most, results.flows["bound"]))
    assert covered(page("mechanism", dataclasses.replace(results, flows=flows))) == []


def test_arrows_over_words_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(amounts, "WIDEST", 60.0)
    assert covered(page("mechanism", results_of("patient"))) != []


def test_the_caption_says_the_rule_and_what_is_left_out() -> None:
    told = FIGURES["mechanism"].caption(results_of("patient"))
    assert "square root of the amount" in told
    assert "none is drawn thinner than 1.2 points" in told
    assert "antibodies taken up with fluid" in told
    assert "per founder cell" in told


@pytest.mark.parametrize(
    ("amount", "words"), [(34.675e6, "34.7 million"), (331_836.0, "332,000"), (999_600.0, "1 million")]
)
def test_amounts_are_told_as_people_do(amount: float, words: str) -> None:
    assert amounts.million(amount) == words
