"""The way in for readings: one call a batch."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

METRICS = ("temperature", "humidity", "pressure", "vibration", "power_consumption", "rpm")


def _function() -> str:
    parameters = ", ".join(f"p_{metric} double precision[]" for metric in METRICS)
    arrays = "p_device, p_recorded_at, " + ", ".join(f"p_{metric}" for metric in METRICS) + ", p_quality"
    columns = "device_id, recorded_at, " + ", ".join(METRICS) + ", quality"
    insert = f"INSERT INTO app.sensor_readings ({columns}) SELECT * FROM unnest({arrays})"
    latest = (
        "SELECT p_device[i] AS device_id, p_recorded_at[i] AS recorded_at, "
        + ", ".join(f"p_{metric}[i] AS {metric}" for metric in METRICS)
        + ", p_quality[i] AS quality FROM unnest(p_newest_of) AS positions (i)"
    )
    replaced = ", ".join(f"{name} = n.{name}" for name in ("recorded_at", *METRICS, "quality"))
    return f"""
-- Stores a batch and returns how many rows were new. p_oldest is the smallest of p_recorded_at; p_newest_of
-- lists the positions that are the newest of their device within the batch, in order of device.
CREATE FUNCTION app.store_readings(
    p_device bigint[], p_recorded_at timestamptz[], {parameters}, p_quality smallint[],
    p_oldest timestamptz, p_newest_of integer[]
) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored bigint;
    renewed bigint;
    closed timestamptz;
    is_repeat boolean := false;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(app.rollup_lock());
    SELECT closed_before INTO STRICT closed FROM app.rollup_progress;
    FOR attempt IN 1..3 LOOP
        BEGIN
            -- ON CONFLICT looks twice into the index and writes more log for every row, a quarter of the
            -- time; so it is kept for a batch that comes a second time.
            IF is_repeat THEN
                {insert}
                ON CONFLICT (device_id, recorded_at) DO NOTHING;
            ELSE
                {insert};
            END IF;
            GET DIAGNOSTICS stored = ROW_COUNT;
            EXIT;
        EXCEPTION
            WHEN unique_violation THEN
                is_repeat := true;
            WHEN check_violation THEN  -- no partition for a row
                IF attempt = 3 THEN RAISE; END IF;
                PERFORM app.make_room_for(p_recorded_at);
        END;
    END LOOP;
    IF p_oldest < closed THEN
        INSERT INTO app.rollup_dirty (device_id, bucket)
        SELECT DISTINCT device_id, date_bin('1 minute', recorded_at, 'epoch')
        FROM unnest(p_device, p_recorded_at) AS row (device_id, recorded_at)
        WHERE recorded_at < closed;
    END IF;
    UPDATE app.device_latest AS l SET {replaced}
    FROM ({latest}) AS n
    WHERE l.device_id = n.device_id AND n.recorded_at > l.recorded_at;
    GET DIAGNOSTICS renewed = ROW_COUNT;
    IF renewed < cardinality(p_newest_of) THEN  -- late rows, or the first of a device
        INSERT INTO app.device_latest ({columns}) {latest} ON CONFLICT (device_id) DO NOTHING;
    END IF;
    PERFORM pg_notify('readings', '');
    RETURN stored;
END $$;
"""


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(_function())
