"""Leases of devices, what each station tells every second, and what it is asked to do."""

TABLES = """
-- One row a station, changed every second: apart from `stations`, where changes are people's and audited.
CREATE TABLE app.station_leases (
    station_id  bigint PRIMARY KEY REFERENCES app.stations (id) ON DELETE CASCADE,
    incarnation bigint NOT NULL,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    renewed_at  timestamptz,
    -- It gives its devices away and takes none: before maintenance of its computer.
    is_draining boolean NOT NULL DEFAULT false,
    -- "host:port", where other stations may ask it whether the database is away for it, too.
    witness     text NOT NULL DEFAULT '' CHECK (length(witness) <= 255),
    report      jsonb
) WITH (fillfactor = 50);

-- Who polls a device. The epoch counts its leases: what is told of a lease that is over is known as late.
CREATE TABLE app.device_leases (
    device_id  bigint PRIMARY KEY REFERENCES app.devices (id) ON DELETE CASCADE,
    station_id bigint REFERENCES app.stations (id) ON DELETE SET NULL,
    epoch      bigint NOT NULL DEFAULT 0,
    since      timestamptz,
    -- The station an administrator chose; empty: whichever has fewest.
    wanted_by  bigint REFERENCES app.stations (id) ON DELETE SET NULL
) WITH (fillfactor = 70);
CREATE INDEX device_leases_station_id_idx ON app.device_leases (station_id);
CREATE INDEX device_leases_wanted_by_idx ON app.device_leases (wanted_by) WHERE wanted_by IS NOT NULL;

-- Kept for as long as a station may come back with readings that it could not deliver.
CREATE TABLE app.lease_history (
    device_id   bigint NOT NULL REFERENCES app.devices (id) ON DELETE CASCADE,
    epoch       bigint NOT NULL,
    station_id  bigint NOT NULL REFERENCES app.stations (id) ON DELETE CASCADE,
    incarnation bigint NOT NULL,
    began_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    PRIMARY KEY (device_id, epoch)
);
CREATE INDEX lease_history_station_id_idx ON app.lease_history (station_id, began_at);
CREATE INDEX lease_history_ended_at_idx ON app.lease_history (ended_at);

-- Since when the database has been renewed at without a break: whoever was not heard of for longer than a
-- lease, although others were, is dead; after an outage of the database itself nobody is.
CREATE TABLE app.lease_watch (
    only_one       boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    renewed_at     timestamptz NOT NULL DEFAULT '-infinity',
    watching_since timestamptz NOT NULL DEFAULT '-infinity',
    -- With it stations prove to each other that they are of this site.
    witness_key    bytea NOT NULL DEFAULT sha256(
        uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
);
INSERT INTO app.lease_watch DEFAULT VALUES;

CREATE TABLE app.station_orders (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station_id bigint NOT NULL REFERENCES app.stations (id) ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('drill', 'retry_quarantine')),
    amount_s   double precision NOT NULL DEFAULT 0 CHECK (amount_s BETWEEN 0 AND 600),
    asked_by   bigint REFERENCES app.users (id),
    asked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_at   timestamptz,
    ended_at   timestamptz,
    outcome    text NOT NULL DEFAULT '' CHECK (length(outcome) <= 4000)
);
CREATE INDEX station_orders_asked_by_idx ON app.station_orders (asked_by) WHERE asked_by IS NOT NULL;
-- A station does one thing at a time.
CREATE UNIQUE INDEX station_orders_one_open ON app.station_orders (station_id) WHERE ended_at IS NULL;

INSERT INTO app.device_leases (device_id) SELECT id FROM app.devices;

CREATE FUNCTION app.add_device_lease() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO app.device_leases (device_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER add_lease AFTER INSERT ON app.devices FOR EACH ROW EXECUTE FUNCTION app.add_device_lease();
"""
