"""Alarms and events that devices report: a rule of thresholds, and what is told anew of what stands."""

EVENTS = """
ALTER TABLE app.alert_thresholds
    DROP CONSTRAINT alert_thresholds_rule_check,
    ADD CONSTRAINT alert_thresholds_rule_check CHECK (rule IN (
        'limit', 'rate_of_change', 'frozen', 'no_data', 'bad_quality', 'offline', 'clock', 'device_event')),
    DROP CONSTRAINT alert_thresholds_of_devices,
    ADD CONSTRAINT alert_thresholds_of_devices CHECK (
        (rule IN ('offline', 'clock', 'device_event')) = (metric_type = 'device'));

-- Programs from before read no list of thresholds that holds a rule they do not know. The first one on
-- reported events is somebody's decision for the newer program; until then the older ones go on.
CREATE FUNCTION app.serve_only_programs_with_events() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE app.schema_support
    SET oldest_program = greatest(oldest_program, '0018'), oldest_reader = greatest(oldest_reader, '0018')
    WHERE oldest_reader < '0018' OR oldest_program < '0018';
    RETURN NULL;
END $$;
CREATE TRIGGER serve_only_programs_with_events AFTER INSERT OR UPDATE OF rule ON app.alert_thresholds
    FOR EACH ROW WHEN (NEW.rule = 'device_event')
    EXECUTE FUNCTION app.serve_only_programs_with_events();

ALTER TABLE app.alert_events
    DROP CONSTRAINT alert_events_kind_check,
    ADD CONSTRAINT alert_events_kind_check CHECK (kind IN (
        'raised', 'cleared', 'reoccurred', 'realarmed', 'acknowledged', 'resolved', 'commented',
        'shelved', 'unshelved', 'suppressed', 'unsuppressed', 'reported')) NOT VALID;

-- What stands was told anew: the alert says so from now on, and the journal keeps each of its sentences. It
-- changes no state and asks nobody. Told again, or after the condition was over, it changes nothing.
CREATE FUNCTION app.report_condition(
    p_device bigint, p_threshold bigint, p_at timestamptz, p_message text
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    episode app.alerts;
    moment timestamptz := least(p_at, clock_timestamp());
BEGIN
    SELECT a.* INTO episode FROM app.alerts AS a
    WHERE a.device_id = p_device AND a.threshold_id = p_threshold AND a.status <> 'resolved'
      AND a.cleared_at IS NULL AND a.triggered_at <= moment
    FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (
        SELECT FROM app.alert_events AS e
        WHERE e.alert_id = episode.id AND e.kind = 'reported' AND e.at >= moment
    ) THEN
        RETURN false;
    END IF;
    UPDATE app.alerts SET message = p_message WHERE id = episode.id;
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, comment, is_annunciated,
                                  station_id)
    VALUES (episode.id, p_device, p_threshold, 'reported', moment, p_message, false, app.station_id());
    RETURN true;
END $$;

-- As before, and what is reported of a condition that stands.
CREATE OR REPLACE FUNCTION app.apply_finding(
    p_kind text, p_device bigint, p_threshold bigint, p_severity text, p_at timestamptz,
    p_value double precision, p_limit double precision, p_message text, p_epoch bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    IF NOT app.is_within_lease(p_device, p_epoch, p_at) THEN
        RETURN false;
    END IF;
    IF p_kind = 'reported' THEN
        RETURN app.report_condition(p_device, p_threshold, p_at, p_message);
    END IF;
    RETURN app.apply_transition(p_kind, p_device, p_threshold, p_severity, p_at, p_value, p_limit, p_message);
END $$;
"""
