"""Every login against every table there is, on real servers: nothing more and nothing less than decided."""

from pathlib import Path

import pytest

from tests.contract.access_decisions import CALLS, DECISIONS, Login, Outcome, Verb, rendered

LOGINS = list(Login)
# Whoever may remove rows may also lock their table, which PostgreSQL does not tell apart.
WITHOUT_REMOVAL = [name for name, d in DECISIONS.items() if "d" not in (d.admin + d.engineer).lower()]


def columns_of(plant, table):
    """The columns that could be written at all."""
    found = plant.owner.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attidentity <> 'a' ORDER BY attnum",
        (f"app.{table}",),
    )
    return [name for (name,) in found]


def partitions_of(plant):
    found = plant.owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' "
        "AND relispartition ORDER BY relname"
    )
    return [name for (name,) in found]


def inserting(decision, table):
    if not decision.insert:
        return f"INSERT INTO app.{table} DEFAULT VALUES"
    names, values = ", ".join(decision.insert), ", ".join(decision.insert.values())
    return f"INSERT INTO app.{table} ({names}) VALUES ({values})"


def tries(plant, login, table, decision):
    """What comes of each verb; of an update, of the column that gets furthest."""
    updates = [
        plant.attempt(login, f"UPDATE app.{table} SET {column} = {column} WHERE {decision.row}")
        for column in sorted(decision.update) or columns_of(plant, table)
    ]
    return {
        Verb.SELECT: plant.attempt(login, f"SELECT count(*) FROM app.{table} WHERE {decision.row}"),
        Verb.INSERT: plant.attempt(login, inserting(decision, table)),
        Verb.UPDATE: min(updates, key=list(Outcome).index),
        Verb.DELETE: plant.attempt(login, f"DELETE FROM app.{table} WHERE {decision.row}"),
    }


def test_every_table_and_view_of_the_database_has_a_decision(plant):
    found = plant.owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace "
        "AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition"
    )
    assert {name for (name,) in found} == set(DECISIONS)


def test_every_table_has_row_level_security(plant):
    found = plant.owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace "
        "AND relkind IN ('r', 'p') AND NOT relrowsecurity"
    )
    assert found.fetchall() == []


@pytest.mark.parametrize("table", DECISIONS)
def test_the_row_in_question_is_there(plant, table):
    row = DECISIONS[table].row
    # The one table without a row: it holds something only while a transaction is under way.
    wanted = {"audit_pending": 0}.get(table, 1)
    (count,) = plant.owner.execute(f"SELECT count(*) FROM app.{table} WHERE {row}".encode()).fetchone()
    assert min(count, 1) == wanted


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("table", DECISIONS)
def test_a_login_may_do_with_a_table_what_was_decided(plant, table, login):
    decision = DECISIONS[table]
    wanted = {verb: decision.expected(login, verb) for verb in Verb}
    assert tries(plant, login, table, decision) == wanted


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("table", DECISIONS)
def test_no_column_can_be_written_but_those_decided(plant, table, login):
    decision = DECISIONS[table]
    outcomes = {}
    for column in columns_of(plant, table):
        copy = f"INSERT INTO app.{table} ({column}) SELECT {column} FROM app.{table} WHERE false"
        if column not in decision.update:
            outcomes["update", column] = plant.attempt(login, f"UPDATE app.{table} SET {column} = {column}")
        if column not in decision.insert:
            outcomes["insert", column] = plant.attempt(login, copy)
    assert {place: outcome for place, outcome in outcomes.items() if outcome is not Outcome.REFUSED} == {}


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_reaches_a_partition_past_its_table(plant, login):
    names = partitions_of(plant)
    outcomes = {
        plant.attempt(login, statement.format(name))
        for name in names
        for statement in (
            "SELECT count(*) FROM app.{}",
            "INSERT INTO app.{} DEFAULT VALUES",
            "UPDATE app.{} SET device_id = 1",
            "DELETE FROM app.{}",
            "TRUNCATE app.{}",
        )
    }
    assert (len(names) > 10, outcomes) == (True, {Outcome.REFUSED})


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_locks_others_out_of_a_table(plant, login):
    outcomes = {
        plant.attempt(login, f"LOCK TABLE app.{name} IN ACCESS EXCLUSIVE MODE") for name in WITHOUT_REMOVAL
    }
    assert outcomes == {Outcome.REFUSED}


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_empties_or_alters_a_table(plant, login):
    outcomes = {
        plant.attempt(login, statement.format(name))
        for name in DECISIONS.keys() - {"persons"}
        for statement in (
            "TRUNCATE app.{}",
            "ALTER TABLE app.{} DISABLE ROW LEVEL SECURITY",
            "CREATE POLICY mine ON app.{} USING (true)",
            "CREATE TRIGGER mine BEFORE UPDATE ON app.{} EXECUTE FUNCTION app.refuse_change()",
            "DROP TABLE app.{}",
        )
    }
    assert outcomes == {Outcome.REFUSED}


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_draws_from_a_sequence(plant, login):
    names = plant.owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'S'"
    ).fetchall()
    outcomes = {plant.attempt(login, f"SELECT nextval('app.{name}')") for (name,) in names}
    assert outcomes == {Outcome.REFUSED}


@pytest.mark.parametrize("login", [Login.ADMIN, Login.OPERATOR, Login.ENGINEER, Login.STATION])
def test_a_login_may_call_the_functions_decided_and_no_others(plant, login):
    found = plant.owner.execute(
        "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'app'::regnamespace "
        "AND has_function_privilege(%s::name, oid, 'EXECUTE')",
        (plant.login(login),),
    )
    letter = {Login.STATION: "S"}.get(login, login[0].upper())
    assert {name for (name,) in found} == {name for name, letters in CALLS.items() if letter in letters}


def test_whoever_has_no_part_in_it_may_call_nothing(plant):
    found = plant.owner.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'app'::regnamespace "
        "AND has_function_privilege(%s::name, oid, 'EXECUTE')",
        (plant.login(Login.NOBODY),),
    )
    assert found.fetchall() == []


def test_every_function_that_acts_as_its_owner_looks_for_names_in_no_place_of_the_caller(plant):
    found = plant.owner.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'app'::regnamespace "
        "AND prosecdef AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY(proconfig), false)"
    )
    assert found.fetchall() == []


def test_the_document_shows_what_was_decided():
    document = Path(__file__).parents[2] / "ARCHITECTURE.md"
    assert rendered() in document.read_text(encoding="utf-8")
