"""`main.py firmware rollout plan`: every device with the reason why it is in or out; stored only if asked."""

import argparse
from collections.abc import Callable

from sqlalchemy.engine import Connection

from console.catalogue.rollout_candidates import candidates_from
from console.catalogue.rollout_plan import ImpossiblePlan, plan_rollout
from console.catalogue.rollout_typed import NotTyped, idle_from_text, window_from_text
from console.catalogue.rollout_words import settings_words, wave_title
from console.catalogue.typed_number import NotANumber, number_from_text, seconds_from_text
from console.commandline.command import CommandError
from console.commandline.table import table_text
from console.settings import Settings
from drivers.firmware.registry import way_of
from models.database import Database
from models.firmware.manifest import manifest_from_bytes
from models.queries.catalogue import load_devices
from models.queries.firmware_versions import load_version
from models.queries.quantity_columns import columns_of
from models.queries.rollout_list import update_facts
from models.queries.rollouts import load_rollout, save_plan
from models.records.device import Device, DeviceId
from models.records.firmware import VersionStatus
from models.records.rollout import GateRules, InstallWindow, PlanSettings, RolloutId, RolloutPlan

_STANDARD = PlanSettings()


def add_plan_action(orders: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare it."""
    plan = orders.add_parser(
        "plan",
        help="show which devices are in, in which wave, and why; store it only with --save",
        epilog='Example: main.py firmware rollout plan 2.1.0+drive-a --waves "10 %%,100 %%" --soak 2h --save',
    )
    plan.add_argument("version", metavar="VERSION", help="with its product, as 2.1.0+drive-a")
    plan.add_argument("--name", default="", help="what people call it; the version by default")
    plan.add_argument(
        "--waves",
        default=", ".join(_STANDARD.wave_sizes),
        metavar="SIZES",
        help='after the canaries, as "10 %%,30 %%,100 %%" or "5,20"; the last one takes the rest',
    )
    plan.add_argument("--canaries", type=_count(0, 1000), default=_STANDARD.canaries, help="of each hardware")
    plan.add_argument(
        "--concurrency", type=_count(1, 1000), default=_STANDARD.concurrency, help="devices at once"
    )
    plan.add_argument(
        "--budget",
        type=_count(0, 1000),
        default=_STANDARD.budget,
        help="devices of one location away at once",
    )
    plan.add_argument(
        "--soak", type=_seconds, default=_STANDARD.soak_s, help="watch each wave for so long: 2h"
    )
    plan.add_argument(
        "--retries", type=_count(0, 20), default=_STANDARD.retries, help="further tries a device"
    )
    plan.add_argument(
        "--retry-after", type=_seconds, default=_STANDARD.retry_s, help="30 s; doubles each time"
    )
    plan.add_argument(
        "--window", type=_window, help='when to install, by the site\'s clock: "mon-fri 22:00-05:00"'
    )
    plan.add_argument("--idle", type=_idle, default=("", 0.0), help="install only while, as rpm<5")
    plan.add_argument(
        "--reading",
        type=_limit,
        action="append",
        default=[],
        metavar="KEY=LIMIT",
        help="halt where the devices' values move further than this against others: temperature=2",
    )
    plan.add_argument(
        "--device-hours",
        type=_figure,
        default=_STANDARD.gate.least_device_hours,
        metavar="HOURS",
        help="hold a wave that was watched for less, with and without the update each",
    )
    plan.add_argument(
        "--undo", type=_count(1, 2**63 - 1), metavar="N", help="take rollout N back: only what it changed"
    )
    plan.add_argument("--save", action="store_true", help="store it as a draft")
    plan.add_argument(
        "--replace", type=_count(1, 2**63 - 1), metavar="N", help="with --save: as the new plan of draft N"
    )


def plan_it(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    """Plan, and store the draft where that is asked for; return every device and the waves."""
    del settings
    if options.replace is not None and not options.save:
        raise CommandError("--replace stores the plan, so it goes with --save.")
    wanted = _settings(options)
    with database.transaction() as connection:
        _need_quantities(connection, wanted)
        devices = load_devices(connection)
        plan = _planned(connection, options, devices, wanted)
        text = plan_text(plan, {device.id: device for device in devices})
        if not options.save:
            return f"{text}\n\nNothing was stored; --save keeps this as a draft."
        kept = save_plan(connection, options.replace, options.name or options.version, plan)
        shown = load_rollout(connection, kept).plan_hash.hex()
    return (
        f"{text}\n\nStored as rollout {kept}; its plan has the hash {shown}.\n"
        f"Next: main.py firmware rollout submit {kept}"
    )


def plan_text(plan: RolloutPlan, devices: dict[DeviceId, Device]) -> str:
    """Return a plan for a terminal: how it goes about it, then those left out, then wave by wave."""
    inside = [one for one in plan.devices if one.wave is not None]
    has_canaries = any(one.is_canary for one in inside)
    counts: dict[int, int] = {}
    for one in inside:
        counts[one.wave or 0] = counts.get(one.wave or 0, 0) + 1
    settings = [f"  {what:<16} {words}" for what, words in settings_words(plan.settings)]
    waves = [
        f"  {wave_title(place, has_canaries=has_canaries):<16} {count} device{'' if count == 1 else 's'}"
        for place, count in sorted(counts.items())
    ]
    rows = [
        (
            "out" if one.wave is None else str(one.wave + 1),
            devices[one.device].device_id if one.device in devices else f"device {one.device}",
            devices[one.device].location if one.device in devices else "-",
            one.reason or "-",
        )
        for one in plan.devices
    ]
    out = len(plan.devices) - len(inside)
    head = f"{len(inside)} device{'' if len(inside) == 1 else 's'} in, {out} out"
    return "\n".join([table_text(("WAVE", "DEVICE", "LOCATION", "WHY"), rows), "", head, *waves, *settings])


def _planned(
    conn: Connection, options: argparse.Namespace, devices: list[Device], wanted: PlanSettings
) -> RolloutPlan:
    version = load_version(conn, options.version)
    undoes = None if options.undo is None else load_rollout(conn, RolloutId(options.undo)).id
    if version.manifest is None or version.status is not VersionStatus.RELEASED:
        raise CommandError(
            f"{version.version} is {version.status}; only a released version is rolled out: "
            f"main.py firmware release {version.version}."
        )
    manifest = manifest_from_bytes(version.manifest)
    try:
        reaches = way_of(manifest.way).drivers
    except KeyError as error:
        raise CommandError(f"{str(error.args[0]).rstrip('.')}.") from error
    candidates = candidates_from(devices, update_facts(conn, undoes))
    try:
        return plan_rollout(version.id, manifest, reaches, candidates, wanted, undoes)
    except ImpossiblePlan as error:
        names = {device.id: device.device_id for device in devices}
        reasons = "".join(f"\n  {names[one.device]}: {one.reason}" for one in error.left_out)
        raise CommandError(f"{error}{reasons}") from error


def _settings(options: argparse.Namespace) -> PlanSettings:
    quantity, below = options.idle
    return PlanSettings(
        wave_sizes=tuple(part.strip() for part in options.waves.split(",") if part.strip()),
        canaries=options.canaries,
        concurrency=options.concurrency,
        budget=options.budget,
        soak_s=options.soak,
        retries=options.retries,
        retry_s=options.retry_after,
        idle_quantity=quantity,
        idle_below=below,
        window=options.window,
        gate=GateRules(reading_limits=dict(options.reading), least_device_hours=options.device_hours),
    )


def _need_quantities(conn: Connection, wanted: PlanSettings) -> None:
    asked = [*filter(None, [wanted.idle_quantity]), *wanted.gate.reading_limits]
    try:
        columns_of(conn, asked)
    except KeyError as error:
        raise CommandError(
            f"{str(error.args[0]).capitalize()}; main.py signal list shows the signals."
        ) from error


def _count(least: int, most: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return count


def _seconds(text: str) -> float:
    try:
        seconds = seconds_from_text(text)
    except NotANumber as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault
    if not 0 <= seconds <= 30 * 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not between nothing and 30 d")
    return seconds


def _figure(text: str) -> float:
    try:
        figure = number_from_text(text)
    except NotANumber as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault
    if figure < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is below 0")
    return figure


def _window(text: str) -> InstallWindow:
    try:
        return window_from_text(text)
    except NotTyped as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def _idle(text: str) -> tuple[str, float]:
    try:
        return idle_from_text(text)
    except NotTyped as fault:
        raise argparse.ArgumentTypeError(str(fault)) from fault


def _limit(text: str) -> tuple[str, float]:
    key, sign, limit = text.partition("=")
    if not key.strip() or not sign:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no limit; write a quantity and a figure: temperature=2"
        )
    return key.strip(), _figure(limit)
