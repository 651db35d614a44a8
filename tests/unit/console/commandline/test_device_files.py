"""`main.py device import, export, history, restore, undo` on a real database, as they are called."""

import argparse
import json
import re
import stat

import pytest

from console.commandline.command import CommandError
from console.commandline.device import COMMAND
from console.settings import Settings
from models.database import Database
from models.errors import AlreadyDone
from models.queries.catalogue import load_devices, load_thresholds

HEADER = "device_id,name,type,location,driver,host,unit,metric,address,warning.max"
PUMPS = "P-{1..3},Pump {1..3},pump,Hall A,modbus-tcp,10.0.3.{11..},1,temperature,holding:1,70"


@pytest.fixture
def run(capsys, tmp_path, database_url):
    (tmp_path / "data").mkdir()

    def call(*arguments):
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        settings = Settings(tmp_path / "data", database_url)
        assert COMMAND.run(parser.parse_args([str(argument) for argument in arguments]), settings) == 0
        return capsys.readouterr().out.strip()

    return call


@pytest.fixture
def devices(database_url):
    def load():
        database = Database(database_url, "tests")
        with database.transaction() as connection:
            found = {one.device_id: one for one in load_devices(connection)}
            limits = load_thresholds(connection)
        database.close()
        return found, limits

    return load


@pytest.fixture
def file(tmp_path):
    def write(*lines):
        path = tmp_path / "devices.csv"
        path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
        return path

    return write


def number_in(text):
    found = re.search(r"device undo (\d+)", text)
    assert found is not None, text
    return found[1]


def test_a_file_goes_in_whole_and_again_changes_nothing(run, file, devices):
    dry = run("import", file(PUMPS), "--dry-run")
    assert dry.endswith("3 new; nothing was stored.")
    assert devices()[0] == {}

    assert "Devices: 3 added." in run("import", file(PUMPS))
    stored, limits = devices()
    assert list(stored) == ["P-1", "P-2", "P-3"]
    assert sorted(one.rule.value for one in limits) == ["limit"] * 3 + ["offline"] * 3

    assert run("import", file(PUMPS)) == "Devices: 3 as they were."


def test_with_a_fault_nothing_is_stored_unless_the_valid_rows_are_asked_for(run, file, devices):
    bad = file(PUMPS, "Q,Q,pump,Hall,modbus-tcp,h,1,temperature,nowhere:1,")

    with pytest.raises(
        CommandError, match=r"(?s)Nothing was imported: 1 place to mend .*\n  I3: .*--valid-only"
    ):
        run("import", bad)
    assert devices()[0] == {}

    told = run("import", bad, "--valid-only")
    assert "left out: I3: " in told
    assert "Devices: 3 added, 1 left out." in told
    assert list(devices()[0]) == ["P-1", "P-2", "P-3"]


def test_an_import_is_taken_back_whole(run, file, devices):
    run("import", file(PUMPS))
    second = run(
        "import", file(PUMPS.replace("Hall A", "Hall B"), "Q,Q,pump,H,modbus-tcp,h,1,rpm,holding:1,")
    )
    assert {one.location for one in devices()[0].values()} == {"Hall B", "H"}

    told = run("undo", number_in(second))

    assert told.startswith("4 devices are as before")
    assert {one.location for one in devices()[0].values()} == {"Hall A"}
    run("undo", number_in(told))
    assert {one.location for one in devices()[0].values()} == {"Hall B", "H"}


def test_what_was_changed_since_is_named_and_can_be_left_alone(run, file, devices):
    first = number_in(run("import", file(PUMPS)))
    run("import", file(PUMPS.replace("{1..3}", "{2..2}").replace("Hall A", "Hall C")))

    with pytest.raises(AlreadyDone, match=r"(?s)1 device was changed since.*P-2 was changed by "):
        run("undo", first)
    assert len(devices()[0]) == 3

    assert "left alone: P-2 was changed by " in run("undo", first, "--rest")
    assert list(devices()[0]) == ["P-2"]


def test_history_says_what_changed_and_a_revision_comes_back(run, file, devices):
    run("import", file(PUMPS))
    run("import", file(PUMPS.replace("Hall A", "Hall B").replace("holding:1", "holding:9")))

    rows = json.loads(run("history", "P-2", "--format", "json"))
    assert [row["revision"] for row in rows] == [2, 1]
    assert rows[0]["changes"] == ["Area Hall A → Hall B", "Tag Temperature, address holding:1 → holding:9"]
    assert "Area Hall B → Hall A" in run("restore", "P-2", 1, "--dry-run")
    assert devices()[0]["P-2"].location == "Hall B"

    assert "P-2 is as in revision 1." in run("restore", "P-2", 1)
    assert devices()[0]["P-2"].location == "Hall A"
    assert run("restore", "P-2", 1) == "P-2 is like this already."
    assert "Area Hall B → Hall A" in run("history", "P-2")
    assert run("history").count("\n") == 3


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_what_goes_out_comes_back_unchanged(run, file, tmp_path, ending):
    run("import", file(PUMPS))
    path = tmp_path / f"out.{ending}"

    assert run("export", path) == f"3 devices written to {path}."
    assert run("import", path) == "Devices: 3 as they were."
    assert run("export", path, "--device", "P-2").startswith("1 devices")


def test_a_file_with_secrets_is_its_owners_alone(run, file, tmp_path):
    run("import", file(PUMPS))
    path = tmp_path / "out.csv"
    run("export", path)

    run("export", path, "--with-secrets")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("import", "devices.txt"),
            "devices.txt ends in .txt; use a file that ends in .csv, .xlsx or .json.",
        ),
        (("import", "gone.xlsx"), "gone.xlsx cannot be read: No such file or directory."),
        (("export", "out.txt"), "out.txt ends in .txt"),
        (("history", "NOBODY"), "No device of yours has or had the id 'NOBODY'."),
        (("profiles", "nothing"), "'nothing' is no profile"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(run, arguments, sentence):
    with pytest.raises(CommandError, match=re.escape(sentence)):
        run(*arguments)
