"""What a person did without the database is applied under their name, at its time, if they still may."""

import time

import pytest
from sqlalchemy import text

from models.queries.alerts import acknowledge, apply_transitions, open_alerts
from models.queries.station_acts import acknowledge_for
from models.queries.tickets import issue_ticket
from models.records.alert import AlertStatus, Transition, TransitionKind
from models.records.person import Role
from models.records.station_alert import Acknowledgement
from models.records.threshold import Severity
from models.records.ticket import digest_of

DEVICE = """
INSERT INTO app.devices (id, device_id, name, type, location, user_id, metadata)
VALUES (1, 'D', 'Pump', 'drive', 'Hall', :owner, '{}');
"""
THRESHOLD = """
INSERT INTO app.alert_thresholds (id, device_id, user_id, metric_type, max_value, severity)
VALUES (7, 1, 1, 'rpm', 9, 'critical')
"""


class Plant:
    """One device with one limit, a person who handles its alerts, and the owner in the place of a station."""

    def __init__(self, site, role=Role.OPERATOR):
        self.site, self.person = site, site.add(role)
        with site.signed_in(self.person).transaction() as connection:
            self.ticket = issue_ticket(connection, "Desk 3").token
        self.now = time.time()
        with site.owner.transaction() as connection:
            connection.execute(text(DEVICE), {"owner": self.person.id})
            connection.execute(text(THRESHOLD))

    def change(self, statement):
        with self.site.owner.transaction() as connection:
            connection.execute(text(statement))

    def find(self, kind, at_s):
        found = Transition(
            *(TransitionKind(kind), 1, 7, Severity.CRITICAL, self.now + at_s, 10.0, 9.0, "Pump too fast")
        )
        with self.site.owner.transaction() as connection:
            return apply_transitions(connection, [found])

    def act(self, at_s=-1.0, comment="", ticket=None):
        act = Acknowledgement(ticket or self.ticket, 1, 7, self.now + at_s, comment)
        with self.site.owner.transaction() as connection:
            return acknowledge_for(connection, [act])[0]

    def alerts(self):
        with self.site.owner.transaction() as connection:
            return open_alerts(connection)

    def journal(self):
        with self.site.owner.transaction() as connection:
            rows = connection.execute(
                text(
                    "SELECT kind, user_id, comment, workstation, extract(epoch FROM at)::float8 AS at "
                    "FROM app.alert_events WHERE user_id IS NOT NULL ORDER BY id"
                )
            )
            return [tuple(row) for row in rows]


@pytest.fixture
def plant(newest_site):
    made = Plant(newest_site)
    made.find("raised", -10)
    return made


def test_it_counts_under_the_person_s_name_from_when_they_did_it(plant):
    assert plant.act(comment="Fan checked.") == ""
    (alert,) = plant.alerts()
    assert (alert.status, alert.acknowledged_by) == (AlertStatus.ACKNOWLEDGED, plant.person.name)
    assert alert.acknowledged_at.timestamp() == pytest.approx(plant.now - 1)
    ((kind, who, words, where, at),) = plant.journal()
    assert (kind, who, words, where) == ("acknowledged", plant.person.id, "Fan checked.", "Desk 3")
    assert at == pytest.approx(plant.now - 1)


def test_telling_it_twice_changes_nothing(plant):
    assert [plant.act(), plant.act()] == ["", ""]
    assert len(plant.journal()) == 1


def test_one_that_has_returned_meanwhile_is_over_by_it(plant):
    plant.find("cleared", -5)
    assert plant.act() == ""
    assert plant.alerts() == []
    assert [line[0] for line in plant.journal()] == ["acknowledged", "resolved"]


def test_what_came_up_again_afterwards_still_asks(plant):
    plant.find("cleared", -8)
    plant.find("raised", -2)
    assert plant.act(at_s=-9) == "The alert came up again afterwards."
    assert plant.alerts()[0].status is AlertStatus.ACTIVE


def test_somebody_else_was_first(plant):
    other = plant.site.add(Role.OPERATOR)
    with plant.site.signed_in(other).transaction() as connection:
        acknowledge(connection, [plant.alerts()[0].id], other)
    assert plant.act() == "Somebody else had acknowledged the alert."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE app.users SET is_active = false WHERE role = 'operator'", "The account is disabled."),
        (
            "UPDATE app.window_tickets SET ended_at = now() - interval '1 min', ended_why = 'signed out'",
            "The sign-in had ended.",
        ),
        ("UPDATE app.window_tickets SET expires_at = now() - interval '1 min'", "The sign-in had ended."),
        ("DELETE FROM app.window_tickets", "The sign-in is not known."),
        ("UPDATE app.alerts SET status = 'resolved', resolved_at = now()", "The alert was over already."),
        ("UPDATE app.alert_thresholds SET requires_comment = true", "The alert asks for a comment."),
    ],
)
def test_the_database_asks_again_whether_it_may_be(plant, change, reason):
    plant.change(change)
    assert plant.act() == reason
    assert plant.journal() == []


def test_a_ticket_that_nobody_was_given_opens_nothing(plant):
    assert plant.act(ticket="00" * 32) == "The sign-in is not known."


def test_an_engineer_acknowledges_alerts_of_own_devices_only(newest_site):
    plant = Plant(newest_site, Role.USER)
    plant.find("raised", -10)
    plant.change("UPDATE app.devices SET user_id = NULL")
    assert plant.act() == "The device belongs to somebody else."
    plant.change(f"UPDATE app.devices SET user_id = {plant.person.id}")
    assert plant.act() == ""


def test_an_act_of_no_time_changes_nothing(plant):
    plant.change("UPDATE app.window_tickets SET ended_at = issued_at, ended_why = 'signed out'")
    call = text("SELECT app.acknowledge_for(:digest, 1, 7, NULL, '')")
    with plant.site.owner.transaction() as connection:
        said = connection.execute(call, {"digest": digest_of(plant.ticket)}).scalar_one()
    assert said == "The sign-in had ended."
    assert plant.alerts()[0].status is AlertStatus.ACTIVE
