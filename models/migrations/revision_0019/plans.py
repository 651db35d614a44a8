"""What a plan must look like: exactly as this program writes it, so that nobody reads it in two ways.

A plan is approved as bytes and read twice: by the database, which decides whose devices they are and begins
their updates, and by programs, which show it to whoever approves. A field that stands there twice, or a
number as text, could mean one thing here and another there; so there is one text for one meaning.
"""

_WHOLE = "[0-9]{1,5}"
_NUMBER = "-?[0-9]{1,17}([.][0-9]{1,20})?(e[+-]?[0-9]{1,2})?"
_YES_OR_NO = "true|false"
# Fields in the order in which they stand, each with what it may be.
_SETTINGS = {
    "budget": _WHOLE,
    "canaries": _WHOLE,
    "concurrency": "[1-9][0-9]{0,4}",
    "gate": "[{].*[}]",
    "idle_below": _NUMBER,
    "idle_quantity": '"[^"]{0,100}"',
    "is_transfer_early": _YES_OR_NO,
    "retries": _WHOLE,
    "retry_s": _NUMBER,
    "soak_s": _NUMBER,
    "times": "[{].*[}]",
    "waits_for_critical": _YES_OR_NO,
    "wave_sizes": r'\[("[0-9 %]{1,12}",?){0,100}\]',
    "window": "null|[{].*[}]",
}
_GATE = {
    "failure_sample": _WHOLE,
    "failure_share": _NUMBER,
    "least_device_hours": _NUMBER,
    "p_value": _NUMBER,
    "ratio": _NUMBER,
    "reading_limits": rf'[{{]("[^"]{{1,100}}":{_NUMBER},?)*[}}]',
}
_TIMES = dict.fromkeys(
    (
        *("confirming_s", "installing_s", "preflight_s", "preparing_s", "rebooting_s", "staging_s"),
        *("transferring_s", "verifying_s"),
    ),
    _NUMBER,
)
_WINDOW = {
    "closes": '"[0-9]{2}:[0-9]{2}"',
    "opens": '"[0-9]{2}:[0-9]{2}"',
    "weekdays": r"\[([0-6],?){1,7}\]",
}
_PLAN = {
    "devices": r"\[.*\]",
    "settings": "[{].*[}]",
    "undoes": "null|[1-9][0-9]{0,17}",
    "version_id": "[1-9][0-9]{0,17}",
}
_DEVICE = (
    r'^[{]"device":[1-9][0-9]{0,17},"is_canary":(true|false),"reason":"([^"\\]|\\.)*",'
    r'"wave":(null|[0-9]{1,3})[}]$'
)


def _fields(fields: dict[str, str]) -> str:
    """Return SQL arrays: the names in their order, and the pattern of each."""
    assert list(fields) == sorted(fields)
    return ", ".join(
        "ARRAY[" + ", ".join(f"'{text}'" for text in texts) + "]" for texts in (fields, fields.values())
    )


PLANS = f"""
-- Raises where an object has other fields than these in this order, each once, or one is not as it may be.
CREATE FUNCTION app.need_fields(p_object json, p_where text, p_names text[], p_patterns text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE wrong text;
BEGIN
    IF json_typeof(p_object) <> 'object' OR ARRAY(SELECT json_object_keys(p_object)) <> p_names THEN
        RAISE EXCEPTION '% has not the fields that this program writes, each once; plan it anew', p_where;
    END IF;
    SELECT f.name INTO wrong FROM unnest(p_names, p_patterns) AS f (name, pattern)
    WHERE (p_object -> f.name)::text !~ ('^(' || f.pattern || ')$') LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION '% of % cannot be %', wrong, p_where, left((p_object -> wrong)::text, 60);
    END IF;
END $$;

-- A plan as it is read, once it is known to be written as this program writes one.
CREATE FUNCTION app.read_plan(p_plan text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    plan json;
    settings json;
    wrong bigint;
    parsed jsonb;
BEGIN
    IF octet_length(p_plan) > 4194304 THEN
        RAISE EXCEPTION 'a plan may have at most 4 MiB';
    END IF;
    BEGIN
        plan := p_plan::json;
        parsed := p_plan::jsonb;
    EXCEPTION WHEN others THEN
        RAISE EXCEPTION 'the plan is no JSON';
    END;
    PERFORM app.need_fields(plan, 'the plan', {_fields(_PLAN)});
    settings := plan -> 'settings';
    PERFORM app.need_fields(settings, 'the plan''s settings', {_fields(_SETTINGS)});
    PERFORM app.need_fields(settings -> 'gate', 'the plan''s gate', {_fields(_GATE)});
    PERFORM app.need_fields(settings -> 'times', 'the plan''s times', {_fields(_TIMES)});
    IF json_typeof(settings -> 'window') = 'object' THEN
        PERFORM app.need_fields(settings -> 'window', 'the plan''s window', {_fields(_WINDOW)});
    END IF;
    SELECT d.place INTO wrong
    FROM json_array_elements(plan -> 'devices') WITH ORDINALITY AS d (device, place)
    WHERE d.device::text !~ '{_DEVICE}' LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'device number % of the plan is not written as this program writes one; plan it anew',
            wrong;
    END IF;
    RETURN parsed;
END $$;
"""
