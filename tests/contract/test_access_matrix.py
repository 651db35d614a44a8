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
    columns = sorted(decision.update) or columns_of(plant, table)
    select, insert, delete, *updates = plant.attempts(
        login,
        [
            f"SELECT count(*) FROM app.{table} WHERE {decision.row}",
            inserting(decision, table),
            f"DELETE FROM app.{table} WHERE {decision.row}",
            *(f"UPDATE app.{table} SET {column} = {column} WHERE {decision.row}" for column in columns),
        ],
    )
    return {
        Verb.SELECT: select,
        Verb.INSERT: insert,
        Verb.UPDATE: min(updates, key=list(Outcome).index),
        Verb.DELETE: delete,
    }


def passed(plant, login, statements):
    """The statements that were not refused, with what came of them."""
    outcomes = zip(statements, plant.attempts(login, statements), strict=True)
    return [f"{statement}: {outcome}" for statement, outcome in outcomes if outcome is not Outcome.REFUSED]


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


def test_the_row_in_question_is_there(plant):
    counts = {
        table: plant.owner.execute(
            f"SELECT count(*) FROM app.{table} WHERE {decision.row}".encode()
        ).fetchone()
        for table, decision in DECISIONS.items()
    }
    # The one table without a row: it holds something only while a transaction is under way.
    assert [table for table, count in counts.items() if count == (0,)] == ["audit_pending"]


@pytest.mark.parametrize("table", DECISIONS)
def test_every_login_may_do_with_a_table_what_was_decided(plant, table):
    decision = DECISIONS[table]
    otherwise = [
        f"{login}: {verb} is {outcome}, decided was {decision.expected(login, verb)}"
        for login in LOGINS
        for verb, outcome in tries(plant, login, table, decision).items()
        if outcome is not decision.expected(login, verb)
    ]
    assert otherwise == []


@pytest.mark.parametrize("table", DECISIONS)
def test_no_column_can_be_written_but_those_decided(plant, table):
    decision, columns = DECISIONS[table], columns_of(plant, table)
    writing = [f"UPDATE app.{table} SET {name} = {name}" for name in columns if name not in decision.update]
    writing += [
        f"INSERT INTO app.{table} ({name}) SELECT {name} FROM app.{table} WHERE false"
        for name in columns
        if name not in decision.insert
    ]
    assert {login: found for login in LOGINS if (found := passed(plant, login, writing))} == {}


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_reaches_a_partition_past_its_table(plant, login):
    names = partitions_of(plant)
    statements = [
        statement.format(name)
        for name in names
        for statement in (
            "SELECT count(*) FROM app.{}",
            "INSERT INTO app.{} DEFAULT VALUES",
            "UPDATE app.{} SET device_id = 1",
            "DELETE FROM app.{}",
            "TRUNCATE app.{}",
        )
    ]
    assert len(names) > 10
    assert passed(plant, login, statements) == []


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_locks_others_out_of_a_table(plant, login):
    statements = [f"LOCK TABLE app.{name} IN ACCESS EXCLUSIVE MODE" for name in WITHOUT_REMOVAL]
    assert passed(plant, login, statements) == []


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_empties_or_alters_a_table(plant, login):
    statements = [
        statement.format(name)
        for name in DECISIONS.keys() - {"persons"}
        for statement in (
            "TRUNCATE app.{}",
            "ALTER TABLE app.{} DISABLE ROW LEVEL SECURITY",
            "CREATE POLICY mine ON app.{} USING (true)",
            "CREATE TRIGGER mine BEFORE UPDATE ON app.{} EXECUTE FUNCTION app.refuse_change()",
            "DROP TABLE app.{}",
        )
    ]
    assert passed(plant, login, statements) == []


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_draws_from_a_sequence(plant, login):
    names = plant.owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'S'"
    ).fetchall()
    assert passed(plant, login, [f"SELECT nextval('app.{name}')" for (name,) in names]) == []


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
