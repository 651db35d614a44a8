"""The catalogue of signals: added, changed and removed by those who may, and everything refused by name."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.errors import NotAllowed, Rejected
from models.metrics import METRICS
from models.quantities import states_of
from models.queries.catalogue import import_devices
from models.queries.signals import (
    add_signals,
    change_signal,
    load_quantities,
    load_signals,
    remove_signal,
    signal_uses,
)
from models.records.device import Tag
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from models.records.signal import Signal, SignalUses, state_name

FLOW = Signal("flow", "Flow", "m³/h", 1, (0.0, 500.0), (0.0, 50.0))
PUMP = Signal("pump_state", "Pump", "", 0, (0.0, 3.0), (0.0, 3.0), states=((0, "Stopped"), (1, "Running")))


def test_what_was_added_is_loaded_with_a_number_and_its_author(connection):
    added = add_signals(connection, [PUMP, FLOW])
    assert load_signals(connection) == [added[1], added[0]]
    assert [(one.key, one.states, one.user_id is not None) for one in added] == [
        ("pump_state", PUMP.states, True),
        ("flow", (), True),
    ]
    assert load_quantities(connection).all == (*METRICS, added[1], added[0])


def test_a_state_has_a_name_where_it_was_given_one():
    assert (state_name(PUMP.states, 1.0), state_name(PUMP.states, 2.0), states_of(FLOW)) == (
        "Running",
        "",
        (),
    )


def test_a_key_that_is_taken_names_the_signal_that_has_it(connection):
    add_signals(connection, [FLOW])
    with pytest.raises(Rejected, match=r"There is a signal flow already \(Flow\)"):
        add_signals(connection, [replace(FLOW, label="Another")])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"key": "Flow rate"}, "'Flow rate' does not"),
        ({"key": "rpm"}, "one of the six metrics"),
        ({"key": "device"}, "the whole device"),
        ({"label": " "}, "label has 1 to 100"),
        ({"unit": "x" * 21}, "unit has 1 to 20"),
        ({"decimals": 7}, "0 to 6 decimals, not 7"),
        ({"plausible": (5.0, 5.0)}, "plausible range must begin below its end: 5 is not below 5"),
        ({"span": (0.0, float("inf"))}, "range shown needs two finite numbers"),
        ({"states": ((1, "On"), (1, "Off"))}, "The value 1 has two names"),
        ({"states": ((2**60, "On"),)}, "at most 9007199254740992"),
        ({"states": ((0, "On"), (1, "on"))}, "Two values have the same name"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(connection, changes, sentence):
    with pytest.raises(Rejected, match=sentence):
        add_signals(connection, [replace(FLOW, **changes)])


def test_a_change_keeps_number_and_key(connection):
    [added] = add_signals(connection, [FLOW])
    change_signal(connection, replace(FLOW, label="Cooling water", unit="l/min", decimals=3))
    assert load_signals(connection) == [replace(added, label="Cooling water", unit="l/min", decimals=3)]


def test_a_signal_in_use_cannot_be_removed_and_one_no_longer_used_frees_its_key(connection, make):
    [added] = add_signals(connection, [FLOW])
    device = make.device("PUMP-01", tags=(Tag("flow", "holding:1:float32"),))
    import_devices(connection, [DeviceEntry(device, ())])
    with pytest.raises(Exception, match="the signal flow is in use by the device PUMP-01"):
        with connection.begin_nested():
            remove_signal(connection, "flow")
    import_devices(connection, [DeviceEntry(replace(device, tags=()), ())])
    remove_signal(connection, "flow")
    assert load_signals(connection) == []
    [again] = add_signals(connection, [FLOW])
    assert again.id != added.id


def test_a_limit_keeps_its_signal(connection, make):
    add_signals(connection, [FLOW])
    import_devices(connection, [DeviceEntry(make.device("PUMP-02"), (make.threshold("flow"),))])
    with pytest.raises(Exception, match="in use by the device PUMP-02"):
        remove_signal(connection, "flow")


def test_a_signal_that_does_not_exist_is_named(connection):
    with pytest.raises(Rejected, match="no signal colour"):
        remove_signal(connection, "colour")
    with pytest.raises(Rejected, match="no signal flow"):
        change_signal(connection, FLOW)


def test_an_engineer_changes_their_own_signals_and_no_others_and_an_operator_none(site):
    one, other, watching = (site.signed_in(site.add(role)) for role in (Role.USER, Role.USER, Role.OPERATOR))
    with one.transaction() as connection:
        add_signals(connection, [FLOW])
    with one.transaction() as connection:
        change_signal(connection, replace(FLOW, decimals=2))
    with pytest.raises(NotAllowed, match="added by somebody else"), other.transaction() as connection:
        change_signal(connection, FLOW)
    with pytest.raises(NotAllowed), watching.transaction() as connection:
        add_signals(connection, [PUMP])
    with site.owner.transaction() as connection:
        remove_signal(connection, "flow")
        assert (
            connection.execute(text("SELECT count(*) FROM app.audit_log WHERE tbl = 'signals'")).scalar_one()
            >= 2
        )


def test_what_refers_to_a_signal_is_told_by_device_with_its_limits(connection, make):
    add_signals(connection, [FLOW])
    used = DeviceEntry(make.device("PUMP-01", tags=(Tag("flow", "holding:1:float32"),)), ())
    judged = DeviceEntry(make.device("PUMP-02", tags=()), (make.threshold("flow", enabled=False),))
    other = DeviceEntry(make.device("PUMP-03", tags=()), ())
    import_devices(connection, [used, judged, other])
    names = tuple(entry.device.name for entry in (used, judged))
    assert signal_uses(connection, "flow") == SignalUses(names, 1)
    assert signal_uses(connection, "level") == SignalUses()


NO_STATES = (
    '[[1e5000, "x"]]',
    '[[1.5, "x"]]',
    '[["1", "x"]]',
    "[1]",
    "[[1]]",
    "[{}]",
    "[" * 500 + "]" * 500,
    '[[1, {"a": "x"}]]',
    f'[[1, "{"x" * 70_000}"]]',
    '{"a": 1}',
)


@pytest.mark.parametrize("states", NO_STATES, ids=lambda states: states[:12])
def test_no_engineer_stores_what_nobody_could_load(newest_site, states):
    anna = newest_site.add(Role.USER)
    into = text(
        "INSERT INTO app.signals (key, label, plausible_low, plausible_high, span_low, span_high, states, "
        "user_id) VALUES ('flow', 'Flow', 0, 1, 0, 1, CAST(:states AS jsonb), :anna)"
    )
    with newest_site.signed_in(anna).transaction() as connection:
        with pytest.raises(DBAPIError):
            connection.execute(into, {"states": states, "anna": anna.id})
        connection.get_transaction().rollback()
