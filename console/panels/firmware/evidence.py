"""What the gate kept of a wave, read back: alerts with and without the update, and how values moved. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.quantities import Quantities
from models.records.device import JsonValue
from models.records.rollout import Wave, WaveState
from models.threshold_words import amount_words, metric_label


@dataclass(frozen=True, slots=True)
class Rate:
    """Alert episodes in device-hours."""

    episodes: int
    hours: float

    @property
    def per_hour(self) -> float:
        """Of one device; 0 where nobody was watched."""
        return self.episodes / self.hours if self.hours > 0.0 else 0.0

    @property
    def words(self) -> str:
        """The exact counts: "3 alerts in 12.0 device-hours"."""
        return f"{self.episodes:,} alert{'' if self.episodes == 1 else 's'} in {self.hours:,.1f} device-hours"


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a quantity moved against the devices without the update.

    Attributes:
        difference: Difference in differences, in its unit; None where nobody knows.
        limit: How far it may move; None = no limit was set.
        frozen: Devices where it does not move at all any more.
        bad_before, bad_after: Shares of values that were not good.
    """

    quantity: str
    difference: float | None
    limit: float | None
    frozen: tuple[str, ...]
    bad_before: float
    bad_after: float


@dataclass(frozen=True, slots=True)
class WaveEvidence:
    """Everything that a verdict rests on.

    Attributes:
        ratio: How many times as often alerts came; None = none came to the others at all.
    """

    tried: int
    failed: int
    failure_share: float
    updated: Rate
    control: Rate
    is_own_past: bool
    p: float
    ratio: float | None
    p_limit: float
    ratio_limit: float
    moved: tuple[Moved, ...]


def evidence_of(wave: Wave) -> WaveEvidence | None:
    """Return what a wave was judged by; None where it was not judged."""
    record = wave.evidence
    if "tried" not in record:
        return None
    ratio = record.get("ratio")
    return WaveEvidence(
        tried=int(_number(record.get("tried"))),
        failed=int(_number(record.get("failed"))),
        failure_share=_number(record.get("failure_share")),
        updated=_rate(record.get("updated")),
        control=_rate(record.get("control")),
        is_own_past=bool(record.get("is_own_past")),
        p=_number(record.get("p")),
        ratio=None if ratio is None else _number(ratio),
        p_limit=_number(record.get("p_limit")),
        ratio_limit=_number(record.get("ratio_limit")),
        moved=tuple(_moved(one) for one in _list(record.get("shifts")) if isinstance(one, dict)),
    )


def no_evidence_words(wave: Wave) -> str:
    """Return why there is nothing to draw."""
    if wave.state is WaveState.FAILED:
        return f"It was halted before it was judged. {wave.reason}".rstrip()
    if wave.state is WaveState.PLANNED:
        return "This wave has not begun."
    return (
        "It is judged once, at the end of its time of being watched. Until then a critical alert, a silent "
        "device, a version that went back or too many failed updates halt it at once."
    )


def verdict_words(found: WaveEvidence) -> list[str]:
    """Return a sentence each about alerts and about failed updates, against their limits."""
    is_over = found.p < found.p_limit and (found.ratio is None or found.ratio >= found.ratio_limit)
    than = "by the same devices before" if found.is_own_past else "without it"
    verdict = "that is over the limit" if is_over else "that is within the limit"
    if found.ratio is None:
        said = f"Alerts came with the update, and none {than}"
    else:
        said = f"Alerts came {found.ratio:.2g} times as often with the update as {than}"
    return [
        f"{said} (p = {found.p:.2g}); {verdict}: {found.ratio_limit:g} times as often with p below "
        f"{found.p_limit:g} halts.",
        f"{found.failed:,} of {found.tried:,} updates failed; up to {100 * found.failure_share:.0f} % may.",
    ]


def evidence_lines(wave: Wave, quantities: Quantities) -> list[str]:
    """Return everything that a wave was judged by, a sentence each; none where it was not judged."""
    found = evidence_of(wave)
    if found is None:
        return []
    others = "of the same devices before" if found.is_own_past else "of devices without it"
    return [
        f"{found.updated.words} with the update, {found.control.words} {others}.",
        *verdict_words(found),
        *(f"{moved_words(one, quantities)}." for one in found.moved),
    ]


def moved_words(one: Moved, quantities: Quantities) -> str:
    """Return how a quantity moved: "Temperature: +1.4 °C against the others, 2 °C are allowed"."""
    label = metric_label(one.quantity, quantities)
    if one.difference is None:
        words = f"{label}: nobody knows how it moved, there are not enough good values"
    else:
        sign = "+" if one.difference >= 0 else ""
        rounded = float(f"{one.difference:.3g}")
        words = f"{label}: {sign}{amount_words(one.quantity, rounded, quantities)} against the others"
    if one.limit is not None:
        words += f", {amount_words(one.quantity, one.limit, quantities)} are allowed"
    if one.frozen:
        words += f"; it does not move any more at {', '.join(one.frozen[:3])}"
    if one.bad_after > one.bad_before:
        after, before = 100 * one.bad_after, 100 * one.bad_before
        words += f"; {after:.0f} % of its values are not good, {before:.0f} % were not before"
    return words


def _moved(shift: Mapping[str, JsonValue]) -> Moved:
    difference, limit = shift.get("difference"), shift.get("limit")
    return Moved(
        str(shift.get("quantity")),
        None if difference is None else _number(difference),
        None if limit is None else _number(limit),
        tuple(map(str, _list(shift.get("frozen")))),
        _number(shift.get("bad_before")),
        _number(shift.get("bad_after")),
    )


def _rate(value: JsonValue) -> Rate:
    known = value if isinstance(value, dict) else {}
    return Rate(int(_number(known.get("episodes"))), _number(known.get("hours")))


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _number(value: JsonValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
