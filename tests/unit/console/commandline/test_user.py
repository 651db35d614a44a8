import argparse
import io
import json
import stat
import sys
from contextlib import closing

import pytest

from console.commandline.command import CommandError
from console.commandline.user import COMMAND
from console.settings import Settings
from models.database import Database
from models.errors import NotAllowed, Rejected, SignInRefused
from models.passwords import verify_password
from models.queries.people import current_person, my_record
from models.records.person import Role
from tests.account_parts import PASSWORD, Site

NEW = "another battery staple"


@pytest.fixture
def site(database_url):
    with closing(Site(Database(database_url, "tests"))) as opened:
        yield opened


@pytest.fixture
def run(capsys, tmp_path, database_url, monkeypatch):
    """`run("list")` is `main.py user list`; `by=person` is `--as`; returns what was printed."""

    def call(*arguments, by=None):
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
        settings = Settings(tmp_path / "data", database_url, person=by and by.email)
        assert COMMAND.run(parser.parse_args(arguments), settings) == 0
        return capsys.readouterr().out.strip()

    (tmp_path / "data").mkdir()
    return call


@pytest.fixture
def admin(site):
    return site.add(Role.ADMIN, "admin@example.com", "Ada Min")


@pytest.fixture
def anna(site, admin):
    return site.add(Role.OPERATOR, "anna@example.com", "Anna Berg")


