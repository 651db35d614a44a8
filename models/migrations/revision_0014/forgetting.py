"""Where people write free text, in which names may stand: forgetting a person looks through all of it."""

FREE_TEXT = """
COMMENT ON COLUMN app.alert_events.comment IS 'free text';
COMMENT ON COLUMN app.alerts.message IS 'free text';
COMMENT ON COLUMN app.alert_thresholds.cause IS 'free text';
COMMENT ON COLUMN app.alert_thresholds.consequence IS 'free text';
COMMENT ON COLUMN app.alert_thresholds.operator_action IS 'free text';
COMMENT ON COLUMN app.alert_thresholds.disabled_reason IS 'free text';
COMMENT ON COLUMN app.alert_shelves.reason IS 'free text';
COMMENT ON COLUMN app.device_maintenance.reason IS 'free text';

-- As revision 0010 made it, but for naming the columns: whoever adds one in which people write gives it the
-- comment 'free text'. Such columns are hidden from the audit trail, too, which cannot forget.
CREATE OR REPLACE FUNCTION app.forget_in_texts(p_name text, p_email text, p_instead text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE place record;
BEGIN
    FOR place IN
        SELECT c.relname AS table_name, a.attname AS column_name
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND col_description(c.oid, a.attnum) = 'free text'
        ORDER BY 1, 2
    LOOP
        EXECUTE format(
            'UPDATE app.%1$I AS t SET %2$I = app.without_name(t.%2$I, $1, $2, $3) '
            'WHERE t.%2$I <> %3$L AND t.%2$I <> app.without_name(t.%2$I, $1, $2, $3)',
            place.table_name, place.column_name, '')
        USING p_name, p_email, p_instead;
    END LOOP;
END $$;
"""
