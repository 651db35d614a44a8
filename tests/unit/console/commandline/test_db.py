import argparse
from pathlib import Path

import pytest

from console.commandline.command import CommandError
from console.commandline.db import COMMAND
from console.settings import Settings
from models.errors import DatabaseAway, NeedsSetup
from models.migrations import REVISION


@pytest.fixture
def run(capsys, tmp_path):
    """`run("check")` runs `main.py db check` on a folder of its own and returns what it printed."""

    def call(action: str, database_url: str | None = None) -> str:
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        assert COMMAND.run(parser.parse_args([action]), Settings(tmp_path, database_url)) == 0
        return capsys.readouterr().out.strip()

    return call


def test_an_embedded_database_is_made_checked_and_left_stopped(run, tmp_path: Path):
    assert f"was set up, revision {REVISION}" in run("init")
    assert f"already has revision {REVISION}" in run("upgrade")
    assert "is in order" in run("check")
    assert run("url").startswith("postgresql://console_owner@/console?host=")
    assert run("stop") == "The database was not running."


@pytest.mark.parametrize("action", ["upgrade", "check", "url"])
def test_what_needs_a_database_names_the_command_that_makes_one(run, action):
    with pytest.raises(CommandError, match=r"no database in .* run: main\.py db init"):
        run(action)


def test_a_database_by_address_is_set_up_and_checked(run, empty_database_url):
    with pytest.raises(NeedsSetup, match="is empty"):
        run("check", empty_database_url)
    run("init", empty_database_url)
    assert f"revision    {REVISION}" in run("check", empty_database_url)


def test_an_address_is_printed_without_its_password(run):
    assert run("url", "postgresql://bob:geheim@plant/db") == "postgresql://bob:***@plant/db"


def test_a_database_by_address_is_not_ours_to_stop(run):
    with pytest.raises(CommandError, match="was not started by this program"):
        run("stop", "postgresql://bob:geheim@plant/db")


def test_a_server_that_is_away_is_told_in_a_sentence(run):
    with pytest.raises(DatabaseAway, match=r"127\.0\.0\.1:1 does not answer \(Connection refused\)"):
        run("check", "postgresql://bob:geheim@127.0.0.1:1/db")
