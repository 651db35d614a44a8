"""`main.py firmware rollout list|show|report`: where rollouts stand, and the closing report."""

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from console.catalogue.rollout_lines import approved_words, failures_first, waits_in
from console.catalogue.rollout_words import (
    EVENT_WORDS,
    FEW_DEVICES,
    ROLLOUT_WORDS,
    WAVE_WORDS,
    deployment_words,
    progress_words,
    state_words,
    wave_title,
    worst_first,
)
from console.commandline.firmware_rollout_plan import plan_text
from console.commandline.moments import age_from_moment, text_from_moment
from console.commandline.paper import paper, written
from console.commandline.table import on_one_line, table_text
from console.panels.firmware.evidence import evidence_lines
from console.panels.reports.rollout_report import AskClosingReport
from console.settings import Settings
from models.database import Database
from models.firmware.trusted_keys import load_trusted_keys
from models.quantities import Quantities
from models.queries.catalogue import load_devices
from models.queries.rollout_list import load_heads
from models.queries.rollouts import load_deployments, load_events, load_rollout, load_waves
from models.queries.signals import load_quantities
from models.records.device import Device, DeviceId
from models.records.rollout import Deployment, Rollout, RolloutEvent, RolloutHead, Wave, WaveState


def add_show_actions(
    orders: "argparse._SubParsersAction[argparse.ArgumentParser]", number: argparse.ArgumentParser
) -> None:
    """Declare them."""
    listing = orders.add_parser("list", help="list rollouts, what needs somebody first")
    listing.add_argument("--format", choices=("table", "json"), default="table")
    show = orders.add_parser(
        "show", parents=[number], help="show waves, devices, evidence and journal of one"
    )
    show.add_argument("--plan", action="store_true", help="show the plan with every device's reason instead")
    show.add_argument("--format", choices=("table", "json"), default="table")
    closing = orders.add_parser("report", parents=[number], help="write the closing report of one, as PDF")
    closing.add_argument("--pdf", type=Path, required=True, metavar="FILE")


