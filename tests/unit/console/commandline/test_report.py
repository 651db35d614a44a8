import argparse
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from console.commandline.command import CommandError
from console.commandline.report import COMMAND
from console.settings import Settings
from models.queries.catalogue import load_thresholds
from tests.unit.models.conftest import committed_device  # noqa: F401 - a fixture
from tests.unit.models.queries.journal_rows import add_alert


@pytest.fixture
def run(capsys, qapp, tmp_path, database_url):
    """`run("alarms")` is `main.py report alarms` on a fresh database; returns what was printed."""

    def call(*words: str) -> str:
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        assert COMMAND.run(parser.parse_args(words), Settings(tmp_path, database_url)) == 0
        return capsys.readouterr().out.strip()

    return call


@pytest.fixture
def alerts(database, committed_device):  # noqa: F811
    """Three alerts of the last hour, on a device of the last two days."""
    now = datetime.now(UTC)
    with database.transaction() as connection:
        connection.execute(text("UPDATE app.devices SET created_at = :at"), {"at": now - timedelta(days=2)})
        (threshold,) = load_thresholds(connection)
        for minutes in (50, 40, 30):
            at = now - timedelta(minutes=minutes)
            add_alert(connection, threshold.id, at, stood_s=300, acknowledged_s=60, person=1)


def test_figures_are_printed_with_target_and_verdict(run, alerts):
    said = run("alarms", "--since", "24h")
    assert said.startswith("3 alerts in 1 d 0 h.")
    assert "An indication: a verdict needs 30 days." in said
    (line,) = [line for line in said.splitlines() if line.startswith("Alerts per day")]
    assert line.split() == ["Alerts", "per", "day,", "average", "3", "≈", "144,", "at", "most", "288", "good"]


def test_json_holds_every_figure_and_the_worst(run, alerts):
    document = json.loads(run("alarms", "--since", "24h", "--format", "json"))
    assert len(document["figures"]) == 20
    assert document["annunciations"] == 3
    assert document["worst"][0]["alerts"] == 3
    assert len(document["availability"]) == 1


@pytest.mark.parametrize(("kind", "begin"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"Report")])
def test_files_are_written(run, alerts, tmp_path, kind, begin):
    path = tmp_path / "report.out"
    assert run("alarms", "--since", "24h", "--format", kind, "--output", str(path)) == ""
    assert path.read_bytes().startswith(begin)


def test_a_site_without_anything_says_so(run):
    assert run("alarms") == "Nothing was recorded in this time, so there is no figure."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("alarms", "--since", "now"), "is not before"),
        (("alarms", "--since", "yesterday"), "is no time"),
        (("alarms", "--format", "pdf"), "add --output FILE.pdf"),
        (("alarms", "--format", "csv", "--output", "/missing/x.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run, words, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*words)