@pytest.fixture
def type_in(monkeypatch):
    """What stands on standard input, which is no terminal."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def at_terminal(monkeypatch):
    """Somebody at a terminal, who types these passwords and lines."""

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    def type_these(*passwords, line=""):
        typed = iter(passwords)
        monkeypatch.setattr(sys, "stdin", Terminal(line + "\n"))
        monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))

    return type_these


def signs_in(site, email, password=NEW):
    database = site.signed_in(email, password)
    with database.transaction() as connection:
        return current_person(connection)


def test_the_first_administrator_is_added_by_the_owner_of_the_database(run, site, monkeypatch):
    monkeypatch.setenv("CONSOLE_NEW_PASSWORD", NEW)
    told = run("add", "Ada@Example.com", "--name", "Ada Min", "--role", "admin")
    assert told == "Ada Min was added and signs in as ada@example.com. Role: Administrator."
    assert signs_in(site, "ada@example.com").role is Role.ADMIN


def test_an_administrator_adds_an_engineer_whose_password_comes_from_standard_input(
    run, site, admin, type_in
):
    type_in(NEW + "\n")
    run("add", "eve@example.com", "--name", "Eve Ng", "--role", "engineer", by=admin)
    assert signs_in(site, "eve@example.com").role is Role.USER


def test_a_password_is_typed_twice(run, site, admin, at_terminal):
    at_terminal(NEW, NEW)
    run("add", "eve@example.com", "--name", "Eve Ng", "--role", "engineer", by=admin)
    assert signs_in(site, "eve@example.com").name == "Eve Ng"


def test_two_passwords_that_differ_change_nothing(run, site, anna, admin, at_terminal):
    at_terminal(NEW, NEW + "x")
    with pytest.raises(CommandError, match="differ; nothing was changed"):
        run("reset", anna.email, by=admin)
    assert signs_in(site, anna.email, PASSWORD) == anna


def test_without_a_new_password_nobody_is_added(run, admin, type_in):
    type_in("")
    with pytest.raises(CommandError, match="CONSOLE_NEW_PASSWORD"):
        run("add", "eve@example.com", "--name", "Eve", "--role", "engineer", by=admin)


def test_a_weak_password_is_refused(run, admin, type_in):
    type_in("short\n")
    with pytest.raises(Rejected, match="at least 10 characters"):
        run("add", "eve@example.com", "--name", "Eve", "--role", "engineer", by=admin)


def test_a_password_is_never_an_argument(run, admin):
    with pytest.raises(SystemExit):
        run("reset", "anna@example.com", "new password", by=admin)


def test_the_list_shows_everybody_with_role_and_state(run, admin, anna):
    run("disable", anna.email, by=admin)
    lines = run("list", by=admin).splitlines()
    assert lines[0].split() == ["E-MAIL", "NAME", "ROLE", "STATE", "DEVICES", "LAST", "SIGN-IN"]
    (ada,) = [line for line in lines if line.startswith("admin@")]
    (other,) = [line for line in lines if line.startswith("anna@")]
    assert "Administrator  active" in ada
    assert "Operator       disabled" in other


def test_the_list_for_programs_names_every_fact(run, admin, anna):
    rows = {row["email"]: row for row in json.loads(run("list", "--format", "json", by=admin))}
    assert (rows[anna.email]["role"], rows[anna.email]["state"]) == ("operator", "active")
    assert rows[anna.email]["updated_at"].endswith("Z")


def test_role_name_and_address_are_changed(run, site, admin, anna):
    assert run("role", anna.email, "engineer", by=admin) == (
        "Anna Berg has the role Engineer now, in open sessions too."
    )
    assert run("rename", anna.email, "Anna Ström", by=admin) == "Anna Berg is called Anna Ström now."
    run("email", anna.email, "anna.strom@example.com", by=admin)
    found = signs_in(site, "anna.strom@example.com", PASSWORD)
    assert (found.name, found.role) == ("Anna Ström", Role.USER)


def test_a_disabled_person_signs_in_again_once_enabled(run, site, admin, anna):
    assert "cannot sign in any more" in run("disable", anna.email, by=admin)
    with pytest.raises(SignInRefused):
        signs_in(site, anna.email, PASSWORD)
    assert run("enable", anna.email, by=admin) == "Anna Berg can sign in again."
    assert signs_in(site, anna.email, PASSWORD) == anna


def test_a_reset_password_is_the_only_one(run, site, admin, anna, type_in):
    type_in(NEW + "\n")
    assert run("reset", anna.email, by=admin).startswith("Anna Berg has a new password")
    assert signs_in(site, anna.email) == anna
    with pytest.raises(SignInRefused):
        signs_in(site, anna.email, PASSWORD)


def test_one_s_own_password_is_changed_by_oneself(run, site, anna, type_in):
    type_in(NEW + "\n")
    assert run("password", by=anna) == "Your password was changed; sessions that are open go on."
    with site.signed_in(anna, NEW).transaction() as connection:
        assert verify_password(NEW, my_record(connection).password_hash)


def test_the_owner_of_the_database_has_no_password_here(run, type_in):
    type_in(NEW + "\n")
    with pytest.raises(Rejected, match="signs in without a password"):
        run("password")


def test_what_is_stored_about_a_person_is_written_for_nobody_else_to_read(run, admin, anna, tmp_path):
    file = tmp_path / "anna.json"
    file.write_text("older, and open to all")
    assert run("export", anna.email, str(file), by=anna).startswith("Everything stored about Anna Berg")
    assert json.loads(file.read_text())["person"]["email"] == anna.email
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    run("export", anna.email, str(file), by=admin)


def test_a_file_that_cannot_be_written_is_named(run, anna, tmp_path):
    with pytest.raises(CommandError, match=r"no/where.json cannot be written: No such file"):
        run("export", anna.email, str(tmp_path / "no/where.json"), by=anna)


def test_anonymising_shows_what_it_means_and_takes_the_address_for_a_yes(run, site, admin, anna, at_terminal):
    at_terminal(line="ANNA@example.com")
    told = run("anonymise", anna.email, by=admin)
    assert "This cannot be undone" in told
    assert told.endswith(
        f"They are Former person {anna.id} now and cannot sign in any more; sessions ended: 0."
    )
    assert "anna" not in site.all_text().casefold()


def test_anonymising_stops_where_another_address_is_typed(run, site, admin, anna, at_terminal):
    at_terminal(line="admin@example.com")
    with pytest.raises(CommandError, match="nothing was changed"):
        run("anonymise", anna.email, by=admin)
    assert signs_in(site, anna.email, PASSWORD) == anna


def test_anonymising_in_a_script_needs_a_yes(run, admin, anna, type_in):
    type_in("")
    with pytest.raises(CommandError, match="say --yes"):
        run("anonymise", anna.email, by=admin)
    run("anonymise", anna.email, "--yes", by=admin)


def test_nobody_of_an_unknown_address_is_changed(run, admin):
    with pytest.raises(CommandError, match=r"Nobody has the e-mail address nobody@example\.com"):
        run("disable", "nobody@example.com", by=admin)


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("role", "anna@example.com", "admin"),
        ("disable", "admin@example.com"),
        ("anonymise", "admin@example.com", "--yes"),
        ("export", "admin@example.com", "file.json"),
    ],
)
def test_who_is_no_administrator_is_refused(run, anna, arguments):
    with pytest.raises(NotAllowed):
        run(*arguments, by=anna)


def test_the_last_administrator_is_told_so(run, admin):
    with pytest.raises(Rejected, match="last administrator, who cannot be given another role; make"):
        run("role", admin.email, "operator")
