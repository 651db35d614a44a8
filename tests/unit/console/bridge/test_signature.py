"""Signing with the password: on a connection of its own, by the person at the window, against guessing."""

import pytest
from sqlalchemy import text

from console.bridge.alert_commands import ShelveThresholds
from console.bridge.signature import Signature, SignatureTries
from models.errors import Rejected, SignInRefused
from models.queries.catalogue import import_devices, load_thresholds
from models.queries.shelves import open_shelves
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from models.records.threshold import Severity
from tests.account_parts import PASSWORD
from tests.unit.models.conftest import device, threshold


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tries(clock) -> SignatureTries:
    return SignatureTries(clock)


@pytest.fixture
def operator(newest_site):
    return newest_site.add(Role.OPERATOR, name="Mara Olsen")


@pytest.fixture
def at_window(newest_site, operator):
    """The operator's own way to the database, signed in a while ago."""
    database = newest_site.signed_in(operator)
    with database.transaction() as connection:
        connection.execute(text("SELECT 1"))
    return database


@pytest.fixture
def critical(newest_site):
    with newest_site.owner.transaction() as connection:
        import_devices(connection, [DeviceEntry(device(), (threshold(severity=Severity.CRITICAL),))])
        return load_thresholds(connection)[0]


def test_a_critical_alert_is_shelved_with_the_password_and_the_shelf_says_so(
    at_window, operator, critical, tries
):
    shelve = ShelveThresholds((critical.id,), "valve", 60.0)
    with Signature(PASSWORD, operator.name, tries).transaction(at_window) as connection:
        assert [outcome.text for outcome in shelve.apply(connection, operator)] == ["Shelved."]
    with at_window.transaction() as connection:
        (shelf,) = open_shelves(connection)
    assert (shelf.by, shelf.is_signed, shelf.reason) == ("Mara Olsen", True, "valve")


def test_without_a_signature_it_is_refused_on_however_new_a_connection(at_window, operator, critical):
    shelve = ShelveThresholds((critical.id,), "valve", 60.0)
    with pytest.raises(Rejected, match=r"^Shelving a critical alert needs your password once more\.$"):
        with at_window.transaction() as connection:
            shelve.apply(connection, operator)


@pytest.mark.parametrize("password", ["something else", "", PASSWORD + "\0", "pass\udcffword"])
def test_another_password_is_refused_by_name_and_nothing_is_done(at_window, operator, tries, password):
    done = []
    with pytest.raises(SignInRefused, match=r"^This is not Mara Olsen's password; nothing was changed\.$"):
        with Signature(password, operator.name, tries).transaction(at_window) as connection:
            done.append(connection)
    assert done == []


def test_a_signature_lasts_for_one_command(at_window, operator, critical, tries):
    with Signature(PASSWORD, operator.name, tries).transaction(at_window):
        pass
    with (
        pytest.raises(Rejected, match="needs your password once more"),
        at_window.transaction() as connection,
    ):
        ShelveThresholds((critical.id,), "valve", 60.0).apply(connection, operator)


def test_what_is_refused_in_a_signed_command_is_no_wrong_password(at_window, operator, critical, tries):
    too_long = ShelveThresholds((critical.id,), "valve", 1e9)
    for _attempt in range(5):
        with pytest.raises(Rejected, match="1 second to"):
            with Signature(PASSWORD, operator.name, tries).transaction(at_window) as connection:
                too_long.apply(connection, operator)
    assert tries.refusal() == ""


def test_a_signature_leaves_no_connection_behind(at_window, operator, tries):
    with Signature(PASSWORD, operator.name, tries).transaction(at_window) as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    count = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")

    def left():
        with at_window.transaction() as connection:
            return connection.execute(count, {"pid": own}).scalar_one()

    # The server takes a moment to end what the client closed; one that stays would be asked for, for ever.
    assert set(iter(left, 0)) <= {1}


def test_guessing_is_slowed_down_after_three_tries_and_for_longer_each_time(tries, clock):
    for _ in range(2):
        tries.count(is_right=False)
    assert tries.refusal() == ""
    tries.count(is_right=False)
    assert tries.refusal() == "Too many wrong passwords; wait 1 s."
    clock.now_s += 1.1
    assert tries.refusal() == ""
    for _ in range(20):
        tries.count(is_right=False)
    assert tries.refusal() == "Too many wrong passwords; wait 30 s."


def test_the_right_password_ends_the_waiting(tries, clock):
    for _ in range(3):
        tries.count(is_right=False)
    clock.now_s += 2
    tries.count(is_right=True)
    tries.count(is_right=False)
    assert tries.refusal() == ""


def test_a_password_stands_in_no_text_of_a_signature(tries):
    assert "geheim" not in repr(Signature("geheim", "Mara", tries))
