"""Partitions made ahead of time: readings by day, minutes by month, hours by year."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FUNCTIONS = """
-- Adds the partition of p_parent that holds p_at, cut by p_unit ('day', 'month', 'year'); true if made.
-- Built apart and attached: ATTACH lets writers go on, while CREATE … PARTITION OF asks for an exclusive lock
-- and behind one open report would stop every writer. The CHECK spares ATTACH the search through the rows.
CREATE FUNCTION app.add_partition(p_parent text, p_unit text, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    since timestamptz := date_trunc(p_unit, p_at);
    until timestamptz := since + ('1 ' || p_unit)::interval;
    child text := p_parent || to_char(
        since, CASE p_unit WHEN 'day' THEN '_YYYYMMDD' WHEN 'month' THEN '_YYYYMM' ELSE '_YYYY' END
    );
    key text := CASE p_parent WHEN 'sensor_readings' THEN 'recorded_at' ELSE 'bucket' END;
BEGIN
    IF to_regclass(format('app.%I', child)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE app.%I (LIKE app.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)',
        child, p_parent
    );
    EXECUTE format(
        'ALTER TABLE app.%I ADD CONSTRAINT partition_bounds CHECK (%I >= %L AND %I < %L)',
        child, key, since, key, until
    );
    EXECUTE format(
        'ALTER TABLE app.%I ATTACH PARTITION app.%I FOR VALUES FROM (%L) TO (%L)',
        p_parent, child, since, until
    );
    EXECUTE format('ALTER TABLE app.%I DROP CONSTRAINT partition_bounds', child);
    RETURN true;
END $$;

-- Makes what is missing from p_back days ago to p_ahead days from now. Safe to call from every station at
-- once: whoever comes second returns -1 and leaves it to the first.
CREATE FUNCTION app.ensure_partitions(p_ahead integer DEFAULT 7, p_back integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    today timestamptz := date_trunc('day', clock_timestamp());
    at timestamptz;
    made integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('app.partitions', 0)) THEN
        RETURN -1;
    END IF;
    FOR at IN
        SELECT today + day * interval '1 day' FROM generate_series(-p_back, p_ahead) AS days (day)
    LOOP
        made := made + app.add_partition('sensor_readings', 'day', at)::integer
                     + app.add_partition('readings_1m', 'month', at)::integer
                     + app.add_partition('readings_1h', 'year', at)::integer;
    END LOOP;
    RETURN made;
END $$;

-- Makes the partitions of exactly these moments, waiting for whoever is making some. Two years back and 31
-- days ahead are the limits: a wrong clock must not litter the database with partitions.
CREATE FUNCTION app.make_room_for(p_at timestamptz[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('app.partitions', 0));
    FOR at IN SELECT DISTINCT date_trunc('day', moment) FROM unnest(p_at) AS moments (moment) LOOP
        IF at < clock_timestamp() - interval '2 years' OR at > clock_timestamp() + interval '31 days' THEN
            RAISE EXCEPTION 'a reading of % is too far from the present; check the clock',
                to_char(at, 'YYYY-MM-DD') USING ERRCODE = '22008';
        END IF;
        PERFORM app.add_partition('sensor_readings', 'day', at);
        PERFORM app.add_partition('readings_1m', 'month', at);
        PERFORM app.add_partition('readings_1h', 'year', at);
    END LOOP;
END $$;

SELECT app.ensure_partitions();
"""


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(FUNCTIONS)
