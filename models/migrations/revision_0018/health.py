"""How the connection of each device does, as the station that polls it tells every few seconds."""

HEALTH = """
-- One row a device, replaced every quarter of a minute, and nothing of it indexed: every change stays on its
-- page. A report is a record of the program (`models/records/device_health.py`), of whatever release.
CREATE TABLE app.device_health (
    device_id   bigint PRIMARY KEY REFERENCES app.devices (id) ON DELETE CASCADE,
    station_id  bigint REFERENCES app.stations (id) ON DELETE SET NULL,
    epoch       bigint NOT NULL DEFAULT 0,
    reported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    report      jsonb NOT NULL
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.5);

-- Takes the reports of devices that the station holds under that epoch now; returns of how many. Whoever set
-- the server up polls without leases. A report too long for any record of ours is passed over.
CREATE FUNCTION app.record_device_health(p_devices bigint[], p_epochs bigint[], p_reports jsonb[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := app.station_id();
    taken bigint;
BEGIN
    PERFORM app.need_station();
    INSERT INTO app.device_health AS h (device_id, station_id, epoch, reported_at, report)
    SELECT r.device, me, r.epoch, clock_timestamp(), r.report
    FROM unnest(p_devices, p_epochs, p_reports) AS r (device, epoch, report)
    JOIN app.devices AS d ON d.id = r.device AND d.deleted_at IS NULL
    WHERE pg_column_size(r.report) <= 65536 AND (me IS NULL OR EXISTS (
        SELECT FROM app.device_leases AS l
        WHERE l.device_id = r.device AND l.station_id = me AND l.epoch = r.epoch))
    ORDER BY r.device
    ON CONFLICT (device_id) DO UPDATE SET station_id = excluded.station_id, epoch = excluded.epoch,
        reported_at = excluded.reported_at, report = excluded.report;
    GET DIAGNOSTICS taken = ROW_COUNT;
    RETURN taken;
END $$;
"""

_OF_OWN_DEVICE = "device_id IN (SELECT d.id FROM app.devices AS d WHERE d.user_id = (SELECT app.person_id()))"

RIGHTS = f"""
ALTER TABLE app.device_health ENABLE ROW LEVEL SECURITY;
CREATE POLICY admin ON app.device_health TO console_admin USING ((SELECT app.admin_id()) IS NOT NULL);
CREATE POLICY operator ON app.device_health FOR SELECT TO console_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY engineer ON app.device_health FOR SELECT TO console_user USING ({_OF_OWN_DEVICE});
CREATE POLICY station ON app.device_health FOR SELECT TO console_station
    USING ((SELECT app.station_id()) IS NOT NULL);
GRANT SELECT ON app.device_health TO console_admin, console_operator, console_user, console_station;
GRANT EXECUTE ON FUNCTION app.record_device_health(bigint[], bigint[], jsonb[]) TO console_station;
"""
"""Grants and policies, after the tables have their owner."""
