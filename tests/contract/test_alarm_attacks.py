"""What logins try with shelves, maintenance and the site's rules: refused, with a sentence where due."""

import psycopg
import pytest

from tests.contract.access_decisions import Login, Outcome

PERSONS = [Login.ADMIN, Login.OPERATOR, Login.ENGINEER]
OTHERS = [Login.STATION, Login.GUEST, Login.NOBODY]
# Of device 201, which belongs to the engineer; its threshold is 501 and its alert 601.
ACTS = {
    "comment": "SELECT count(*) FROM app.comment_alerts('{601}', 'looked at it')",
    "unshelve": "SELECT count(*) FROM app.unshelve_thresholds('{501}')",
    "shelve": "SELECT count(*) FROM app.shelve_thresholds('{501}', 'valve', 60)",
    "begin maintenance": "SELECT count(*) FROM app.begin_maintenance('{201}', 'bearing', 60)",
    "end maintenance": "SELECT count(*) FROM app.end_maintenance('{201}')",
}
ENDLESS = ("'NaN'", "'infinity'", "'-infinity'", "0", "-1", "1e300", "NULL", "43201")


@pytest.mark.parametrize("act", ACTS)
def test_whoever_handles_a_devices_alerts_may_set_them_aside(plant, act):
    outcomes = {login: plant.attempt(login, ACTS[act]) for login in PERSONS}
    assert outcomes == dict.fromkeys(PERSONS, Outcome.DONE)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_but_a_person_may(plant, act):
    outcomes = {login: plant.attempt(login, ACTS[act]) for login in OTHERS}
    assert outcomes == dict.fromkeys(OTHERS, Outcome.REFUSED)


@pytest.mark.parametrize("act", ACTS)
def test_an_engineer_may_not_with_somebody_elses_device(plant, act):
    assert plant.attempt(Login.STRANGER, ACTS[act]) is Outcome.REFUSED


@pytest.mark.parametrize("act", ACTS)
def test_one_foreign_device_among_own_ones_refuses_all(plant, act):
    among = (
        ACTS[act].replace("{601}", "{601,602}").replace("{501}", "{501,502}").replace("{201}", "{201,202}")
    )
    assert plant.attempt(Login.ENGINEER, among) is Outcome.REFUSED


@pytest.mark.parametrize("login", [Login.OPERATOR, Login.ENGINEER, *OTHERS])
def test_only_an_administrator_changes_what_the_site_decided(plant, login):
    change = "UPDATE app.alarm_settings SET max_shelf_s = 2592000"
    assert plant.attempt(login, change) is not Outcome.DONE


@pytest.mark.parametrize("login", [login for login in Login if login is not Login.STATION])
def test_only_a_station_says_that_time_has_passed(plant, login):
    assert plant.attempt(login, "SELECT app.pass_time()") is Outcome.REFUSED


@pytest.mark.parametrize(
    "inside",
    [
        "SELECT app.settle_hiding()",
        "SELECT app.hiding_of(201, 501)",
        "SELECT count(*) FROM app.device_hiding()",
        "SELECT app.signed_in_at()",
        "SELECT app.has_signed()",
        "SELECT app.end_condition(a, now()) FROM app.alerts AS a",
        "INSERT INTO app.alert_shelves (device_id, threshold_id, user_id, reason, until) "
        "VALUES (201, 501, 103, 'x', now() + interval '9 years')",
        "UPDATE app.alert_shelves SET until = now() + interval '9 years'",
        "DELETE FROM app.alert_shelves",
        "UPDATE app.device_maintenance SET ended_at = now(), ended_why = 'ended'",
        "UPDATE app.alerts SET hidden_by = 'shelf'",
        "UPDATE app.alerts SET latching = false",
        "UPDATE app.alert_events SET is_annunciated = false",
        "UPDATE app.alert_thresholds SET disabled_by = 103",
        "DELETE FROM app.alarm_settings",
        "INSERT INTO app.alarm_settings DEFAULT VALUES",
    ],
)
def test_nobody_goes_round_the_functions(plant, inside):
    outcomes = {login: plant.attempt(login, inside) for login in Login}
    assert outcomes == dict.fromkeys(Login, Outcome.REFUSED)


@pytest.mark.parametrize("seconds", ENDLESS)
@pytest.mark.parametrize("act", ["shelve_thresholds('{501}', 'x', ", "begin_maintenance('{201}', 'x', "])
def test_nothing_is_set_aside_for_longer_than_the_site_allows(plant, act, seconds):
    longer = {"43201": "604801" if act.startswith("begin") else "43201"}.get(seconds, seconds)
    with pytest.raises(psycopg.errors.RaiseException, match="1 second to"):
        plant.attempt(Login.OPERATOR, f"SELECT count(*) FROM app.{act}{longer})")


