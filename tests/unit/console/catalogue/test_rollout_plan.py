"""Who is in which wave, and why: nobody twice, nobody silently left out."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.catalogue.rollout_plan import Candidate, ImpossiblePlan, plan_rollout, wave_sizes
from models.records.device import DeviceId
from models.records.firmware import Manifest
from models.records.rollout import PlanSettings, RolloutId

MANIFEST = Manifest(
    product="drive-a",
    hardware=("A", "B"),
    version="2.1.0",
    sequence=7,
    minimum_from="1.5.0",
    size=10,
    sha256=bytes(32),
    expires_at=datetime(2999, 1, 1, tzinfo=UTC),
    way="modbus-file-record",
)
REACHES = frozenset({"modbus-tcp"})


def drive(number: int, **changes) -> Candidate:
    made = Candidate(DeviceId(number), f"D-{number:04}", "Hall A", "modbus-tcp", "drive-a", "A", "2.0.0")
    return replace(made, **changes)


def planned(*candidates: Candidate, **settings):
    return plan_rollout(1, MANIFEST, REACHES, candidates, PlanSettings(**settings))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"product": ""}, "its product and hardware are not known; enter them at the device"),
        ({"product": "drive-b"}, "it is drive-b"),
        ({"hardware": "C"}, "its hardware is C, and this is for A, B"),
        ({"driver": "opcua"}, "it is reached over opcua, which cannot deliver this"),
        ({"is_busy": True}, "another rollout has not done with it"),
        ({"running": "2.1.0+drive-a"}, "it runs 2.1.0 already"),
        ({"running": "1.4.9"}, "it runs 1.4.9, and this needs 1.5.0 or later to begin from"),
        (
            {"running": "3.0.0"},
            "it runs 3.0.0, which is newer; only a rollout that takes another back brings it there",
        ),
    ],
)
def test_what_is_left_out_says_why(changes, reason) -> None:
    plan = planned(drive(1), drive(2, **changes))
    by_device = {one.device: one for one in plan.devices}
    assert (by_device[DeviceId(2)].wave, by_device[DeviceId(2)].reason) == (None, reason)
    assert by_device[DeviceId(1)].wave == 0


@pytest.mark.parametrize("running", ["", "build 7 of Tuesday"])
def test_a_device_whose_version_nobody_knows_is_in_and_asked_before_anything_is_sent(running) -> None:
    assert planned(drive(1, running=running)).devices[0].wave == 0


def test_each_product_and_hardware_has_its_canary_in_the_first_wave() -> None:
    plan = planned(*(drive(n, hardware="AB"[n % 2]) for n in range(10)), wave_sizes=("50 %", "100 %"))
    canaries = [one for one in plan.devices if one.is_canary]
    assert [one.reason for one in canaries] == [
        "canary of drive-a, hardware A",
        "canary of drive-a, hardware B",
    ]
    assert Counter(one.wave for one in plan.devices) == {0: 2, 1: 5, 2: 3}


def test_the_first_wave_takes_turns_through_the_places() -> None:
    places = ["Hall A"] * 6 + ["Hall B"] * 3
    plan = planned(
        *(drive(n, location=place) for n, place in enumerate(places)), canaries=0, wave_sizes=("4", "100 %")
    )
    first = [places[one.device] for one in plan.devices if one.wave == 0]
    assert Counter(first) == {"Hall A": 2, "Hall B": 2}


def test_taking_back_reaches_only_what_was_changed() -> None:
    candidates = drive(1, running="3.0.0", is_changed=True), drive(2, running="3.0.0")
    plan = plan_rollout(1, MANIFEST, REACHES, candidates, PlanSettings(), RolloutId(5))
    assert [(one.device, one.wave) for one in plan.devices] == [(2, None), (1, 0)]


def test_a_plan_without_devices_is_none() -> None:
    with pytest.raises(ImpossiblePlan, match="No device is left"):
        planned(drive(1, product="pump"))


@pytest.mark.parametrize("size", ["0", "ten", "101 %", "-1", "1.5", ""])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(ImpossiblePlan, match="no size of a wave"):
        wave_sizes([size], 10, 10)


SIZES = st.lists(
    st.one_of(st.integers(1, 60).map(str), st.integers(1, 100).map(lambda share: f"{share} %")), max_size=5
)


@given(SIZES, st.integers(1, 60), st.integers(0, 3))
def test_every_device_is_in_exactly_one_wave_and_no_wave_is_empty(sizes, count, canaries) -> None:
    candidates = [drive(n, hardware="AB"[n % 2], location=f"Hall {n % 3}") for n in range(count)]
    plan = planned(*candidates, wave_sizes=tuple(sizes), canaries=canaries)
    waves = Counter(one.wave for one in plan.devices)
    assert sorted(one.device for one in plan.devices) == list(range(count))
    assert sorted(waves) == list(range(len(waves)))
