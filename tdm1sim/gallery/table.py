"""The table of the gallery: what is shown in a lecture, from which run, what to ask first, what is often answered.

A line is an entry: a letter, the name of its files, where it comes from (`tdm1sim.gallery.sources`,
`tdm1sim.gallery.studies`), a question, the common wrong answer, the right one.
"""

from __future__ import annotations

from tdm1sim.gallery.entry import Entry
from tdm1sim.gallery.sources import OneRun, Run, SeveralRuns
from tdm1sim.gallery.studies import DoseCurves, Measurements, ResistanceRanges

ONE_DOSE = Run("her2_positive", ("record.traces=200",))
"""The story most figures tell: one dose, at the size it is bundled with, with enough cells followed to choose from."""
CYCLES = Run("her2_positive", ("treatment.0.cycles=3", "run.duration=63 d", "tumour.cells=300", "run.replicates=4"))
"""Plasma hardly needs cells: few are enough."""
CLONES = Run(
    "mixed_resistance",
    (
        "treatment.0.cycles=6",
        "run.duration=126 d",
        "tumour.cells=400",
        "run.replicates=4",
        "record.every=1 d",
        "record.saved_by=false",
    ),
)
CLASSES = Run(
    "dose_response",
    (
        "tumour.clones={HER2_3plus: {fraction: 0.25, her2: 3+}, "
        "HER2_2plus: {fraction: 0.25, her2: 2+, ish: not_amplified}, "
        "HER2_1plus: {fraction: 0.25, her2: 1+}, HER2_0: {fraction: 0.25, her2: 0}}",
        "tumour.cells=500",
    ),
)
RESISTANCES = Run("her2_positive", ("tumour.cells=200", "run.replicates=4"))

