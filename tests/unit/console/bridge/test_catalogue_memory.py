"""What a computer remembers of a catalogue: whose it is, what is not in it, and what damage does."""

import logging
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from console.bridge.catalogue import Catalogue
from console.bridge.catalogue_memory import CatalogueMemory
from console.bridge.configuration import Configuration
from models.records.device import DeviceId
from models.records.shelf import AlarmSettings
from models.records.threshold import Severity, Threshold, ThresholdId
from tests.unit.console.bridge.bridge_parts import device
from tests.unit.console.bridge.session_parts import EVA

LIMIT = Threshold(ThresholdId(5), DeviceId(1), "temperature", None, 70.0, Severity.CRITICAL)
SITE = "console on this computer"
KEPT = Configuration(
    Catalogue([replace(device(1), connection={"host": "10.0.0.7", "password": "sealed"})], [LIMIT]),
    AlarmSettings(max_shelf_s=60.0),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "catalogues"


@pytest.fixture
def memory(folder) -> CatalogueMemory:
    made = CatalogueMemory(folder)
    made.keep(SITE, EVA, KEPT)
    return made


def test_devices_tags_limits_and_the_sites_rules_come_back(memory):
    recalled = memory.recall(SITE, EVA)
    assert recalled.catalogue.devices == (device(1),)
    assert recalled.catalogue.thresholds_of(DeviceId(1)) == (LIMIT,)
    assert recalled.alarm_settings == KEPT.alarm_settings


def test_the_file_is_its_owners_alone_and_says_neither_who_nor_how_a_device_is_reached(memory, folder):
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"10.0.0.7" not in file.read_bytes()
    assert EVA.email not in file.name


def test_nobody_else_and_no_other_site_is_given_it(memory, folder):
    assert memory.recall(SITE, replace(EVA, id=2)) is None
    assert memory.recall(SITE, replace(EVA, email="ada@example.org")) is None
    assert CatalogueMemory(folder).recall("another site", EVA) is None


def test_the_last_one_counts(memory, folder):
    memory.keep(SITE, EVA, Configuration(Catalogue([device(2)]), AlarmSettings()))
    assert [each.id for each in memory.recall(SITE, EVA).catalogue.devices] == [2]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"\x00garbage", b"\x81\xa7version\x09"])
def test_a_damaged_file_is_as_good_as_none(memory, folder, content, caplog):
    (file,) = folder.iterdir()
    file.write_bytes(content)
    caplog.set_level(logging.CRITICAL)
    assert memory.recall(SITE, EVA) is None


def test_a_folder_that_cannot_be_written_to_is_no_failure(tmp_path, caplog):
    (tmp_path / "catalogues").write_text("a file")
    CatalogueMemory(tmp_path / "catalogues").keep(SITE, EVA, KEPT)
    assert "could not be kept" in caplog.text
