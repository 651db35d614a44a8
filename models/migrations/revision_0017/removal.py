"""A device that is removed is nobody's: what was found of it counts as over."""

REMOVAL = """
-- As for a threshold that is taken out of service (revision 0014): no station holds a removed device, so none
-- would ever tell that its conditions ended.
CREATE FUNCTION app.end_conditions_of_device() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    episode app.alerts;
    moment timestamptz;
BEGIN
    FOR episode IN
        SELECT a.* FROM app.alerts AS a
        WHERE a.device_id = NEW.id AND a.status <> 'resolved' AND a.cleared_at IS NULL
        ORDER BY a.id FOR NO KEY UPDATE
    LOOP
        moment := greatest(clock_timestamp(), episode.triggered_at);
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                      is_annunciated)
        VALUES (episode.id, episode.device_id, episode.threshold_id, 'cleared', moment, app.person_id(),
                'the device was removed', false);
        PERFORM app.end_condition(episode, moment);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER end_conditions AFTER UPDATE OF deleted_at ON app.devices
    FOR EACH ROW WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION app.end_conditions_of_device();
"""
