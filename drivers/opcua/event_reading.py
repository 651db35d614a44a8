"""Fields of an event → `DeviceEvent`. Pure; what a server leaves out or gets wrong is made up for or refused.

Conditions: OPC 10000-9, 5.5 to 5.8. A condition is known by its ConditionId, which is no field of the event
but the NodeId attribute of ConditionType. Of its branches only the present one counts: the others are states
of the past that somebody has still to acknowledge on the server.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import hashlib
from datetime import UTC, datetime
from enum import Enum, auto

from asyncua import ua
from asyncua.ua.object_ids import ObjectIdNames, ObjectIds

from drivers.events import HIGHEST_SEVERITY, LEAST_SEVERITY, DeviceEvent
from drivers.opcua.event_wire import Fields

CONDITION_ID = ""
"""Stands among field names for the NodeId attribute itself."""

BASE_FIELDS = ("EventId", "EventType", "SourceNode", "SourceName", "Time", "Message", "Severity")
CONDITION_FIELDS = (CONDITION_ID, "ConditionName", "BranchId", "Retain", "EnabledState/Id", "ActiveState/Id")
"""In the order in which they are asked for; a slash stands between the steps of a path."""

_LONGEST_NAME = 120
_LONGEST_MESSAGE = 300
_LONGEST_KEY = 200


class Signal(Enum):
    """What a server says of its own telling."""

    REFRESH_BEGINS = auto()
    REFRESH_ENDS = auto()
    REFRESH_NEEDED = auto()
    """It lost events, or knows that what it told is out of date."""


_SIGNALS = {
    ObjectIds.RefreshStartEventType: Signal.REFRESH_BEGINS,
    ObjectIds.RefreshEndEventType: Signal.REFRESH_ENDS,
    ObjectIds.RefreshRequiredEventType: Signal.REFRESH_NEEDED,
    ObjectIds.EventQueueOverflowEventType: Signal.REFRESH_NEEDED,
}
# Of the server's own affairs, none of the machine's: who signed in, which nodes were added.
_NOT_OF_THE_MACHINE = frozenset(
    number
    for number, name in ObjectIdNames.items()
    if name.endswith("EventType")
    and name.startswith(("Audit", "BaseModelChange", "GeneralModelChange", "SemanticChange", "ProgressEvent"))
)


class NotAnEvent(ValueError):
    """The fields do not hold what every event has."""


def event_of(fields: Fields, came_at: datetime) -> DeviceEvent | Signal | None:
    """Return what an event says; None where it is nobody's affair.

    Args:
        fields: Of BASE_FIELDS and, where the server knows them, CONDITION_FIELDS.
        came_at: When it came, taken where the server does not say when it happened.

    Raises:
        NotAnEvent: A field that every event has is missing, or of another type.
    """
    if len(fields) < len(BASE_FIELDS):
        raise NotAnEvent(f"{len(fields)} fields instead of {len(BASE_FIELDS)}")
    event_id, kind, source_node, source, time, message, severity = fields[: len(BASE_FIELDS)]
    if not isinstance(kind, ua.NodeId):
        raise NotAnEvent("it does not tell its type")
    if kind.NamespaceIndex == 0:
        signal = _SIGNALS.get(kind.Identifier)  # pyright: ignore[reportArgumentType] # others are not found
        if signal is not None or kind.Identifier in _NOT_OF_THE_MACHINE:
            return signal
    if isinstance(severity, bool) or not isinstance(severity, int):
        raise NotAnEvent("it does not tell its severity")
    state = _Condition(fields[len(BASE_FIELDS) :])
    if state.is_past:
        return None
    key = state.key(source_node)
    if key is None:
        if not isinstance(event_id, bytes):
            raise NotAnEvent("it has no id")
        key = event_id.hex()
    return DeviceEvent(
        key=key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest(),
        source=_text(source, _LONGEST_NAME),
        name=_text(state.name, _LONGEST_NAME),
        message=_text(message, _LONGEST_MESSAGE),
        severity=min(max(severity, LEAST_SEVERITY), HIGHEST_SEVERITY),
        happened_at=_moment(time) or came_at,
        is_active=state.is_active,
    )


class _Condition:
    """The part of an event that only conditions have."""

    def __init__(self, fields: Fields) -> None:
        """Take the fields of CONDITION_FIELDS; none where the server was not asked for them."""
        given = [*fields, *[None] * len(CONDITION_FIELDS)][: len(CONDITION_FIELDS)]
        self._id, self.name, self._branch, self._retain, self._is_enabled, self._is_active = given

    @property
    def _is_condition(self) -> bool:
        # Some servers tell of alarms without their ids; what has a state is a condition all the same.
        return _is_node(self._id) or isinstance(self._is_active, bool)

    @property
    def is_past(self) -> bool:
        """Whether it is about a branch: a state that is over."""
        return self._is_condition and _is_node(self._branch)

    @property
    def is_active(self) -> bool | None:
        """Whether the condition stands; None where it is none."""
        if not self._is_condition:
            return None
        if self._is_enabled is False:
            return False
        # Conditions without an active state are of interest as long as the server keeps them (Retain).
        stands = self._is_active if isinstance(self._is_active, bool) else self._retain
        return stands is True

    def key(self, source_node: object) -> str | None:
        """Return what the condition is known by; None where it is none."""
        if isinstance(self._id, ua.NodeId) and _is_node(self._id):
            return self._id.to_string()
        if not self._is_condition:
            return None
        source = source_node.to_string() if isinstance(source_node, ua.NodeId) else ""
        return f"{source} {_text(self.name, _LONGEST_NAME)}"


def _is_node(value: object) -> bool:
    return isinstance(value, ua.NodeId) and not value.is_null()


def _moment(value: object) -> datetime | None:
    # 1601-01-01 is how a null DateTime looks on the wire (OPC 10000-6, 5.2.2.5).
    if not isinstance(value, datetime) or value.year < 1970:
        return None
    return value.replace(tzinfo=UTC)


def _text(value: object, longest: int) -> str:
    """Return a server's words in one line, without anything that is no character of a line."""
    words = value.Text if isinstance(value, ua.LocalizedText) else value
    if not isinstance(words, str):
        return ""
    line = " ".join("".join(one if one.isprintable() else " " for one in words[: 4 * longest]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"
