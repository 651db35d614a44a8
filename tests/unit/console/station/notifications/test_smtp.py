"""Mail to a real server, and to servers that hang, drip, refuse and close: bounded, said, nothing lost."""

import socket
import time
from datetime import timedelta

import pytest

from models.records.notification import Outcome, Security
from tests.certificates import Authority
from tests.unit.console.station.notifications.conftest import (
    GIVEN_UP_S,
    KEY,
    QUICK,
    SHORT_SILENCE,
    SHORT_TOTAL,
    mail_channel,
)
from tests.unit.console.station.notifications.servers import (
    HOST,
    PASSWORD,
    USER,
    Mailbox,
    hostile_server,
    mail_server,
)


def steps(attempt):
    return [step.name for step in attempt.steps]


def test_a_mail_is_delivered_with_its_id_and_every_step_told(attempt):
    box = Mailbox()
    with mail_server(box) as port:
        ended = attempt(mail_channel(port))
    assert (ended.outcome, ended.error) == (Outcome.SENT, "")
    assert steps(ended) == [
        "Name found",
        "Connected",
        "Greeted",
        "Sender accepted",
        "Recipient accepted",
        "Message accepted",
    ]
    mail = box.mails[0]
    assert mail["Message-ID"] == f"<{KEY}@plant.example>"
    assert mail["Subject"] == "Critical: Press 4: Temperature 86.8 °C is above its limit of 85 °C."
    assert mail["To"] == "anna@plant.example"
    assert box.recipients == ["anna@plant.example"]
    assert "2026-05-03 14:00:00 (UTC+02:00)" in mail.get_body(("plain",)).get_content()
    assert "Press 4 · Hall A" in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_password_is_sent_over_a_checked_certificate_only(attempt, authority, trusted, security):
    box = Mailbox()
    is_tls = security is Security.TLS
    with mail_server(
        box, authority.certify(HOST), is_tls_from_the_beginning=is_tls, needs_sign_in=True
    ) as port:
        channel = mail_channel(port, security, username=USER, authorities=trusted)
        ended = attempt(channel, PASSWORD)
        wrong = attempt(channel, "another word")
    assert ended.outcome is Outcome.SENT
    assert {"Encrypted", "Signed in"} <= set(steps(ended))
    assert (wrong.outcome, wrong.is_channel_fault) == (Outcome.FAILED, True)
    assert "does not let us sign in: 535" in wrong.error
    assert len(box.mails) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (lambda authority: authority.certify("mail.other.example"), "Hostname mismatch"),
        (lambda authority: authority.certify(HOST, ends=timedelta(days=-1)), "expired"),
        (lambda _: Authority("Somebody else").certify(HOST), "local issuer certificate"),
    ],
)
def test_a_wrong_certificate_gets_neither_password_nor_message(
    attempt, authority, trusted, security, shown, words
):
    box = Mailbox()
    certificate = shown(authority)
    with mail_server(
        box, certificate, is_tls_from_the_beginning=security is Security.TLS, needs_sign_in=True
    ) as port:
        ended = attempt(mail_channel(port, security, username=USER, authorities=trusted), PASSWORD)
    assert (ended.outcome, ended.is_channel_fault, box.mails) == (Outcome.RETRY, True, [])
    assert words in ended.error
    assert "nothing was sent" in ended.error
    assert "Signed in" not in steps(ended)


def test_without_starttls_nothing_is_said(attempt):
    box = Mailbox()
    with mail_server(box) as port:
        ended = attempt(mail_channel(port, Security.STARTTLS, username=USER), PASSWORD)
    assert (ended.outcome, box.mails) == (Outcome.FAILED, [])
    assert "offers no STARTTLS" in ended.error


@pytest.mark.parametrize(
    ("line", "outcome"), [("451 greylisted, come back", Outcome.RETRY), ("550 no such user", Outcome.FAILED)]
)
def test_a_recipient_is_refused_for_now_or_for_good_and_the_channel_is_fine(attempt, line, outcome):
    box = Mailbox(refuses={"anna@plant.example": line})
    with mail_server(box) as port:
        ended = attempt(mail_channel(port))
    assert (ended.outcome, ended.is_channel_fault) == (outcome, False)
    assert line[4:] in ended.error


def test_a_server_that_quotes_recipient_and_secret_does_not_put_them_into_the_record(
    attempt, authority, trusted
):
    box = Mailbox(refuses={"anna@plant.example": f"550 <Anna@plant.example> is not here, {PASSWORD}"})
    with mail_server(box, authority.certify(HOST), needs_sign_in=True) as port:
        channel = mail_channel(port, Security.STARTTLS, username=USER, authorities=trusted)
        ended = attempt(channel, PASSWORD)
    assert ended.error == "The server does not take mail for this recipient: 550 <…> is not here, …."
    assert PASSWORD not in repr(ended)


