import argparse
import json
from contextlib import closing

import pytest

from console.commandline.command import CommandError
from console.commandline.handover import COMMAND
from console.settings import Settings
from models.database import Database
from models.errors import NotAllowed, Rejected
from tests.account_parts import PASSWORD, Site


@pytest.fixture
def site(database_url):
    with closing(Site(Database(database_url, "tests"))) as opened:
        yield opened


@pytest.fixture
def run(capsys, qapp, tmp_path, database_url, monkeypatch):
    """`run("list", by=person)` is `main.py handover list --as EMAIL`; returns what was printed."""

    def call(*arguments, by):
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
        settings = Settings(tmp_path / "data", database_url, person=by.email)
        assert COMMAND.run(parser.parse_args(arguments), settings) == 0
        return capsys.readouterr().out.strip()

    (tmp_path / "data").mkdir()
    return call


def test_a_shift_goes_from_draft_to_two_signatures(run, site):
    olga, piet = site.add(name="Olga"), site.add(name="Piet")
    drafted = run("draft", "--save", "--note", "general=filter ordered", by=olga)
    assert "ANYTHING ELSE\nNothing.\nNote: filter ordered" in drafted
    assert "sign it with: main.py handover sign 1" in drafted
    assert "waits for the person taking over" in run("sign", "1", by=olga)
    with pytest.raises(NotAllowed, match="two persons sign"):
        run("sign", "1", by=olga)
    assert "taken over from Olga" in run("sign", "1", by=piet)
    with pytest.raises(CommandError, match="never changes"):
        run("sign", "1", by=piet)
    assert run("list", by=piet).splitlines()[1].split()[-5:] == ["signed", "by", "both", "Olga", "Piet"]


def test_a_handover_is_shown_as_text_json_and_pdf(run, site, tmp_path):
    olga = site.add(name="Olga")
    run("draft", "--shift", "last", "--save", by=olga)
    assert "OPEN ALERTS\nNo alert is open." in run("show", "1", by=olga)
    document = json.loads(run("show", "1", "--format", "json", by=olga))
    assert (document["state"], document["outgoing"]) == ("draft", None)
    path = tmp_path / "handover.pdf"
    assert run("show", "1", "--format", "pdf", "--output", str(path), by=olga) == ""
    assert path.read_bytes().startswith(b"%PDF")


def test_a_draft_that_is_not_kept_leaves_nothing(run, site):
    olga = site.add(name="Olga")
    run("draft", by=olga)
    assert run("list", by=olga) == "No handovers."
    assert json.loads(run("list", "--format", "json", by=olga)) == []


def test_a_number_that_is_none_is_refused(run, site):
    with pytest.raises(Rejected, match="no handover with number 7"):
        run("show", "7", by=site.add())


def test_a_section_that_is_none_is_bad_usage(run, site):
    with pytest.raises(SystemExit):
        run("draft", "--note", "weather=fine", by=site.add())
