"""What persons do about alerts beyond taking note of them: comment, shelve, maintenance; and the rules.

Commands, as in `commands.py`; the change comes back to every window as `alerts_changed`, that of the site's
rules as `catalogue_changed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.records.alert import AlertId
from models.records.device import DeviceId
from models.records.shelf import AlarmSettings
from models.records.threshold import ThresholdId

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person
    from models.records.shelf import ShelfOutcome


@dataclass(frozen=True, slots=True)
class CommentAlerts:
    """Write words into the journal of alerts, resolved ones too."""

    ids: tuple[AlertId, ...]
    comment: str

    def apply(self, connection: Connection, person: Person) -> list[AlertId]:
        """Return those that exist. Raises Rejected where there are no words."""
        from models.queries.alerts import comment

        return comment(connection, self.ids, self.comment)


@dataclass(frozen=True, slots=True)
class ShelveThresholds:
    """Set the alerts of thresholds aside, those that stand and those to come.

    Critical ones need the password once more: `Bridge.command_signed`.

    Attributes:
        ids: Thresholds, in the order shown.
        reason: Why; must be given.
        seconds: For how long, at most `AlarmSettings.max_shelf_s`.
        is_one_shot: At most until the condition is over.
    """

    ids: tuple[ThresholdId, ...]
    reason: str
    seconds: float
    is_one_shot: bool = False

    def apply(self, connection: Connection, person: Person) -> list[ShelfOutcome]:
        """Return one outcome a threshold; where somebody else was first, it says who, when and until when."""
        from models.queries.shelves import shelve

        return shelve(connection, self.ids, self.reason, self.seconds, is_one_shot=self.is_one_shot)


@dataclass(frozen=True, slots=True)
class UnshelveThresholds:
    """Take the alerts of thresholds from the shelf: what still stands asks again."""

    ids: tuple[ThresholdId, ...]

    def apply(self, connection: Connection, person: Person) -> list[ThresholdId]:
        """Return those that lay on it."""
        from models.queries.shelves import unshelve

        return unshelve(connection, self.ids)


@dataclass(frozen=True, slots=True)
class BeginMaintenance:
    """Say that devices are being worked on, or for how much longer: their alerts are kept, and ask nobody.

    Attributes:
        devices: Which.
        reason: Why; must be given.
        seconds: For how long, at most `AlarmSettings.max_maintenance_s`.
    """

    devices: tuple[DeviceId, ...]
    reason: str
    seconds: float

    def apply(self, connection: Connection, person: Person) -> list[DeviceId]:
        """Return those that exist."""
        from models.queries.shelves import begin_maintenance

        return begin_maintenance(connection, self.devices, self.reason, self.seconds)


@dataclass(frozen=True, slots=True)
class EndMaintenance:
    """Say that the work is done: what stands asks again."""

    devices: tuple[DeviceId, ...]

    def apply(self, connection: Connection, person: Person) -> list[DeviceId]:
        """Return those that were in maintenance."""
        from models.queries.shelves import end_maintenance

        return end_maintenance(connection, self.devices)


@dataclass(frozen=True, slots=True)
class SaveAlarmSettings:
    """Decide anew what the site allows and how it works. For administrators."""

    settings: AlarmSettings

    def apply(self, connection: Connection, person: Person) -> None:
        """Raises Rejected with the sentence that names what cannot be."""
        from models.queries.alarm_settings import save_alarm_settings

        save_alarm_settings(connection, self.settings)
