"""`main.py firmware rollout` as three persons use it, on a real database; and what it refuses."""

import argparse
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from console.commandline import firmware
from console.commandline.command import CommandError
from console.settings import Settings
from models.database import Database
from models.errors import NotAllowed, Rejected
from models.firmware.manifest import manifest_bytes
from models.firmware.signing import sign_manifest
from models.queries.catalogue import import_devices
from models.queries.firmware_versions import add_version, load_version, mark_released
from models.records.device import Device, DeviceId, Tag
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from tests.account_parts import PASSWORD, Site
from tests.firmware_parts import MANIFEST, RELEASE_KEY

VERSION = "2.1.0+drive-a"
DEVICES = 12
REFUSED = [
    (("plan", "9.9.9+drive-a"), "There is no version 9.9.9"),
    (("plan", VERSION, "--waves", "many"), "'many' is no size of a wave"),
    (("plan", VERSION, "--idle", "torque<5"), "Nothing measured here is called 'torque'"),
    (("plan", VERSION, "--undo", "7"), "There is no rollout with number 7"),
    (("plan", VERSION, "--replace", "7"), "--replace stores the plan"),
    (("show", "7"), "There is no rollout with number 7"),
]


class Site3:
    """An engineer with drives, an administrator, an operator; a released version."""

    def __init__(self, site: Site, folder, database_url: str, capsys) -> None:
        self._folder, self._url, self._capsys = folder, database_url, capsys
        self.anna = site.add(Role.USER, name="Anna")
        self.boris = site.add(Role.ADMIN, name="Boris")
        self.olga = site.add(Role.OPERATOR, name="Olga")
        entries = [_drive(number, self.anna.id) for number in range(DEVICES)]
        data = manifest_bytes(
            replace(MANIFEST, expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=9))
        )
        with site.signed_in(self.boris).transaction() as connection:
            import_devices(connection, entries)
            connection.execute(text("UPDATE app.devices SET user_id = :owner"), {"owner": self.anna.id})
            add_version(connection, "file:///x", "", data, [sign_manifest(data, RELEASE_KEY)])
            mark_released(connection, load_version(connection, VERSION))

    def __call__(self, *arguments: object, by=None) -> str:
        parser = argparse.ArgumentParser()
        firmware.COMMAND.add_arguments(parser)
        options = parser.parse_args(["rollout", *map(str, arguments)])
        settings = Settings(self._folder, self._url, person=(by or self.anna).email)
        assert firmware.COMMAND.run(options, settings) == 0
        return self._capsys.readouterr().out.strip()

    def planned(self, *more: object) -> str:
        """Keep a draft; returns its hash."""
        said = self("plan", VERSION, "--save", *more)
        return said.split("has the hash ")[1][:64]

    def started(self) -> None:
        shown = self.planned()
        self("submit", 1)
        self("approve", 1, "--hash", shown[:12], "--reason", "tested in the lab", by=self.boris)
        self("start", 1)


def _drive(number: int, owner: int) -> DeviceEntry:
    extra = {"product": "drive-a", "hardware": "rev-b"} if number else {}
    device = Device(
        *(DeviceId(0), f"D-{number:02}", f"Drive {number}", "drive", f"Hall {number % 2}", "modbus-tcp"),
        *({"host": "127.0.0.1", "unit": 1}, 1.0, (Tag("rpm", "holding:1:uint16"),), owner),
        extra=extra,
    )
    return DeviceEntry(device, ())


@pytest.fixture
def three(tmp_path, database_url, capsys, monkeypatch):
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    (tmp_path / "data").mkdir()
    with closing(Site(Database(database_url, "tests"))) as site:
        yield Site3(site, tmp_path / "data", database_url, capsys)


