"""Signals: what this site measures beside the six metrics; added, changed and removed by engineers.

An engineer changes what they added, an administrator everything; everybody sees all. One that was removed
leaves its values in the database, and its key free.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from sqlalchemy import RowMapping, text
from sqlalchemy.engine import Connection

from models.binary_arrays import BigintArray, driver_cursor
from models.errors import AlreadyDone, NotAllowed, Rejected
from models.quantities import Quantities
from models.queries.people import current_person
from models.records.device import DeviceId
from models.records.signal import MOST_SIGNALS, Signal, SignalId, SignalUses
from models.signal_checks import LARGEST_STATE, signal_faults

_COLUMNS = "key, label, unit, decimals, plausible_low, plausible_high, span_low, span_high, states"
_ADD = text(
    f"INSERT INTO app.signals ({_COLUMNS}, user_id) SELECT {_COLUMNS}, :user_id "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS s (key text, label text, unit text, decimals smallint, "
    "plausible_low double precision, plausible_high double precision, span_low double precision, "
    "span_high double precision, states jsonb) RETURNING key, id"
)
_CHANGE = text(
    "UPDATE app.signals SET label = :label, unit = :unit, decimals = :decimals, "
    "plausible_low = :plausible_low, plausible_high = :plausible_high, span_low = :span_low, "
    "span_high = :span_high, states = CAST(:states AS jsonb) WHERE key = :key AND retired_at IS NULL"
)
_HOLD = text(
    f"SELECT id, {_COLUMNS}, user_id FROM app.signals WHERE key = :key AND retired_at IS NULL "
    "FOR NO KEY UPDATE"
)
_USES = text(
    "SELECT d.name, (SELECT count(*) FROM app.alert_thresholds AS t "
    "WHERE t.device_id = d.id AND t.metric_type = :key) AS limits, "
    "jsonb_path_exists(d.metadata, '$.tags[*] ? (@.metric == $key)', "
    "jsonb_build_object('key', CAST(:key AS text))) AS has_tag "
    "FROM app.devices AS d WHERE d.deleted_at IS NULL ORDER BY d.name, d.id"
)
_LATEST = (
    b"SELECT l.device_id, l.signal_id, extract(epoch FROM l.recorded_at)::double precision, l.value "
    b"FROM app.signal_latest AS l JOIN app.signals AS s ON s.id = l.signal_id AND s.retired_at IS NULL "
)


@dataclass(frozen=True, slots=True)
class LatestSignal:
    """The newest value of one signal of one device.

    Attributes:
        recorded_unix: Unix seconds.
        value: None where there was no good value.
    """

    device: DeviceId
    signal: SignalId
    recorded_unix: float
    value: float | None


def load_signals(conn: Connection) -> list[Signal]:
    """Return every signal that is in use, by key."""
    rows = conn.execute(
        text(f"SELECT id, {_COLUMNS}, user_id FROM app.signals WHERE retired_at IS NULL ORDER BY key")
    )
    return [_signal(row) for row in rows.mappings()]


def load_quantities(conn: Connection) -> Quantities:
    """Return everything that can be measured at this site."""
    return Quantities(load_signals(conn))


def add_signals(conn: Connection, signals: Sequence[Signal]) -> list[Signal]:
    """Add signals, all or none; return them as stored. They belong to whoever is signed in.

    Raises:
        Rejected: One is not well formed, or its key is taken; the sentence names it.
        NotAllowed: The person is neither engineer nor administrator.
    """
    _refuse_faults(signals)
    person = current_person(conn)
    known = {signal.key: signal for signal in load_signals(conn)}
    for signal in signals:
        if signal.key in known:
            raise Rejected(
                f"There is a signal {signal.key} already ({known[signal.key].label}); change that one, or "
                "choose another key."
            )
        known[signal.key] = signal
    if len(known) > MOST_SIGNALS:
        raise Rejected(f"A site has at most {MOST_SIGNALS:,} signals; remove one that is not used.")
    rows = json.dumps([_row(signal) for signal in signals])
    ids = {row.key: row.id for row in conn.execute(_ADD, {"rows": rows, "user_id": person.id})}
    return [_stored(signal, SignalId(ids[signal.key]), person.id) for signal in signals]


def change_signal(conn: Connection, signal: Signal, before: Signal | None = None) -> None:
    """Give the signal of this key other words and ranges. What was stored of it stays as it is.

    Args:
        conn: In a transaction of the person who changes it.
        signal: As it shall be.
        before: As the person read it; None = whatever it is now.

    Raises:
        AlreadyDone: It is not as in `before` any more.
        Rejected: It is not well formed, or there is none of this key.
        NotAllowed: Somebody else added it, and the person is no administrator.
    """
    _refuse_faults([signal])
    row = conn.execute(_HOLD, {"key": signal.key}).mappings().one_or_none()
    if row is None:
        _refuse_missing(conn, signal.key)
    elif before is not None and _signal(row) != before:
        raise AlreadyDone(
            f"{row['label']} was changed by somebody else meanwhile; open it again to see how it is now."
        )
    changed = _row(signal)
    conn.execute(_CHANGE, {**changed, "states": json.dumps(changed["states"])})


def remove_signal(conn: Connection, key: str) -> None:
    """Take a signal out of use. Its values stay stored; its key is free for another signal.

    Raises:
        Rejected: A tag or a threshold still refers to it, or there is none of this key.
        NotAllowed: Somebody else added it, and the person is no administrator.
    """
    removed = conn.execute(
        text("UPDATE app.signals SET retired_at = clock_timestamp() WHERE key = :key AND retired_at IS NULL"),
        {"key": key},
    ).rowcount
    if not removed:
        _refuse_missing(conn, key)


def signal_uses(conn: Connection, key: str) -> SignalUses:
    """Return what refers to a signal, as far as the person may see it: what keeps it from being removed."""
    rows = conn.execute(_USES, {"key": key}).all()
    return SignalUses(
        tuple(row.name for row in rows if row.has_tag or row.limits), sum(row.limits for row in rows)
    )


def latest_signals(conn: Connection, devices: Iterable[DeviceId] | None = None) -> list[LatestSignal]:
    """Return the newest value of every signal, of some devices or of all that the person may see."""
    with driver_cursor(conn) as cursor:
        if devices is None:
            cursor.execute(_LATEST)
        else:
            cursor.execute(
                _LATEST + b"WHERE l.device_id = ANY(%s)", (BigintArray(np.array([*devices], dtype=np.int64)),)
            )
        return [LatestSignal(DeviceId(row[0]), SignalId(row[1]), row[2], row[3]) for row in cursor.fetchall()]


def signal_ids(conn: Connection, keys: Sequence[str]) -> dict[str, SignalId]:
    """Return the numbers of signals by key. Raises KeyError naming one that does not exist."""
    if not keys:
        return {}
    rows = conn.execute(
        text("SELECT key, id FROM app.signals WHERE key = ANY(:keys) AND retired_at IS NULL"),
        {"keys": list(keys)},
    )
    found = {row.key: SignalId(row.id) for row in rows}
    for key in keys:
        if key not in found:
            raise KeyError(f"nothing measured here is called {key!r}")
    return found


def _refuse_faults(signals: Iterable[Signal]) -> None:
    for signal in signals:
        if faults := signal_faults(signal):
            raise Rejected(faults[0].sentence)


def _refuse_missing(conn: Connection, key: str) -> None:
    """Say why no row was changed: there is none, or it is not the person's."""
    if any(signal.key == key for signal in load_signals(conn)):
        raise NotAllowed(
            f"The signal {key} was added by somebody else; they or an administrator can change it."
        )
    raise Rejected(f"There is no signal {key}; main.py signal list shows them all.")


