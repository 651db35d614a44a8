"""`main.py alerts` on a real database, as it is called."""

import argparse
import csv
import io
import json

import pytest

from console.commandline.alerts import COMMAND
from console.commandline.command import CommandError
from console.settings import Settings
from models.errors import Rejected
from models.queries.catalogue import current_person
from tests.unit.models.queries.alarm_parts import Plant


@pytest.fixture
def plant(newest_site):
    made = Plant(newest_site)
    yield made
    made.close()


@pytest.fixture
def run(capsys, tmp_path, plant, database_url):
    """`run("list")` is `main.py alerts list`, as the owner: exit code, standard output, standard error."""
    (tmp_path / "data").mkdir()

    def call(*arguments):
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        options = parser.parse_args([str(argument) for argument in arguments])
        code = COMMAND.run(options, Settings(tmp_path / "data", database_url))
        out, err = capsys.readouterr()
        return code, out.strip(), err.strip()

    return call


@pytest.fixture
def alarm(plant):
    made = plant.alarm()
    made.tell("raised")
    return made


@pytest.fixture
def number(alarm):
    return alarm.alerts()[0]


@pytest.fixture
def owner(plant):
    with plant.site.owner.transaction() as connection:
        return current_person(connection).name


def test_open_alerts_are_listed_with_letter_and_word_of_their_state(run, number):
    code, out, _err = run("list")
    header, line = out.splitlines()
    assert (code, header.split()) == (0, ["ID", "SEVERITY", "STATE", "DEVICE", "AGE", "MESSAGE"])
    assert line.startswith(f"{number}  ")
    assert "B unacknowledged" in line


def test_where_nothing_is_open_that_is_said(run):
    assert run("list") == (0, "No alerts.", "")


def test_an_alert_goes_from_acknowledged_to_resolved(run, alarm, number):
    assert run("acknowledge", number, "--comment", "seen") == (0, f"{number}: Acknowledged.", "")
    code, out, err = run("resolve", number)
    assert (code, out, "still stands" in err) == (1, "", True)
    alarm.tell("cleared")
    assert "resolved" in run("history")[1]


def test_the_second_acknowledgement_fails_and_tells_of_the_first(run, number, owner):
    run("acknowledge", number)
    code, out, err = run("acknowledge", number, number)
    assert (code, out, err.count("\n")) == (1, "", 0)
    assert err.startswith(f"{number}: Already acknowledged by {owner} at ")


def test_what_was_done_is_done_though_something_else_named_does_not_exist(run, number):
    code, out, err = run("acknowledge", number, 999)
    assert (code, out, err) == (1, f"{number}: Acknowledged.", "999: Alert 999 does not exist.")


def test_history_is_filtered_and_sorted_as_asked(run, plant, alarm):
    other = plant.alarm(severity="critical")
    other.tell("raised")
    other.tell("cleared")
    other.resolve()
    code, out, _err = run(
        "history", "--status", "resolved", "--format", "json", "--since", "1h", "--sort", "device"
    )
    (row,) = json.loads(out)
    assert (code, row["status"], row["state"], row["resolved_by"]) == (
        0,
        "resolved",
        "A",
        plant.operator.name,
    )
    assert len(json.loads(run("history", "--format", "json")[1])) == 2
    assert json.loads(run("history", "--text", "nothing of the kind", "--format", "json")[1]) == []


def test_a_history_of_more_than_a_page_is_read_page_by_page(run, plant, monkeypatch):
    monkeypatch.setattr("console.commandline.alert_listing._PAGE", 2)
    alarms = [plant.alarm() for _ in range(5)]
    plant.tell(plant.station, *(alarm.finding("raised") for alarm in alarms))
    rows = csv.DictReader(io.StringIO(run("history", "--format", "csv", "--limit", 4)[1]))
    assert len({row["id"] for row in rows}) == 4


def test_a_device_that_is_unknown_is_a_sentence(run):
    with pytest.raises(CommandError, match=r"No device has the id 'NONE'"):
        run("history", "--device", "NONE")


