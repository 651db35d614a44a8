"""Who hears of notifications, what is kept of a person in them, and what the trail says of people's deeds."""

import pytest
from sqlalchemy import text

from models.errors import NotAllowed
from models.queries.audit import audit_page
from models.queries.notification_deliveries import (
    channel_troubles,
    load_deliveries,
    request_test,
    retry_deliveries,
)
from models.queries.notification_queue import finish_message, make_messages
from models.queries.notifications import load_rules
from models.queries.people import accounts, anonymise_person, person_export
from models.records.audit import AuditFilter
from models.records.notification import Attempt, Outcome
from models.records.person import Role
from tests.unit.models.notification_parts import (
    MAIL,
    add_channel,
    add_device,
    add_rule,
    happen,
    pass_seconds,
    sent_messages,
)


@pytest.fixture
def ben(newest_site):
    return newest_site.add(Role.OPERATOR, "ben.lund@plant.example", "Ben Lund")


@pytest.fixture
def channel(newest_site):
    with newest_site.owner.transaction() as connection:
        return add_channel(connection, MAIL)


@pytest.fixture
def told(newest_site, channel, ben):
    """Tell Ben of an alert, by role and by address; both attempts failed."""
    with newest_site.owner.transaction() as connection:
        add_rule(connection, channel, persons=frozenset({ben.id}), name="By person")
        add_rule(connection, channel, addresses=(ben.email, "on-call@plant.example"), name="By address")
        happen(connection, add_device(connection)[0])
        messages = sent_messages(connection)
        fault = Attempt(
            Outcome.FAILED, error=f"550 <{ben.email}> Ben Lund is not here.", is_channel_fault=True
        )
        for message in messages:
            finish_message(connection, message, fault, 0)
    return messages


def test_of_an_anonymised_person_nothing_is_left_in_rules_and_messages(newest_site, told, ben):
    admin = newest_site.add(Role.ADMIN)
    with newest_site.signed_in(admin).transaction() as connection:
        (account,) = [one for one in accounts(connection) if one.id == ben.id]
        anonymise_person(connection, ben.id, account.updated_at)
    with newest_site.owner.transaction() as connection:
        rules = {rule.name: rule for rule in load_rules(connection)}
        recipients = {delivery.recipient for delivery in load_deliveries(connection)}
    assert rules["By address"].addresses == ("on-call@plant.example",)
    assert rules["By person"].persons == frozenset()
    everything = newest_site.all_text()
    assert ("ben.lund" in everything, "Ben Lund" in everything) == (False, False)
    assert recipients == {f"Former person {ben.id}", f"former-{ben.id}@invalid", "on-call@plant.example"}


def test_a_persons_export_says_of_what_they_were_told(newest_site, told, ben):
    with newest_site.signed_in(ben).transaction() as connection:
        export = person_export(connection, ben.id)
    (delivery,) = export["notification_deliveries"]
    assert (delivery["rule_name"], delivery["critical"]) == ("By person", 1)


def test_operators_hear_that_nobody_is_told_and_administrators_also_why(newest_site, told, ben):
    with newest_site.owner.transaction() as connection:
        pass_seconds(connection, 301)
    admin, engineer = newest_site.add(Role.ADMIN), newest_site.add(Role.USER)
    with newest_site.signed_in(ben).transaction() as connection:
        assert [(one.channel, one.reason) for one in channel_troubles(connection)] == [("Mail", "")]
    with newest_site.signed_in(admin).transaction() as connection:
        assert "is not here" in channel_troubles(connection)[0].reason
    with pytest.raises(NotAllowed), newest_site.signed_in(engineer).transaction() as connection:
        channel_troubles(connection)


def test_the_trail_says_who_tested_and_who_tried_again_and_not_what_stations_do(newest_site, told, channel):
    admin = newest_site.add(Role.ADMIN, name="Eva Lind")
    with newest_site.signed_in(admin).transaction() as connection:
        request_test(connection, channel.id, "eva@plant.example")
        retry_deliveries(connection, [told[0].delivery])
    with newest_site.owner.transaction() as connection:
        make_messages(connection)
        entries = audit_page(connection, AuditFilter(table="notification_deliveries"), 100)
    deeds = [(entry.who, entry.operation.name) for entry in entries if entry.who == "Eva Lind"]
    assert sorted(deeds) == [("Eva Lind", "ADDED"), ("Eva Lind", "CHANGED")]
    assert "eva@plant.example" not in repr(entries)


def test_a_channel_that_is_gone_cancels_what_waits_for_it(newest_site, channel):
    with newest_site.owner.transaction() as connection:
        request_test(connection, channel.id, "eva@plant.example")
        connection.execute(text("DELETE FROM app.notification_channels"))
        make_messages(connection)
        (delivery,) = load_deliveries(connection)
    assert (delivery.channel, delivery.last_error) == ("Mail", "The channel was removed.")