def list_rollouts(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    """Return all rollouts, as a table or as JSON."""
    del settings
    with database.transaction() as connection:
        heads = load_heads(connection)
    if options.format == "json":
        return json.dumps([_head(head) for head in heads], indent=2, ensure_ascii=False)
    if not heads:
        return "No rollouts yet: main.py firmware rollout plan."
    now = datetime.now(UTC)
    rows = [
        (
            str(head.id),
            head.name,
            head.version,
            state_words(head),
            progress_words(head),
            age_from_moment(head.created_at, now),
            head.reason or "-",
        )
        for head in worst_first(heads)
    ]
    return table_text(("N", "NAME", "VERSION", "STATE", "DEVICES", "PLANNED", "WHY"), rows)


def show_rollout(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    """Return one rollout: where it stands, devices with failures first, and what was done when."""
    del settings
    with database.transaction() as connection:
        one = load_rollout(connection, options.number)
        devices = {device.id: device for device in load_devices(connection)}
        waves, deployments = load_waves(connection, one.id), load_deployments(connection, one.id)
        events, quantities = load_events(connection, one.id), load_quantities(connection)
    if options.format == "json":
        return json.dumps(_document(one, waves, deployments, events, devices), indent=2, ensure_ascii=False)
    head = _heading(one)
    if options.plan or not deployments:
        return "\n".join([*head, "", plan_text(one.plan, devices), *_journal(events, devices)])
    return "\n".join(
        [
            *head,
            *_waves(one, waves, quantities),
            *_devices(deployments, waves, devices),
            *_journal(events, devices),
        ]
    )


def report(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    """Write the closing report."""
    with database.transaction() as connection:
        asked = AskClosingReport(options.number)(connection)
    with written(options.pdf), paper():
        from console.panels.reports.rollout_pdf import write_rollout_pdf

        write_rollout_pdf(options.pdf, asked, load_trusted_keys(settings.data_dir).names)
    return f"{options.pdf} holds the report of {asked.rollout.name} (rollout {asked.rollout.id})."


def _heading(one: Rollout) -> list[str]:
    lines = [
        f"{one.name} (rollout {one.id}): {ROLLOUT_WORDS[one.state]}{f', {one.reason}' if one.reason else ''}",
        f"  version    {one.version}",
        f"  planned    {one.created_at:%Y-%m-%d %H:%M} UTC by {one.creator or 'unknown'}",
        f"  plan       hash {one.plan_hash.hex()}",
    ]
    if one.undoes is not None:
        lines.append(f"  takes back rollout {one.undoes}")
    if one.started_at is not None:
        lines.append(f"  started    {one.started_at:%Y-%m-%d %H:%M} UTC")
    if one.ended_at is not None:
        lines.append(f"  ended      {one.ended_at:%Y-%m-%d %H:%M} UTC")
    if one.conductor:
        lines.append(f"  conducted  by {one.conductor}")
    lines += [f"  {approved_words(each)} ({each.at:%Y-%m-%d %H:%M} UTC)" for each in one.approvals]
    return [on_one_line(line) for line in lines]


def _waves(one: Rollout, waves: Sequence[Wave], quantities: Quantities) -> list[str]:
    has_canaries = any(device.is_canary for device in one.plan.devices)
    lines = [""]
    for wave in waves:
        reason = f": {wave.reason}" if wave.reason else ""
        title = wave_title(wave.place, has_canaries=has_canaries)
        since = f" since {wave.since:%Y-%m-%d %H:%M} UTC" if wave.state is not WaveState.PLANNED else ""
        lines.append(f"{title}, {WAVE_WORDS[wave.state]}{since}{reason}")
        lines += [f"  {line}" for line in evidence_lines(wave, quantities)]
    judged = [wave for wave in waves if wave.evidence]
    return [*map(on_one_line, lines), *([FEW_DEVICES] if judged else [])]


def _devices(
    deployments: Sequence[Deployment], waves: Sequence[Wave], devices: dict[DeviceId, Device]
) -> list[str]:
    place = {wave.id: str(wave.place + 1) for wave in waves}
    rows = [
        (
            _name(one.device, devices),
            place.get(one.wave, "-"),
            deployment_words(one),
            one.from_version or "-",
            one.observed_version or "-",
            str(one.attempt),
        )
        for one in failures_first(deployments)
    ]
    waits = waits_in(deployments)
    return [
        "",
        *waits,
        *([""] if waits else []),
        table_text(("DEVICE", "WAVE", "STANDS", "FROM", "RUNS", "TRIES"), rows),
    ]


def _journal(events: Sequence[RolloutEvent], devices: dict[DeviceId, Device]) -> list[str]:
    rows = [
        (
            f"{event.at:%Y-%m-%d %H:%M:%S}",
            event.who or "-",
            EVENT_WORDS.get(event.kind, event.kind),
            _name(event.device, devices) if event.device is not None else "-",
            event.text or "-",
        )
        for event in reversed(events)
    ]
    return ["", table_text(("WHEN (UTC)", "WHO", "DID", "DEVICE", "WORDS"), rows)] if rows else []


def _name(device: DeviceId, devices: dict[DeviceId, Device]) -> str:
    return devices[device].device_id if device in devices else f"device {device}"


def _head(head: RolloutHead) -> dict[str, object]:
    return {
        "rollout": head.id,
        "name": head.name,
        "version": head.version,
        "state": head.state,
        "is_held": head.is_held,
        "reason": head.reason,
        "planned_at": text_from_moment(head.created_at),
        "devices": head.devices,
        "done": head.done,
        "failed": head.failed,
    }


def _document(
    one: Rollout,
    waves: Sequence[Wave],
    deployments: Sequence[Deployment],
    events: Sequence[RolloutEvent],
    devices: dict[DeviceId, Device],
) -> dict[str, object]:
    place = {wave.id: wave.place for wave in waves}
    return {
        "rollout": one.id,
        "name": one.name,
        "version": one.version,
        "state": one.state,
        "reason": one.reason,
        "plan_hash": one.plan_hash.hex(),
        "undoes": one.undoes,
        "planned_by": one.creator,
        "planned_at": text_from_moment(one.created_at),
        "started_at": text_from_moment(one.started_at),
        "ended_at": text_from_moment(one.ended_at),
        "approvals": [
            {
                "kind": each.kind,
                "by": each.person,
                "reason": each.reason,
                "at": text_from_moment(each.at),
            }
            for each in one.approvals
        ],
        "plan": [
            {
                "device": _name(each.device, devices),
                "wave": each.wave,
                "is_canary": each.is_canary,
                "reason": each.reason,
            }
            for each in one.plan.devices
        ],
        "waves": [
            {
                "wave": wave.place,
                "state": wave.state,
                "since": text_from_moment(wave.since),
                "reason": wave.reason,
                "evidence": dict(wave.evidence),
            }
            for wave in waves
        ],
        "devices": [
            {
                "device": _name(each.device, devices),
                "wave": place.get(each.wave),
                "status": each.status,
                "step": each.step,
                "outcome": each.outcome,
                "tries": each.attempt,
                "from_version": each.from_version,
                "observed_version": each.observed_version,
                "waits_for": each.waits_for,
                "error": each.error,
                "started_at": text_from_moment(each.started_at),
                "completed_at": text_from_moment(each.completed_at),
            }
            for each in failures_first(deployments)
        ],
        "journal": [
            {
                "at": text_from_moment(event.at),
                "who": event.who,
                "kind": event.kind,
                "device": None if event.device is None else _name(event.device, devices),
                "words": event.text,
            }
            for event in reversed(events)
        ],
    }
