import argparse
import csv
import json

import pytest
from sqlalchemy import text

from console.commandline.command import CommandError
from console.commandline.db import COMMAND
from console.settings import Settings
from models.audit_anchors import AnchorFile


@pytest.fixture
def run(capsys, tmp_path, database_url):
    """`run("verify-audit")` runs `main.py db verify-audit` on a fresh database, returns what it says."""

    def call(*words: str) -> str:
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        assert COMMAND.run(parser.parse_args(words), Settings(tmp_path, database_url)) == 0
        return capsys.readouterr().out.strip()

    return call


@pytest.fixture
def change(database):
    def make(version, url="https://x"):
        with database.transaction() as connection:
            connection.execute(
                text("INSERT INTO app.ota_versions (version, firmware_url) VALUES (:version, :url)"),
                {"version": version, "url": url},
            )

    return make


@pytest.fixture
def tamper(database):
    def run_unguarded(statement):
        with database.transaction() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement))

    return run_unguarded


def test_a_whole_trail_is_said_to_be_whole_and_how_far_that_reaches(run, change, database, tmp_path):
    change("1")
    said = run("verify-audit")
    assert "is whole: 2 lines" in said
    assert "holds no anchor" in said
    AnchorFile(tmp_path).keep_head(database)
    assert "agrees with 1 anchors that this computer's station kept" in run("verify-audit")


def test_a_changed_line_is_named(run, change, tamper):
    change("1")
    tamper("UPDATE app.audit_log SET actor = 'nobody' WHERE seq = 2")
    with pytest.raises(CommandError, match=r"Line 2 \(.* UTC, .*\) was changed .* The 1 lines before it are"):
        run("verify-audit")


def test_a_trail_cut_off_together_with_its_end_is_found_by_what_the_station_kept(
    run, change, tamper, database, tmp_path
):
    change("1")
    AnchorFile(tmp_path).keep_head(database)
    tamper("DELETE FROM app.audit_log WHERE seq = 2")
    tamper("UPDATE app.audit_head SET (seq, hash) = (SELECT seq, hash FROM app.audit_log WHERE seq = 1)")
    with pytest.raises(CommandError, match="Line 2 is missing"):
        run("verify-audit")


def test_a_table_that_is_not_watched_is_named(run, tamper):
    tamper("ALTER TABLE app.devices DISABLE TRIGGER audit_changed")
    with pytest.raises(CommandError, match="Changes of devices are not watched now"):
        run("verify-audit")


def test_changes_are_shown_newest_first(run, change):
    change("1")
    change("2")
    lines = run("audit", "--table", "ota_versions").splitlines()
    assert [line.split()[0] for line in lines] == ["ENTRY", "3", "2"]
    assert "INSERT" in lines[1]


def test_a_person_is_found_by_number_or_told_to_be_unknown(run, change):
    change("1")
    assert len(run("audit", "--person", "1").splitlines()) >= 2
    with pytest.raises(CommandError, match="Nobody has the name or e-mail 'robert@x'"):
        run("audit", "--person", "robert@x")


def test_an_export_holds_every_line_and_nothing_that_a_spreadsheet_computes(run, change, tmp_path):
    change("1", "=HYPERLINK()")
    for name in ("trail.csv", "trail.json"):
        run("audit", "--since", "2000-01-01", "--export", str(tmp_path / name))
    told = json.loads((tmp_path / "trail.json").read_text())
    with (tmp_path / "trail.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [line["entry"] for line in told] == [int(row["entry"]) for row in rows] == [1, 2]
    assert told[1]["after"]["firmware_url"] == json.loads(rows[1]["after"])["firmware_url"] == "=HYPERLINK()"
    assert rows[1]["hash"] == told[1]["hash"]


def test_a_workstation_that_calls_itself_a_formula_is_written_as_text(run, database, tmp_path):
    with database.transaction() as connection:
        connection.execute(text("SET LOCAL application_name = '=1+1'"))
        connection.execute(text("INSERT INTO app.ota_versions (version, firmware_url) VALUES ('1', 'u')"))
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    run("audit", "--export", str(tmp_path / "trail.csv"))
    with (tmp_path / "trail.csv").open(newline="") as file:
        assert list(csv.DictReader(file))[-1]["workstation"] == "'=1+1"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--since", "1h", "--until", "2h"), "is not before"),
        (("--export", "trail.xls"), "must end with"),
        (("--export", "/nowhere/trail.csv"), "cannot be written"),
        (("--limit", "0"), "at least 1"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(run, words, told):
    with pytest.raises(CommandError, match=told):
        run("audit", *words)
