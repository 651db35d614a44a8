"""Every profile that comes with the program, against the drivers and the rules of signals."""

import json
from collections import defaultdict
from importlib.resources import files

import pytest

from console.catalogue.document import checked_row
from console.catalogue.profiles import (
    LARGEST_FILE,
    ROOM,
    ProfileFault,
    ProfileShelf,
    load_profiles,
    missing_signals,
    profile_from_text,
    profile_of,
    profile_shelf,
    read_shelf,
    with_signals,
)
from models.metrics import METRIC_INDEX
from models.quantities import THE_SIX, Quantities
from models.signal_checks import signal_faults

PROFILES = {profile.key: profile for profile in load_profiles()}
# What only the person who connects one can know.
WHERE = {
    "opcua": {"endpoint": "opc.tcp://10.0.0.1:4840"},
    "modbus-rtu": {"serial_port": "/dev/ttyUSB0"},
    "modbus-ascii": {"serial_port": "/dev/ttyUSB0"},
}


def text_of(key: str) -> str:
    name = key.replace("-", "_")
    return (files(ROOM) / f"{name}.json").read_text(encoding="utf-8")


def test_there_is_something_to_choose_from():
    assert {profile.type for profile in PROFILES.values()} >= {
        "energy meter",
        "drive",
        "temperature controller",
        "inverter",
        "environmental sensor",
        "server",
    }


@pytest.mark.parametrize("key", PROFILES)
def test_a_profile_makes_a_device_through_each_of_its_drivers(key):
    profile = PROFILES[key]
    quantities = with_signals(THE_SIX, missing_signals([profile], THE_SIX))

    for driver in profile.drivers:
        where = WHERE.get(driver, {"host": "10.0.0.1"})
        device = profile.device(driver)
        row = {
            "device_id": "M-1",
            "name": "Meter",
            "type": device.type,
            "location": "Hall",
            "driver": driver,
            "connection": {**device.connection, **where},
            "period_s": device.period_s,
            "tags": [tag.model_dump() for tag in profile.tags],
        }
        faults, entry = checked_row(row, quantities)
        assert faults == []
        assert entry is not None
        assert entry.device.tags == device.tags


@pytest.mark.parametrize("key", PROFILES)
def test_a_profile_cites_its_source_and_says_what_must_be_known(key):
    profile = PROFILES[key]

    assert len(profile.source.document) > 10
    assert profile.source.version
    assert any(character.isdigit() for character in profile.source.place)
    assert profile.notes
    assert all(note.endswith(".") for note in profile.notes)


@pytest.mark.parametrize("key", PROFILES)
def test_signals_of_a_profile_are_well_formed(key):
    for document in PROFILES[key].signals:
        assert signal_faults(document.signal()) == []


def test_a_signal_means_the_same_in_every_profile():
    meanings = defaultdict(set)
    for profile in PROFILES.values():
        for document in profile.signals:
            meanings[document.key].add(document.model_dump_json())

    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


def test_no_two_tags_of_a_profile_read_the_same_address():
    for profile in PROFILES.values():
        addresses = [tag.address for tag in profile.tags]
        assert len(set(addresses)) == len(addresses)


def test_the_file_is_called_like_its_key():
    assert {name.replace("-", "_") + ".json" for name in PROFILES} == {
        file.name for file in files(ROOM).iterdir() if file.name.endswith(".json")
    }


