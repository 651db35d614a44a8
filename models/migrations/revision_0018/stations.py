"""Whether a station lives, as everybody asks it: by the rule that keeps its devices for it."""

RIGHTS = """
GRANT EXECUTE ON FUNCTION app.is_living(timestamptz, timestamptz), app.lease_time()
    TO console_admin, console_operator, console_user, console_station;
"""
"""For functions of revision 0017, which their owner alone could call."""
