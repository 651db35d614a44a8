"""`main.py key` and the secrets of `main.py device`, as two people at two computers use them."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from console.cli import main
from models.records.person import Role
from tests.account_parts import PASSWORD

SECRET = "Zange-7-Huf"
PRESS = {
    "device_id": "PRESS-01",
    "name": "Press 1",
    "type": "press",
    "location": "Hall B",
    "driver": "opcua",
    "connection": {"endpoint": "opc.tcp://127.0.0.1:4841/plant", "username": "reader", "password": SECRET},
    "tags": [{"metric": "temperature", "address": "ns=1;s=Press01.Temperature"}],
    "metadata": {"note": "by the door", "door": {"pin": 4711}},
}


@pytest.fixture
def computer(database_url, newest_site, tmp_path, monkeypatch, capsys):
    """`computer(Role.ADMIN, "office")("key", "status")` runs a command there: exit code, stdout, stderr."""
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    monkeypatch.setenv("CONSOLE_CREDENTIALS", "file")

    def make(role, name):
        person = newest_site.add(role)

        def run(*arguments):
            monkeypatch.setenv("CONSOLE_STATION", name)
            common = ["--data", str(tmp_path / name), "--database", database_url, "--as", person.email]
            code = main([*common, *map(str, arguments)])
            said = capsys.readouterr()
            return code, said.out, said.err

        return run

    return make


@pytest.fixture
def office(computer):
    return computer(Role.ADMIN, "office")


@pytest.fixture
def hall(computer):
    return computer(Role.USER, "hall")


@pytest.fixture
def file(tmp_path) -> Path:
    """A document with one press and its password in clear."""
    written = tmp_path / "plant.json"
    written.write_text(json.dumps({"devices": [PRESS]}))
    return written


def stored(site):
    with site.owner.transaction() as connection:
        return connection.execute(text("SELECT metadata FROM app.devices")).scalar_one()


def fingerprint_in(said):
    return re.search(r"\d{4}( \d{4}){5}", said).group()


def enrol(office, hall):
    shown = fingerprint_in(hall("key", "request")[1])
    number = re.search(r"(\d+) +hall", office("key", "list")[1]).group(1)
    assert office("key", "approve", number, "--fingerprint", shown)[0] == 0
    return number


def test_the_first_secret_of_an_administrator_makes_the_key(newest_site, office, file):
    code, out, err = office("device", "import", file)
    assert (code, out.splitlines()[1]) == (0, "Devices: 1 added.")
    assert "A key for encrypted fields was made" in err
    assert "main.py key request" in err
    found = stored(newest_site)
    assert set(found["connection"]["password"]) == set(found["door"]["pin"]) == {"$sealed"}
    assert (found["connection"]["username"], found["note"]) == ("reader", "by the door")


def test_an_engineer_before_any_key_is_told_who_makes_it(hall, file):
    code, _, err = hall("device", "import", file)
    assert (code, err.count("\n")) == (1, 1)
    assert (
        "No key for encrypted fields exists yet; an administrator makes one with: main.py key create" in err
    )


def test_a_workstation_without_the_key_refuses_a_plain_secret(office, hall, file):
    office("key", "create")
    code, _, err = hall("device", "import", file)
    assert (code, err.count("\n")) == (1, 1)
    assert "run: main.py key request" in err


def test_after_enrolment_the_other_workstation_works(newest_site, office, hall, file):
    office("key", "create")
    enrol(office, hall)
    assert hall("device", "import", file)[0] == 0
    assert SECRET not in json.dumps(stored(newest_site), ensure_ascii=False)
    assert "holds the key" in hall("key", "status")[1]


def test_importing_twice_changes_nothing(newest_site, office, file):
    office("device", "import", file)
    before = stored(newest_site)
    assert office("device", "import", file)[1].endswith("\nDevices: 1 as they were.\n")
    assert stored(newest_site) == before


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_an_export_holds_sealed_values_and_comes_back_unchanged(newest_site, office, file, tmp_path, ending):
    office("device", "import", file)
    out = tmp_path / f"out.{ending}"
    assert office("device", "export", out)[0] == 0
    written = out.read_text(encoding="utf-8")
    assert "$sealed" in written
    assert SECRET not in written
    assert "4711" not in written
    assert office("device", "import", out)[1] == "Devices: 1 as they were.\n"


def test_a_sealed_export_may_be_imported_where_the_key_is_not(computer, office, file, tmp_path):
    office("device", "import", file)
    office("device", "export", tmp_path / "out.json")
    other = computer(Role.ADMIN, "second office")
    assert other("device", "import", tmp_path / "out.json")[1] == "Devices: 1 as they were.\n"


def test_a_sealed_value_copied_to_another_device_is_refused(office, file, tmp_path):
    office("device", "import", file)
    office("device", "export", tmp_path / "out.json")
    moved = tmp_path / "out.json"
    moved.write_text(moved.read_text().replace("PRESS-01", "PRESS-02"))
    code, _, err = office("device", "import", moved)
    assert code == 1
    assert "of PRESS-02 is encrypted, but not for this place" in err


def test_with_secrets_they_are_written_for_the_owner_only_and_with_a_warning(office, file, tmp_path):
    office("device", "import", file)
    out = tmp_path / "out.json"
    out.write_text("somebody may read this")
    code, _, err = office("device", "export", out, "--with-secrets")
    assert code == 0
    assert "in clear; delete it" in err
    (device,) = json.loads(out.read_text(encoding="utf-8"))["devices"]
    assert device["connection"]["password"] == SECRET
    assert device["metadata"]["door"]["pin"] == "4711"
    assert out.stat().st_mode & 0o077 == 0


def test_only_administrators_export_with_secrets(office, hall, tmp_path):
    office("key", "create")
    enrol(office, hall)
    code, _, err = hall("device", "export", tmp_path / "out.json", "--with-secrets")
    assert (code, err) == (
        1,
        "Only an administrator may write passwords in clear; leave --with-secrets out.\n",
    )
    assert not (tmp_path / "out.json").exists()


def test_an_administrator_without_the_key_cannot_export_with_secrets(computer, office, file, tmp_path):
    office("device", "import", file)
    code, _, err = computer(Role.ADMIN, "second office")(
        "device", "export", tmp_path / "o.json", "--with-secrets"
    )
    assert code == 1
    assert "cannot be opened here" in err
    assert not (tmp_path / "o.json").exists()


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_list_of_devices_shows_no_secret(office, file, form):
    office("device", "import", file)
    _, out, _ = office("device", "list", "--format", form)
    assert "PRESS-01" in out
    assert SECRET not in out
    assert "sealed" not in out


def test_a_wrong_setting_is_named_without_the_secret_beside_it(office, tmp_path):
    wrong = {**PRESS, "connection": {**PRESS["connection"], "password": 471199, "timeout_s": "x"}}
    (tmp_path / "wrong.json").write_text(json.dumps({"devices": [wrong]}))
    code, _, err = office("device", "import", tmp_path / "wrong.json")
    assert code == 1
    assert "connection.password: what is given is not text" in err
    assert "471199" not in err


def test_a_fingerprint_that_differs_hands_nothing_on(office, hall):
    office("key", "create")
    hall("key", "request")
    code, _, err = office("key", "approve", 2, "--fingerprint", "0000 0000 0000 0000 0000 0000")
    assert code == 1
    assert "That is not the fingerprint of request 2; nothing was handed on" in err
    assert "waits" in hall("key", "status")[1]


def test_without_anybody_to_compare_nothing_is_handed_on(office, hall):
    office("key", "create")
    hall("key", "request")
    code, _, err = office("key", "approve", 2)
    assert code == 1
    assert "Nobody is here to compare fingerprints" in err


def test_an_altered_request_is_not_approved(newest_site, office, hall):
    office("key", "create")
    shown = fingerprint_in(hall("key", "request")[1])
    with newest_site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.workstations SET public_key = sha256('mine') WHERE name = 'hall'")
        )
    assert "ALTERED" in office("key", "list")[1]
    code, _, err = office("key", "approve", 2, "--fingerprint", shown)
    assert code == 1
    assert "was altered in the database" in err


def test_revocation_and_change_of_key_leave_the_rest_working(newest_site, office, hall, file, tmp_path):
    office("device", "import", file)
    number = enrol(office, hall)
    assert "key rotate" in office("key", "revoke", number)[1]
    before = stored(newest_site)
    assert office("key", "rotate")[1] == "The key was replaced. Encrypted with it: 2.\n"
    assert stored(newest_site) != before
    assert office("device", "export", tmp_path / "out.json", "--with-secrets")[0] == 0
    assert SECRET in (tmp_path / "out.json").read_text(encoding="utf-8")
    assert "was revoked" in hall("key", "status")[1]


def test_a_number_that_nobody_has_is_named(office):
    code, _, err = office("key", "revoke", 99)
    assert (code, err) == (1, "No workstation has the number 99; main.py key list shows them all.\n")


def test_status_before_anything(office):
    assert "No key for encrypted fields exists yet" in office("key", "status")[1]
    assert "main.py key create" in office("key", "list")[1]
