"""Who sees and calls what of this revision, who hears of it, and what is audited."""

_OF_OWN_DEVICE = "device_id IN (SELECT d.id FROM app.devices AS d WHERE d.user_id = (SELECT app.person_id()))"
_HANDLERS = "console_admin, console_operator, console_user"


def policies() -> str:
    """Return the statements that let each role see the rows of the new tables."""
    statements: list[str] = []
    for table in ("alert_shelves", "device_maintenance"):
        statements += [
            f"ALTER TABLE app.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY admin ON app.{table} TO console_admin "
            "USING ((SELECT app.admin_id()) IS NOT NULL)",
            f"CREATE POLICY operator ON app.{table} FOR SELECT TO console_operator "
            "USING ((SELECT app.operator_id()) IS NOT NULL)",
            f"CREATE POLICY engineer ON app.{table} TO console_user USING ({_OF_OWN_DEVICE})",
            f"CREATE POLICY station ON app.{table} FOR SELECT TO console_station "
            "USING ((SELECT app.station_id()) IS NOT NULL)",
            f"GRANT SELECT ON app.{table} TO {_HANDLERS}, console_station",
            f"SELECT app.audit_table('app.{table}', p_hidden => '{{reason}}')",
        ]
    return ";\n".join(statements) + ";"


RIGHTS = f"""
-- What stations told is nobody's to read; its function is the only way to it.
ALTER TABLE app.alert_inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.alarm_settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY admin ON app.alarm_settings TO console_admin USING ((SELECT app.admin_id()) IS NOT NULL);
CREATE POLICY everybody ON app.alarm_settings FOR SELECT
    TO console_operator, console_user, console_station USING ((SELECT app.known_login()) IS NOT NULL);
GRANT SELECT ON app.alarm_settings TO {_HANDLERS}, console_station;
GRANT UPDATE (max_shelf_s, max_maintenance_s, operator_positions, shifts, time_zone)
    ON app.alarm_settings TO console_admin;
SELECT app.audit_table('app.alarm_settings');

GRANT INSERT (rule, amount, latching, requires_comment, realarm_s, cause, consequence, operator_action,
              respond_within_s, disabled_reason),
      UPDATE (user_id, rule, amount, latching, requires_comment, realarm_s, cause, consequence,
              operator_action, respond_within_s, disabled_reason)
    ON app.alert_thresholds TO console_admin, console_user;
SELECT app.audit_table('app.alert_thresholds',
                       p_hidden => '{{cause,consequence,operator_action,disabled_reason}}');
SELECT app.audit_table('app.alerts', p_hidden => '{{message}}');

CREATE TRIGGER announce_inserted AFTER INSERT ON app.alert_shelves REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('alerts');
CREATE TRIGGER announce_updated AFTER UPDATE ON app.alert_shelves REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('alerts');
CREATE TRIGGER announce_inserted AFTER INSERT ON app.device_maintenance REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('alerts');
CREATE TRIGGER announce_updated AFTER UPDATE ON app.device_maintenance REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('alerts');
CREATE TRIGGER announce_updated AFTER UPDATE ON app.alarm_settings REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('catalogue');

SELECT app.settle_ownership();
GRANT EXECUTE ON FUNCTION app.pass_time() TO console_station;
GRANT EXECUTE ON FUNCTION app.comment_alerts(bigint[], text),
    app.shelve_thresholds(bigint[], text, double precision, boolean), app.unshelve_thresholds(bigint[]),
    app.begin_maintenance(bigint[], text, double precision), app.end_maintenance(bigint[])
    TO {_HANDLERS};
"""
