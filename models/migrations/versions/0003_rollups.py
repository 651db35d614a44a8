"""Readings condensed to minutes and hours, and how far that has come.

One wide row a device and interval: a chart of all metrics reads each row once, and a row costs one header
instead of six.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

METRICS = ("temperature", "humidity", "pressure", "vibration", "power_consumption", "rpm")

PROGRESS = """
-- closed_before: a reading older than this marks its minute dirty. rolled_before: what the rollups hold.
CREATE TABLE app.rollup_progress (
    only_one      boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    closed_before timestamptz NOT NULL,
    rolled_before timestamptz NOT NULL,
    hours_before  timestamptz NOT NULL
);
INSERT INTO app.rollup_progress (closed_before, rolled_before, hours_before)
SELECT at, at, date_trunc('hour', at, 'UTC') FROM (SELECT date_bin('10 minutes', now(), 'epoch')) AS now (at);

-- No key: a late writer must never wait for, or rely on, a mark that is just being worked off.
CREATE TABLE app.rollup_dirty (device_id bigint NOT NULL, bucket timestamptz NOT NULL);

-- Held shared by writers of readings, exclusively while closed_before moves: so every reading is either seen
-- by the rollup of its minute or marks that minute dirty.
CREATE FUNCTION app.rollup_lock() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 7305061;
"""


STEPS = """
-- Moves closed_before to the last full ten minutes that ended half a minute ago, once no writer is at work.
-- False where there is nothing to move, or writers were busy for over half a second: the next call
-- tries again.
CREATE FUNCTION app.close_minutes() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE until timestamptz := date_bin('10 minutes', clock_timestamp() - interval '30 seconds', 'epoch');
BEGIN
    IF NOT EXISTS (SELECT FROM app.rollup_progress WHERE closed_before < until) THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(app.rollup_lock());
    UPDATE app.rollup_progress SET closed_before = until WHERE closed_before < until;
    RETURN FOUND;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;

-- Condenses up to twenty closed minutes, or a day with few readings; returns the rows written, -1 where
-- nothing is left to do.
CREATE FUNCTION app.roll_step() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    progress app.rollup_progress;
    until timestamptz;
    full_hour timestamptz;
    readings bigint;
    written bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('app.rollups', 0)) THEN
        RETURN -1;  -- another station is at it
    END IF;
    SELECT * INTO STRICT progress FROM app.rollup_progress;
    IF progress.rolled_before >= progress.closed_before THEN
        RETURN -1;
    END IF;
    until := least(progress.rolled_before + interval '20 minutes', progress.closed_before);
    -- After weeks of rest there would be thousands of steps with nothing in them.
    IF until < progress.closed_before THEN
        SELECT count(*) INTO readings FROM (
            SELECT FROM app.sensor_readings
            WHERE recorded_at >= progress.rolled_before
              AND recorded_at < progress.rolled_before + interval '1 day'
            LIMIT 100000
        ) AS next_day;
        IF readings < 100000 THEN
            until := least(progress.rolled_before + interval '1 day', progress.closed_before);
        END IF;
    END IF;
    full_hour := date_trunc('hour', until);
    PERFORM app.add_partition('readings_1m', 'month', progress.rolled_before);
    PERFORM app.add_partition('readings_1m', 'month', until);
    PERFORM app.add_partition('readings_1h', 'year', progress.hours_before);
    PERFORM app.add_partition('readings_1h', 'year', until);
    written := app.roll_minutes(progress.rolled_before, until);
    IF full_hour > progress.hours_before THEN
        written := written + app.roll_hours(progress.hours_before, full_hour);
    END IF;
    UPDATE app.rollup_progress SET rolled_before = until, hours_before = greatest(hours_before, full_hour);
    RETURN written;
END $$;

-- Condenses up to p_marks marked minutes and their hours again; returns the rows written, -1 where
-- none are left.
CREATE FUNCTION app.roll_late(p_marks integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    devices bigint[];
    minutes timestamptz[];
    hour_devices bigint[];
    hours timestamptz[];
    written bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('app.rollups', 0)) THEN
        RETURN -1;
    END IF;
    WITH taken AS (
        DELETE FROM app.rollup_dirty WHERE ctid = ANY(ARRAY(SELECT ctid FROM app.rollup_dirty LIMIT p_marks))
        RETURNING device_id, bucket
    ), marks AS (SELECT DISTINCT device_id, bucket FROM taken)
    SELECT array_agg(device_id), array_agg(bucket) INTO devices, minutes FROM marks;
    IF devices IS NULL THEN
        RETURN -1;
    END IF;
    written := app.roll_late_minutes(devices, minutes);
    SELECT array_agg(device_id), array_agg(hour) INTO hour_devices, hours
    FROM (
        SELECT DISTINCT device_id, date_bin('1 hour', bucket, 'epoch') AS hour
        FROM unnest(devices, minutes) AS d (device_id, bucket)
        WHERE bucket < (SELECT hours_before FROM app.rollup_progress)
    ) AS touched;
    IF hours IS NOT NULL THEN
        written := written + app.roll_late_hours(hour_devices, hours);
    END IF;
    RETURN written;
