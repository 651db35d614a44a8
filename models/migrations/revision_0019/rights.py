"""Who sees and calls what of rollouts, and what is audited."""

_ROLLOUT = {
    "ota_rollouts": "id",
    "ota_waves": "rollout_id",
    "ota_approvals": "rollout_id",
    "ota_events": "rollout_id",
}


def policies() -> str:
    """Return the statements that let each role see the new tables; functions alone write them."""
    statements: list[str] = []
    for table, rollout in _ROLLOUT.items():
        statements += [
            f"ALTER TABLE app.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY admin ON app.{table} TO console_admin "
            "USING ((SELECT app.admin_id()) IS NOT NULL)",
            f"CREATE POLICY operator ON app.{table} FOR SELECT TO console_operator "
            "USING ((SELECT app.operator_id()) IS NOT NULL)",
            f"CREATE POLICY station ON app.{table} FOR SELECT TO console_station "
            "USING ((SELECT app.station_id()) IS NOT NULL)",
            f"CREATE POLICY engineer ON app.{table} FOR SELECT TO console_user "
            f"USING (app.may_see_rollout({rollout}))",
            f"GRANT SELECT ON app.{table} TO console_admin, console_operator, console_user, console_station",
        ]
    return ";\n".join(statements) + ";"


RIGHTS = """
ALTER TABLE app.ota_moves ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON app.ota_moves FOR SELECT
    TO console_admin, console_operator, console_user, console_station USING (true);
GRANT SELECT ON app.ota_moves TO console_admin, console_operator, console_user, console_station;

-- Deployments come and go by rollouts alone: a row that anybody may write is a plan that nobody approved.
REVOKE INSERT, UPDATE ON app.ota_deployments FROM console_admin;
REVOKE INSERT (device_id, version_id, status, progress_percent, error_message, started_at, completed_at),
       UPDATE (status, progress_percent, error_message, started_at, completed_at)
    ON app.ota_deployments FROM console_admin;

-- How far a transfer has come changes by itself; what was done, and by whom, is audited.
SELECT app.audit_table('app.ota_rollouts', p_hidden => '{plan}',
    p_ignored => '{conductor_id,conductor_incarnation,conductor_epoch,conductor_until}');
SELECT app.audit_table('app.ota_approvals');
SELECT app.audit_table('app.ota_deployments',
    p_ignored => '{progress_percent,bytes_sent,waits_for,step_deadline,next_attempt_at,driver_epoch,step,'
                 'from_version,observed_version,serial,attempt,flipped_at,flip_words}');

GRANT EXECUTE ON FUNCTION app.may_see_rollout(bigint)
    TO console_admin, console_operator, console_user, console_station;
GRANT EXECUTE ON FUNCTION app.planned_devices(text), app.save_rollout_plan(bigint, text, text),
    app.submit_rollout(bigint, bytea), app.approve_rollout(bigint, bytea, text),
    app.return_rollout(bigint, text), app.start_rollout(bigint, bytea), app.resume_rollout(bigint),
    app.ask_override(bigint, text), app.agree_to_override(bigint), app.soak_again(bigint),
    app.abort_rollout(bigint, text) TO console_admin, console_user;
GRANT EXECUTE ON FUNCTION app.pause_rollout(bigint, text), app.halt_rollout(bigint, text)
    TO console_admin, console_operator, console_user;
GRANT EXECUTE ON FUNCTION app.conduct_rollouts(bigint),
    app.move_wave(bigint, bigint, bigint, text, text, text, jsonb),
    app.conclude_rollout(bigint, bigint, text, text),
    app.claim_deployments(bigint, integer, double precision), app.adopt_deployments(bigint),
    app.tell_deployment(bigint, bigint, text, double precision, bigint, integer, text, text, text, text),
    app.begin_install(bigint, bigint, double precision),
    app.end_deployment(bigint, bigint, text, text, text, text, double precision),
    app.sequence_floor(bigint, text) TO console_station;
"""
