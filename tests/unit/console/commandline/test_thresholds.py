"""`main.py thresholds` on a real database, as it is called."""

import argparse
import json
from dataclasses import replace

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from console.commandline.command import CommandError
from console.commandline.thresholds import COMMAND
from console.settings import Settings
from models.database import Database
from models.metrics import METRIC_COUNT
from models.queries.catalogue import import_devices, load_thresholds
from models.queries.readings import insert_readings
from models.records.device import DeviceId
from models.records.device_entry import DeviceEntry
from models.records.reading import Reading
from models.records.threshold import Severity, Threshold
from tests.unit.console.catalogue.threshold_parts import device, threshold


@pytest.fixture
def database(database_url):
    opened = Database(database_url, "tests")
    limits = (
        threshold(0, user_id=None),
        threshold(0, severity=Severity.CRITICAL, max_value=90.0, user_id=None),
    )
    with opened.transaction() as connection:
        entries = [DeviceEntry(replace(device(number), id=DeviceId(0)), limits) for number in (1, 2)]
        import_devices(connection, entries)
    yield opened
    opened.close()


@pytest.fixture
def stored(database):
    """All thresholds as they are stored now, by number."""

    def load() -> dict[int, Threshold]:
        with database.transaction() as connection:
            return {int(limit.id): limit for limit in load_thresholds(connection)}

    return load


@pytest.fixture
def run(capsys, tmp_path, database, database_url):
    """`run("list")` is `main.py thresholds list`; returns what was printed."""
    (tmp_path / "data").mkdir()

    def call(*arguments):
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        settings = Settings(tmp_path / "data", database_url)
        assert COMMAND.run(parser.parse_args([str(argument) for argument in arguments]), settings) == 0
        return capsys.readouterr().out.strip()

    return call


def test_the_list_is_narrowed_and_shows_who_keeps_each(run, stored):
    number = min(stored())
    lines = run("list", "--device", "PRESS-01", "--severity", "warning").splitlines()
    assert (len(lines), lines[1].split()[:4]) == (2, [str(number), "PRESS-01", "Temperature", "warning"])
    (row,) = json.loads(run("list", "--device", "PRESS-02", "--severity", "critical", "--format", "json"))
    assert (row["max"], row["deadband"], row["rule"], row["alerts_30d"]) == (90.0, 0.0, "limit", 0)
    assert run("list", "--noisy") == run("list", "--off") == "No thresholds."
    with pytest.raises(CommandError, match="No device of yours has the id X-1"):
        run("list", "--device", "X-1")


def test_fields_are_set_in_several_thresholds_and_the_rest_stays(run, stored):
    first, second, *_ = sorted(stored())
    said = run(
        "set", first, second, "--deadband", "1,5", "--on-delay", "1 min", "--cause", "hot", "--max", "80"
    )
    assert said.splitlines()[0] == (
        "Press 1 · Temperature · warning: Maximum 70 °C → 80 °C, Deadband 0 °C → 1.5 °C, "
        "On-delay 0 s → 60 s, Cause none → hot"
    )
    after = stored()
    assert [(after[n].max_value, after[n].deadband, after[n].on_delay_s) for n in (first, second)] == [
        (80.0, 1.5, 60.0)
    ] * 2
    assert run("set", first, "--cause", "none").endswith("1 changed, 0 unchanged.")
    assert stored()[first].guidance.cause == ""