END $$;
"""


def _table(name: str) -> str:
    columns = ",\n    ".join(
        f"{metric}_low double precision, {metric}_high double precision, {metric}_mean double precision, "
        f"{metric}_last double precision, {metric}_count integer NOT NULL"
        for metric in METRICS
    )
    return f"""
CREATE TABLE app.{name} (
    device_id bigint NOT NULL,
    bucket timestamptz NOT NULL,
    {columns},
    PRIMARY KEY (device_id, bucket)
) PARTITION BY RANGE (bucket);
"""


def _columns() -> str:
    return ", ".join(
        f"{metric}_{kind}" for metric in METRICS for kind in ("low", "high", "mean", "last", "count")
    )


def _replace() -> str:
    names = [name.strip() for name in _columns().split(",")]
    return ", ".join(f"{name} = excluded.{name}" for name in names)


def _roll_minutes(name: str, arguments: str, source: str) -> str:
    """A function that condenses the readings `r` that `source`, a FROM clause, chooses."""
    condensed = ", ".join(
        f"min(r.{m}) AS {m}_low, max(r.{m}) AS {m}_high, avg(r.{m}) AS {m}_mean, count(r.{m}) AS {m}_count"
        for m in METRICS
    )
    chosen = ", ".join(f"c.{m}_low, c.{m}_high, c.{m}_mean, l.{m}, c.{m}_count" for m in METRICS)
    return f"""
CREATE FUNCTION app.{name}({arguments}) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE written bigint;
BEGIN
    INSERT INTO app.readings_1m (device_id, bucket, {_columns()})
    SELECT c.device_id, c.bucket, {chosen}
    FROM (
        SELECT r.device_id, date_bin('1 minute', r.recorded_at, 'epoch') AS bucket,
               max(r.recorded_at) AS last_at, {condensed}
        {source}
        GROUP BY 1, 2
    ) AS c
    JOIN app.sensor_readings AS l ON l.device_id = c.device_id AND l.recorded_at = c.last_at
    -- In order of device: its minutes lie side by side, and a chart of days reads few pages.
    ORDER BY 1, 2
    ON CONFLICT (device_id, bucket) DO UPDATE SET {_replace()};
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
"""


def _roll_hours(name: str, arguments: str, source: str) -> str:
    condensed = ", ".join(
        f"min({m}_low), max({m}_high), sum({m}_mean * {m}_count) / nullif(sum({m}_count), 0), "
        f"(array_agg({m}_last ORDER BY m.bucket DESC))[1], sum({m}_count)"
        for m in METRICS
    )
    return f"""
CREATE FUNCTION app.{name}({arguments}) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE written bigint;
BEGIN
    INSERT INTO app.readings_1h (device_id, bucket, {_columns()})
    SELECT m.device_id, date_bin('1 hour', m.bucket, 'epoch'), {condensed}
    {source}
    GROUP BY 1, 2
    ORDER BY 1, 2
    ON CONFLICT (device_id, bucket) DO UPDATE SET {_replace()};
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
"""


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    statements = [
        PROGRESS,
        _table("readings_1m"),
        _table("readings_1h"),
        _roll_minutes(
            "roll_minutes",
            "p_since timestamptz, p_until timestamptz",
            "FROM app.sensor_readings AS r WHERE r.recorded_at >= p_since AND r.recorded_at < p_until",
        ),
        _roll_minutes(
            "roll_late_minutes",
            "p_device bigint[], p_bucket timestamptz[]",
            "FROM unnest(p_device, p_bucket) AS d (device_id, bucket) JOIN app.sensor_readings AS r "
            "ON r.device_id = d.device_id AND r.recorded_at >= d.bucket "
            "AND r.recorded_at < d.bucket + interval '1 minute'",
        ),
        _roll_hours(
            "roll_hours",
            "p_since timestamptz, p_until timestamptz",
            "FROM app.readings_1m AS m WHERE m.bucket >= p_since AND m.bucket < p_until",
        ),
        _roll_hours(
            "roll_late_hours",
            "p_device bigint[], p_bucket timestamptz[]",
            "FROM unnest(p_device, p_bucket) AS d (device_id, bucket) JOIN app.readings_1m AS m "
            "ON m.device_id = d.device_id AND m.bucket >= d.bucket "
            "AND m.bucket < d.bucket + interval '1 hour'",
        ),
        STEPS,
    ]
    for text in statements:
        connection.exec_driver_sql(text)
