"""Signing in to a server by user name and password."""

import logging
import traceback

import pytest
from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole

from drivers.errors import NeedsHuman
from drivers.opcua.address import parse_address
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.spec import OPCUA

PASSWORD = "Zange-7-Öl"
HEAT = "ns=2;s=Heat"


class OneUser:
    """Lets one person in, and remembers who knocked."""

    def __init__(self):
        self.knocked = []

    def get_user(self, iserver, username=None, password=None, certificate=None):
        self.knocked.append(username)
        is_known = (username, password) == ("reader", PASSWORD)
        return User(role=UserRole.User, name=username) if is_known else None


@pytest.fixture
async def users(plant):
    """The plant, where only the user "reader" gets in."""
    users = OneUser()

    def prepare(server):
        server.set_identity_tokens([ua.UserNameIdentityToken])
        server.iserver.user_manager = users

    await plant.start({"Heat": 21.5}, prepare=prepare)
    return users


async def test_the_right_password_opens_the_session(plant, users, driver_of):
    driver = driver_of(plant.endpoint, HEAT, username="reader", password=PASSWORD)
    await driver.open()
    (value,) = await driver.read()
    assert (value.value, users.knocked) == (21.5, ["reader"])


@pytest.mark.parametrize("given", [{"password": "wrong"}, {}, {"username": "other", "password": PASSWORD}])
async def test_a_wrong_password_needs_a_human(plant, users, driver_of, given):
    driver = driver_of(plant.endpoint, HEAT, **({"username": "reader"} | given))
    with pytest.raises(NeedsHuman, match=r"does not accept the user '\w+' with this password"):
        await driver.open()


async def test_neither_error_nor_log_shows_the_password(plant, users, driver_of, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = "Wrong-but-" + PASSWORD
    driver = driver_of(plant.endpoint, HEAT, username="reader", password=wrong)
    with pytest.raises(NeedsHuman) as caught:
        await driver.open()
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert wrong not in shown
    assert repr(wrong.encode()) not in shown
    caplog.clear()


async def test_one_wrong_password_does_not_disturb_a_neighbour_on_the_same_server(plant, users, driver_of):
    good = driver_of(plant.endpoint, HEAT, username="reader", password=PASSWORD)
    bad = driver_of(plant.endpoint, HEAT, username="reader", password="wrong")
    await good.open()
    with pytest.raises(NeedsHuman):
        await bad.open()
    (value,) = await good.read()
    assert value.value == 21.5


async def test_devices_of_one_user_share_a_session(plant, users, driver_of):
    drivers = [driver_of(plant.endpoint, HEAT, username="reader", password=PASSWORD) for _ in range(3)]
    for driver in drivers:
        await driver.open()
    assert users.knocked == ["reader"]


async def test_a_server_without_user_names_says_so(plant, driver_of):
    await plant.start(
        {"Heat": 21.5}, prepare=lambda server: server.set_identity_tokens([ua.AnonymousIdentityToken])
    )
    driver = driver_of(plant.endpoint, HEAT, username="reader", password=PASSWORD)
    with pytest.raises(NeedsHuman, match="offers no sign-in by user name; remove user name and password"):
        await driver.open()


@pytest.mark.parametrize(
    ("password", "ok", "said"), [(PASSWORD, True, "signed in as reader"), ("wrong", False, "does not accept")]
)
async def test_the_connection_test_tells_who_signed_in(plant, users, password, ok, said):
    settings = OpcuaSettings(endpoint=plant.endpoint, username="reader", password=password)
    steps = await OPCUA.test(settings, [parse_address(HEAT)])
    (step,) = [step for step in steps if step.name == "Session open"]
    assert (step.ok, said in step.detail) == (ok, True)
    assert password not in repr(steps)
