import pytest

from console.station.device_status import status_from_answer, status_from_failure
from console.station.errors import DriverStuck
from drivers.errors import DriverBug, LineLost, NeedsHuman, Refused
from models.records.device import DeviceStatus


def test_device_with_good_values_only_is_online_without_detail() -> None:
    assert status_from_answer(6, ()) == (DeviceStatus.ONLINE, "")


def test_device_with_one_bad_value_is_online_and_names_it() -> None:
    status, detail = status_from_answer(6, ["Speed (not a number)"])
    assert status is DeviceStatus.ONLINE
    assert detail == "1 of 6 values is not usable: Speed (not a number)."


def test_detail_names_three_bad_values_and_counts_the_rest() -> None:
    _, detail = status_from_answer(6, [f"T{number} (x{number})" for number in range(5)])
    assert detail == "5 of 6 values are not usable: T0 (x0); T1 (x1); T2 (x2); and 2 more."


def test_what_several_values_have_in_common_is_said_once() -> None:
    faults = ["Speed (not a number)", *(f"T{number} (sensor failure (Bad))" for number in range(5))]
    assert status_from_answer(9, faults)[1] == (
        "6 of 9 values are not usable: Speed (not a number); T0, T1, T2 and 2 more (sensor failure (Bad))."
    )


def test_device_without_any_good_value_is_in_error() -> None:
    status, detail = status_from_answer(1, ["Speed (not a number)"])
    assert status is DeviceStatus.ERROR
    assert detail == "Answers, but without a usable value: Speed (not a number)."


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (LineLost("No answer from 10.0.0.7."), DeviceStatus.OFFLINE),
        (NeedsHuman("Trust its certificate."), DeviceStatus.ERROR),
        (Refused("It said no."), DeviceStatus.ERROR),
        (DriverBug("Report this."), DeviceStatus.ERROR),
        (DriverStuck("It neither answered nor gave up."), DeviceStatus.ERROR),
    ],
)
def test_failure_decides_status_and_keeps_its_sentence(error: Exception, status: DeviceStatus) -> None:
    assert status_from_failure(error) == (status, str(error))


def test_failure_without_words_points_to_the_log() -> None:
    assert status_from_failure(LineLost())[1] == "The device could not be read; see the station's log."


def test_alerts_that_cannot_be_judged_stand_at_the_end_and_change_no_status() -> None:
    assert status_from_answer(2, (), ("One.", "Two.")) == (DeviceStatus.ONLINE, "One. Two.")
    status, detail = status_from_answer(1, ("Speed (no value)",), ("A.", "B.", "C.", "D.", "E."))
    assert status is DeviceStatus.ERROR
    assert detail == "Answers, but without a usable value: Speed (no value). A. B. C. And 2 more."
