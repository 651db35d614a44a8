"""What a scan is about to do, and what it found, in words. Pure."""

from collections.abc import Sequence

from drivers.workbench import ScanFinding, ScanPlan

_REQUEST_S = 0.02
"""A guess at how long a unit that is there takes to answer."""

_NAMELESS = "answers, and does not say what it is"


def plan_sentence(plan: ScanPlan, timeout_s: float) -> str:
    """Say what will be asked, and how long it may take where nothing answers.

    Args:
        plan: What is wanted.
        timeout_s: How long a unit that is not there keeps the line.
    """
    pause_s = plan.pause_ms / 1000
    if plan.units is not None:
        first, last = plan.units
        count = last - first + 1
        units = "unit" if count == 1 else "units"
        return (
            f"Asks {count} {units} one after the other, beside the polling. "
            f"Takes up to {_duration(count * (timeout_s + pause_s))} where few of them answer."
        )
    count = plan.end - plan.start + 1
    registers = "register" if count == 1 else "registers"
    return (
        f"Reads {count:,} {plan.table} {registers} in large pieces and cuts what is refused, one request "
        f"at a time, beside the polling. Takes {_duration(count / 100 * (_REQUEST_S + pause_s))} or more."
    )


def what_words(finding: ScanFinding) -> str:
    """Return what was found, without the time, which stands in a column of its own."""
    if finding.kind != "unit":
        return finding.text
    return finding.text.removeprefix(f"answered in {finding.took_ms:.0f} ms").removeprefix(", ") or _NAMELESS


def end_sentence(findings: Sequence[ScanFinding], *, was_stopped: bool) -> str:
    """Say what came of a scan."""
    units = sum(finding.kind == "unit" for finding in findings)
    ranges = [finding for finding in findings if finding.kind == "range"]
    how = "Stopped" if was_stopped else "Done"
    if ranges:
        count = sum(finding.end - finding.start + 1 for finding in ranges)
        pieces = "one piece" if len(ranges) == 1 else f"{len(ranges)} pieces"
        return f"{how}: {count:,} registers can be read, in {pieces}."
    if units:
        return f"{how}: {units} unit{'' if units == 1 else 's'} answered."
    return f"{how}: nothing answered. Check address, port and line settings, or look in another range."


def place_words(finding: ScanFinding) -> str:
    """Return what a finding is of: "Unit 7", or "Registers 0 to 99"."""
    if finding.kind == "unit":
        return f"Unit {finding.unit}"
    if finding.start == finding.end:
        return f"Register {finding.start}"
    return f"Registers {finding.start} to {finding.end}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
