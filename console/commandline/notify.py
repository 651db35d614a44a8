"""`main.py notify`: channels, rules and messages of the notifications, and a test that tells each step."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from console.commandline.command import Command, CommandError
from console.commandline.moments import text_from_moment
from console.commandline.notify_tables import (
    channels_text,
    deliveries_json,
    deliveries_text,
    rules_text,
    setup_json,
)
from console.settings import Settings
from console.station.notifications.errand import Errand
from console.station.notifications.limits import SendLimits
from console.station.notifications.sending import send, test_message
from console.storage import open_storage
from console.workstation_keys import workstation_keys
from models.database import Database
from models.notification_secrets import opened_secret
from models.queries.alarm_settings import load_alarm_settings
from models.queries.notification_deliveries import (
    cancel_deliveries,
    channel_troubles,
    count_queue,
    load_deliveries,
    request_test,
    retry_deliveries,
)
from models.queries.notifications import load_channels, load_rules
from models.queries.people import current_person
from models.records.notification import (
    Channel,
    ChannelKind,
    DeliveryId,
    DeliveryState,
    Outcome,
    Step,
)
from models.secrets import NO_KEYS

_FAILED, _NOTHING_DONE = 1, 1


@dataclass(frozen=True, slots=True)
class _Call:
    """What every action works on."""

    options: argparse.Namespace
    settings: Settings
    database: Database


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    formats = argparse.ArgumentParser(add_help=False)
    formats.add_argument("--format", choices=("table", "json"), default="table")
    actions.add_parser("list", parents=[formats], help="list channels and rules")
    test = actions.add_parser("test", help="send a test by a channel and tell every step")
    test.add_argument("channel", help="name of the channel")
    test.add_argument("--to", metavar="EMAIL", help="who gets it; by default whoever asks")
    test.add_argument(
        "--station",
        action="store_true",
        help="let a station send it, as with an alert; notify deliveries tells what became of it",
    )
    deliveries = actions.add_parser(
        "deliveries", parents=[formats], help="list messages: waiting ones first, then the newest"
    )
    deliveries.add_argument("--state", choices=[str(state) for state in DeliveryState])
    deliveries.add_argument("--limit", type=_positive, default=50, metavar="N")
    retry = actions.add_parser("retry", help="try messages again at once, also those that failed for good")
    retry.add_argument("number", type=int, nargs="*", help="of the messages, as in the list")
    retry.add_argument("--failed", action="store_true", help="all that failed")
    cancel = actions.add_parser("cancel", help="give messages up that wait")
    cancel.add_argument("number", type=int, nargs="+", help="of the messages, as in the list")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is below 1")
    return number


def _run(options: argparse.Namespace, settings: Settings) -> int:
    with open_storage(settings, f"console notify {options.action}") as database:
        return _ACTIONS[options.action](_Call(options, settings, database))


def _list(call: _Call) -> int:
    with call.database.transaction() as connection:
        channels, rules = load_channels(connection), load_rules(connection)
        troubles = channel_troubles(connection)
    if call.options.format == "json":
        print(setup_json(channels, rules))
        return 0
    if not channels:
        print("No channels yet; an administrator adds them in the window: Settings › Notifications.")
        return 0
    print(channels_text(channels))
    if rules:
        print("\n" + rules_text(rules, channels))
    for trouble in troubles:
        since = text_from_moment(trouble.since)
        print(f"\nNobody has been told by {trouble.channel} since {since}. {trouble.reason}".rstrip())
    return 0


def _test(call: _Call) -> int:
    with call.database.transaction() as connection:
        channel = _named(load_channels(connection), call.options.channel)
        address = call.options.to or current_person(connection).email
        if channel.kind is ChannelKind.WEBHOOK:
            address = ""
        if call.options.station:
            number = request_test(connection, channel.id, address)
            print(f"Message {number} waits for a station; main.py notify deliveries tells what became of it.")
            return 0
        box = workstation_keys(call.settings).open_box(connection) if channel.secret is not None else NO_KEYS
        secret = opened_secret(channel, box)
        zone = load_alarm_settings(connection).time_zone
    now = datetime.now(UTC)
    message = test_message(channel, address, zone, now)
    ended = send(message, secret, call.settings.station_name, now, Errand(SendLimits(), _print_step))
    if ended.outcome is not Outcome.SENT:
        print(ended.error, file=sys.stderr)
        return _FAILED
    print("The server accepted the test. Whether it arrives, only its reader can tell.")
    return 0


def _print_step(step: Step) -> None:
    if step.is_good:
        print(f"{step.after_s:8.3f} s  {step.name}: {step.detail}", flush=True)


def _deliveries(call: _Call) -> int:
    states = (DeliveryState(call.options.state),) if call.options.state else ()
    with call.database.transaction() as connection:
        found = load_deliveries(connection, call.options.limit, states)
        counts = count_queue(connection)
    if call.options.format == "json":
        print(deliveries_json(found))
        return 0
    if found:
        print(deliveries_text(found, datetime.now(UTC)))
    print(
        f"{counts.gathering} alerts held back, {counts.waiting} messages to be sent, {counts.failed} failed."
    )
    return 0


def _retry(call: _Call) -> int:
    if bool(call.options.number) == call.options.failed:
        raise CommandError("Say which messages: their numbers, or --failed for all that failed.")
    with call.database.transaction() as connection:
        numbers = [DeliveryId(number) for number in call.options.number]
        if call.options.failed:
            lost = load_deliveries(connection, 10_000, (DeliveryState.FAILED,))
            numbers = [delivery.id for delivery in lost if not delivery.is_test]
        count = retry_deliveries(connection, numbers)
    print(f"{count} messages are tried again now.")
    return 0 if count or call.options.failed else _NOTHING_DONE


def _cancel(call: _Call) -> int:
    with call.database.transaction() as connection:
        count = cancel_deliveries(connection, [DeliveryId(number) for number in call.options.number])
    print(f"{count} messages were cancelled.")
    return 0 if count else _NOTHING_DONE


def _named(channels: list[Channel], name: str) -> Channel:
    found = [channel for channel in channels if channel.name.casefold() == name.strip().casefold()]
    if not found:
        known = ", ".join(channel.name for channel in channels) or "none"
        raise CommandError(f"There is no channel {name!r}; there are: {known}.")
    return found[0]


_ACTIONS: dict[str, Callable[[_Call], int]] = {
    "list": _list,
    "test": _test,
    "deliveries": _deliveries,
    "retry": _retry,
    "cancel": _cancel,
}

COMMAND = Command(_add_arguments, _run, 'main.py notify test "Plant mail" --to anna@example.com --as EMAIL')
