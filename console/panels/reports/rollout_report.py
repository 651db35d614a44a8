"""The closing report of a rollout: what was signed, who approved it, what became of every device. No Qt.

Everything that comes from elsewhere (names, messages, reasons) is escaped: a name is no markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from html import escape
from typing import TYPE_CHECKING

from console.catalogue.rollout_lines import approved_words, failures_first
from console.catalogue.rollout_words import (
    EVENT_WORDS,
    FEW_DEVICES,
    ROLLOUT_WORDS,
    WAVE_WORDS,
    deployment_words,
    settings_words,
    wave_title,
)
from console.panels.firmware.evidence import evidence_lines
from console.panels.reports.document_parts import STYLE, moment, table
from models.quantities import Quantities
from models.records.device import Device, DeviceId
from models.records.firmware import FirmwareKeyId, FirmwareVersion
from models.records.rollout import (
    Deployment,
    DeploymentStatus,
    Rollout,
    RolloutEvent,
    RolloutId,
    Wave,
    WaveState,
)
from models.site_zone import zone_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_MOST_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class ClosingReport:
    """Everything of one rollout, of one moment.

    Attributes:
        devices: Those that whoever asked sees.
        time_zone: The site's, an IANA name.
        read_at: By the database's clock.
    """

    rollout: Rollout
    version: FirmwareVersion
    waves: Sequence[Wave]
    deployments: Sequence[Deployment]
    events: Sequence[RolloutEvent]
    devices: Mapping[DeviceId, Device]
    quantities: Quantities
    time_zone: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class AskClosingReport:
    """What is to be reported of a rollout, ended or not."""

    rollout: RolloutId

    def __call__(self, connection: Connection) -> ClosingReport:
        """Return it. Raises Rejected where there is no such rollout."""
        from models.queries.alarm_settings import load_alarm_settings
        from models.queries.catalogue import load_devices
        from models.queries.firmware_versions import load_version
        from models.queries.rollouts import load_deployments, load_events, load_rollout, load_waves
        from models.queries.signals import load_quantities

        found = load_rollout(connection, self.rollout)
        return ClosingReport(
            found,
            load_version(connection, found.version),
            load_waves(connection, self.rollout),
            load_deployments(connection, self.rollout),
            load_events(connection, self.rollout, _MOST_EVENTS),
            {device.id: device for device in load_devices(connection)},
            load_quantities(connection),
            load_alarm_settings(connection).time_zone,
            connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one(),
        )


def closing_html(report: ClosingReport, key_names: Mapping[FirmwareKeyId, str]) -> str:
    """Return the report as a document.

    Args:
        report: What was read.
        key_names: What this computer calls the keys that it believes.
    """
    rollout, zone = report.rollout, zone_of(report.time_zone)
    reason = f" {escape(rollout.reason)}" if rollout.reason else ""
    return "".join(
        [
            STYLE,
            f"<h1>{escape(rollout.name)}</h1>",
            f"<p><b>Rollout {rollout.id} of {escape(rollout.version)}: {ROLLOUT_WORDS[rollout.state]}.</b>"
            f"{reason}<br>{_tally(report.deployments)}</p>",
            _times(report, zone),
            "<h2>Firmware</h2>",
            _version(report.version, key_names, zone),
            "<h2>Plan, and who approved it</h2>",
            _plan(rollout, zone, report.quantities),
            "<h2>Waves</h2>",
            _waves(report, zone),
            '<h2 style="page-break-before: always">Devices</h2>',
            _devices(report),
            "<h2>Left out</h2>",
            _left_out(report),
            '<h2 style="page-break-before: always">Journal</h2>',
            _journal(report, zone),
        ]
    )


def _tally(deployments: Sequence[Deployment]) -> str:
    if not deployments:
        return "It has not begun."
    done = sum(one.status is DeploymentStatus.COMPLETED for one in deployments)
    failed = sum(one.status is DeploymentStatus.FAILED for one in deployments)
    rest = len(deployments) - done - failed
    return (
        f"{done} of {len(deployments)} devices run it, {failed} do not"
        + (f", {rest} are not done yet" if rest else "")
        + "."
    )


def _times(report: ClosingReport, zone: tzinfo) -> str:
    rollout = report.rollout
    started = moment(rollout.started_at, zone) if rollout.started_at else "not started"
    ended = moment(rollout.ended_at, zone) if rollout.ended_at else "not ended"
    by = escape(rollout.creator or "unknown")
    return (
        f'<p class="quiet">Planned {moment(rollout.created_at, zone)} by {by}; begun: {started}; '
        f"over: {ended}. As of {moment(report.read_at, zone)} ({escape(str(zone))}).</p>"
    )


def _version(version: FirmwareVersion, key_names: Mapping[FirmwareKeyId, str], zone: tzinfo) -> str:
    signed = [
        f"{escape(one.key)} ({escape(key_names.get(one.key, 'a key that this computer does not know'))})"
        for one in version.signatures
    ]
    expires = moment(version.expires_at, zone) if version.expires_at else "–"
    rows = [
        ("Version", escape(version.version)),
        ("For", escape(f"{version.product}, hardware {', '.join(version.hardware)}")),
        ("Sequence", str(version.sequence)),
        ("Image", f"{version.size:,} bytes, SHA-256 {version.sha256.hex()}"),
        ("Signed with", "<br>".join(signed) or "nothing"),
        ("Good until", expires),
        ("Added by", escape(version.creator or "unknown")),
        ("Released by", escape(version.releaser or "unknown")),
    ]
    return table(("", ""), [(f"<b>{what}</b>", words) for what, words in rows])


def _plan(rollout: Rollout, zone: tzinfo, quantities: Quantities) -> str:
    rows = [
        (f"<b>{escape(what)}</b>", escape(words))
        for what, words in settings_words(rollout.plan.settings, quantities)
    ]
    yes = "".join(
        f"<li>{moment(one.at, zone)}: {escape(approved_words(one))}</li>" for one in rollout.approvals
    )
    undoes = f"<p>It takes back rollout {rollout.undoes}.</p>" if rollout.undoes is not None else ""
    return (
        f"{undoes}{table(('', ''), rows)}"
        + (f"<ul>{yes}</ul>" if yes else "<p>Nobody has approved it.</p>")
        + f'<p class="quiet">SHA-256 of the plan: {rollout.plan_hash.hex()}</p>'
    )


def _waves(report: ClosingReport, zone: tzinfo) -> str:
    if not report.waves:
        return '<p class="quiet">None has begun.</p>'
    has_canaries = any(one.is_canary for one in report.rollout.plan.devices)
    parts: list[str] = []
    for wave in report.waves:
        own = [one for one in report.deployments if one.wave == wave.id]
        began = min((one.started_at for one in own if one.started_at), default=None)
        ended = max((one.completed_at for one in own if one.completed_at), default=None)
        worked = f", updated {moment(began, zone)} to {moment(ended, zone)}" if began and ended else ""
        words = "".join(f"<br>{escape(line)}" for line in evidence_lines(wave, report.quantities))
        reason = f" {escape(wave.reason)}" if wave.reason else ""
        since = f" since {moment(wave.since, zone)}" if wave.state is not WaveState.PLANNED else ""
        parts.append(
            f"<p><b>{wave_title(wave.place, has_canaries=has_canaries)}: {len(own)} "
            f"device{'' if len(own) == 1 else 's'}{worked}; {WAVE_WORDS[wave.state]}"
            f"{since}.</b>{reason}{words}</p>"
        )
    return "".join([*parts, f'<p class="quiet">{FEW_DEVICES}</p>'])


def _devices(report: ClosingReport) -> str:
    if not report.deployments:
        return '<p class="quiet">None has begun.</p>'
    place = {wave.id: str(wave.place + 1) for wave in report.waves}
    rows = [
        (
            f"<b>{escape(_name(one.device, report))}</b>",
            place.get(one.wave, ""),
            escape(deployment_words(one)),
            escape(one.from_version or "–"),
            escape(one.observed_version or "–"),
            f'<td align="right">{one.attempt}</td>',
        )
        for one in failures_first(report.deployments)
    ]
    return table(("Device", "Wave", "What came of it", "From", "Runs", ">Tries"), rows)


def _left_out(report: ClosingReport) -> str:
    out = [one for one in report.rollout.plan.devices if one.wave is None]
    if not out:
        return '<p class="quiet">No device was left out.</p>'
    return table(("Device", "Why"), [(escape(_name(one.device, report)), escape(one.reason)) for one in out])


def _journal(report: ClosingReport, zone: tzinfo) -> str:
    rows = [
        (
            f"{event.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            escape(event.who or "–"),
            escape(EVENT_WORDS.get(event.kind, event.kind)),
            "" if event.device is None else escape(_name(event.device, report)),
            escape(event.text),
        )
        for event in reversed(report.events)
    ]
    return table(("When", "Who", "Did", "Device", ""), rows)


def _name(device: DeviceId, report: ClosingReport) -> str:
    known = report.devices.get(device)
    return known.device_id if known is not None else f"device {device}"
