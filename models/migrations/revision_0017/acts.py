"""What persons did at a window while the database was away, told by the station that kept it."""

ACTS = """
-- Acknowledges the open alert of a threshold under the name of whoever holds the ticket, at the time when
-- they did so. Returns '' where it did, or was done like this before; else one sentence why not. The ticket
-- is the proof: a station knows only tickets that were shown to it, and the person's rights are asked anew.
CREATE FUNCTION app.acknowledge_for(
    p_digest bytea, p_device bigint, p_threshold bigint, p_at timestamptz, p_comment text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person app.users;
    ticket app.window_tickets;
    episode app.alerts;
    moment timestamptz := least(p_at, clock_timestamp());
    words text := app.bounded(p_comment, 4000, 'a comment');
    is_over boolean;
BEGIN
    PERFORM app.need_station();
    SELECT t.* INTO ticket FROM app.window_tickets AS t WHERE t.digest = p_digest;
    IF NOT FOUND THEN
        RETURN 'The sign-in is not known.';
    END IF;
    SELECT u.* INTO person FROM app.users AS u WHERE u.id = ticket.person_id;
    IF NOT person.is_active OR person.deleted_at IS NOT NULL THEN
        RETURN 'The account is disabled.';
    ELSIF p_at IS NULL OR p_at < ticket.issued_at - interval '5 minutes' OR p_at > ticket.expires_at
          OR p_at > ticket.ended_at THEN
        RETURN 'The sign-in had ended.';
    ELSIF person.role = 'user' AND NOT EXISTS (
        SELECT FROM app.devices AS d WHERE d.id = p_device AND d.user_id = person.id
    ) THEN
        RETURN 'The device belongs to somebody else.';
    END IF;
    SELECT a.* INTO episode FROM app.alerts AS a
    WHERE a.device_id = p_device AND a.threshold_id = p_threshold AND a.status <> 'resolved'
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'The alert was over already.';
    ELSIF episode.status <> 'active' THEN
        RETURN CASE WHEN episode.acknowledged_by = person.id THEN ''
                    ELSE 'Somebody else had acknowledged the alert.' END;
    -- A second for clocks that are estimates; beyond it, it asked again after the person had looked.
    ELSIF greatest(episode.annunciated_at, episode.triggered_at) > p_at + interval '1 second' THEN
        RETURN 'The alert came up again afterwards.';
    ELSIF words = '' AND EXISTS (
        SELECT FROM app.alert_thresholds AS t WHERE t.id = p_threshold AND t.requires_comment
    ) THEN
        RETURN 'The alert asks for a comment.';
    END IF;
    moment := greatest(moment, episode.triggered_at, episode.annunciated_at);
    is_over := episode.cleared_at IS NOT NULL AND NOT episode.latching;
    UPDATE app.alerts
    SET acknowledged_at = moment, acknowledged_by = person.id,
        status = CASE WHEN is_over THEN 'resolved' ELSE 'acknowledged' END,
        resolved_at = CASE WHEN is_over THEN greatest(moment, episode.cleared_at) END,
        resolved_by = CASE WHEN is_over THEN person.id END
    WHERE id = episode.id;
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                  is_annunciated, workstation)
    SELECT episode.id, p_device, p_threshold, k.kind, k.at, person.id, k.words, false, ticket.workstation
    FROM (VALUES (1, 'acknowledged', moment, words),
                 (2, 'resolved', greatest(moment, episode.cleared_at), '')) AS k (place, kind, at, words)
    WHERE k.place = 1 OR is_over ORDER BY k.place;
    RETURN '';
END $$;
"""
