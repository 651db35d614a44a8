"""Who may write to a device: the database notes it before anything is sent, or refuses."""

from collections.abc import Iterator

import pytest
from psycopg.types.json import Jsonb

from models.errors import NotAllowed, Rejected
from models.queries.device_writes import note_device_write
from models.records.device import DeviceId
from tests.contract.access_decisions import Login, Outcome

MINE = DeviceId(201)
WRITABLE, READ_ONLY = "holding:1:int16", "holding:2:int16"
_TAGS = (
    f'[{{"metric": "rpm", "address": "{WRITABLE}", "writable": true}}, '
    f'{{"metric": "vibration", "address": "{READ_ONLY}"}}, 7]'
)


@pytest.fixture
def tagged(plant) -> Iterator[None]:
    before = plant.owner.execute("SELECT metadata FROM app.devices WHERE id = 201").fetchone()[0]
    plant.owner.execute(
        "UPDATE app.devices SET metadata = jsonb_build_object('tags', %s::jsonb) WHERE id = 201", (_TAGS,)
    )
    yield
    plant.owner.execute(
        "UPDATE app.devices SET metadata = %s WHERE id = 201",
        (Jsonb(before),),
    )


@pytest.mark.usefixtures("tagged")
def test_only_who_configures_the_device_may_write(plant):
    call = f"SELECT count(*) FROM (SELECT app.note_device_write(201, '{WRITABLE}', 1500)) AS noted"
    outcomes = {login: plant.attempt(login, call) for login in Login}
    allowed = {Login.ADMIN, Login.ENGINEER}
    assert {login for login, outcome in outcomes.items() if outcome is Outcome.DONE} == allowed
    assert {outcomes[login] for login in set(Login) - allowed} == {Outcome.REFUSED}


@pytest.mark.usefixtures("tagged")
def test_what_is_written_is_noted_under_the_persons_own_login(plant):
    with plant.owner.transaction(force_rollback=True):
        plant.owner.execute(f'SET SESSION AUTHORIZATION "{plant.login(Login.ENGINEER)}"'.encode())
        plant.owner.execute("SELECT app.note_device_write(201, %s, 1500.5)", (WRITABLE,))
        plant.owner.execute("RESET SESSION AUTHORIZATION")
        noted = plant.owner.execute("SELECT actor, op, tbl, pk, new FROM app.audit_pending").fetchall()
    assert noted == [
        (
            plant.login(Login.ENGINEER),
            "INSERT",
            "device_writes",
            "201",
            {"device_id": 201, "address": WRITABLE, "value": 1500.5},
        )
    ]


@pytest.mark.usefixtures("tagged")
@pytest.mark.parametrize(
    ("address", "value", "why"),
    [
        (READ_ONLY, 1.0, "The device has no writable tag at holding:2:int16; mark it as writable first."),
        ("coil:9", 1.0, "The device has no writable tag at coil:9; mark it as writable first."),
        (WRITABLE, float("nan"), "Only a number can be written to a device."),
        (WRITABLE, float("inf"), "Only a number can be written to a device."),
    ],
)
def test_what_is_not_marked_as_writable_or_no_number_is_refused(plant, address, value, why):
    with plant.transaction(Login.ENGINEER) as connection, pytest.raises(Rejected, match=f"^{why}$"):
        note_device_write(connection, MINE, address, value)


@pytest.mark.parametrize(
    ("login", "why"),
    [
        (Login.OPERATOR, "Only an engineer or administrator may do this."),
        (Login.STRANGER, "The device belongs to somebody else."),
    ],
)
def test_the_refusal_is_one_sentence(plant, login, why):
    with plant.transaction(login) as connection, pytest.raises(NotAllowed, match=f"^{why}$"):
        note_device_write(connection, MINE, WRITABLE, 1.0)