def test_a_threshold_goes_out_of_service_with_a_reason_and_comes_back(run, stored):
    number = min(stored())
    run("disable", number, "--reason", "permit 12")
    assert (stored()[number].enabled, stored()[number].disabled_reason) == (False, "permit 12")
    assert "off: permit 12" in run("list", "--off")
    run("enable", number)
    assert (stored()[number].enabled, stored()[number].disabled_reason) == (True, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("set", "{n}", "--max", "hot"), "Maximum: 'hot' is not a number."),
        (("set", "{n}", "--min", "80"), "Minimum 80 °C must lie below the maximum of 70 °C."),
        (("set", "{n}", "--amount", "3"), "Amount means nothing to the rule Limit"),
        (("set", "{n}", "--severity", "critical"), "has a critical threshold of this rule on Temperature"),
        (("set", "{n}", "--owner", "Nobody"), "Nobody is called 'Nobody'"),
        (("set", "999999", "--max", "3"), "No threshold of yours has the number 999999"),
        (("disable", "{n}", "--reason", " "), "Say why it is out of service"),
        (("back-test", "{n}", "--max", "2000"), "No value above 1400 °C is believed"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(run, stored, arguments, sentence):
    before = stored()
    number = min(before)
    with pytest.raises(CommandError, match=sentence):
        run(*(argument.format(n=number) for argument in arguments))
    assert stored() == before


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_list_goes_out_and_comes_back_changed(run, stored, tmp_path, ending):
    path = tmp_path / f"limits.{ending}"
    assert run("export", path) == f"4 thresholds written to {path}."
    assert run("import", path) == "0 added, 0 changed, 0 removed, 4 unchanged."
    number = min(stored())
    header = "Threshold,Maximum,Deadband\r\n"
    path = tmp_path / "changed.csv"
    path.write_text(f"{header}{number},77,2\r\n", encoding="utf-8")
    dry = run("import", path, "--dry-run").splitlines()
    assert dry == [
        "row 2  Press 1 · Temperature · warning: Maximum 70 °C → 77 °C, Deadband 0 °C → 2 °C",
        "0 added, 1 changed, 0 removed, 0 unchanged; nothing was stored.",
    ]
    assert stored()[number].max_value == 70.0
    run("import", path)
    assert (stored()[number].max_value, len(stored())) == (77.0, 4)
    assert "1 removed" in run("import", path, "--remove")
    assert len(stored()) == 3


def test_an_export_of_one_device_is_a_workbook_with_its_rows_only(run, tmp_path):
    run("export", tmp_path / "one.xlsx", "--device", "PRESS-02")
    page = load_workbook(tmp_path / "one.xlsx")["Thresholds"]
    assert [row[1].value for row in page.iter_rows()] == ["Device id", "PRESS-02", "PRESS-02"]


def test_a_file_with_faults_is_refused_whole_with_every_cell(run, stored, tmp_path):
    before = stored()
    first, second, *_ = sorted(before)
    path = tmp_path / "bad.csv"
    path.write_text(f"Threshold;Maximum\n{first};75,5\n{second};warm\n99;1\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"2 cells to mend") as caught:
        run("import", path)
    assert [line.strip()[:3] for line in str(caught.value).splitlines()[1:]] == ["B3:", "A4:"]
    assert stored() == before


def test_a_file_that_cannot_be_written_or_read_is_named(run, tmp_path):
    with pytest.raises(CommandError, match="cannot be written"):
        run("export", tmp_path / "no" / "t.csv")
    with pytest.raises(CommandError, match="end it in"):
        run("export", tmp_path / "t.doc")
    with pytest.raises(CommandError, match="cannot be read"):
        run("import", tmp_path / "missing.csv")


def test_the_past_is_replayed_with_other_settings(run, stored, database):
    number = min(stored())
    known = stored()[number]
    with database.transaction() as connection:
        now = connection.execute(text("SELECT extract(epoch FROM now())::float8")).scalar_one()
        times = [round(now) - 3600 + second for second in range(600)]
        insert_readings(
            connection,
            [
                Reading(
                    known.device, at, (75.0 if second % 60 < 10 else 60.0,) + (20.0,) * (METRIC_COUNT - 1), 0
                )
                for second, at in enumerate(times)
            ],
        )
    said = run("back-test", number, "--days", "1", "--episodes").splitlines()
    assert said[1] == "0 alerts really came in 1 day; 10 would have come."
    assert (said[2], len(said)) == ("Nobody acted on any of them.", 13)
    assert "; 0 would have come." in run("back-test", number, "--days", "1", "--on-delay", "30")


def test_days_beyond_thirty_are_bad_usage(run, capsys):
    with pytest.raises(SystemExit) as caught:
        run("back-test", "1", "--days", "31")
    assert (caught.value.code, "31 is not between 1 and 30" in capsys.readouterr().err) == (2, True)
