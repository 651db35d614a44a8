"""Settings of thresholds as options of a command: declared, read and checked."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace

from console.catalogue.threshold_checks import faults_of
from console.catalogue.threshold_fields import FIELDS, belongs, label_of
from console.catalogue.threshold_sheet import name_of
from console.catalogue.typed_number import NotANumber
from console.commandline.command import CommandError
from models.quantities import Quantities
from models.records.device import Device, DeviceId
from models.records.threshold import Severity, Threshold
from models.records.threshold_entry import ThresholdEdit, ThresholdEntry
from models.threshold_words import RULE_WORDS

_SWITCHES = ("enabled", "reason")
"""Out of service and back are actions of their own."""


def add_fields(parser: argparse.ArgumentParser) -> None:
    """Declare an option for every field of a threshold; "none" empties one."""
    for field in FIELDS:
        if field.key not in _SWITCHES:
            option = f"--{field.key.replace('_', '-')}"
            parser.add_argument(option, dest=f"field_{field.key}", metavar="VALUE", help=field.heading)
    parser.add_argument("--severity", choices=[str(severity) for severity in Severity])
    parser.add_argument("--owner", metavar="NAME", help="name of the person who keeps it right")


def found_entries(entries: Sequence[ThresholdEntry], numbers: Sequence[int]) -> list[ThresholdEntry]:
    """Return the thresholds with these numbers. Raises CommandError naming those that are not there."""
    by_number = {int(entry.threshold.id): entry for entry in entries}
    missing = [str(number) for number in numbers if number not in by_number]
    if missing:
        raise CommandError(
            f"No threshold of yours has the number {', '.join(missing)}; main.py thresholds list shows them."
        )
    return [by_number[number] for number in dict.fromkeys(numbers)]


def changed_threshold(
    options: argparse.Namespace, threshold: Threshold, people: Mapping[int, str]
) -> Threshold:
    """Return a threshold with the fields that the options name. Raises CommandError."""
    wanted = threshold
    for field in FIELDS:
        typed: str | None = getattr(options, f"field_{field.key}", None)
        if typed is None:
            continue
        if not belongs(field.key, threshold.rule):
            words = RULE_WORDS[threshold.rule]
            raise CommandError(
                f"{field.label} means nothing to the rule {words} of threshold {threshold.id}."
            )
        try:
            value = field.value_from_text("" if typed.strip().casefold() == "none" else typed)
        except NotANumber as error:
            raise CommandError(f"{label_of(field, threshold.rule)}: {error}") from error
        wanted = field.put(wanted, value)
    if options.severity:
        wanted = replace(wanted, severity=Severity(options.severity))
    if options.owner:
        ids = [id for id, name in people.items() if name == options.owner]
        if len(ids) != 1:
            raise CommandError(
                f"{'Nobody is' if not ids else 'Several people are'} called {options.owner!r}; "
                "main.py user list shows everybody."
            )
        wanted = replace(wanted, user_id=ids[0])
    return wanted


def refuse_faults(
    edits: Sequence[ThresholdEdit],
    entries: Sequence[ThresholdEntry],
    devices: Mapping[DeviceId, Device],
    quantities: Quantities,
) -> None:
    """Raise CommandError naming every field that cannot be as wanted."""
    after = {edit.after.id: edit.after for edit in edits if edit.after is not None}
    faults: list[str] = []
    for threshold in after.values():
        device = devices[threshold.device]
        others = [
            after.get(entry.threshold.id, entry.threshold)
            for entry in entries
            if entry.threshold.device == threshold.device
        ]
        labels = {field.key: label_of(field, threshold.rule) for field in FIELDS}
        found = faults_of(threshold, device, others, quantities)
        faults += [
            f"  {name_of(threshold, device, quantities)}: {labels.get(key, key.capitalize())} {sentence}"
            for key, sentence in found.items()
        ]
    if faults:
        raise CommandError("Nothing was changed.\n" + "\n".join(faults))