def _row(signal: Signal) -> dict[str, object]:
    return {
        "key": signal.key,
        "label": signal.label.strip(),
        "unit": signal.unit.strip(),
        "decimals": signal.decimals,
        "plausible_low": signal.plausible[0],
        "plausible_high": signal.plausible[1],
        "span_low": signal.span[0],
        "span_high": signal.span[1],
        "states": [[value, name.strip()] for value, name in sorted(signal.states)],
    }


def _stored(signal: Signal, id: SignalId, person: int) -> Signal:
    return Signal(
        key=signal.key,
        label=signal.label.strip(),
        unit=signal.unit.strip(),
        decimals=signal.decimals,
        plausible=signal.plausible,
        span=signal.span,
        id=id,
        states=tuple((value, name.strip()) for value, name in sorted(signal.states)),
        user_id=person,
    )


def _signal(row: RowMapping) -> Signal:
    return Signal(
        key=row["key"],
        label=row["label"],
        unit=row["unit"],
        decimals=row["decimals"],
        plausible=(row["plausible_low"], row["plausible_high"]),
        span=(row["span_low"], row["span_high"]),
        id=SignalId(row["id"]),
        states=tuple(_states(row["states"])),
        user_id=row["user_id"],
    )


def _states(stored: object) -> Iterable[tuple[int, str]]:
    """Read names of values; whatever else another program wrote among them is passed over."""
    for entry in cast("list[object]", stored) if isinstance(stored, list) else []:
        match entry:
            case [int() | float() as value, str(name)] if abs(value) <= LARGEST_STATE:
                yield int(value), name
            case _:
                pass
