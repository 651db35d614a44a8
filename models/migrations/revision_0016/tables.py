"""Channels, rules, and the queue between an alert and a message."""

CHANNELS = """
CREATE TABLE app.notification_channels (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL CHECK (btrim(name) <> '' AND length(name) <= 100),
    kind          text NOT NULL CHECK (kind IN ('smtp', 'webhook')),
    enabled       boolean NOT NULL DEFAULT true,
    -- A mail server.
    host          text NOT NULL DEFAULT '',
    port          integer NOT NULL DEFAULT 587 CHECK (port BETWEEN 1 AND 65535),
    security      text NOT NULL DEFAULT 'starttls' CHECK (security IN ('none', 'starttls', 'tls')),
    username      text NOT NULL DEFAULT '',
    sender        text NOT NULL DEFAULT '',
    -- A webhook. With a header's name the secret is sent as that header; without one it signs the body.
    url           text NOT NULL DEFAULT '',
    secret_header text NOT NULL DEFAULT '',
    -- Sealed for the workstations that hold the site's key (models/notification_secrets.py), or none.
    secret        jsonb,
    -- PEM: who may certify the server, where it is not one of those that every computer trusts.
    authorities   text NOT NULL DEFAULT '' CHECK (octet_length(authorities) <= 200000),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CHECK (CASE kind WHEN 'smtp' THEN host <> '' AND sender <> '' ELSE url ~ '^https?://' END),
    -- A password does not travel in clear.
    CONSTRAINT notification_channels_secret_is_protected CHECK (
        secret IS NULL OR CASE kind WHEN 'smtp' THEN security <> 'none'
                               ELSE secret_header = '' OR url ~ '^https://' END)
);
CREATE UNIQUE INDEX notification_channels_name ON app.notification_channels (lower(name));
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON app.notification_channels
    FOR EACH ROW EXECUTE FUNCTION app.touch_updated_at();

-- As app.guard_secrets does for devices: no secret in clear, and none that follows to another server.
CREATE FUNCTION app.guard_channel_secret() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.secret IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.secret = OLD.secret THEN
        IF (NEW.kind, NEW.host, NEW.port, NEW.security, NEW.username, NEW.url, NEW.secret_header)
           IS DISTINCT FROM
           (OLD.kind, OLD.host, OLD.port, OLD.security, OLD.username, OLD.url, OLD.secret_header)
        THEN
            RAISE EXCEPTION 'the secret of % is encrypted for the address it had before; enter it again',
                left(NEW.name, 100);
        END IF;
        RETURN NEW;
    END IF;
    IF (CASE jsonb_typeof(NEW.secret) WHEN 'object' THEN NOT app.is_well_sealed(NEW.secret)
              ELSE true END)
    THEN
        RAISE EXCEPTION 'the secret of % must not be stored in clear; enter it in the console, which '
            'encrypts it', left(NEW.name, 100);
    END IF;
    -- Keeps the key from being retired until this transaction ends.
    PERFORM FROM app.field_keys AS k
    WHERE k.id = NEW.secret -> '$sealed' ->> 'key' AND k.retired_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the secret of % is encrypted with a key that is not the present one; enter it again',
            left(NEW.name, 100);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_secret BEFORE INSERT OR UPDATE ON app.notification_channels
    FOR EACH ROW EXECUTE FUNCTION app.guard_channel_secret();

-- As revision 0013 made it; whoever replaces the key seals the channels' secrets anew as well.
CREATE OR REPLACE FUNCTION app.lock_secrets() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_admin();
    LOCK TABLE app.devices, app.notification_channels IN EXCLUSIVE MODE;
    LOCK TABLE app.workstations, app.field_keys IN SHARE ROW EXCLUSIVE MODE;
END $$;
"""

RULES = """
CREATE TABLE app.notification_rules (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (btrim(name) <> '' AND length(name) <= 100),
    channel_id bigint NOT NULL REFERENCES app.notification_channels (id),
    enabled    boolean NOT NULL DEFAULT true,
    severities text[] NOT NULL CHECK (
        severities <> '{}' AND severities <@ '{critical,warning,info}'::text[]),
    -- Whom a mail goes to: everybody of these roles, these persons, these addresses.
    roles      text[] NOT NULL DEFAULT '{}' CHECK (roles <@ '{admin,operator,user}'::text[]),
    persons    bigint[] NOT NULL DEFAULT '{}',
    addresses  text[] NOT NULL DEFAULT '{}',
    -- Names of app.alarm_settings.shifts; empty = always.
    shifts     text[] NOT NULL DEFAULT '{}',
    -- Both empty = the whole plant; else what lies in one of these areas or is one of these devices.
    locations  text[] NOT NULL DEFAULT '{}',
    devices    bigint[] NOT NULL DEFAULT '{}',
    -- 0 = everything is told; otherwise what was taken care of by then is not.
    delay_s    double precision NOT NULL DEFAULT 0 CHECK (delay_s BETWEEN 0 AND 86400),
    window_s   double precision NOT NULL DEFAULT 60 CHECK (window_s BETWEEN 0 AND 86400),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX notification_rules_name ON app.notification_rules (lower(name));
CREATE INDEX notification_rules_channel_id_idx ON app.notification_rules (channel_id);
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON app.notification_rules
    FOR EACH ROW EXECUTE FUNCTION app.touch_updated_at();
"""

