"""Messages to a real web server, and to servers that hang, redirect, refuse and show a wrong certificate."""

import hashlib
import hmac
import socket
import time

import pytest

from models.records.notification import Outcome
from tests.certificates import Authority
from tests.unit.console.station.notifications.conftest import GIVEN_UP_S, KEY, QUICK, line, web_channel
from tests.unit.console.station.notifications.servers import HOST, WebInbox, hostile_server, web_server

SECRET = "s3cr3t of the hook"


@pytest.fixture
def inbox() -> WebInbox:
    return WebInbox()


def test_a_message_is_posted_as_a_document_with_a_key_that_stays_the_same(attempt, inbox):
    with web_server(inbox) as url:
        ended = attempt(web_channel(url), lines=(line(3, times=2),))
        attempt(web_channel(url))
    assert (ended.outcome, [step.name for step in ended.steps]) == (
        Outcome.SENT,
        ["Name found", "Connected", "Handed over", "Message accepted"],
    )
    first, second = inbox.posts
    assert first.path == "/hook?to=ops"
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"] == f'"{KEY}"'
    assert first.document["counts"] == {"critical": 1, "warning": 0, "info": 0}
    assert first.document["alerts"][0] | {"message": ""} == {
        "id": 3,
        "severity": "critical",
        "device": "Press 4",
        "location": "Hall A",
        "message": "",
        "metric": None,
        "value": None,
        "limit": None,
        "at": "2026-05-03T14:00:00.000+02:00",
        "times": 2,
        "status": "active",
        "cleared_at": None,
        "acknowledged_by": None,
    }


def test_a_secret_travels_as_the_header_that_was_chosen(attempt, inbox, authority, trusted):
    with web_server(inbox, authority.certify(HOST)) as url:
        channel = web_channel(url, secret_header="Authorization", authorities=trusted)
        ended = attempt(channel, f"Bearer {SECRET}")
    assert ended.outcome is Outcome.SENT
    assert inbox.posts[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in repr(ended)


def test_without_a_header_the_secret_signs_time_and_body_and_stays_here(attempt, inbox):
    with web_server(inbox) as url:
        attempt(web_channel(url), SECRET)
    post = inbox.posts[0]
    signed = post.headers["X-Console-Timestamp"].encode() + b"." + post.body
    right = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert post.headers["X-Console-Signature"] == f"sha256={right}"
    assert SECRET not in repr(post)


def test_a_server_in_trouble_is_asked_again_and_then_takes_it(attempt, inbox):
    inbox.answers = [(500, {}), (200, {})]
    with web_server(inbox) as url:
        outcomes = [attempt(web_channel(url)).outcome for _ in range(2)]
    assert outcomes == [Outcome.RETRY, Outcome.SENT]


@pytest.mark.parametrize("status", [408, 425, 429, 503])
def test_a_server_that_says_later_is_asked_later(attempt, inbox, status):
    inbox.answers = [(status, {"Retry-After": "120"})]
    with web_server(inbox) as url:
        ended = attempt(web_channel(url))
    assert (ended.outcome, ended.retry_after_s) == (Outcome.RETRY, 120.0)


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_a_refusal_ends_it_with_the_reason(attempt, inbox, status):
    inbox.answers = [(status, {})]
    with web_server(inbox) as url:
        ended = attempt(web_channel(url))
    assert (ended.outcome, ended.is_channel_fault) == (Outcome.FAILED, True)
    assert ended.error.startswith(f"The server answers {status}")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_named_and_never_followed(attempt, inbox, status):
    elsewhere = WebInbox()
    with web_server(elsewhere) as other, web_server(inbox) as url:
        inbox.answers = [(status, {"Location": other})]
        ended = attempt(web_channel(url), SECRET)
    assert (ended.outcome, elsewhere.posts) == (Outcome.FAILED, [])
    assert other in ended.error


@pytest.mark.parametrize("name", ["mail.other.example", HOST])
def test_a_wrong_certificate_gets_nothing(attempt, inbox, authority, trusted, name):
    shown = {HOST: Authority("Somebody else").certify(HOST)}.get(name) or authority.certify(name)
    with web_server(inbox, shown) as url:
        ended = attempt(web_channel(url, authorities=trusted), SECRET)
    assert (ended.outcome, inbox.posts) == (Outcome.RETRY, [])
    assert "nothing was sent" in ended.error


def hang(talker):
    talker.hang()


def hang_after_the_request(talker):
    talker.connection.recv(65536)
    talker.hang()


def drip_an_answer(talker):
    talker.connection.recv(65536)
    talker.say("HTTP/1.1 200 ")
    talker.drip("O", 0.01)


def drip_headers(talker):
    talker.connection.recv(65536)
    talker.say("HTTP/1.1 200 OK\r\n")
    talker.drip("A: b\r\n", 0.01)


def go_on_without_end(talker):
    talker.connection.recv(65536)
    talker.drip("HTTP/1.1 100 Continue\r\n\r\n", 0.001)


@pytest.mark.parametrize(
    "behave", [hang, hang_after_the_request, drip_an_answer, drip_headers, go_on_without_end]
)
def test_a_server_that_never_finishes_is_given_up_within_the_limit(attempt, behave):
    with hostile_server(behave) as port:
        began = time.monotonic()
        ended = attempt(web_channel(f"http://{HOST}:{port}/"), limits=QUICK)
        assert time.monotonic() - began < GIVEN_UP_S
    assert ended.outcome is Outcome.RETRY
    assert "within 0." in ended.error


@pytest.mark.parametrize("answer", ["", "garbage\r\n\r\n", "HTTP/1.1 \r\n\r\n"])
def test_a_server_that_speaks_something_else_is_said_to(attempt, answer):
    def talk(talker):
        talker.connection.recv(65536)
        talker.say(answer)
        talker.connection.shutdown(socket.SHUT_RDWR)

    with hostile_server(talk) as port:
        ended = attempt(web_channel(f"http://{HOST}:{port}/"))
    assert ended.outcome is Outcome.RETRY
    assert "without an answer" in ended.error


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("ftp://localhost/", ""),
        ("http://localhost:99999/", ""),
        ("http://", ""),
        ("http://büro.example/", ""),
    ],
)
def test_an_address_of_no_web_server_is_refused_before_anybody_is_called(attempt, url, header):
    ended = attempt(web_channel(url, secret_header=header), SECRET)
    assert (ended.outcome, [step.name for step in ended.steps]) == (Outcome.FAILED, ["Failed"])


def test_nobody_adds_a_header_through_a_secret(attempt, inbox):
    with web_server(inbox) as url:
        ended = attempt(web_channel(url, secret_header="X-Key"), "a\r\nX-Evil: 1")
    assert (ended.outcome, inbox.posts) == (Outcome.FAILED, [])
    assert "characters that a header cannot hold" in ended.error


def test_a_name_of_any_script_and_with_commands_in_it_arrives_as_words(attempt, inbox):
    with web_server(inbox) as url:
        attempt(web_channel(url), lines=(line(device="Ofen\r\n7 \u202e王"),))
    assert inbox.posts[0].document["alerts"][0]["device"] == "Ofen 7 王"
