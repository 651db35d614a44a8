"""Who sees and calls what of this revision, who hears of it, and what is audited."""

_CHANNEL_COLUMNS = (
    "name, kind, enabled, host, port, security, username, sender, url, secret_header, secret, authorities"
)
_RULE_COLUMNS = (
    "name, channel_id, enabled, severities, roles, persons, addresses, shifts, locations, devices, delay_s, "
    "window_s"
)
_OF_ADMINS = (
    "notification_channels",
    "notification_rules",
    "notification_deliveries",
    "notification_items",
    "notification_health",
)


def policies() -> str:
    """Return the statements that let administrators see the new tables; nobody else does."""
    statements = ["ALTER TABLE app.notification_inbox ENABLE ROW LEVEL SECURITY"]
    for table in _OF_ADMINS:
        statements += [
            f"ALTER TABLE app.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY admin ON app.{table} TO console_admin "
            "USING ((SELECT app.admin_id()) IS NOT NULL)",
            f"GRANT SELECT ON app.{table} TO console_admin",
        ]
    for table in ("notification_channels", "notification_rules", "notification_deliveries"):
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            statements.append(
                f"CREATE TRIGGER announce_{event.lower()} AFTER {event} ON app.{table} "
                f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT "
                "EXECUTE FUNCTION app.announce_changed('notifications')"
            )
    return ";\n".join(statements) + ";"


RIGHTS = f"""
SELECT app.settle_ownership();
GRANT INSERT ({_CHANNEL_COLUMNS}), UPDATE ({_CHANNEL_COLUMNS}), DELETE
    ON app.notification_channels TO console_admin;
GRANT INSERT ({_RULE_COLUMNS}), UPDATE ({_RULE_COLUMNS}), DELETE ON app.notification_rules TO console_admin;
GRANT EXECUTE ON FUNCTION app.queue_notifications(), app.due_notification_channels(),
    app.claim_notification(bigint, double precision),
    app.finish_notification(bigint, uuid, text, text, double precision, jsonb, boolean),
    app.note_channel_trouble(bigint, text) TO console_station;
GRANT EXECUTE ON FUNCTION app.test_notification(bigint, text), app.retry_notifications(bigint[]),
    app.cancel_notifications(bigint[]) TO console_admin;
GRANT EXECUTE ON FUNCTION app.notification_troubles() TO console_admin, console_operator;

SELECT app.audit_table('app.notification_channels', p_hidden => '{{secret}}');
-- Addresses are people's; whose they are must not stay for ever.
SELECT app.audit_table('app.notification_rules', p_hidden => '{{addresses}}');
-- Of messages only what a person did: those that stations write tell of themselves.
CREATE TRIGGER audit_by_person AFTER INSERT OR UPDATE ON app.notification_deliveries
    FOR EACH ROW
    WHEN (NEW.claim IS NULL AND NEW.state IN ('waiting', 'cancelled') AND app.admin_id() IS NOT NULL)
    EXECUTE FUNCTION app.audit_change('{{id}}', '{{address,last_error,steps,message_key}}',
        '{{next_attempt_at,give_up_at,ended_at}}');
"""
