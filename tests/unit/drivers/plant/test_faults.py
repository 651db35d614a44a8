import math

import pytest

from drivers.plant.demo_faults import demo_faults
from drivers.plant.faults import FAULTS, Fault, FaultKind, FaultRefused, Layer, distorted, fault_of
from drivers.plant.hostile import deliveries, frame
from drivers.plant.plan import PlantPlan

PLAN = PlantPlan()
TRUTH = [50.0, math.nan, math.nan, 2.0, 5000.0, 1450.0]
REPLY = b"\x03\x04\x00\x01\x00\x02"


@pytest.mark.parametrize(
    ("device_id", "kind", "sentence"),
    [
        ("DRIVE-99", "silent", "no device DRIVE-99"),
        ("DRIVE-01", "tired", "No fault is called tired"),
        ("DRIVE-01", "bad-status", "DRIVE-01 speaks modbus-tcp"),
        ("PRESS-01", "garbage", "PRESS-01 speaks opcua"),
        ("CLIMATE-01", "seize", "does not measure vibration"),
    ],
)
def test_impossible_faults_are_refused_in_a_sentence(device_id, kind, sentence):
    with pytest.raises(FaultRefused, match=sentence):
        fault_of(PLAN, device_id, kind)


def test_every_kind_of_fault_is_explained():
    assert set(FAULTS) == set(FaultKind)
    assert all(info.meaning for info in FAULTS.values())


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if FAULTS[kind].layer is Layer.VALUE])
def test_value_faults_change_what_is_reported(kind):
    fault = fault_of(PLAN, "DRIVE-01", kind)
    reported = distorted(TRUTH, fault, frozen=[1.0] * 6, time_s=20.0)
    assert len(reported) == 6
    assert reported[0] != TRUTH[0]


def test_spike_lasts_one_sample_in_ten():
    fault = fault_of(PLAN, "DRIVE-01", "spike", 60.0)
    course = [distorted(TRUTH, fault, TRUTH, float(second))[0] for second in range(20)]
    assert course.count(110.0) == 2
    assert course.count(50.0) == 18


@pytest.mark.parametrize(
    "kind", [kind for kind in FaultKind if FAULTS[kind].layer is Layer.WIRE and FAULTS[kind].only != "opcua"]
)
def test_no_fault_of_the_wire_sends_the_true_reply_at_once(kind):
    fault = fault_of(PLAN, "DRIVE-01", kind)
    sent = deliveries(fault, transaction=9, unit=1, reply=REPLY)
    assert [(0.0, frame(9, 1, REPLY))] != sent


def test_dripping_reply_is_the_true_one_in_the_end():
    sent = deliveries(Fault("DRIVE-01", FaultKind.DRIP, 0.01), 9, 1, REPLY)
    assert b"".join(content for _, content in sent) == frame(9, 1, REPLY)
    assert [delay for delay, _ in sent] == sorted(delay for delay, _ in sent)


def test_wrong_count_keeps_the_frame_consistent_with_itself():
    ((_, sent),) = deliveries(Fault("DRIVE-01", FaultKind.WRONG_COUNT, 0.0), 9, 1, REPLY)
    assert sent == frame(9, 1, b"\x03\x02\x00\x01")


def test_demonstration_has_one_silent_device_and_a_few_failing_machines():
    faults = demo_faults(PLAN)
    assert [fault.device_id for fault in faults if fault.kind is FaultKind.SILENT] == ["PUMP-03"]
    assert len([fault for fault in faults if fault.info.layer is Layer.MACHINE]) == 3


def test_demonstration_of_a_small_plant_uses_the_devices_it_has():
    assert [fault.device_id for fault in demo_faults(PlantPlan(devices=8))] == ["DRIVE-03"]
