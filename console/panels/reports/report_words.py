"""Sentences of the report that screen, paper and files share. Pure."""

from datetime import datetime, tzinfo

from models.figure_words import duration_words
from models.records.alarm_load import AlarmLoad, Diagnosis, EemuaLevel, Verdict

VERDICT_TEXTS = {
    Verdict.GOOD: "✓ good",
    Verdict.ACCEPTABLE: "~ acceptable",
    Verdict.MISSED: "✗ missed",
    Verdict.NONE: "",
}
"""A sign and a word: nobody needs a colour for it."""

DIAGNOSIS_TEXTS = {
    Diagnosis.DUPLICATE: "Duplicate",
    Diagnosis.CHATTERING: "Chattering",
    Diagnosis.FLEETING: "Fleeting",
    Diagnosis.STALE: "Stale",
    Diagnosis.FREQUENT: "Frequent",
}

LEVEL_TEXTS = {
    EemuaLevel.PREDICTIVE: "Predictive",
    EemuaLevel.ROBUST: "Robust",
    EemuaLevel.STABLE: "Stable",
    EemuaLevel.REACTIVE: "Reactive",
    EemuaLevel.OVERLOADED: "Overloaded",
}


def level_words(load: AlarmLoad) -> str:
    """Return the level in a sentence: where the site stands by EEMUA 191."""
    if load.level is None or load.band is None:
        return "Too short for a level of EEMUA 191"
    place = list(EemuaLevel).index(load.level) + 1
    return f"EEMUA 191: {LEVEL_TEXTS[load.level]} ({place} of 5, 1 is best); the average is {load.band}"


def headline(load: AlarmLoad) -> str:
    """Return how much it was, in a sentence."""
    noun = "alert" if load.annunciations == 1 else "alerts"
    positions = "" if load.positions == 1 else f" for {load.positions} operator positions"
    return f"{load.annunciations:,} {noun} in {duration_words(load.span_s)}{positions}"


def moments_text(since: datetime, until: datetime, zone: tzinfo) -> str:
    """Return a time by the site's clock: "9 Mar 2026 06:00 to 14:00"."""
    begin, end = since.astimezone(zone), until.astimezone(zone)
    first = f"{begin.day} {begin:%b} {begin.year} {begin:%H:%M}"
    if begin.date() == end.date():
        return f"{first} to {end:%H:%M}"
    return f"{first} to {end.day} {end:%b} {end.year} {end:%H:%M}"