_ENTRIES = (
    Entry(
        "a",
        "mechanism",
        OneRun("mechanism", ONE_DOSE, built_up=True, cost=2.0),
        "Of all antibody that a cell takes in, how much ends in the lysosome?",
        "All of it: what is taken in is digested.",
        "Most comes back to the surface: the share that is recycled stands at its arrow, and only the rest sets DM1 "
        "free.",
    ),
    Entry(
        "b",
        "pharmacokinetics",
        OneRun("pharmacokinetics", CYCLES, cost=2.0),
        "Three weeks after a dose, when the next one is due, how much conjugate is left in plasma?",
        "About half, as with other antibodies, so that it builds up from dose to dose.",
        "A few per cent: conjugate is gone faster than antibody, so every cycle begins nearly from nothing, and what "
        "stays longer is antibody that has lost its DM1 and competes for HER2.",
    ),
    Entry(
        "c",
        "drug_path",
        OneRun("drug_path", ONE_DOSE),
        "The conjugate is highest in plasma after the infusion. When is DM1 highest inside the cells?",
        "At the same time: the drug is where its concentration is highest.",
        "Days later: binding, uptake, digestion and the way out of the lysosome come one after the other, and tubulin "
        "holds DM1 back while plasma empties.",
    ),
    Entry(
        "d",
        "three_lives",
        OneRun("three_lives", ONE_DOSE),
        "Three cells of one tumour meet the same drug for the same time. Do they end alike?",
        "Yes: cells of one clone are all the same, so one dose has one effect.",
        "No: they differ in HER2 and in where in the cycle they are, and fates are set by how much DM1 meets which "
        "moment.",
    ),
    Entry(
        "e",
        "dm1_bands",
        OneRun("dm1_bands", ONE_DOSE),
        "Does twice as much DM1 in a cell make its death twice as likely?",
        "Yes: effect follows amount.",
        "Not in general: between the thresholds a cell meets its fate at mitosis, above the upper one rapid "
        "apoptosis comes first, below the lower one there is little of either; the thresholds are this model's, not "
        "measured.",
    ),
    Entry(
        "f",
        "fates",
        OneRun("fates", ONE_DOSE),
        "A single dose kills within a day or two: true?",
        "True: a poison acts at once.",
        "Death is spread over weeks, because most of it waits for the cell's next mitosis, and a mitosis waits for the "
        "cycle.",
    ),
    Entry(
        "g",
        "dose_response",
        DoseCurves(CLASSES, ("HER2_3plus", "HER2_2plus", "HER2_1plus", "HER2_0")),
        "HER2 1+ cells have a twentieth of the receptors of 3+ cells. How many times more conjugate do they need?",
        "Twenty times: uptake is proportional to receptors.",
        "Far more than that here: few receptors are soon filled, more conjugate then brings no more in through them, "
        "and what comes in with fluid takes concentrations hundreds of times higher.",
    ),
    Entry(
        "h",
        "resistances",
        ResistanceRanges(RESISTANCES, values=3, draws=8),
        "Which resistance is the worst?",
        "The one whose bar is longest here.",
        "No figure can say: the ranges were chosen, nobody has measured them in tumours, and what is not known moves "
        "each by more than chance does.",
    ),
    Entry(
        "i",
        "clones",
        OneRun("clones", CLONES, cost=12.0),
        "Four traits of resistance, each in five per cent of the cells. Does it matter at the first scan?",
        "No: eighty per cent of the tumour responds, and that is what counts.",
        "The scan looks at the sum, which falls at first; what comes back are the clones that were few in the "
        "beginning, and they were there before the first dose.",
    ),
    Entry(
        "j",
        "her2_positive_low",
        SeveralRuns("her2_positive_low", cost=9.0),
        "Why does trastuzumab's own effect vanish in HER2-low tumours, and the payload's does not?",
        "Because less antibody binds there.",
        "Because nothing depends on HER2 there, which was put into the model; payload needs receptors only as a door.",
    ),
    Entry(
        "k",
        "cell_scatter",
        OneRun("cell_scatter", ONE_DOSE),
        "Which cells survive one dose?",
        "The resistant ones.",
        "In this tumour no cell carries a resistance: those with fewer receptors take up less DM1, and among equals it "
        "is chance when each one meets its mitosis.",
    ),
    Entry(
        "l",
        "evidence",
        Measurements((("bt474eei_colonies", 10.0), ("patient", 0.02))),
        "How would you know whether such a model is right?",
        "It fits the data.",
        "What it was fitted to it must fit (grey); what counts is what it was not fitted to, and where it fails there.",
    ),
    Entry(
        "m",
        "reversal",
        SeveralRuns("reversal"),
        "An inhibitor of P-gp makes MDR1-high cells sensitive again. Why is it not given?",
        "Nobody has thought of it.",
        "It was tried for decades with other drugs: P-gp inhibitors that work in cells have disappointed in trials.",
    ),
    Entry(
        "n",
        "t_dm1_t_dxd",
        SeveralRuns("t_dm1_t_dxd"),
        "A third of the cells has hardly any HER2. Which conjugate reaches them?",
        "Neither: no receptor, no drug.",
        "The one whose payload crosses membranes: neighbours that took it up release it (which a well-mixed tumour "
        "exaggerates); the payload of T-DM1 is charged and stays where it is.",
    ),
    Entry(
        "o",
        "naked",
        SeveralRuns("naked"),
        "In HER2-low disease, what do trastuzumab and pertuzumab do without a payload?",
        "The same as in HER2-positive disease, only less.",
        "Next to nothing: what HER2 does not drive, blockade does not slow (put in, and so it was in NSABP B-47).",
    ),
    Entry(
        "p",
        "shed_with_antibody",
        SeveralRuns("shed_with_antibody"),
        "HER2 is shed from the cell. Does antibody raise or lower what is shed?",
        "It makes no difference: shedding is the cell's business.",
        "That depends on where it binds: on subdomain IV, where the protease cuts nearby, it keeps HER2 from being "
        "shed; on subdomain II it does not (both put in).",
    ),
    Entry(
        "q",
        "cyp3a4",
        SeveralRuns("cyp3a4"),
        "A patient on T-DM1 is given a strong CYP3A4 inhibitor. Does the tumour notice?",
        "Yes: more DM1 in plasma, more effect on the tumour.",
        "Not here: the cells get their DM1 from the conjugate, not from plasma; and that says nothing about safety, "
        "which is not modelled.",
    ),
    Entry(
        "r",
        "codosing_uptake",
        SeveralRuns("codosing_uptake"),
        "Given beside T-DM1, which antibody keeps it out of the cells: trastuzumab or pertuzumab?",
        "Both: both bind HER2.",
        "Trastuzumab, which binds the same place; pertuzumab binds another one.",
    ),
    Entry(
        "s",
        "trafficking",
        SeveralRuns("trafficking"),
        "DM1 disturbs the rails along which lysosomes are fed. Does it protect the cell from more DM1?",
        "Yes: the drug is its own antidote.",
        "Hardly where most cells are: in the intermediate band they have enough DM1 to die at mitosis either way; in "
        "the high band it takes cells out of rapid apoptosis. Nobody has measured how far such slowing goes.",
    ),
)

ENTRIES: dict[str, Entry] = {entry.name: entry for entry in _ENTRIES}
"""Every entry by its name, in the order of a lecture."""