QUEUE = """
-- Annunciations that nobody has looked at yet. A place of their own and no "read up to number n": numbers are
-- given out before they are committed, and a later one may be seen first.
CREATE TABLE app.notification_inbox (
    event_id bigint PRIMARY KEY REFERENCES app.alert_events (id) ON DELETE CASCADE
);

CREATE TABLE app.notification_deliveries (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The same over all attempts: what a receiver can tell a second copy by.
    message_key     uuid NOT NULL DEFAULT gen_random_uuid(),
    rule_id         bigint REFERENCES app.notification_rules (id) ON DELETE SET NULL,
    rule_name       text NOT NULL DEFAULT '',
    channel_id      bigint REFERENCES app.notification_channels (id) ON DELETE SET NULL,
    channel_name    text NOT NULL,
    -- A person's address is read from their account when the message leaves, and is not kept here.
    person_id       bigint REFERENCES app.users (id),
    address         text NOT NULL DEFAULT '',
    is_test         boolean NOT NULL DEFAULT false,
    critical        integer NOT NULL DEFAULT 0,
    warning         integer NOT NULL DEFAULT 0,
    info            integer NOT NULL DEFAULT 0,
    -- Of these, so many are told of hours late, because no station ran.
    late            integer NOT NULL DEFAULT 0,
    state           text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'cancelled')),
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    give_up_at      timestamptz NOT NULL DEFAULT clock_timestamp() + interval '24 hours',
    attempts        integer NOT NULL DEFAULT 0,
    last_error      text NOT NULL DEFAULT '',
    -- What happened step by step; kept for tests only.
    steps           jsonb NOT NULL DEFAULT '[]',
    claim           uuid,
    claimed_by      bigint REFERENCES app.stations (id) ON DELETE SET NULL,
    claim_until     timestamptz,
    sent_at         timestamptz,
    sent_by         bigint REFERENCES app.stations (id) ON DELETE SET NULL,
    ended_at        timestamptz,
    CHECK ((state = 'sending') = (claim IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state IN ('waiting', 'sending')) = (ended_at IS NULL))
);
CREATE INDEX notification_deliveries_due ON app.notification_deliveries (channel_id, next_attempt_at)
    WHERE ended_at IS NULL;
CREATE INDEX notification_deliveries_ended ON app.notification_deliveries (ended_at)
    WHERE ended_at IS NOT NULL;
CREATE INDEX notification_deliveries_rule_id_idx ON app.notification_deliveries (rule_id);
CREATE INDEX notification_deliveries_person_id_idx ON app.notification_deliveries (person_id)
    WHERE person_id IS NOT NULL;

-- What one recipient is to be told by one rule: first on its own, later part of a delivery.
CREATE TABLE app.notification_items (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule_id     bigint REFERENCES app.notification_rules (id) ON DELETE SET NULL,
    person_id   bigint REFERENCES app.users (id),
    address     text NOT NULL DEFAULT '',
    event_id    bigint NOT NULL REFERENCES app.alert_events (id) ON DELETE CASCADE,
    due_at      timestamptz NOT NULL,
    -- How often the alert asked for an operator meanwhile.
    times       integer NOT NULL DEFAULT 1,
    delivery_id bigint REFERENCES app.notification_deliveries (id) ON DELETE CASCADE
);
CREATE INDEX notification_items_waiting ON app.notification_items (rule_id, person_id, address, due_at)
    WHERE delivery_id IS NULL;
CREATE INDEX notification_items_delivery_id_idx ON app.notification_items (delivery_id);
CREATE INDEX notification_items_event_id_idx ON app.notification_items (event_id);
CREATE INDEX notification_items_rule_id_idx ON app.notification_items (rule_id);
CREATE INDEX notification_items_person_id_idx ON app.notification_items (person_id)
    WHERE person_id IS NOT NULL;

-- A row while a channel fails: since when, and why.
CREATE TABLE app.notification_health (
    channel_id    bigint PRIMARY KEY REFERENCES app.notification_channels (id) ON DELETE CASCADE,
    failing_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_error    text NOT NULL,
    station_id    bigint REFERENCES app.stations (id) ON DELETE SET NULL,
    noted_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""
