"""`sensor_readings` and its rollups. Written through functions and whole columns, never row by row."""

from sqlalchemy import BigInteger, Column, Double, Integer, SmallInteger, Table

from models.metrics import METRIC_KEYS
from models.tables.metadata import METADATA, MOMENT, created_at

SENSOR_READINGS = Table(
    "sensor_readings",
    METADATA,
    Column("id", BigInteger, nullable=False),
    Column("device_id", BigInteger, primary_key=True),
    *(Column(key, Double) for key in METRIC_KEYS),
    Column("recorded_at", MOMENT, primary_key=True),
    created_at(),
    Column("quality", SmallInteger, nullable=False),
    Column("station_id", Integer),
    Column("epoch", BigInteger),
)


def _rollup(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("device_id", BigInteger, primary_key=True),
        Column("bucket", MOMENT, primary_key=True),
        *(
            column
            for key in METRIC_KEYS
            for column in (
                *(Column(f"{key}_{kind}", Double) for kind in ("low", "high", "mean", "last")),
                Column(f"{key}_count", Integer, nullable=False),
            )
        ),
    )


READINGS_1M = _rollup("readings_1m")
READINGS_1H = _rollup("readings_1h")