def test_the_journal_tells_newest_first_who_did_what(run, number, owner):
    run("comment", number, "--comment", "smells hot")
    code, out, _err = run("journal", number)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 3)
    assert ["commented" in lines[1], owner in lines[1], "smells hot" in lines[1], "raised" in lines[2]] == [
        True
    ] * 4
    kinds = [event["kind"] for event in json.loads(run("journal", "--format", "json")[1])]
    assert kinds == ["commented", "raised"]


def test_a_comment_that_looks_like_a_formula_stays_words_in_a_table(run, number):
    run("comment", number, "--comment", "=1+1")

    rows = csv.DictReader(io.StringIO(run("journal", "--format", "csv")[1]))

    assert next(rows)["comment"] == "'=1+1"


def test_the_journal_of_no_alert_is_a_sentence(run):
    with pytest.raises(CommandError, match="There is no alert 4711 that you may see"):
        run("journal", 4711)


def test_even_a_critical_alert_is_shelved_by_whoever_has_just_signed_in(run, plant, owner):
    alarm = plant.alarm(severity="critical")
    alarm.tell("raised")
    (number,) = alarm.alerts()
    assert run("shelve", number, "--for", "2h", "--reason", "valve") == (0, f"{number}: Shelved.", "")
    (row,) = json.loads(run("shelves", "--format", "json")[1])
    assert (row["threshold"], row["by"], row["reason"], row["signed"]) == (
        alarm.threshold,
        owner,
        "valve",
        True,
    )
    assert "G shelved" in run("list")[1]


def test_the_second_to_shelve_is_told_and_what_lies_there_is_taken_back(run, alarm, number, owner):
    run("shelve", alarm.threshold, "--threshold", "--for", "15min", "--reason", "valve", "--once")
    code, _out, err = run("shelve", number, "--for", "1h", "--reason", "again")
    assert (code, err.startswith(f"{number}: Already shelved by {owner} at ")) == (1, True)
    assert run("unshelve", number) == (0, f"{number}: Taken from the shelf.", "")
    assert run("unshelve", number) == (1, "", f"{number}: Not on the shelf.")
    assert run("shelves")[1] == "Nothing is on the shelf."
    assert "unshelved" in run("shelves", "--since", "1h")[1]


@pytest.mark.parametrize("length", ["13h", "nan", "inf", "-1", "0"])
def test_shelving_for_longer_than_the_site_allows_is_refused(run, number, length):
    with pytest.raises((Rejected, CommandError)):
        run("shelve", number, f"--for={length}", "--reason", "valve")


def test_what_is_no_length_of_time_is_a_sentence(run, number):
    with pytest.raises(CommandError, match=r"^--for: .*a while"):
        run("shelve", number, "--for", "a while", "--reason", "valve")


def test_a_device_goes_into_maintenance_and_comes_out_of_it(run, alarm):
    hardware_id = alarm.value("SELECT device_id FROM app.devices WHERE id = :device")
    begun = run("maintenance", "begin", hardware_id, "--for", "8h", "--reason", "bearing")
    assert begun == (0, f"{hardware_id}: In maintenance.", "")
    assert "bearing" in run("maintenance", "list")[1]
    assert "H suppressed" in run("list")[1]
    assert run("maintenance", "end", hardware_id)[1] == f"{hardware_id}: Out of maintenance."
    assert run("maintenance", "end", hardware_id) == (1, "", f"{hardware_id}: Was not in maintenance.")
    assert run("maintenance", "list")[1] == "No device is in maintenance."
    assert "ended" in run("maintenance", "list", "--since", "1h")[1]


@pytest.mark.parametrize(
    "action", ["list", "history", "journal", "acknowledge", "shelve", "shelves", "maintenance"]
)
def test_every_action_explains_itself_with_an_example(capsys, action):
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    with pytest.raises(SystemExit) as left:
        parser.parse_args([action, "--help"])
    assert (left.value.code, f"Example: main.py alerts {action}" in capsys.readouterr().out) == (0, True)


@pytest.mark.parametrize(
    "wrong", [["acknowledge"], ["acknowledge", "x"], ["shelve", "1"], ["comment", "1"], []]
)
def test_a_wrong_call_ends_with_2(capsys, wrong):
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    with pytest.raises(SystemExit) as left:
        parser.parse_args(wrong)
    assert left.value.code == 2
