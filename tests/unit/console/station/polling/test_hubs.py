import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from console.catalogue.binding import Binding
from console.station.polling.hubs import Hubs
from console.station.tuning import Tuning
from drivers.driver import DriverSpec


class Wire(BaseModel):
    """Settings of a fake protocol."""

    timeout_s: float = 1.0
    retries: int = 0


class FakeHub:
    """Counts what it makes; may refuse to close."""

    def __init__(self) -> None:
        self.made: list[object] = []
        self.closed = 0
        self.gate: asyncio.Event | None = None

    def driver(self, settings: object, _addresses: object) -> object:
        self.made.append(settings)
        return object()

    async def close(self) -> None:
        self.closed += 1
        await (self.gate or _open()).wait()


def _open() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def spec(hub: FakeHub) -> DriverSpec:
    return DriverSpec("fake", "Fake", Wire, str, "", lambda: hub, lambda *_: None)  # type: ignore[arg-type]


def binding(spec: DriverSpec, **settings: float) -> Binding:
    return Binding(spec, Wire(**settings), ("a",))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "limit_s"),
    [({}, 10.0), ({"timeout_s": 5.0}, 20.0), ({"timeout_s": 5.0, "retries": 2}, 60.0)],
)
def test_patience_with_a_driver_grows_with_the_connections_own_time_outs(
    tuning: Tuning, make_device, spec: DriverSpec, settings: dict[str, float], limit_s: float
) -> None:
    assert Hubs(tuning).target(make_device(), binding(spec, **settings)).limit_s == limit_s


def test_devices_of_one_protocol_share_a_hub_made_when_first_needed(
    tuning: Tuning, make_device, spec: DriverSpec, hub: FakeHub
) -> None:
    hubs = Hubs(tuning)
    targets = [hubs.target(make_device(number), binding(spec)) for number in (1, 2)]
    assert hub.made == []
    for target in targets:
        target.make_driver()
    assert len(hub.made) == 2


async def test_hub_that_does_not_close_is_not_waited_for_for_ever(
    tuning: Tuning, make_device, spec: DriverSpec, hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    hubs = Hubs(tuning)
    hubs.target(make_device(), binding(spec)).make_driver()
    hub.gate = asyncio.Event()
    await hubs.close()
    await hubs.close()
    assert hub.closed == 1
    assert caplog.messages == ["Connections of fake did not close within 0.1 s"]


def test_a_protocol_keeps_its_own_files_in_the_stations_folder(
    tuning: Tuning, make_device, spec: DriverSpec, tmp_path: Path
) -> None:
    told: list[Path] = []
    keeping = replace(spec, with_folder=lambda folder: told.append(folder) or spec)
    Hubs(tuning, tmp_path).target(make_device(), binding(keeping)).make_driver()
    assert told == [tmp_path]
