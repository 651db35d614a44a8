"""A test from this very computer: its steps and its end arrive on the window's thread."""

import pytest

from console.bridge.notification_test import LocalTest
from models.records.notification import Outcome, Security
from tests.unit.console.station.notifications.conftest import mail_channel
from tests.unit.console.station.notifications.servers import Mailbox, hostile_server, mail_server


@pytest.fixture
def test_of(qtbot):
    """Run a test of a channel; return its steps and its end once it is over."""

    def run(channel, *, is_stopped=False):
        steps, ends = [], []
        made = LocalTest(channel, "", "anna@plant.example", "Europe/Berlin")
        made.stepped.connect(steps.append)
        made.ended.connect(ends.append)
        made.start()
        if is_stopped:
            qtbot.waitUntil(lambda: len(steps) == 2)
            made.stop()
            made.stop()
        qtbot.waitUntil(lambda: bool(ends), timeout=20_000)
        return [step.name for step in steps], ends[0]

    return run


def test_every_step_is_told_and_the_end(test_of):
    box = Mailbox()
    with mail_server(box) as port:
        steps, ended = test_of(mail_channel(port, Security.NONE))
    assert steps == [step.name for step in ended.steps]
    assert (steps[-1], ended.outcome) == ("Message accepted", Outcome.SENT)
    assert "Nothing is wrong in the plant" in " ".join(
        box.mails[0].get_body(("plain",)).get_content().split()
    )


def test_a_test_that_is_cut_short_ends_at_once(test_of):
    with hostile_server(lambda talker: talker.hang()) as port:
        _, ended = test_of(mail_channel(port), is_stopped=True)
    assert ended.outcome is Outcome.RELEASED