def test_only_signals_that_are_missing_are_proposed():
    profile = PROFILES["eastron-sdm630"]
    all_of_them = missing_signals([profile, profile], THE_SIX)
    known = Quantities(all_of_them[:3])

    assert len(all_of_them) == len(profile.signals)
    assert missing_signals([profile], known) == all_of_them[3:]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"drivers": ["modbus"]}, "'modbus' is no driver here"),
        ({"tags": [{"metric": "flow", "address": "holding:1"}]}, "flow: no metric"),
        ({"tags": [{"metric": "rpm", "address": "nowhere:1"}]}, "rpm: "),
        ({"connection": {"hsot": "h"}}, "no driver of the profile has such a setting"),
        ({"source": None}, "source"),
        ({"colour": 1}, "colour: is not known here"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_first_fault(change, sentence):
    document = json.loads(text_of("vaisala-hmp")) | {
        "signals": [],
        "tags": [{"metric": "rpm", "address": "input:1"}],
    }
    with pytest.raises(ProfileFault, match=sentence):
        profile_from_text("x.json", json.dumps(document | change))


DAMAGED = {
    "truncated": (lambda text: text[: len(text) // 2], "truncated.json, line 1, column "),
    "empty": (lambda _: "", "empty.json, document: is empty."),
    "a list": (lambda text: f"[{text}]", "a list.json, : "),
    "a word": (lambda _: '"profile"', "a word.json, : "),
    "twice": (
        lambda text: text.replace('{"key"', '{"key": "other", "key"', 1),
        "the key 'key' stands there more than once",
    ),
    "wrong type": (lambda text: text.replace('"period_s": ', '"period_s": "soon", "x": '), "period_s: "),
    "unit": (lambda text: text.replace('"unit": "°C"', f'"unit": "{"x" * 21}"'), "unit has 1 to 20"),
    "span": (lambda text: text.replace('"span": [', '"span": [-1e9, ', 1), "span"),
    "huge": (lambda text: text + " " * LARGEST_FILE, "huge.json is larger than 256 KiB"),
    "deep": (lambda _: "[" * 100_000, "deep.json, "),
    "bytes": (lambda _: "\udcff", "bytes.json cannot be read: it is not UTF-8 text."),
    "digits": (lambda text: text.replace("1.0", "1" * 5000, 1), "digits.json, "),
    "again": (lambda text: text, "again.json, key: 'vaisala-hmp' is a_good_one.json already."),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_profile_costs_only_itself_and_is_told_in_one_sentence(tmp_path, name):
    damage, sentence = DAMAGED[name]
    good = json.dumps(json.loads(text_of("vaisala-hmp")), ensure_ascii=False)
    damaged = damage(good)
    (tmp_path / "a_good_one.json").write_text(good, encoding="utf-8")
    (tmp_path / f"{name}.json").write_text(damaged, encoding="utf-8", errors="surrogateescape")
    (tmp_path / "notes.txt").write_text("no profile")

    shelf = read_shelf(tmp_path)

    assert [profile.key for profile in shelf.profiles] == ["vaisala-hmp"]
    assert list(shelf.faults) == [f"{name}.json"]
    assert sentence in shelf.faults[f"{name}.json"]
    assert len(shelf.faults[f"{name}.json"]) < 400
    assert "\n" not in shelf.faults[f"{name}.json"]


def test_a_profile_that_cannot_be_read_is_left_out_too(tmp_path):
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    assert list(read_shelf(tmp_path).faults) == ["folder.json", "gone.json"]


def test_a_row_that_names_a_damaged_profile_is_told_why(monkeypatch):
    shelf = ProfileShelf((), {"eastron_sdm120.json": "eastron_sdm120.json, tags: is missing."})
    monkeypatch.setattr("console.catalogue.profiles.profile_shelf", lambda: shelf)
    with pytest.raises(
        ProfileFault, match=r"eastron-sdm120 is damaged .*: eastron_sdm120.json, tags: is mis"
    ):
        profile_of("eastron-sdm120")


def test_none_of_those_that_come_with_the_program_is_damaged():
    assert profile_shelf().faults == {}


def test_a_profile_is_found_by_key_and_by_name():
    profile = PROFILES["danfoss-fc302"]

    assert profile_of("Danfoss-FC302") is profile
    assert profile_of(profile.name.upper()) is profile
    with pytest.raises(ProfileFault, match=r"'x' is no profile; there are .*eastron-sdm120"):
        profile_of("x")


def test_scaled_values_of_a_drive_and_a_meter_are_what_their_manuals_say():
    drive = {tag.metric: (tag.address, tag.scale) for tag in PROFILES["danfoss-fc302"].tags}
    meter = {tag.metric: (tag.address, tag.scale) for tag in PROFILES["eastron-sdm630"].tags}

    # Parameter 16-13 is register 16130 counted from 1; its conversion index is -1.
    assert drive["output_frequency"] == ("holding:16129:uint16", 0.1)
    # 30053 Total system power.
    assert meter["power_consumption"] == ("input:52:float32", 1.0)
    assert "power_consumption" in METRIC_INDEX
