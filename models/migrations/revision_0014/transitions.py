"""What stations tell: conditions that begin and end. And thresholds that are judged no more."""

INBOX = """
-- What stations told, whether or not it changed anything: the second time it changes nothing. A queue whose
-- end was not confirmed is told again from further up, and what meant nothing at its time would otherwise be
-- applied to what came after it.
CREATE TABLE app.alert_inbox (
    device_id    bigint NOT NULL,
    threshold_id bigint NOT NULL,
    at           timestamptz NOT NULL,  -- as told, whatever the clocks say
    is_end       boolean NOT NULL,
    came_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (device_id, threshold_id, at, is_end)
);
CREATE INDEX alert_inbox_came_at_idx ON app.alert_inbox (came_at);
"""

TRANSITIONS = """
-- Applies one finding; returns whether it changed anything. The machine is models/alarm_states.py:
--   raised:  nothing open → a new episode; open and returned → it stands again, unacknowledged; else nothing
--   cleared: returned, still to be acknowledged, or to be reset if it latches; acknowledged or hidden → over
-- A station's own findings count in the order in which it tells them, so that an alert still comes up after
-- its clock was put back; they are then dated just after what it told before. Between stations time decides:
-- what one tells late of a time before another's finding leaves the state alone, and is noted in the journal
-- where it is of a time before the episode.
CREATE OR REPLACE FUNCTION app.apply_transition(
    p_kind text, p_device bigint, p_threshold bigint, p_severity text, p_at timestamptz,
    p_value double precision, p_limit double precision, p_message text
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- Planned once a session, for tables that grow: a plan made while they are empty would read all of them for
-- each finding of a flood.
SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    episode app.alerts;
    latest record;
    is_end boolean := p_kind = 'cleared';
    what text := p_kind;
    moment timestamptz := least(p_at, clock_timestamp());  -- a station's clock may run ahead
    hiding text;
    is_in_service boolean;
    is_late boolean := false;
    station bigint := app.station_id();
BEGIN
    IF station IS NULL THEN
        PERFORM app.need_station();
    END IF;
    INSERT INTO app.alert_inbox (device_id, threshold_id, at, is_end)
    VALUES (p_device, p_threshold, p_at, is_end) ON CONFLICT DO NOTHING;
    -- The journal knows what was told before there was an inbox, and what it has forgotten.
    IF NOT FOUND OR EXISTS (
        SELECT FROM app.alert_events AS e
        WHERE e.device_id = p_device AND e.threshold_id = p_threshold AND e.at = moment
          AND (e.kind = 'cleared') = is_end AND e.kind IN ('raised', 'reoccurred', 'cleared')
    ) THEN
        RETURN false;
    END IF;
    hiding := app.hiding_of(p_device, p_threshold);
    -- Or was, when this was found that is told late; else it was judged by mistake.
    is_in_service := EXISTS (
        SELECT FROM app.alert_thresholds AS t
        WHERE t.id = p_threshold AND (t.enabled OR moment < t.disabled_at));
    IF NOT is_end THEN
        -- Of two stations that see nothing open one finds the other's episode when it writes its own.
        INSERT INTO app.alerts (device_id, threshold_id, user_id, severity, message, triggered_at, metric,
                                value_at_trigger, limit_at_trigger, rule, latching, hidden_by, annunciated_at,
                                station_id)
        SELECT d.id, t.id, coalesce(d.user_id, t.user_id), p_severity, p_message, moment, t.metric_type,
               p_value, p_limit, t.rule, t.latching, hiding, CASE WHEN hiding = '' THEN moment END, station
        FROM app.devices AS d JOIN app.alert_thresholds AS t ON t.device_id = d.id
        WHERE d.id = p_device AND t.id = p_threshold AND d.deleted_at IS NULL AND is_in_service
        ON CONFLICT (device_id, threshold_id) WHERE status <> 'resolved' DO NOTHING
        RETURNING * INTO episode;
    END IF;
    IF episode.id IS NULL THEN
        SELECT a.* INTO episode FROM app.alerts AS a
        WHERE a.device_id = p_device AND a.threshold_id = p_threshold AND a.status <> 'resolved'
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        SELECT e.at, e.station_id INTO latest FROM app.alert_events AS e
        WHERE e.alert_id = episode.id AND e.kind IN ('raised', 'reoccurred', 'cleared')
          AND e.at >= episode.triggered_at
        ORDER BY e.id DESC LIMIT 1;
        is_late := coalesce(
            latest.at >= moment AND latest.station_id IS DISTINCT FROM station, false);
        IF is_late AND moment >= episode.triggered_at OR NOT is_late AND (
            is_end = (episode.cleared_at IS NOT NULL) OR NOT (is_end OR is_in_service)
        ) THEN
            RETURN false;
        END IF;
        IF NOT is_late THEN
            moment := greatest(moment, latest.at + interval '1 microsecond');
            IF hiding <> episode.hidden_by THEN  -- what hid it ended or began a moment ago
                PERFORM app.settle_hiding(ARRAY[p_device], ARRAY[p_threshold]);
                SELECT a.* INTO episode FROM app.alerts AS a WHERE a.id = episode.id;
            END IF;
            IF NOT is_end THEN
                what := 'reoccurred';
                -- Whoever acknowledged a latched alert did so before it came again.
                UPDATE app.alerts
                SET cleared_at = NULL, severity = p_severity, message = p_message,
                    value_at_trigger = p_value, limit_at_trigger = p_limit,
                    status = 'active', acknowledged_at = NULL, acknowledged_by = NULL,
                    annunciated_at = CASE WHEN hiding = '' THEN moment ELSE annunciated_at END
                WHERE id = episode.id;
            END IF;
        END IF;
    END IF;
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, value, is_annunciated,
                                  station_id)
    VALUES (episode.id, p_device, p_threshold, what, moment, p_value,
            NOT is_end AND NOT is_late AND hiding = '', station);
    IF is_end AND NOT is_late THEN
        PERFORM app.end_condition(episode, moment);
    END IF;
    RETURN true;
END $$;

-- The condition of an episode is over: so is the episode, if acknowledged or hidden, and not latching.
-- A shelf for once ends with it.
CREATE FUNCTION app.end_condition(p_episode app.alerts, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_over boolean := NOT p_episode.latching
        AND (p_episode.hidden_by <> '' OR p_episode.status = 'acknowledged');
BEGIN
    UPDATE app.alerts
    SET cleared_at = p_at, status = CASE WHEN is_over THEN 'resolved' ELSE status END,
        resolved_at = CASE WHEN is_over THEN p_at END
    WHERE id = p_episode.id;
    IF is_over THEN
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, is_annunciated)
        VALUES (p_episode.id, p_episode.device_id, p_episode.threshold_id, 'resolved', p_at, false);
    END IF;
    UPDATE app.alert_shelves
    SET ended_at = greatest(clock_timestamp(), shelved_at), ended_why = 'returned'
    WHERE p_episode.hidden_by <> '' AND threshold_id = p_episode.threshold_id AND ended_at IS NULL
      AND is_one_shot;
    IF FOUND AND NOT is_over THEN
        PERFORM app.settle_hiding(ARRAY[p_episode.device_id], ARRAY[p_episode.threshold_id]);
    END IF;
END $$;
"""

