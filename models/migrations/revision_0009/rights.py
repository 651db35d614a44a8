"""Grants and row-level security: which role sees which rows, and which columns it may write.

Four policies a table, named after whom they let in. Each asks the database's own rows (`users`, `stations`),
never only the group role: groups belong to the whole server, and a login of another database on it must find
nothing here. `(SELECT …)` makes PostgreSQL ask once a statement instead of once a row, and IS NOT NULL keeps
its estimates: of an equality it would expect to let through one row in two hundred.
"""

OWN_DEVICES = "SELECT d.id FROM app.devices AS d WHERE d.user_id = (SELECT app.person_id())"
OF_OWN_DEVICE = f"device_id IN ({OWN_DEVICES})"

# What an engineer sees, and so may at most change, of each table.
ENGINEER_ROWS = {
    "users": "id = (SELECT app.person_id())",
    "devices": "user_id = (SELECT app.person_id())",
    "alert_thresholds": OF_OWN_DEVICE,
    "sensor_readings": OF_OWN_DEVICE,
    "readings_1m": OF_OWN_DEVICE,
    "readings_1h": OF_OWN_DEVICE,
    "device_latest": OF_OWN_DEVICE,
    "rollup_dirty": OF_OWN_DEVICE,
    "alerts": OF_OWN_DEVICE,
    "alert_events": OF_OWN_DEVICE,
    "ota_deployments": OF_OWN_DEVICE,
    "ota_versions": "(SELECT app.person_id()) IS NOT NULL",
    "stations": "(SELECT app.person_id()) IS NOT NULL",
}

# Asked for with every chart and at every sign-in, and nothing in them is anybody's: no question a row.
OPEN_TO_ALL = ("rollup_progress", "schema_revision")

GRANTS = """
-- The bcrypt hash serves sign-in while the database is away; nobody reads it here.
GRANT SELECT (id, email, name, role, created_at, updated_at, db_role, is_active, deleted_at)
    ON app.users TO console_admin, console_operator, console_user;
GRANT SELECT (id, name, is_enabled, incarnation, version, last_seen, created_at, updated_at)
    ON app.stations TO console_operator, console_user;
GRANT SELECT ON app.stations TO console_admin, console_station;
GRANT SELECT, INSERT, UPDATE ON app.users, app.stations TO console_accounts;

GRANT SELECT ON app.devices, app.alert_thresholds, app.sensor_readings, app.readings_1m, app.readings_1h,
    app.device_latest, app.rollup_dirty, app.rollup_progress, app.alerts, app.alert_events,
    app.ota_versions, app.ota_deployments, app.schema_revision
    TO console_admin, console_operator, console_user, console_station;

-- No DELETE: a device is hidden, so that its readings and alerts never lose it. Status and last_seen belong
-- to the stations, which write them through a function.
GRANT INSERT (device_id, name, type, location, user_id, metadata),
      UPDATE (device_id, name, type, location, user_id, metadata, deleted_at)
    ON app.devices TO console_admin, console_user;
GRANT INSERT (device_id, user_id, metric_type, min_value, max_value, severity, enabled, deadband, on_delay_s,
              off_delay_s),
      UPDATE (metric_type, min_value, max_value, severity, enabled, deadband, on_delay_s, off_delay_s), DELETE
    ON app.alert_thresholds TO console_admin, console_user;
GRANT INSERT (version, firmware_url, release_notes, status, released_at),
      UPDATE (version, firmware_url, release_notes, status, released_at), DELETE
    ON app.ota_versions TO console_admin;
GRANT INSERT (device_id, version_id, status, progress_percent, error_message, started_at, completed_at),
      UPDATE (status, progress_percent, error_message, started_at, completed_at)
    ON app.ota_deployments TO console_admin;
"""

PERSONS = """
CREATE FUNCTION app.admin_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (SELECT id FROM app.users WHERE db_role = session_user AND is_active AND role = 'admin');

CREATE FUNCTION app.operator_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (SELECT id FROM app.users WHERE db_role = session_user AND is_active AND role = 'operator');

GRANT EXECUTE ON FUNCTION app.admin_id(), app.operator_id()
    TO console_admin, console_operator, console_user, console_station, console_accounts;

-- The same question about one device, for functions that read past the policies.
CREATE FUNCTION app.may_see_device(p_device bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM app.users AS u
        WHERE u.db_role = session_user AND u.is_active AND (u.role IN ('admin', 'operator') OR EXISTS (
            SELECT FROM app.devices AS d WHERE d.id = p_device AND d.user_id = u.id))
    ) OR app.station_id() IS NOT NULL OR app.is_superuser();
END $$;

-- The login itself where it is one of this database's; empty for a login of another database on the server.
CREATE FUNCTION app.known_login() RETURNS name
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT session_user
    WHERE EXISTS (SELECT FROM app.users AS u WHERE u.db_role = session_user AND u.is_active)
       OR EXISTS (SELECT FROM app.stations AS s WHERE s.db_role = session_user AND s.is_enabled)
       OR (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = session_user)
);
GRANT EXECUTE ON FUNCTION app.known_login() TO console_admin, console_operator, console_user, console_station;

-- The owner's view, past the policies: whoever sees an alert may know by name who acknowledged it.
CREATE VIEW app.persons AS
    SELECT u.id, u.name FROM app.users AS u WHERE (SELECT app.known_login()) IS NOT NULL;
GRANT SELECT ON app.persons TO console_admin, console_operator, console_user, console_station;

-- An engineer cannot see whose a hardware id is; to say why an import fails, that it is somebody's must do.
CREATE FUNCTION app.hardware_ids_of_others(p_hardware_ids text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT d.device_id::text FROM app.devices AS d
    WHERE d.device_id = ANY(p_hardware_ids) AND d.user_id IS DISTINCT FROM app.person_id()
    ORDER BY d.device_id;
END;
GRANT EXECUTE ON FUNCTION app.hardware_ids_of_others(text[]) TO console_user;
"""

FURTHER_POLICIES = """
-- The account functions run as the role that may create logins and owns no table.
CREATE POLICY accounts ON app.users TO console_accounts USING (true) WITH CHECK (true);
CREATE POLICY accounts ON app.stations TO console_accounts USING (true) WITH CHECK (true);

-- A threshold is signed by whoever sets it; changing one somebody else set on an own device is fine.
CREATE POLICY engineer_signs ON app.alert_thresholds AS RESTRICTIVE FOR INSERT TO console_user
    WITH CHECK (user_id = (SELECT app.person_id()));
"""


def policies() -> str:
    """Return the statements that switch row-level security on and let each role in."""
    statements: list[str] = []
    for table, rows in ENGINEER_ROWS.items():
        statements += [
            f"ALTER TABLE app.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY admin ON app.{table} TO console_admin "
            "USING ((SELECT app.admin_id()) IS NOT NULL)",
            f"CREATE POLICY operator ON app.{table} FOR SELECT TO console_operator "
            "USING ((SELECT app.operator_id()) IS NOT NULL)",
            f"CREATE POLICY engineer ON app.{table} TO console_user USING ({rows})",
            f"CREATE POLICY station ON app.{table} FOR SELECT TO console_station "
            "USING ((SELECT app.station_id()) IS NOT NULL)",
        ]
    for table in OPEN_TO_ALL:
        statements += [
            f"ALTER TABLE app.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY everybody ON app.{table} FOR SELECT "
            f"TO console_admin, console_operator, console_user, console_station USING (true)",
        ]
    return ";\n".join(statements) + ";"
