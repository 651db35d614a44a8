"""Who sees and calls what of this revision, and what is audited."""

_OF_OWN_DEVICE = "device_id IN (SELECT d.id FROM app.devices AS d WHERE d.user_id = (SELECT app.person_id()))"
_ROWS_OF_ENGINEERS = {
    "station_leases": "(SELECT app.person_id()) IS NOT NULL",
    "device_leases": _OF_OWN_DEVICE,
    "lease_history": _OF_OWN_DEVICE,
    "station_orders": None,
}


def policies() -> str:
    """Return the statements that let each role see the new tables; functions alone write them."""
    statements = ["ALTER TABLE app.lease_watch ENABLE ROW LEVEL SECURITY"]
    for table, rows in _ROWS_OF_ENGINEERS.items():
        statements += [
            f"ALTER TABLE app.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY admin ON app.{table} TO console_admin "
            "USING ((SELECT app.admin_id()) IS NOT NULL)",
            f"CREATE POLICY operator ON app.{table} FOR SELECT TO console_operator "
            "USING ((SELECT app.operator_id()) IS NOT NULL)",
            f"CREATE POLICY station ON app.{table} FOR SELECT TO console_station "
            "USING ((SELECT app.station_id()) IS NOT NULL)",
            f"GRANT SELECT ON app.{table} TO console_admin, console_operator, console_station",
        ]
        if rows is not None:
            statements += [
                f"CREATE POLICY engineer ON app.{table} FOR SELECT TO console_user USING ({rows})",
                f"GRANT SELECT ON app.{table} TO console_user",
            ]
    return ";\n".join(statements) + ";"


RIGHTS = """
-- Who polls what changes by itself and stands in lease_history; what people chose is audited.
CREATE TRIGGER audit_changed AFTER UPDATE OF wanted_by ON app.device_leases
    FOR EACH ROW WHEN (OLD.wanted_by IS DISTINCT FROM NEW.wanted_by)
    EXECUTE FUNCTION app.audit_change('{device_id}', '{}', '{station_id,epoch,since}');
CREATE TRIGGER audit_changed AFTER UPDATE OF is_draining ON app.station_leases
    FOR EACH ROW WHEN (OLD.is_draining IS DISTINCT FROM NEW.is_draining)
    EXECUTE FUNCTION app.audit_change(
        '{station_id}', '{}', '{incarnation,lease_until,renewed_at,witness,report}');
SELECT app.audit_table('app.station_orders', p_hidden => '{outcome}');

SELECT app.settle_ownership();
GRANT EXECUTE ON FUNCTION app.enter_station(text), app.leave_station(bigint),
    app.renew_lease(bigint, bigint[], jsonb, text),
    app.lease_ends(bigint[], bigint[]),
    app.apply_finding(
        text, bigint, bigint, text, timestamptz, double precision, double precision, text, bigint),
    app.record_device_states(bigint[], text[], text[], timestamptz[], bigint[]),
    app.acknowledge_for(bytea, bigint, bigint, timestamptz, text),
    app.take_station_order(), app.end_station_order(bigint, text) TO console_station;
GRANT EXECUTE ON FUNCTION app.assign_devices(bigint[], bigint), app.drain_station(bigint, boolean),
    app.order_station(bigint, text, double precision), app.withdraw_station_order(bigint) TO console_admin;

-- A station that knows of no leases polls every device, beside those that share them; so it is let in no
-- more, and what it would tell, past the leases, is taken no more.
REVOKE EXECUTE ON FUNCTION app.store_device_states(bigint[], text[], text[], timestamptz[]),
    app.apply_transition(
        text, bigint, bigint, text, timestamptz, double precision, double precision, text),
    app.station_join(text) FROM console_station;
DO $$
BEGIN
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM console_station', (
        SELECT oid::regprocedure FROM pg_proc
        WHERE proname = 'store_readings' AND pronamespace = 'app'::regnamespace));
END $$;
UPDATE app.schema_support SET oldest_program = '0017', oldest_reader = least(oldest_reader, '0017');
"""