def test_a_plan_names_every_device_with_its_reason_and_stores_nothing(three):
    said = three("plan", VERSION, "--waves", "3,50 %", "--window", "mon-fri 22:00-05:00", "--idle", "rpm<5")
    lines = said.splitlines()
    assert lines[1].split(maxsplit=4) == [
        *("out", "D-00", "Hall", "0", "its product and hardware are not known; enter them at the device"),
    ]
    assert lines[2].split()[:2] == ["1", "D-02"]
    assert "canary of drive-a, hardware rev-b" in lines[2]
    assert "11 devices in, 1 out" in lines
    assert [line.split()[-2:] for line in lines if line.startswith("  Wave ")] == [
        *(["1", "device"], ["3", "devices"], ["6", "devices"], ["1", "device"]),
    ]
    assert any("Mon to Fri, 22:00 to 05:00" in line for line in lines)
    assert lines[-1] == "Nothing was stored; --save keeps this as a draft."
    assert three("list") == "No rollouts yet: main.py firmware rollout plan."


def test_from_the_plan_to_the_first_wave_it_takes_two_persons(three):
    shown = three.planned("--name", "Hall B")
    assert three("submit", 1) == "Hall B (rollout 1) waits for a second person's approval."
    with pytest.raises(NotAllowed, match="Whoever planned a rollout cannot approve it"):
        three("approve", 1, "--hash", shown)
    with pytest.raises(CommandError, match=f"has the hash {shown[:16]}, not 'abcdef012'; read it again"):
        three("approve", 1, "--hash", "abcdef012", by=three.boris)
    with pytest.raises(Rejected, match="only an approved one is started"):
        three("start", 1)
    assert three("return", 1, "--reason", "too fast", by=three.boris).endswith("planned it again.")
    assert "too fast" in three("list")
    shown = three.planned("--replace", 1, "--soak", "2 h")
    three("submit", 1)
    assert three("approve", 1, "--hash", shown[:8], by=three.boris).endswith("is approved.")
    assert "has begun" in three("start", 1)


def test_anybody_in_the_control_room_stops_it_and_two_persons_go_on(three):
    three.started()
    assert three("pause", 1, "--reason", "shift change", by=three.olga).endswith(
        "no further device is begun."
    )
    with pytest.raises(NotAllowed):
        three("resume", 1, by=three.olga)
    three("resume", 1)
    assert "is halted" in three("halt", 1, "--reason", "smells", by=three.olga)
    with pytest.raises(Rejected, match="Nobody has asked"):
        three("agree", 1)
    three("override", 1, "--reason", "it was the oven")
    with pytest.raises(NotAllowed, match="cannot agree"):
        three("agree", 1)
    assert three("agree", 1, by=three.boris).endswith("goes on.")
    with pytest.raises(Rejected, match="No wave of the rollout is held"):
        three("soak-again", 1)
    three("halt", 1, "--reason", "again")
    assert "is given up" in three("abort", 1, "--reason", "another day")
    assert "given up" in three("list").splitlines()[1]


def test_a_rollout_is_shown_with_devices_waves_and_journal(three):
    three.started()
    said = three("show", 1)
    assert said.splitlines()[0] == f"{VERSION} (rollout 1): running"
    assert "Boris approved the plan: tested in the lab" in said
    assert "Wave 1: canaries, updating since" in said
    assert "waits for its turn" in said
    assert "Anna" in said.split("WHEN (UTC)")[1]
    document = json.loads(three("show", 1, "--format", "json", by=three.olga))
    assert (document["state"], len(document["devices"]), len(document["plan"])) == ("running", 11, 12)
    assert [wave["state"] for wave in document["waves"]] == ["deploying", "planned", "planned", "planned"]
    assert three("show", 1, "--plan").count("canary of") == 1
    (listed,) = json.loads(three("list", "--format", "json"))
    assert (listed["devices"], listed["done"], listed["failed"]) == (11, 0, 0)


def test_the_closing_report_is_a_pdf(three, tmp_path, qapp):
    three.started()
    path = tmp_path / "drives.pdf"
    assert three("report", 1, "--pdf", path) == f"{path} holds the report of {VERSION} (rollout 1)."
    assert path.read_bytes().startswith(b"%PDF")
    with pytest.raises(CommandError, match="cannot be written"):
        three("report", 1, "--pdf", tmp_path / "nowhere" / "drives.pdf")


def test_what_cannot_be_is_refused_in_a_sentence(three):
    for arguments, sentence in REFUSED:
        with pytest.raises((Rejected, CommandError), match=sentence):
            three(*arguments)