@pytest.mark.parametrize(("line", "outcome"), [("452 disk full", Outcome.RETRY), ("554 no", Outcome.FAILED)])
def test_a_message_is_refused_for_now_or_for_good(attempt, line, outcome):
    with mail_server(Mailbox(answers=[line])) as port:
        assert attempt(mail_channel(port)).outcome is outcome


HELLO = "220 here\r\n"
EHLO = "250-here\r\n250 8BITMIME\r\n"


def converse(talker, upto):
    """Be a good server up to a stage."""
    if upto >= 1:
        talker.say(HELLO)
        talker.hear()
    if upto >= 2:
        talker.say(EHLO)
        talker.hear()
    if upto >= 3:
        talker.say("250 sender\r\n")
        talker.hear()
    if upto >= 4:
        talker.say("250 recipient\r\n")
        talker.hear()
    if upto >= 5:
        talker.say("354 go on\r\n")
        talker.hear(b"\r\n.\r\n")


STAGES = range(6)


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_hangs_at_any_stage_is_given_up_within_the_limit(attempt, stage):
    def hang(talker):
        converse(talker, stage)
        talker.hang()

    with hostile_server(hang) as port:
        began = time.monotonic()
        ended = attempt(mail_channel(port), limits=SHORT_SILENCE)
        assert time.monotonic() - began < GIVEN_UP_S
    assert (ended.outcome, ended.is_channel_fault) == (Outcome.RETRY, True)
    assert ended.error == "The server did not answer within 0.1 s."


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_drips_at_any_stage_is_given_up_within_the_limit(attempt, stage):
    def drip(talker):
        converse(talker, stage)
        talker.drip()

    with hostile_server(drip) as port:
        began = time.monotonic()
        ended = attempt(mail_channel(port), limits=SHORT_TOTAL)
        assert time.monotonic() - began < GIVEN_UP_S
    assert (ended.outcome, ended.error) == (Outcome.RETRY, "The server did not finish within 0.25 s.")


@pytest.mark.parametrize("stage", STAGES)
def test_a_server_that_half_closes_at_any_stage_is_said_to_have_closed(attempt, stage):
    def half_close(talker):
        converse(talker, stage)
        talker.connection.shutdown(socket.SHUT_WR)
        talker.hang()

    with hostile_server(half_close) as port:
        ended = attempt(mail_channel(port))
    assert ended.outcome is Outcome.RETRY
    assert "The server closed the connection" in ended.error


def test_a_server_that_talks_without_end_is_cut_off(attempt):
    def babble(talker):
        while not talker.over.is_set():
            talker.say("220-still here\r\n" * 1000)

    with hostile_server(babble) as port:
        ended = attempt(mail_channel(port))
    assert "talks without end" in ended.error


def test_a_server_that_drips_its_handshake_is_given_up_within_the_limit(attempt):
    def drip(talker):
        talker.connection.recv(1)
        talker.connection.sendall(b"\x16\x03\x03\x40\x00")
        talker.drip("\x02")

    with hostile_server(drip) as port:
        began = time.monotonic()
        ended = attempt(mail_channel(port, Security.TLS), limits=QUICK)
        assert time.monotonic() - began < GIVEN_UP_S
    # OpenSSL counts the whole handshake as one wait: either limit may be met first.
    assert "within 0." in ended.error


def test_a_port_where_nobody_listens_is_named(attempt):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    ended = attempt(mail_channel(port))
    assert (ended.outcome, ended.is_channel_fault) == (Outcome.RETRY, True)
    assert f"cannot be reached on port {port}: Connection refused" in ended.error


def test_a_name_that_is_none_is_said(attempt):
    ended = attempt(mail_channel(25, host="no.such.name.invalid"))
    assert ended.outcome is Outcome.RETRY
    assert "cannot be resolved" in ended.error


@pytest.mark.parametrize(
    "address", ["", "anna", "anna@plant.example\r\nBcc: x@y.z", "<anna@plant.example>", "a b@c.d"]
)
def test_what_is_no_address_is_refused_before_anybody_is_called(attempt, address):
    ended = attempt(mail_channel(1), address=address)
    assert (ended.outcome, ended.is_channel_fault) == (Outcome.FAILED, False)
    assert "is no e-mail address" in ended.error
    assert steps(ended) == ["Failed"]


def test_an_answer_with_commands_in_it_is_one_line(attempt):
    def refuse(talker):
        talker.say("554-go\x1b[31m away\r\n554 \u202enow\r\n")

    with hostile_server(refuse) as port:
        ended = attempt(mail_channel(port))
    assert ended.error == "The server greets with 554 go [31m away now."
