"""How a station's findings become alerts (ISA-18.2 states A to D; see the class Transition)."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FUNCTIONS = """
-- Applies one finding and returns whether it changed anything. The same finding again changes nothing.
--   raised:  nothing open → a new episode; open and returned to normal → it stands again; otherwise nothing
--   cleared: active → returned, still to be acknowledged; acknowledged → resolved
-- No comparison of times beyond equality: after a clock was put back an alert must still come up.
CREATE FUNCTION app.apply_transition(
    p_kind text, p_device bigint, p_threshold bigint, p_severity text, p_at timestamptz,
    p_value double precision, p_limit double precision, p_message text
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    episode app.alerts;
    what text := p_kind;
    moment timestamptz := least(p_at, clock_timestamp());  -- a station's clock may run ahead
BEGIN
    -- One at a time for each threshold, or two stations could each see no open episode.
    PERFORM pg_advisory_xact_lock(hashtextextended('app.episode', p_threshold));
    IF EXISTS (
        SELECT FROM app.alert_events
        WHERE device_id = p_device AND threshold_id = p_threshold AND at = moment
          AND (kind = 'cleared') = (p_kind = 'cleared') AND kind IN ('raised', 'reoccurred', 'cleared')
    ) THEN
        RETURN false;
    END IF;
    SELECT * INTO episode FROM app.alerts
    WHERE device_id = p_device AND threshold_id = p_threshold AND status <> 'resolved' FOR UPDATE;
    IF p_kind = 'raised' AND NOT FOUND THEN
        INSERT INTO app.alerts (device_id, threshold_id, user_id, severity, message, triggered_at, metric,
                                value_at_trigger, limit_at_trigger)
        SELECT d.id, t.id, coalesce(d.user_id, t.user_id), p_severity, p_message, moment, t.metric_type,
               p_value, p_limit
        FROM app.devices AS d JOIN app.alert_thresholds AS t ON t.device_id = d.id
        WHERE d.id = p_device AND t.id = p_threshold AND d.deleted_at IS NULL
        RETURNING * INTO episode;
        IF NOT FOUND THEN  -- somebody removed the threshold or the device meanwhile
            RETURN false;
        END IF;
    ELSIF p_kind = 'raised' THEN
        IF episode.cleared_at IS NULL THEN
            RETURN false;
        END IF;
        what := 'reoccurred';
        UPDATE app.alerts
        SET cleared_at = NULL, severity = p_severity, message = p_message,
            value_at_trigger = p_value, limit_at_trigger = p_limit
        WHERE id = episode.id;
    ELSE
        IF episode.id IS NULL OR episode.cleared_at IS NOT NULL THEN
            RETURN false;
        END IF;
        UPDATE app.alerts
        SET cleared_at = greatest(moment, triggered_at),
            status = CASE status WHEN 'acknowledged' THEN 'resolved' ELSE status END,
            resolved_at = CASE status WHEN 'acknowledged' THEN greatest(moment, triggered_at) END
        WHERE id = episode.id;
    END IF;
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, value)
    VALUES (episode.id, p_device, p_threshold, what, moment, p_value);
    IF what = 'cleared' AND episode.status = 'acknowledged' THEN
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at)
        VALUES (episode.id, p_device, p_threshold, 'resolved', moment);
    END IF;
    RETURN true;
END $$;

-- A removed threshold takes no more findings, so what it held open could never end.
CREATE FUNCTION app.end_episodes_of_threshold() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH ended AS (
        UPDATE app.alerts
        SET status = 'resolved', resolved_at = clock_timestamp(),
            cleared_at = coalesce(cleared_at, clock_timestamp())
        WHERE threshold_id = OLD.id AND status <> 'resolved'
        RETURNING id, device_id, threshold_id
    )
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, comment)
    SELECT id, device_id, threshold_id, 'resolved', clock_timestamp(), 'the threshold was removed' FROM ended;
    RETURN OLD;
END $$;
CREATE TRIGGER end_episodes BEFORE DELETE ON app.alert_thresholds
    FOR EACH ROW EXECUTE FUNCTION app.end_episodes_of_threshold();
"""


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(FUNCTIONS)
