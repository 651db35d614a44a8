"""Signing in at a server on another computer: nothing is sent to one that cannot prove itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.commandline.doctor_database import database_findings
from console.settings import Settings
from console.sign_in import SignIn, Site
from console.storage import open_storage
from models.credentials import MemoryStore
from models.database import Database
from models.errors import NeedsSetup, SignInRefused
from models.queries.encryption import encryption
from models.queries.people import create_person
from models.records.person import Role
from models.schema_guard import upgrade_schema
from tests.account_parts import PASSWORD, stored
from tests.certificates import Authority
from tests.system_postgres import EncryptedPostgres

ADA = "ada@example.com"


@pytest.fixture(scope="module")
def plant(encrypted_server: EncryptedPostgres) -> EncryptedPostgres:
    """The server with a plant's database, in which Ada is an administrator."""
    encrypted_server.server.run("CREATE DATABASE plant")
    owner = Database(encrypted_server.server.owner_url.replace("/postgres?", "/plant?"), "tests")
    upgrade_schema(owner)
    with owner.transaction() as connection:
        create_person(connection, ADA, "Ada", Role.ADMIN, stored())
    owner.close()
    return encrypted_server


@pytest.fixture
def settings(plant: EncryptedPostgres, tmp_path: Path) -> Settings:
    return Settings(tmp_path, plant.url(database="plant"), database_ca=plant.trusted)


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    sign_in = SignIn(settings, MemoryStore())
    yield sign_in.open()
    sign_in.close()


def test_a_person_signs_in_over_an_encrypted_line(site):
    session = site.sign_in(ADA, PASSWORD, "tests")
    with session.database.transaction() as connection:
        assert encryption(connection) == "TLSv1.3"
    assert site.cautions == ()


def test_an_impostor_gets_neither_address_nor_password_and_costs_no_attempt(site, plant):
    plant.show(Authority("Somebody else").certify(plant.host))
    try:
        for _ in range(6):
            with pytest.raises(NeedsSetup, match="comes from nobody this computer trusts") as caught:
                site.sign_in(ADA, PASSWORD, "tests")
            assert not isinstance(caught.value, SignInRefused)
        assert "user=u_" not in plant.server.log().rpartition("ready to accept")[2]
    finally:
        plant.show_own()
    assert site.sign_in(ADA, PASSWORD, "tests").person.name == "Ada"


def test_a_site_tells_everybody_what_its_address_makes_weaker(settings, plant):
    weaker = replace(settings, database_url=plant.url(database="plant", query="&sslmode=require"))
    sign_in = SignIn(weaker, MemoryStore())
    assert "sslmode=require" in sign_in.open().cautions[0]
    sign_in.close()


@pytest.mark.parametrize(
    ("query", "verdict", "found"),
    [
        ("", "ok", "TLSv1.3, the server proves its name"),
        ("&sslmode=require", "FAULT", "TLSv1.3"),
        ("&sslmode=disable", "FAULT", "not encrypted"),
    ],
)
def test_the_doctor_says_how_the_way_is_protected(settings, plant, monkeypatch, query, verdict, found):
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    asked = replace(settings, person=ADA, database_url=plant.url(database="plant", query=query))
    way = next(finding for finding in database_findings(asked) if finding.subject == "Way to it")
    assert way.verdict == verdict
    assert found in way.found


def test_a_command_nobody_is_named_for_asks_who_it_is(settings):
    with pytest.raises(NeedsSetup, match=r"Say who asks the database plant at .*: with --as EMAIL"):
        with open_storage(settings, "tests"):
            pass
