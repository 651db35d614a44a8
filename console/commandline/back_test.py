"""`main.py thresholds back-test`: what a threshold with other settings would have raised in the past."""

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from console.catalogue.threshold_checks import faults_of
from console.catalogue.threshold_fields import differences
from console.catalogue.threshold_sheet import name_of
from console.commandline.command import CommandError
from console.commandline.moments import text_from_moment
from console.commandline.threshold_options import add_fields, changed_threshold, found_entries
from console.settings import Settings
from console.station.back_test import BackTest, SampleMemory, run_back_test
from console.station.errors import NotReplayable
from console.storage import open_storage
from models.quantities import Quantities
from models.queries.catalogue import load_devices
from models.queries.signals import load_quantities
from models.queries.thresholds import possible_owners, threshold_entries
from models.records.device import Device
from models.records.threshold import Threshold

LONGEST_DAYS = 30
_DAY_S = 86_400.0


def add_back_test(actions: Any) -> None:
    """Declare the action."""
    parser: argparse.ArgumentParser = actions.add_parser(
        "back-test", help="replay up to 30 days through a threshold with other settings; stores nothing"
    )
    parser.add_argument("number", type=int, help="as in the list")
    parser.add_argument("--days", type=_days, default=7, metavar="N", help="how far back, 1 to 30 (7)")
    parser.add_argument("--episodes", action="store_true", help="list every alert that would have come")
    add_fields(parser)


def back_test(options: argparse.Namespace, settings: Settings) -> int:
    """Replay, and say what came of it."""
    with (
        open_storage(settings, "console thresholds back-test") as database,
        database.transaction() as connection,
    ):
        entries = threshold_entries(connection, datetime.now(UTC))
        (entry,) = found_entries(entries, [options.number])
        device = next(d for d in load_devices(connection) if d.id == entry.threshold.device)
        wanted = changed_threshold(options, entry.threshold, possible_owners(connection))
        quantities = load_quantities(connection)
        if faults := faults_of(wanted, device, quantities=quantities):
            lines = "\n".join(f"  {key}: {sentence}" for key, sentence in faults.items())
            raise CommandError(f"These settings cannot be:\n{lines}")
        until = datetime.now(UTC).timestamp()
        try:
            test = run_back_test(
                connection,
                device,
                wanted,
                until - options.days * _DAY_S,
                until,
                SampleMemory(),
                _progress,
                lambda: False,
                quantities,
            )
        except NotReplayable as error:
            raise CommandError(str(error)) from error
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    _print(test, device, entry.threshold, options, quantities)
    return 0


def _print(
    test: BackTest,
    device: Device,
    stored: Threshold,
    options: argparse.Namespace,
    quantities: Quantities,
) -> None:
    said = ", ".join(map(str, differences(stored, test.threshold, quantities))) or "as it is stored"
    print(f"{name_of(test.threshold, device, quantities)}: {said}")
    days = "1 day" if options.days == 1 else f"{options.days} days"
    print(f"{test.recorded} alerts really came in {days}; {test.count} would have come.")
    acted, missed = len(test.acted_on), len(test.missed)
    if not acted:
        print("Nobody acted on any of them.")
    else:
        print(f"Somebody acted on {acted} of them; {missed or 'none'} of those would have been missed.")
    lost = {alert.id for alert in test.missed}
    for alert in test.acted_on:
        print(
            f"  {text_from_moment(alert.triggered_at)}  {'MISSED' if alert.id in lost else 'comes '}  "
            f"{alert.message}"
        )
    if options.episodes:
        for episode in test.episodes:
            began = text_from_moment(datetime.fromtimestamp(episode.began_unix, UTC))
            ended = (
                text_from_moment(datetime.fromtimestamp(episode.ended_unix, UTC))
                if episode.ended_unix is not None
                else "stands"
            )
            print(f"{began}  {ended}  {episode.message}")


def _progress(part: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\rReplaying: {part * 100:.0f} %")
        sys.stderr.flush()


def _days(text: str) -> int:
    number = int(text)
    if not 1 <= number <= LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"{number} is not between 1 and {LONGEST_DAYS}")
    return number
