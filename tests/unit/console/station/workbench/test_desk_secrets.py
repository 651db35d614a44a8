"""A stored password goes where it was entered for, and nowhere else; real keys, and a port that listens."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from console.station.store import Plan
from console.station.workbench.errors import NotDone
from console.station.workbench.question import ENTER_AGAIN, Question, bound
from models.records.device import Tag
from models.secrets import SecretBox, field_context, key_id, new_key, target_of
from tests.unit.console.link.link_parts import EMIL

KEY = new_key()
BOX = SecretBox({key_id(KEY): KEY}, key_id(KEY))
HERE = "opc.tcp://127.0.0.1:4841/plant"
OTHER_TARGET = (
    "The stored password of Drive 1 goes only where it was entered for; enter it again to try another "
    "address or another security."
)


def sealed(endpoint: str, device_id: str = "DRIVE-01") -> object:
    target = target_of("opcua", {"endpoint": endpoint})
    return BOX.seal("in clear", field_context(device_id, ("connection", "password"), target))


def connection(endpoint: str, password: object) -> dict[str, object]:
    return {"endpoint": endpoint, "username": "reader", "password": password}


def question(settings: object, tool: str = "identify", hardware_id: str = "DRIVE-01") -> Question:
    return Question(tool, "opcua", msgspec.json.encode(settings), b"{}", hardware_id)


@pytest.fixture
def stored(make_device):
    return make_device(
        1,
        driver="opcua",
        connection=connection(HERE, sealed(HERE)),
        tags=(Tag("temperature", "ns=1;s=Heat"),),
        user_id=EMIL.person_id,
    )


@pytest.fixture
async def elsewhere() -> AsyncIterator[tuple[str, list[object]]]:
    """Somebody's own server: its endpoint, and who connected to it."""
    guests: list[object] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guests.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    yield f"opc.tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}/trap", guests
    server.close()
    await server.wait_closed()


def test_the_stored_password_is_opened_for_its_own_place(stored):
    ready = bound(question(connection(HERE, sealed(HERE)) | {"timeout_s": 2.0}), stored, BOX.open)
    assert ready.settings.password.get_secret_value() == "in clear"


async def test_it_is_never_sent_to_another_address(ask, desk, stored, elsewhere):
    endpoint, guests = elsewhere
    desk.set_plan(Plan((stored,), (), (), BOX))
    # Sealed for that address once, when the device had it: an old revision holds such a value.
    asked = await ask(
        EMIL, "identify", connection(endpoint, sealed(endpoint)), {}, "DRIVE-01", "opcua"
    ).over()
    assert asked.fault == OTHER_TARGET
    assert guests == []


@pytest.mark.parametrize("tool", ["test", "preview", "browse", "registers", "certificate"])
def test_no_tool_takes_it_elsewhere(stored, tool):
    other = "opc.tcp://127.0.0.1:4999/trap"
    with pytest.raises(NotDone, match="goes only where it was entered for"):
        bound(question(connection(other, sealed(other)), tool), stored, BOX.open)


def test_it_is_not_used_for_a_device_that_is_not_stored():
    with pytest.raises(NotDone, match=ENTER_AGAIN[:30]):
        bound(question(connection(HERE, sealed(HERE)), hardware_id=""), None, BOX.open)


def test_another_devices_password_does_not_open(stored):
    with pytest.raises(NotDone, match="encrypted, but not for this place"):
        bound(question(connection(HERE, sealed(HERE, "DRIVE-02"))), stored, BOX.open)


def test_a_password_typed_just_now_goes_where_the_person_says(stored):
    ready = bound(question(connection("opc.tcp://127.0.0.1:4999/new", "typed")), stored, BOX.open)
    assert ready.settings.password.get_secret_value() == "typed"


def test_what_is_asked_shows_no_secret_in_a_log():
    assert "typed" not in repr(question(connection(HERE, "typed")))