ENDS = """
-- A threshold that is taken out of service is judged by nobody, so what it found counts as over. Who did it
-- stands in the journal; an operator who has not acknowledged still has to.
CREATE FUNCTION app.end_conditions_of_threshold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    episode app.alerts;
    moment timestamptz;
BEGIN
    SELECT a.* INTO episode FROM app.alerts AS a
    WHERE a.device_id = NEW.device_id AND a.threshold_id = NEW.id AND a.status <> 'resolved'
      AND a.cleared_at IS NULL
    FOR NO KEY UPDATE;
    IF FOUND THEN
        moment := greatest(clock_timestamp(), episode.triggered_at);
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                      is_annunciated)
        VALUES (episode.id, episode.device_id, episode.threshold_id, 'cleared', moment, app.person_id(),
                'the threshold was taken out of service', false);
        PERFORM app.end_condition(episode, moment);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER end_conditions AFTER UPDATE OF enabled ON app.alert_thresholds
    FOR EACH ROW WHEN (OLD.enabled AND NOT NEW.enabled)
    EXECUTE FUNCTION app.end_conditions_of_threshold();

-- A removed threshold takes no more findings, so what it held open could never end.
CREATE OR REPLACE FUNCTION app.end_episodes_of_threshold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH ended AS (
        UPDATE app.alerts
        SET status = 'resolved', resolved_at = clock_timestamp(), resolved_by = app.person_id(),
            cleared_at = coalesce(cleared_at, clock_timestamp())
        WHERE threshold_id = OLD.id AND status <> 'resolved'
        RETURNING id, device_id, threshold_id
    )
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                  is_annunciated)
    SELECT id, device_id, threshold_id, 'resolved', clock_timestamp(), app.person_id(),
           'the threshold was removed', false FROM ended;
    UPDATE app.alert_shelves SET ended_at = greatest(clock_timestamp(), shelved_at), ended_why = 'removed'
    WHERE threshold_id = OLD.id AND ended_at IS NULL;
    RETURN OLD;
END $$;
"""
