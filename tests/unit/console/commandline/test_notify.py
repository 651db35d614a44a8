"""`main.py notify`, as an administrator at a terminal uses it, with a real mail server."""

import json
from dataclasses import replace

import pytest

from console.cli import main
from models.credentials import MemoryStore
from models.notification_secrets import sealed_channel
from models.queries.notification_deliveries import load_deliveries
from models.queries.notification_queue import claim_message, finish_message
from models.records.notification import Attempt, DeliveryState, Outcome, Security
from models.records.person import Role
from models.workstation import WorkstationKeys
from tests.account_parts import PASSWORD
from tests.unit.console.station.notifications.servers import HOST, USER, Mailbox, mail_server
from tests.unit.models.notification_parts import (
    HOOK,
    MAIL,
    add_channel,
    add_device,
    add_rule,
    happen,
    sent_messages,
)


@pytest.fixture
def site(newest_site):
    return newest_site


@pytest.fixture
def run(database_url, site, tmp_path, monkeypatch, capsys):
    """`run("list")` as an administrator (or `role`): exit code, stdout, stderr."""
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    monkeypatch.setenv("CONSOLE_CREDENTIALS", "file")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    persons = {}

    def call(*arguments, role=Role.ADMIN):
        person = persons.setdefault(role, site.add(role))
        common = ["--data", str(tmp_path / "data"), "--database", database_url, "--as", person.email]
        code = main([*common, "notify", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def channel(site):
    """Put a channel into the site's database: `channel(HOOK, …)`."""

    def put(kind=MAIL, **changes):
        with site.owner.transaction() as connection:
            return add_channel(connection, kind, **changes)

    return put


def test_channels_and_rules_are_listed_without_any_secret(run, site, channel):
    assert "Settings › Notifications" in run("list")[1]
    made = channel()
    with site.owner.transaction() as connection:
        add_rule(connection, made, name="On call", addresses=("a@b.example",), delay_s=60.0)
    code, out, _ = run("list")
    assert code == 0
    assert out.splitlines()[1].split() == ["Mail", "E-mail", "mail.plant.example:587", "used"]
    assert "On call  Mail  critical, warning, info  always  60 s" in out
    document = json.loads(run("list", "--format", "json")[1])
    assert document["channels"][0]["has_secret"] is False
    assert document["rules"][0]["addresses"] == ["a@b.example"]


def test_a_test_is_really_sent_and_tells_each_step(run, channel):
    box = Mailbox()
    with mail_server(box) as port:
        channel(MAIL, host=HOST, port=port, security=Security.NONE)
        code, out, _ = run("test", "mail", "--to", "anna@plant.example")
    assert code == 0
    assert [
        line.partition("  ")[2].partition("s  ")[2].partition(":")[0] for line in out.splitlines()[:6]
    ] == [
        "Name found",
        "Connected",
        "Greeted",
        "Sender accepted",
        "Recipient accepted",
        "Message accepted",
    ]
    assert box.mails[0]["Subject"] == "Test of notifications: this channel works"


def test_a_failed_test_says_why_and_exits_with_1(run, channel):
    channel(MAIL, host=HOST, port=1)
    code, out, err = run("test", "Mail")
    assert code == 1
    assert "Name found" in out
    assert "cannot be reached on port 1" in err


def test_a_channel_that_is_not_there_is_named_with_those_that_are(run, channel):
    channel(HOOK)
    code, _, err = run("test", "Pager")
    assert (code, err) == (1, "There is no channel 'Pager'; there are: Hook.\n")


def test_without_the_key_a_test_says_how_to_get_it(run, site, channel):
    store = MemoryStore()
    keys = WorkstationKeys(lambda: store, "elsewhere")
    with site.owner.transaction() as connection:
        keys.create(connection, "office")
        sealed = sealed_channel(replace(MAIL, username=USER), "secret word", None, keys.open_box(connection))
        add_channel(connection, sealed)
    code, out, err = run("test", "Mail")
    assert code == 1
    assert "main.py key request" in err
    assert "secret word" not in out + err


def test_messages_are_listed_tried_again_and_cancelled(run, site, channel):
    made = channel()
    with site.owner.transaction() as connection:
        add_rule(connection, made, addresses=("a@b.example", "c@d.example"))
        happen(connection, add_device(connection)[0])
        first, second = sent_messages(connection)
        finish_message(connection, first, Attempt(Outcome.FAILED, error="550 no such user."), 0)
        finish_message(connection, second, Attempt(Outcome.RETRY, error="No answer."), 600)
    code, out, _ = run("deliveries")
    assert code == 0
    assert "1 critical" in out
    assert "550 no such user." in out
    assert out.splitlines()[-1] == "0 alerts held back, 1 messages to be sent, 1 failed."
    assert [row["state"] for row in json.loads(run("deliveries", "--format", "json")[1])] == [
        "waiting",
        "failed",
    ]
    assert run("deliveries", "--state", "sent")[1].startswith("0 alerts")

    assert run("retry")[0] == 1
    assert run("retry", "--failed")[1] == "1 messages are tried again now.\n"
    assert run("cancel", second.delivery)[1] == "1 messages were cancelled.\n"
    assert run("cancel", second.delivery)[0] == 1
    with site.owner.transaction() as connection:
        states = {delivery.id: delivery.state for delivery in load_deliveries(connection)}
        assert states == {first.delivery: DeliveryState.WAITING, second.delivery: DeliveryState.CANCELLED}


def test_a_test_may_be_left_to_a_station(run, site, channel):
    made = channel(HOOK)
    assert "waits for a station" in run("test", "Hook", "--station")[1]
    with site.owner.transaction() as connection:
        assert claim_message(connection, made.id, 60.0).is_test


@pytest.mark.parametrize("action", [("retry", "1"), ("cancel", "1")])
def test_only_administrators_do_anything_with_messages(run, channel, action):
    channel(HOOK)
    code, _, err = run(*action, role=Role.OPERATOR)
    assert (code, err) == (1, "Only an administrator may do this.\n")