@pytest.mark.parametrize("reason", ["NULL", "''", r"E' \t\n '"])
@pytest.mark.parametrize("act", ["shelve_thresholds('{501}', ", "begin_maintenance('{201}', "])
def test_nothing_is_set_aside_without_a_reason(plant, act, reason):
    with pytest.raises(psycopg.errors.RaiseException, match="needs a reason"):
        plant.attempt(Login.OPERATOR, f"SELECT count(*) FROM app.{act}{reason}, 60)")


@pytest.mark.parametrize(
    "act",
    [
        "shelve_thresholds('{501}', repeat('x', 1048576), 60)",
        "begin_maintenance('{201}', repeat('x', 1048576), 60)",
        "comment_alerts('{601}', repeat('x', 1048576))",
        "acknowledge_alerts('{601}', repeat('x', 1048576))",
        "resolve_alerts('{601}', repeat('x', 1048576))",
    ],
)
def test_a_megabyte_of_words_is_refused_with_the_number_allowed(plant, act):
    with pytest.raises(psycopg.errors.RaiseException, match=r"at most [24]000 characters, .* has 1048576"):
        plant.attempt(Login.OPERATOR, f"SELECT count(*) FROM app.{act}")


@pytest.fixture
def critical(plant):
    """The threshold of device 201 is critical for as long as a test lasts."""
    plant.owner.execute("UPDATE app.alert_thresholds SET severity = 'critical' WHERE id = 501")
    yield "SELECT count(*) FROM app.shelve_thresholds('{501,502}', 'valve', 60)"
    plant.owner.execute("UPDATE app.alert_thresholds SET severity = 'warning' WHERE id = 501")


@pytest.mark.parametrize("login", [Login.ADMIN, Login.OPERATOR])
def test_something_critical_is_not_shelved_in_passing_and_neither_is_what_is_named_with_it(
    plant, login, critical
):
    with pytest.raises(psycopg.errors.RaiseException, match="needs your password once more"):
        plant.attempt(login, critical)


def test_saying_that_it_was_typed_is_no_signature_on_a_session_that_is_older_than_a_minute(plant, critical):
    with psycopg.connect(plant.url(Login.OPERATOR)) as connection:
        connection.execute("SELECT set_config('console.signed', 'typed', false)")
        connection.execute(critical.encode())  # a fresh session: signed
    fresh = plant.owner.execute("SELECT pg_get_functiondef('app.signed_in_at'::regproc)").fetchone()[0]
    plant.owner.execute(
        "CREATE OR REPLACE FUNCTION app.signed_in_at() RETURNS timestamptz LANGUAGE sql STABLE "
        "SECURITY DEFINER SET search_path = pg_catalog, pg_temp RETURN now() - interval '61 seconds'"
    )
    try:
        with psycopg.connect(plant.url(Login.OPERATOR)) as connection:
            connection.execute("SELECT set_config('console.signed', 'typed', false)")
            with pytest.raises(psycopg.errors.RaiseException, match="needs your password once more"):
                connection.execute(critical.encode())
    finally:
        plant.owner.execute(fresh.encode())


@pytest.mark.parametrize(
    "change",
    [
        "max_shelf_s = 'NaN'",
        "max_shelf_s = 'infinity'",
        "max_shelf_s = 59",
        "max_maintenance_s = 1e300",
        "operator_positions = 0",
        "operator_positions = 101",
        "shifts = '{}'",
        """shifts = '["06:00"]'""",
        """shifts = '[{"name": "Early", "starts": "25:00"}]'""",
        """shifts = '[{"name": 1, "starts": "06:00"}]'""",
        "time_zone = ''",
    ],
)
def test_even_an_administrator_decides_nothing_that_no_program_could_read(plant, change):
    with pytest.raises(psycopg.errors.CheckViolation):
        plant.attempt(Login.ADMIN, f"UPDATE app.alarm_settings SET {change}")


@pytest.mark.parametrize(
    ("login", "seen"),
    [(Login.ADMIN, 3), (Login.OPERATOR, 3), (Login.ENGINEER, 1), (Login.STATION, 3), (Login.GUEST, 0)],
)
@pytest.mark.parametrize("table", ["alert_shelves", "device_maintenance"])
def test_what_is_set_aside_is_seen_by_whoever_sees_the_device(plant, login, seen, table):
    with plant.transaction(login) as connection:
        counted = connection.exec_driver_sql(f"SELECT count(*) FROM app.{table}").scalar_one()
    assert counted == seen
