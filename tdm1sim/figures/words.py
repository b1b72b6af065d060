"""Numbers, shares, times and names as people read them on a slide; plain text, no drawing."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from tdm1sim.figures import texts

if TYPE_CHECKING:
    from tdm1sim.given import Words

INTERVAL = texts.english("interval_chance")
PATIENTS = texts.english("interval_patients")
"""What intervals over replicates cover; the second where each replicate is another patient."""


def names(told: Words, words: texts.Words = texts.english) -> dict[str, str]:
    """Return what is displayed for the fates and states that the tables name in one word."""
    return {
        "apoptosis": words("fate_apoptosis"),
        "mitotic_catastrophe": told.died,
        "adcc": words("fate_adcc"),
        "surviving": words("fate_surviving"),
        "cycling": words("state_cycling"),
        "arrested": told.arrested,
        "multinucleated": told.slipped,
    }


def short(told: Words) -> dict[str, str]:
    """Return the same for titles, where the explanation in brackets would drown the finding."""
    return {**names(told), "mitotic_catastrophe": told.dead}


def drawn(payload: str) -> dict[str, str]:
    """Return the same as labels, for a class of payload, in the language in use."""
    return names(texts.of_payload(payload), texts.label)


def drawn_in_short(payload: str) -> dict[str, str]:
    """Return the same where there is little room."""
    brief = {"apoptosis": texts.label("fate_apoptosis_in_short"), "mitotic_catastrophe": texts.of_payload(payload).dead}
    return {**drawn(payload), **brief}


def capital(text: str) -> str:
    """Return ``text`` as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def plain(value: float, digits: int = 3) -> str:
    """Return a number with ``digits`` significant digits, never in powers of ten.

    >>> plain(78.889), plain(26123.0), plain(0.00412)
    ('78.9', '26,100', '0.00412')
    """
    if not math.isfinite(value):
        return "unknown" if math.isnan(value) else "infinite"
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    text = f"{rounded:,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float) -> str:
    """Return a share (0 to 1) in per cent: finer at the ends, and never a false 0 or 100."""
    if not math.isfinite(share):
        return "unknown"
    value = 100.0 * share
    if value in (0.0, 100.0):
        return f"{value:.0f} %"
    if value < 0.1:
        return "<0.1 %"
    if value > 99.9:
        return ">99.9 %"
    return f"{value:.1f} %" if value < 1.0 or value > 99.0 else f"{value:.0f} %"


def per_founder(value: float) -> str:
    """Return cells per founder cell with two decimals; less than one in a hundred is not told as none."""
    if 0.0 < value < 0.005:
        return "<0.01"
    if value == 0.0:
        return "0"
    return f"{value:.2f}" if value < 10.0 else plain(value)


def duration(hours: float, *, in_days: bool, digits: int = 3, words: texts.Words = texts.english) -> str:
    """Return a length of time (h) as ``21 days`` or ``72 h``."""
    if not in_days:
        return f"{plain(hours, digits)} h"
    days = hours / 24.0
    return words("one_day") if days == 1 else words("days", days=plain(days, digits))


def number_of(text: object) -> float:
    """Return the number at the start of a scenario value (``1e6``, ``"75 um"``); nan when there is none."""
    if isinstance(text, bool) or text is None:
        return math.nan
    try:
        return float(str(text).split()[0].replace(",", ""))
    except (ValueError, IndexError):
        return math.nan


_GENES = {name.lower(): name for name in ("HER2", "MDR1", "SLC46A3", "PTEN", "PI3K", "P-gp", "T-DM1", "ADCC")}


def spoken(name: str) -> str:
    """Return the name of a clone or a class of HER2 as it is said; one that names no gene stays as it was given.

    >>> spoken("her2_loss"), spoken("HER2_3plus"), spoken("sk_br_3")
    ('HER2 loss', 'HER2 3+', 'sk_br_3')
    """
    if "_" not in name or not _GENES.keys() & set(name.lower().split("_")):
        return name
    parts = [_GENES.get(part.lower(), part) for part in name.split("_") if part]
    return re.sub(r"\b([0-3])plus\b", r"\1+", " ".join(parts))


def elide(text: str, length: int) -> str:
    """Return ``text`` with an ellipsis for its middle where it is longer than ``length`` characters."""
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def listed(parts: list[str], words: texts.Words = texts.english) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    return parts[0] if len(parts) == 1 else words("and", some=", ".join(parts[:-1]), last=parts[-1])
