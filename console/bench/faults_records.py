"""What the fault suite asks of the database and puts into it, as its owner; devices by their own numbers."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from console.bench.faults_account import Told
from console.bench.faults_alert_verdict import Found
from console.bench.faults_verdict import Row, Span
from console.bench.faults_witness import LIMIT_KPA
from console.bench.latency_stamps import modbus_host
from console.bench.modbus_replies import REGISTERS
from drivers.modbus.spec import MODBUS_TCP
from models.metrics import METRIC_KEYS
from models.queries.catalogue import import_devices
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.threshold import Severity, Threshold, ThresholdId

_NAME = "WITNESS-"
_NUMBER = f"substr(d.device_id, {len(_NAME) + 1})::int"
_ROWS = text(
    f"SELECT {_NUMBER}, extract(epoch FROM r.recorded_at)::double precision, r.quality, "
    f"{', '.join(f'r.{key}' for key in METRIC_KEYS)} "
    "FROM app.sensor_readings AS r JOIN app.devices AS d ON d.id = r.device_id"
)
_IDS = text(f"SELECT d.id, {_NUMBER} FROM app.devices AS d")
_KEEP = text("INSERT INTO public.kept SELECT * FROM app.sensor_readings")
# What was committed last is told again by the station after every absence of the database.
_BRING_BACK = text("INSERT INTO app.sensor_readings SELECT * FROM public.kept ON CONFLICT DO NOTHING")
_PARTITIONS = text(
    "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'app.sensor_readings'::regclass"
)
_NEWEST = text(
    "SELECT count(*), coalesce(extract(epoch FROM min(recorded_at))::double precision, 0) "
    "FROM app.device_latest"
)
_EVENTS = text(
    f"SELECT {_NUMBER}, extract(epoch FROM e.at)::double precision, "
    "e.is_annunciated, e.alert_id, e.kind = 'cleared' "
    "FROM app.alert_events AS e JOIN app.alerts AS a ON a.id = e.alert_id "
    "JOIN app.alert_thresholds AS t ON t.id = a.threshold_id JOIN app.devices AS d ON d.id = e.device_id "
    "WHERE t.metric_type = 'pressure' AND e.kind IN ('raised', 'reoccurred', 'cleared') ORDER BY e.id"
)
_TOLD = text(
    f"SELECT {_NUMBER}, extract(epoch FROM i.at)::double precision, i.is_end, "
    "extract(epoch FROM i.came_at)::double precision FROM app.alert_inbox AS i "
    "JOIN app.alert_thresholds AS t ON t.id = i.threshold_id JOIN app.devices AS d ON d.id = i.device_id "
    "WHERE t.metric_type = 'pressure'"
)
_STANDING = text(
    "SELECT count(*) FROM app.alerts AS a JOIN app.alert_thresholds AS t ON t.id = a.threshold_id "
    "WHERE t.metric_type = 'pressure' AND a.cleared_at IS NULL AND a.status <> 'resolved'"
)
_SPANS = text(
    f"SELECT {_NUMBER}, s.name, extract(epoch FROM h.began_at)::double precision, "
    "extract(epoch FROM h.ended_at)::double precision FROM app.lease_history AS h "
    "JOIN app.devices AS d ON d.id = h.device_id JOIN app.stations AS s ON s.id = h.station_id"
)


def make_devices(connection: Connection, count: int, port: int, period_s: float) -> None:
    """Make the devices known, and room for what `drop_partitions` keeps."""
    import_devices(connection, [_entry(index, port, period_s) for index in range(count)])
    connection.exec_driver_sql("CREATE TABLE public.kept (LIKE app.sensor_readings)")


def device_numbers(connection: Connection) -> dict[DeviceId, int]:
    """Return how the devices count themselves, by the database's number."""
    return {DeviceId(id): index for id, index in connection.execute(_IDS)}


def stored_rows(connection: Connection) -> list[Row]:
    """Return every reading."""
    return [Row(row[0], row[1], tuple(row[3:]), row[2]) for row in connection.execute(_ROWS)]


def journal(connection: Connection) -> list[Found]:
    """Return beginnings and ends of the pressure's episodes, in the order in which they were written."""
    return [Found(*row) for row in connection.execute(_EVENTS)]


def told_findings(connection: Connection) -> list[Told]:
    """Return everything that stations told of the pressure."""
    return [Told(*row) for row in connection.execute(_TOLD)]


def standing_alerts(connection: Connection) -> int:
    """Return how many episodes of the pressure go on."""
    return int(connection.execute(_STANDING).scalar_one())


def lease_spans(connection: Connection) -> list[Span]:
    """Return which station held which device when."""
    return [Span(*row) for row in connection.execute(_SPANS)]


def newest_unix(connection: Connection, count: int) -> float:
    """Return up to when readings of all `count` devices are stored; 0 where some have none."""
    row = connection.execute(_NEWEST).one()
    return float(row[1]) if row[0] == count else 0.0


def drop_partitions(connection: Connection) -> None:
    """Take every day's partition away, and keep what was in them."""
    connection.execute(_KEEP)
    for name in list(connection.execute(_PARTITIONS).scalars()):
        connection.exec_driver_sql(f"DROP TABLE {name}")


def restore_dropped(connection: Connection) -> None:
    """Bring back what `drop_partitions` kept."""
    connection.execute(_BRING_BACK)


def _entry(index: int, port: int, period_s: float) -> DeviceEntry:
    device = Device(
        id=DeviceId(0),
        device_id=f"{_NAME}{index}",
        name=f"Witness {index}",
        type="bench",
        location="Hall 1",
        driver=MODBUS_TCP.kind,
        connection={"host": modbus_host(index), "port": port, "unit": 1, "timeout_s": 3.0},
        period_s=period_s,
        tags=tuple(Tag(key, address) for key, address in zip(METRIC_KEYS, REGISTERS, strict=True)),
    )
    limit = Threshold(ThresholdId(0), DeviceId(0), "pressure", None, LIMIT_KPA, Severity.WARNING)
    return DeviceEntry(device, (limit,))
