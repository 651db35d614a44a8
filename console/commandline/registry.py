"""Every sub-command, in the order `--help` shows them. Imports happen when one is called, not before."""

from collections.abc import Callable
from dataclasses import dataclass

from console.commandline.command import Command


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of `--help`, and how to get at the command itself."""

    name: str
    summary: str
    load: Callable[[], Command]


def _window() -> Command:
    from console.commandline.window import COMMAND

    return COMMAND


def _demo() -> Command:
    from console.commandline.demo import COMMAND

    return COMMAND


def _test() -> Command:
    from console.commandline.test import COMMAND

    return COMMAND


def _station() -> Command:
    from console.commandline.station import COMMAND

    return COMMAND


def _stations() -> Command:
    from console.commandline.stations import COMMAND

    return COMMAND


def _spool() -> Command:
    from console.commandline.spool import COMMAND

    return COMMAND


def _plant() -> Command:
    from console.commandline.plant import COMMAND

    return COMMAND


def _device() -> Command:
    from console.commandline.device import COMMAND

    return COMMAND


def _firmware() -> Command:
    from console.commandline.firmware import COMMAND

    return COMMAND


def _readings() -> Command:
    from console.commandline.readings import COMMAND

    return COMMAND


def _signal() -> Command:
    from console.commandline.signal import COMMAND

    return COMMAND


def _alerts() -> Command:
    from console.commandline.alerts import COMMAND

    return COMMAND


def _thresholds() -> Command:
    from console.commandline.thresholds import COMMAND

    return COMMAND


def _notify() -> Command:
    from console.commandline.notify import COMMAND

    return COMMAND


def _report() -> Command:
    from console.commandline.report import COMMAND

    return COMMAND


def _handover() -> Command:
    from console.commandline.handover import COMMAND

    return COMMAND


def _db() -> Command:
    from console.commandline.db import COMMAND

    return COMMAND


def _user() -> Command:
    from console.commandline.user import COMMAND

    return COMMAND


def _key() -> Command:
    from console.commandline.key import COMMAND

    return COMMAND


def _bench() -> Command:
    from console.commandline.bench import COMMAND

    return COMMAND


def _doctor() -> Command:
    from console.commandline.doctor import COMMAND

    return COMMAND


WINDOW = Entry("window", "open the console", _window)
"""What runs when no sub-command is named."""

COMMANDS: tuple[Entry, ...] = (
    Entry("demo", "open the console on an embedded database and the simulated factory", _demo),
    Entry("test", "run the project's tests", _test),
    Entry("station", "poll, judge and record without a window", _station),
    Entry("stations", "which station polls which device, hand-overs and drills", _stations),
    Entry("spool", "show what waits on the disk for the database, and what it declined", _spool),
    Entry("plant", "run the simulated factory alone", _plant),
    Entry("device", "import, export, list and test devices", _device),
    Entry("signal", "list, add, change and remove what the site measures beside the six metrics", _signal),
    Entry("firmware", "sign, verify, store, release and withdraw versions of firmware", _firmware),
    Entry("readings", "export readings", _readings),
    Entry("alerts", "list, look up, acknowledge, comment, resolve and shelve alerts", _alerts),
    Entry("thresholds", "list, import, change, switch and back-test limits", _thresholds),
    Entry("notify", "list, test and retry notifications by e-mail and webhook", _notify),
    Entry("report", "judge the alarm load of any period, as table, PDF, XLSX, CSV or JSON", _report),
    Entry("handover", "draft, show and sign the handovers of shifts", _handover),
    Entry("db", "create, upgrade and check the database", _db),
    Entry("user", "add, change, export and anonymise persons", _user),
    Entry("key", "enrol workstations for encrypted fields, replace their key", _key),
    Entry("bench", "measure speed against a baseline in the same run", _bench),
    Entry("doctor", "check this computer and say what to mend", _doctor),
)
