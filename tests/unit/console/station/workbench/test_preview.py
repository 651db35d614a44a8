"""A preview hands on the better addresses that a driver knows, and does without where it knows none."""

import pytest

from console.station.workbench.preview import preview
from drivers.driver import DriverSpec
from drivers.modbus.address import parse_address
from drivers.questions import PreviewSubject, PreviewTag
from drivers.values import Quality, RawValue, bad
from tests.unit.console.station.workbench.odd_protocol import OddHub, OddSettings, no_test

NOW = 1_800_000_000.0


class PlainDriver:
    """Reads a number and something bad."""

    async def open(self) -> None:
        self.is_open = True

    async def read(self) -> list[RawValue]:
        return [RawValue(7, Quality.GOOD, NOW), bad("moved", NOW)]

    async def close(self) -> None:
        self.is_open = False


class KnowingDriver(PlainDriver):
    """Knows better, and only while it is open."""

    def better_addresses(self) -> dict[str, str]:
        return {"holding:2:uint16": "holding:9:uint16"} if self.is_open else {}


@pytest.mark.parametrize(("driver", "better"), [(PlainDriver, ""), (KnowingDriver, "holding:9:uint16")])
async def test_a_better_address_comes_with_the_value_that_it_is_for(monkeypatch, driver, better) -> None:
    monkeypatch.setattr(OddHub, "driver", lambda hub, settings, addresses: driver())
    spec = DriverSpec("odd", "Odd", OddSettings, parse_address, "", OddHub, no_test)
    tags = (PreviewTag("nowhere"), PreviewTag("holding:1:uint16"), PreviewTag(" holding:2:uint16"))
    values = await preview(spec, OddHub(), OddSettings(), PreviewSubject(tags))
    assert [value.better_address for value in values] == ["", "", better]
