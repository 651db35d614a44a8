import threading

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import NeedsSetup, Rejected, SchemaMismatch, StorageBug
from models.migrations import REVISION
from models.queries.people import current_person
from models.records.person import Role
from models.schema_guard import check_schema, upgrade_schema


@pytest.fixture
def empty(empty_database_url):
    opened = Database(empty_database_url, "tests")
    yield opened
    opened.close()


def mark(database, revision):
    with database.transaction() as connection:
        connection.execute(
            text("UPDATE app.schema_revision SET version_num = :revision"), {"revision": revision}
        )


def test_an_empty_database_names_the_command(empty):
    with pytest.raises(NeedsSetup, match=r"is empty; run: main\.py db init"):
        check_schema(empty)


def test_an_empty_database_is_set_up_and_then_accepted(empty):
    assert f"was set up, revision {REVISION}" in upgrade_schema(empty)
    check_schema(empty)


def test_whoever_sets_up_is_the_first_administrator(empty):
    upgrade_schema(empty)
    with empty.transaction() as connection:
        person = current_person(connection)
    assert (person.role, person.email.endswith("@localhost"), bool(person.name)) == (Role.ADMIN, True, True)


def test_upgrading_what_is_current_changes_nothing(database):
    assert upgrade_schema(database).endswith(f"already has revision {REVISION}.")


def test_an_older_database_names_the_command(database):
    mark(database, "0001")
    with pytest.raises(
        SchemaMismatch, match=rf"has revision 0001 and this program needs {REVISION}; run: main.py db"
    ):
        check_schema(database)


@pytest.mark.parametrize("revision", ["of another fork", "12", "99999"])
@pytest.mark.parametrize("step", [check_schema, upgrade_schema])
def test_a_revision_nobody_here_knows_asks_for_a_newer_program(database, revision, step):
    mark(database, revision)
    with pytest.raises(SchemaMismatch, match="update this program"):
        step(database)


def serve(database, oldest_program, oldest_reader):
    mark(database, "9000")
    with database.transaction() as connection:
        connection.execute(
            text("UPDATE app.schema_support SET (oldest_program, oldest_reader) = (:program, :reader)"),
            {"program": oldest_program, "reader": oldest_reader},
        )


def test_a_newer_database_that_serves_this_program_is_used_with_a_notice(database):
    serve(database, REVISION, REVISION)
    fit = check_schema(database, must_write=True)
    assert (fit.revision, fit.is_read_only) == ("9000", False)
    assert fit.notice.endswith("is newer than this program (revision 9000); update it soon.")
    with database.transaction() as connection:
        connection.execute(text("UPDATE app.devices SET name = ''"))


def test_a_newer_database_that_only_lets_this_program_read_is_only_read(database):
    serve(database, "9000", REVISION)
    fit = check_schema(database)
    assert fit.is_read_only
    assert "only shows and changes nothing; update this program" in fit.notice
    with database.transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM app.devices")).scalar_one() == 0
    for way in (
        database.transaction,
        database.autocommit,
        database.with_login("console_owner", None).transaction,
    ):
        with pytest.raises(Rejected, match="only shows and changes nothing"):
            with way() as connection:
                connection.execute(text("UPDATE app.devices SET name = ''"))


def test_a_station_stays_out_of_a_database_it_may_only_read(database):
    serve(database, "9000", REVISION)
    with pytest.raises(SchemaMismatch, match="update this program"):
        check_schema(database, must_write=True)


@pytest.mark.parametrize("step", [check_schema, upgrade_schema])
def test_a_newer_database_that_no_longer_serves_this_program_asks_for_a_newer_one(database, step):
    serve(database, "9000", "9000")
    with pytest.raises(SchemaMismatch, match=f"newer than {REVISION} which this program knows; update this"):
        step(database)


@pytest.mark.parametrize("step", [check_schema, upgrade_schema])
def test_a_newer_database_that_does_not_say_whom_it_serves_serves_nobody_older(database, step):
    mark(database, "9000")
    with database.transaction() as connection:
        connection.execute(text("DROP TABLE app.schema_support"))
    with pytest.raises(SchemaMismatch, match="update this program"):
        step(database)


def test_upgrading_a_newer_database_leaves_it_as_it_is(database):
    serve(database, REVISION, REVISION)
    assert "newer than this program (revision 9000)" in upgrade_schema(database)
    assert check_schema(database).revision == "9000"


def test_what_this_build_writes_into_the_database_serves_itself(database):
    with database.transaction() as connection:
        row = connection.execute(text("SELECT oldest_program, oldest_reader FROM app.schema_support")).one()
    assert row.oldest_reader <= row.oldest_program <= REVISION


@pytest.mark.parametrize("step", [check_schema, upgrade_schema])
def test_a_schema_somebody_else_made_is_left_alone(empty, step):
    with empty.transaction() as connection:
        connection.execute(text("CREATE SCHEMA app"))
        connection.execute(text("CREATE TABLE app.theirs ()"))
    with pytest.raises(NeedsSetup, match="did not make"):
        step(empty)


def test_an_upgrade_that_fails_leaves_nothing_behind(empty):
    with empty.transaction() as connection:
        connection.execute(text("CREATE SCHEMA app"))
        connection.execute(text("CREATE FUNCTION app.announce() RETURNS int LANGUAGE sql AS 'SELECT 1'"))
    with pytest.raises(StorageBug, match="announce"):
        upgrade_schema(empty)
    with empty.transaction() as connection:
        assert connection.execute(text("SELECT to_regclass('app.devices')")).scalar_one() is None


def test_two_programs_that_set_up_at_once_do_it_once(empty):
    told = []
    threads = [threading.Thread(target=lambda: told.append(upgrade_schema(empty))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("was set up" in sentence for sentence in told) == [False, True]


def test_the_revision_kept_for_quick_checks_is_the_newest_migration():
    from pathlib import Path

    import models.migrations

    versions = Path(models.migrations.__file__).parent / "versions"
    assert max(path.name[:4] for path in versions.glob("0*.py")) == REVISION
