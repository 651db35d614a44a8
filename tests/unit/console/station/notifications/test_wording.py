"""What messages say, and that nothing in them can command anything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from console.station.notifications.mail import mail_of
from console.station.notifications.plain_words import is_address, one_line, without
from console.station.notifications.wording import (
    document_of,
    html_of,
    moment_text,
    state_text,
    subject_of,
    text_of,
)
from models.records.threshold import Severity
from models.site_zone import zone_of
from tests.unit.console.station.notifications.conftest import NOW, line, mail_channel, message

MAIL = mail_channel(25)
MANY = message(
    MAIL,
    counts=(2, 15, 0),
    lines=tuple(
        line(number, Severity.CRITICAL if number < 3 else Severity.WARNING) for number in range(1, 11)
    ),
)


def test_one_alert_is_its_own_subject_and_many_are_counted_by_severity():
    assert subject_of(message(MAIL)).startswith("Critical: Press 4: Temperature 86.8 °C")
    assert subject_of(MANY) == "17 alerts: 2 critical, 15 warning"


def test_alerts_beyond_those_told_in_detail_are_counted():
    assert "And 7 more alerts; the console shows all of them." in text_of(MANY, "Hall A")
    assert "… and 7 more" in document_of(MANY, "Hall A")["text"]


def test_alerts_of_hours_ago_are_counted_and_not_told_one_by_one():
    late = replace(MANY, late=7)
    assert "7 alerts are counted only: more than 6 hours old" in text_of(late, "")
    assert "more alerts" not in text_of(late, "")
    assert document_of(late, "")["late"] == 7


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 1, 1, 12, tzinfo=UTC), "2026-01-01 13:00:00 (UTC+01:00)"),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), "2026-07-01 14:00:00 (UTC+02:00)"),
        # The hour that comes twice: only the offset tells which it is.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 02:30:00 (UTC+02:00)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 02:30:00 (UTC+01:00)"),
    ],
)
def test_times_are_the_sites_with_the_offset_to_utc(moment, shown):
    assert moment_text(moment, zone_of("Europe/Berlin")) == shown


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../../etc/passwd", "Europe"])
def test_a_zone_that_nobody_knows_is_utc(name):
    assert moment_text(NOW, zone_of(name)) == "2026-05-03 12:00:00 (UTC+00:00)"


def test_an_alert_says_how_it_stands_when_the_message_leaves():
    told = [
        state_text(line(**facts), UTC)
        for facts in (
            {},
            {"times": 3},
            {"cleared_at": NOW + timedelta(minutes=1)},
            {"status": "acknowledged", "acknowledged_by": "Eva Lind"},
            {"status": "resolved"},
        )
    ]
    assert told == [
        "still active, nobody has acknowledged it",
        "still active, nobody has acknowledged it, 3 times",
        "returned to normal at 2026-05-03 12:01:00 (UTC+00:00)",
        "acknowledged by Eva Lind",
        "over",
    ]


EVIL = "Pump\r\nBcc: x@y.z\n\nHello\x00\x1b[2J\u2028<script>alert(1)</script>"


def test_no_name_adds_a_header_or_a_tag():
    one = message(MAIL, rule=EVIL, lines=(line(device=EVIL, location=EVIL, message=EVIL),))
    mail = mail_of(one, EVIL, NOW)
    assert mail["Bcc"] is None
    assert mail["Subject"].splitlines() == [mail["Subject"]]
    assert b"\r\nBcc:" not in mail.as_bytes().partition(b"\r\n\r\n")[0]
    assert "<script>" not in html_of(one, EVIL)
    assert "\x1b" not in text_of(one, EVIL)


def test_a_subject_of_any_script_survives_the_way():
    from email import message_from_bytes, policy

    one = message(MAIL, lines=(line(device="Печь 王 👩‍🔧", message="zu heiß"),))
    arrived = message_from_bytes(mail_of(one, "", NOW).as_bytes(), policy=policy.default)
    assert arrived["Subject"] == "Critical: Печь 王 👩‍🔧: zu heiß"
    assert mail_of(one, "", NOW).as_bytes().isascii()


def test_the_same_message_is_the_same_mail_at_every_attempt():
    assert mail_of(MANY, "Hall A", NOW).as_bytes() == mail_of(MANY, "Hall A", NOW).as_bytes()


def test_a_test_says_that_nothing_is_wrong():
    told = text_of(message(MAIL, is_test=True, counts=(0, 0, 0), lines=()), "")
    assert "This is a test that an administrator asked for at 2026-05-03 14:00:00 (UTC+02:00)." in told


def test_words_from_elsewhere_become_one_line_of_bounded_length():
    assert one_line("a\r\n\tb\u202e \u2066c", 100) == "a b c"
    assert one_line("x" * 600, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "address", ["anna@plant.example", "o'neil+x@a-b.example", "root@localhost", "jörg@müller.de"]
)
def test_addresses_as_people_have_them_are_addresses(address):
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "@b.c",
        "a@",
        "a@b@c",
        "a b@c.d",
        "a@b..c",
        "a@.b",
        "a@b.c\n",
        "<a@b.c>",
        "a" * 251 + "@b.c",
    ],
)
def test_what_could_command_a_mail_server_is_no_address(address):
    assert not is_address(address)


def test_what_must_not_be_shown_is_left_out_whatever_its_case():
    assert without("User ANNA@b.c, pw (x.y", "anna@b.c", "(x.y", "") == "User …, pw …"
