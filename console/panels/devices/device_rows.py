"""Devices as the workbench lists them: one record a row, pure, made from what the bridge holds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from console.bridge.live_store import LiveStore
from console.catalogue.device_words import protocol_label
from console.panels.devices.health.health_words import good_age_s
from console.panels.wording import Natural, natural
from console.widgets.status_lamp import LampState, lamp_state_of
from models.records.device import Device, DeviceId, DeviceState
from models.records.device_health import DeviceHealth

_WORST = (LampState.ERROR, LampState.OFFLINE, LampState.STALE, LampState.UNKNOWN, LampState.ONLINE)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device.

    Attributes:
        state: As last found.
        lamp: How it answers.
        age_s: Seconds since a good value came last; None where none is known of.
        protocol: What people call its protocol.
        health: How its connection does; None where no station tells.
        is_mine: Whether the person at this window may change it.
    """

    device: Device
    state: DeviceState
    lamp: LampState
    age_s: float | None
    protocol: str
    health: DeviceHealth | None
    is_mine: bool

    @property
    def id(self) -> DeviceId:
        """`devices.id`."""
        return self.device.id

    @property
    def badness(self) -> tuple[int, int, Natural]:
        """Sort key: what needs somebody first, then what had most errors of late, then by name."""
        errors = -self.health.recent_error_count if self.health is not None else 0
        return _WORST.index(self.lamp), errors, natural(self.device.name)


def rows_of(
    devices: Iterable[Device],
    live: LiveStore,
    now_unix: float,
    may_change: Callable[[Device], bool],
    healths: Mapping[DeviceId, DeviceHealth],
) -> list[DeviceRow]:
    """Return a row for every device."""
    labels: dict[str, str] = {}
    rows: list[DeviceRow] = []
    for device in devices:
        state, health = live.state(device.id), healths.get(device.id)
        if device.driver not in labels:
            labels[device.driver] = protocol_label(device.driver)
        rows.append(
            DeviceRow(
                device,
                state,
                lamp_state_of(state.status, is_stale=live.is_stale(device.id, now_unix)),
                good_age_s(health, live.good_age_s(device.id, now_unix), now_unix),
                labels[device.driver],
                health,
                may_change(device),
            )
        )
    return rows


def matching(rows: Iterable[DeviceRow], typed: str) -> list[DeviceRow]:
    """Return the rows in which every word that was typed occurs."""
    words = typed.casefold().split()
    return [row for row in rows if all(word in _searched(row) for word in words)]


def _searched(row: DeviceRow) -> str:
    device = row.device
    parts = (device.name, device.device_id, device.location, device.type, row.protocol, row.lamp.value)
    return "\n".join((*parts, row.state.detail)).casefold()
