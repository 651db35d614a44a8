"""`main.py device health`, as an administrator at a terminal uses it, on a database that stations told."""

import csv
import json
import time

import msgspec
import pytest

from console.cli import main
from console.health_export import HEADINGS
from models.queries.catalogue import load_devices
from models.queries.device_health import record_health
from models.records.device_health import DeviceHealth
from models.records.person import Role
from tests.account_parts import PASSWORD
from tests.unit.models.notification_parts import add_device

WELL = DeviceHealth(
    0, as_of_unix=1.0, polls_answered=9, round_trip_p50_ms=4.5, round_trip_p99_ms=31.25, sent_bytes=9
)


@pytest.fixture
def run(database_url, newest_site, tmp_path, monkeypatch, capsys):
    """`run("--sort", "name")` as an administrator: exit code and stdout."""
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    monkeypatch.setenv("CONSOLE_CREDENTIALS", "file")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    person = newest_site.add(Role.ADMIN)

    def call(*arguments):
        common = ["--data", str(tmp_path / "data"), "--database", database_url, "--as", person.email]
        code = main([*common, "device", "health", *arguments])
        return code, capsys.readouterr().out

    return call


@pytest.fixture
def plant(newest_site):
    """PRESS-01 does well, PRESS-02 fails, of PRESS-03 nobody told."""
    with newest_site.owner.transaction() as connection:
        for number in (1, 2, 3):
            add_device(connection, f"PRESS-0{number}")
        one, two, _ = load_devices(connection)
        failing = msgspec.structs.replace(
            WELL, device=two.id, failure="No answer.", errors={"timeout": 4}, recent_errors=b"\x04"
        )
        record_health(connection, [msgspec.structs.replace(WELL, device=one.id), failing])


def test_worst_stands_first_with_what_it_fails_at(run, plant):
    code, said = run()
    lines = said.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines[1:]] == ["PRESS-02", "PRESS-03", "PRESS-01"]
    assert "4 × timeout" in lines[1]
    assert lines[1].endswith("No answer.")
    assert "not known" in lines[2]


def test_sorted_by_name_on_demand(run, plant):
    _, said = run("--sort", "name")
    assert [line.split()[0] for line in said.splitlines()[1:]] == ["PRESS-01", "PRESS-02", "PRESS-03"]


def test_json_and_csv_hold_every_figure(run, plant):
    document = json.loads(run("--format", "json")[1])
    table = list(csv.DictReader(run("--format", "csv")[1].splitlines()))
    assert set(document[0]) == set(HEADINGS)
    assert [row["device_id"] for row in table] == [row["device_id"] for row in document]
    assert document[2]["round_trip_p99_ms"] == 31.25
    assert document[1]["polls_due"] is None
    assert document[0]["as_of"][:4] == time.strftime("%Y")


def test_without_devices_it_says_what_to_do_next(run):
    assert run()[1].startswith("No devices yet")
