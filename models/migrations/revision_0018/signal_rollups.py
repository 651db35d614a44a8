"""Signals condensed to minutes and hours beside the readings: the same steps, partitions and marks."""

# What is chosen by the rollups' steps: by time, or by device and minute.
_SPAN = "p_since timestamptz, p_until timestamptz"
_MARKS = "p_device bigint[], p_bucket timestamptz[]"
_OF_MARKS = "FROM unnest(p_device, p_bucket) AS d (device_id, bucket) JOIN app.{table} AS r "
_OF_MARKS += (
    "ON r.device_id = d.device_id AND r.{time} >= d.bucket AND r.{time} < d.bucket + interval '{step}'"
)
_OF_SPAN = "FROM app.{table} AS r WHERE r.{time} >= p_since AND r.{time} < p_until"

_ROLL = """
CREATE FUNCTION app.{name}({parameters}) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE written bigint;
BEGIN
    PERFORM app.need_upkeep();
    INSERT INTO app.{into} (device_id, signal_id, bucket, low, high, mean, last, count)
    SELECT r.device_id, r.signal_id, date_bin('{step}', r.{time}, 'epoch'), {condensed}
    {source}
    GROUP BY 1, 2, 3
    -- In order of device and signal: minutes of one lie side by side, and a chart of days reads few pages.
    ORDER BY 1, 2, 3
    ON CONFLICT (device_id, signal_id, bucket) DO UPDATE
    SET low = excluded.low, high = excluded.high, mean = excluded.mean, last = excluded.last,
        count = excluded.count;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
"""

_OF_READINGS = (
    "min(r.value), max(r.value), avg(r.value), "
    "(array_agg(r.value ORDER BY r.recorded_at DESC))[1], count(r.value)"
)
_OF_MINUTES = (
    "min(r.low), max(r.high), sum(r.mean * r.count) / nullif(sum(r.count), 0), "
    "(array_agg(r.last ORDER BY r.bucket DESC))[1], sum(r.count)"
)

# Each a function as it stands, what is found in it, and what takes its place: the same bodies with a few more
# words, rather than two hundred lines written down once more.
_WIDENED = (
    (
        "add_partition(text, text, timestamptz)",
        "CASE p_parent WHEN 'sensor_readings' THEN",
        "CASE WHEN p_parent IN ('sensor_readings', 'signal_readings') THEN",
    ),
    (
        "seal_partition(regclass, text)",
        "IF p_parent = 'sensor_readings' THEN",
        "IF p_parent IN ('sensor_readings', 'signal_readings') THEN",
    ),
    (
        "ensure_partitions(integer, integer)",
        "+ app.add_partition('readings_1h', 'year', at)::integer;",
        """+ app.add_partition('readings_1h', 'year', at)::integer
                     + app.add_partition('signal_readings', 'day', at)::integer
                     + app.add_partition('signal_1m', 'month', at)::integer
                     + app.add_partition('signal_1h', 'year', at)::integer;""",
    ),
    (
        "make_room_for(timestamptz[])",
        "PERFORM app.add_partition('readings_1h', 'year', at);",
        """PERFORM app.add_partition('readings_1h', 'year', at);
        PERFORM app.add_partition('signal_readings', 'day', at);
        PERFORM app.add_partition('signal_1m', 'month', at);
        PERFORM app.add_partition('signal_1h', 'year', at);""",
    ),
    (
        "roll_step()",
        "PERFORM app.add_partition('readings_1h', 'year', until);",
        """PERFORM app.add_partition('readings_1h', 'year', until);
    PERFORM app.add_partition('signal_1m', 'month', progress.rolled_before);
    PERFORM app.add_partition('signal_1m', 'month', until);
    PERFORM app.add_partition('signal_1h', 'year', progress.hours_before);
    PERFORM app.add_partition('signal_1h', 'year', until);""",
    ),
    (
        "roll_step()",
        "written := app.roll_minutes(progress.rolled_before, until);",
        """written := app.roll_minutes(progress.rolled_before, until)
               + app.roll_signal_minutes(progress.rolled_before, until);""",
    ),
    (
        "roll_step()",
        "written := written + app.roll_hours(progress.hours_before, full_hour);",
        """written := written + app.roll_hours(progress.hours_before, full_hour)
                   + app.roll_signal_hours(progress.hours_before, full_hour);""",
    ),
    (
        "roll_late(integer)",
        "written := app.roll_late_minutes(devices, minutes);",
        """written := app.roll_late_minutes(devices, minutes)
               + app.roll_late_signal_minutes(devices, minutes);""",
    ),
    (
        "roll_late(integer)",
        "written := written + app.roll_late_hours(hour_devices, hours);",
        """written := written + app.roll_late_hours(hour_devices, hours)
                   + app.roll_late_signal_hours(hour_devices, hours);""",
    ),
)


def signal_rollups() -> str:
    """Return the statements, after the tables of signals."""
    return "".join(
        (
            _roll("roll_signal_minutes", _SPAN, _OF_SPAN, "signal_1m", "signal_readings"),
            _roll("roll_late_signal_minutes", _MARKS, _OF_MARKS, "signal_1m", "signal_readings"),
            _roll("roll_signal_hours", _SPAN, _OF_SPAN, "signal_1h", "signal_1m"),
            _roll("roll_late_signal_hours", _MARKS, _OF_MARKS, "signal_1h", "signal_1m"),
            *(_widened(*change) for change in _WIDENED),
        )
    )


def _widened(function: str, found: str, instead: str) -> str:
    return f"""
DO $body$
DECLARE
    body text := pg_get_functiondef('app.{function}'::regprocedure);
BEGIN
    IF strpos(body, $t${found}$t$) = 0 THEN
        RAISE EXCEPTION 'app.{function} is not as it was';
    END IF;
    EXECUTE replace(body, $t${found}$t$, $t${instead}$t$);
END $body$;
"""


def _roll(name: str, parameters: str, source: str, into: str, table: str) -> str:
    of_readings = table == "signal_readings"
    step = "1 minute" if of_readings else "1 hour"
    time = "recorded_at" if of_readings else "bucket"
    return _ROLL.format(
        name=name,
        parameters=parameters,
        into=into,
        step=step,
        time=time,
        condensed=_OF_READINGS if of_readings else _OF_MINUTES,
        source=source.format(table=table, time=time, step=step),
    )
