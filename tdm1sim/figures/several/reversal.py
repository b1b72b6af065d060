"""Resistance reversed: MDR1 with a P-gp inhibitor, PTEN loss with a PI3K inhibitor, beside the sensitive tumour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tdm1sim.figures import labels, reading, texts
from tdm1sim.figures.several import bars, pairs, telling
from tdm1sim.figures.several.arms import HER2_POSITIVE, arm
from tdm1sim.figures.several.pairs import Runs
from tdm1sim.figures.words import capital, per_founder
from tdm1sim.intervals import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ARMS = (
    HER2_POSITIVE,
    arm("mdr1_high", "mdr1_high"),
    arm("mdr1_inhibitor", "mdr1_inhibitor"),
    arm("pten_deficient", "pten_deficient"),
    arm("pten_pi3k_inhibitor", "pten_pi3k_inhibitor"),
)
MARGIN = bars.MARGIN
LIKE = ("clones",)
MEANT = "Lines"
SENSITIVE, INHIBITOR = ("than_sensitive", "in the sensitive tumour"), ("than_without", "without inhibitor")
PAIRS = {
    "mdr1_high": ("her2_positive", *SENSITIVE),
    "mdr1_inhibitor": ("mdr1_high", *INHIBITOR),
    "pten_deficient": ("her2_positive", *SENSITIVE),
    "pten_pi3k_inhibitor": ("pten_deficient", *INHIBITOR),
}
"""Which run each is compared with, and how that is told: the label beside its bar, and in the caption."""


def change(runs: Runs, name: str) -> Interval:
    """Return the paired difference of an arm in living cells per founder at the end."""
    return pairs.difference(pairs.living(runs[name]), pairs.living(runs[PAIRS[name][0]]))


def states() -> dict[str, str]:
    """Return the states of living cells, as the key has them."""
    told = {"cycling": "state_cycling", "arrested": "alive_arrested", "multinucleated": "alive_multinucleated"}
    return {meaning: texts.label(name) for meaning, name in told.items()}


def fold(runs: Runs, words: texts.Words = texts.english) -> str:
    """Return the MDR1 of the resistant tumour in words."""
    every = reading.clones(runs["mdr1_high"]).values()
    return ", ".join(text for traits in every for text in reading.folds(traits, words)) or words("resistant")


def names(runs: Runs, words: texts.Words = texts.english) -> dict[str, str]:
    """Return the arms as shown."""
    return {
        "her2_positive": words("sensitive"),
        "mdr1_high": fold(runs, words),
        "mdr1_inhibitor": words("with_pgp_inhibitor", tumour=fold(runs, words)),
        "pten_deficient": words("pten_deficient"),
        "pten_pi3k_inhibitor": words("with_pi3k_inhibitor"),
    }


def draw(runs: Runs, ax: Axes) -> Axes:
    """Draw living cells per founder of every tumour by their state, and the paired differences in words."""
    rows = tuple(
        bars.Row(
            name,
            (bars.of_living(pairs.alive(runs[key])),),
            pairs.note(change(runs, key), texts.label(PAIRS[key][1])) if key in PAIRS else "",
        )
        for key, name in names(runs, texts.label).items()
    )
    when = reading.length(runs["her2_positive"], texts.label)
    bars.draw(ax, [bars.Group("", rows)], texts.label("living_per_founder_after", when=when), states())
    labels.dress(ax, title(runs), telling.below(LIKE, runs, telling.intervals(runs, MEANT)))
    return ax


def title(runs: Runs) -> str:
    """Return the finding: what either inhibitor gives back."""
    live = {key: per_founder(float(pairs.living(runs[key]).mean())) for key in names(runs)}
    first = _did(runs, live, "mdr1_inhibitor", "a P-gp inhibitor", f"{fold(runs)} tumours")
    second = _did(runs, live, "pten_pi3k_inhibitor", "a PI3K inhibitor", "tumours without PTEN")
    return f"{capital(first)} living cells per founder; {second}"


def _did(runs: Runs, live: dict[str, str], name: str, drug: str, tumour: str) -> str:
    before, after, which = live[PAIRS[name][0]], live[name], pairs.sign(change(runs, name))
    if which == 0:
        return f"{drug} does nothing clear to {tumour} ({before} and {after})"
    return f"{drug} {'lowers' if which < 0 else 'raises'} {tumour} from {before} to {after}"


def caption(runs: Runs) -> str:
    """Return what is shown, every difference in words, and how it is meant."""
    what = (
        "Living cells per founder after one dose of T-DM1, by state, of a sensitive tumour, of one that pumps DM1 out "
        "(MDR1, P-glycoprotein) without and with a P-gp inhibitor, and of one without PTEN without and with a PI3K "
        "inhibitor. Inhibitors act all the time and stand for any drug of their kind; their own toxicity is not "
        "modelled. Whether losing PTEN costs cells or saves them depends on q, how strongly PI3K shields from the "
        "payload, which nobody measured; so does what a PI3K inhibitor gives back."
    )
    shown = names(runs)
    told = [
        f"{capital(shown[key])}: {pairs.told(pairs.spread(pairs.living(runs[key])))}"
        + (f"; {pairs.compared(change(runs, key), PAIRS[key][2])}." if key in PAIRS else ".")
        for key in shown
    ]
    lines = telling.limits(LIKE, runs)
    return telling.caption(ARMS, runs, lines, telling.intervals(runs, MEANT), what, *told)
