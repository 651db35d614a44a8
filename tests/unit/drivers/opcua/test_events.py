"""Alarms and events of a real server, as a driver with events hands them on."""

import asyncio

import pytest
from asyncua import ua

from drivers.driver import Driver
from drivers.events import EventfulDriver, EventNews, asks_for_events
from drivers.opcua import event_feed, event_inbox
from drivers.opcua.settings import OpcuaSettings
from tests.unit.drivers.opcua.event_parts import Alarm, tell_plainly

HEAT = "ns=2;s=Heat"


class Ear:
    """Takes whatever a driver has to tell, until what is waited for has come."""

    def __init__(self, driver: EventfulDriver) -> None:
        self.driver = driver
        self.told: list[EventNews] = []

    @property
    def events(self) -> list[tuple[str, int, bool | None]]:
        return [(one.message, one.severity, one.is_active) for news in self.told for one in news.events]

    @property
    def standing(self) -> list[frozenset[str]]:
        return [news.standing for news in self.told if news.standing is not None]

    async def until(self, is_enough) -> None:
        async with asyncio.timeout(8):
            while not is_enough():
                news = self.driver.take_events()
                if news is not None:
                    self.told.append(news)
                await asyncio.sleep(0.01)  # between two looks


@pytest.fixture
async def heard(plant, driver_of):
    """A started server with one value, and the ear at a driver with events."""
    await plant.start({"Heat": 21.5})
    await plant.server.iserver.setup_condition_methods()
    driver = driver_of(plant.endpoint, HEAT, events=True, timeout_s=2.0)
    await driver.open()
    yield Ear(driver)
    await driver.close()


async def test_what_a_server_tells_is_told_in_order_with_its_state(plant, heard) -> None:
    alarm = await Alarm.make(plant.server, "Overtemperature")
    await heard.until(lambda: heard.standing)
    await alarm.tell(700, "Motor overtemperature", is_active=True)
    await tell_plainly(plant.server, 100, "Recipe loaded")
    await alarm.tell(700, "Motor cooled down", is_active=False)
    await heard.until(lambda: len(heard.events) >= 3)
    assert heard.events == [
        ("Motor overtemperature", 700, True),
        ("Recipe loaded", 100, None),
        ("Motor cooled down", 700, False),
    ]
    one, _, other = (event for news in heard.told for event in news.events)
    assert (one.source, one.name, one.key == other.key) == ("Press 3", "Overtemperature", True)
    assert [value.value for value in await heard.driver.read()] == [21.5]


async def test_after_another_connection_the_server_is_asked_what_stands(plant, heard, driver_of) -> None:
    standing, ended = (
        await Alarm.make(plant.server, "Overtemperature"),
        await Alarm.make(plant.server, "Leak"),
    )
    await heard.until(lambda: heard.standing)
    assert heard.standing == [frozenset()]
    await standing.tell(700, "Motor overtemperature", is_active=True)
    await ended.tell(300, "Oil leak", is_active=True)
    await heard.until(lambda: len(heard.events) == 2)
    await heard.driver.close()
    await ended.tell(300, "Oil leak is over", is_active=False)
    await heard.driver.open()
    await heard.until(lambda: len(heard.standing) == 2)
    assert heard.standing[-1] == frozenset({"ns=2;s=Press 3.Overtemperature"})


async def test_a_server_of_plain_events_cannot_be_asked_what_stands_and_tells_the_rest(
    plant, driver_of
) -> None:
    await plant.start({"Heat": 21.5})
    await tell_plainly(plant.server, 1, "so that its Server object reports events")
    ear = Ear(driver_of(plant.endpoint, HEAT, events=True))
    await ear.driver.open()
    await ear.until(lambda: ear.standing)
    await tell_plainly(plant.server, 100, "Recipe loaded")
    await ear.until(lambda: ear.events)
    assert (ear.standing, [news.trouble for news in ear.told if news.trouble]) == ([frozenset()], [])
    await ear.driver.close()


async def test_a_server_that_refuses_events_is_named_and_its_values_go_on(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, HEAT, events=True, event_notifier=HEAT)
    ear = Ear(driver)
    await driver.open()
    await ear.until(lambda: ear.told)
    (news,) = ear.told
    assert news.trouble.startswith(f"{plant.endpoint} offers no events of ns=2;s=Heat: ")
    assert (news.events, news.standing) == ((), None)
    assert [value.value for value in await driver.read()] == [21.5]
    assert driver.take_events() is None
    await driver.close()


async def test_events_that_the_server_ends_are_subscribed_to_again(plant, heard, monkeypatch) -> None:
    monkeypatch.setattr(event_feed, "_AGAIN_S", 0.01)
    await heard.until(lambda: heard.standing)
    subscription = heard.driver._events._subscription
    served = plant.server.iserver.subscription_service.subscriptions[subscription.id]
    await served.monitored_item_srv.trigger_statuschange(ua.StatusCode(ua.StatusCodes.BadTimeout))
    await heard.until(lambda: len(heard.standing) == 2)
    assert [value.value for value in await heard.driver.read()] == [21.5]
    await tell_plainly(plant.server, 100, "Recipe loaded")
    await heard.until(lambda: heard.events)


async def test_what_is_the_servers_own_affair_is_not_told(plant, heard) -> None:
    await heard.until(lambda: heard.standing)
    await tell_plainly(plant.server, 100, "somebody signed in", ua.ObjectIds.AuditEventType)
    await tell_plainly(plant.server, 100, "Recipe loaded")
    await heard.until(lambda: heard.events)
    assert heard.events == [("Recipe loaded", 100, None)]


async def test_a_flood_is_counted_and_neither_kept_nor_the_polls_affair(plant, heard, monkeypatch) -> None:
    monkeypatch.setattr(event_inbox, "_BURST", 20)
    await heard.until(lambda: heard.standing)
    generator = await plant.server.get_event_generator()
    for _ in range(200):
        await generator.trigger(message="again")
    await heard.until(lambda: len(heard.events) + sum(news.dropped for news in heard.told) == 200)
    assert len(heard.events) <= 120
    assert [value.value for value in await heard.driver.read()] == [21.5]


async def test_without_events_nothing_is_subscribed_to(plant, driver_of) -> None:
    await plant.start({"Heat": 21.5})
    driver = driver_of(plant.endpoint, HEAT)
    await driver.open()
    await driver.read()
    assert len(plant.server.iserver.subscription_service.subscriptions) == 1
    assert driver.take_events() is None
    await driver.close()


async def test_a_closed_driver_ends_its_subscription_on_the_server(
    plant, heard, driver_of, eventually
) -> None:
    neighbour = driver_of(plant.endpoint, HEAT, timeout_s=2.0)
    await neighbour.open()
    await heard.until(lambda: heard.standing)
    before = len(plant.server.iserver.subscription_service.subscriptions)
    await heard.driver.close()

    async def is_gone() -> bool:
        return len(plant.server.iserver.subscription_service.subscriptions) < before

    await eventually(is_gone, 5)
    await neighbour.close()


def test_the_setting_is_found_as_it_is_stored() -> None:
    assert [asks_for_events({"events": value}) for value in (True, "on", 1, False, "no", None, [])] == [
        *[True] * 3,
        *[False] * 4,
    ]
    assert not asks_for_events({})


def test_a_notifier_is_a_whole_node() -> None:
    with pytest.raises(ValueError, match="part of a value"):
        OpcuaSettings(endpoint="opc.tcp://a", event_notifier="ns=2;s=Heat|[3]")
    settings = OpcuaSettings(endpoint="opc.tcp://a", event_notifier=" ns=2;s=Heat ")
    assert str(settings.notifier) == "ns=2;s=Heat"
    assert str(OpcuaSettings(endpoint="opc.tcp://a").notifier) == "i=2253"


def test_a_driver_without_events_is_none(driver_of) -> None:
    driver = driver_of("opc.tcp://127.0.0.1:1", HEAT)
    assert isinstance(driver, EventfulDriver)
    assert not isinstance(Driver, EventfulDriver)
