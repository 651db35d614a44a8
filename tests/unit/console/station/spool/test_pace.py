import pytest

from console.station.spool.pace import Pace, Stride


def test_stride_halves_after_a_failure_down_to_the_smallest() -> None:
    stride = Stride(50, 1000)
    sizes = []
    for _ in range(6):
        stride.note_failure()
        sizes.append(stride.size)
    assert sizes == [500, 250, 125, 62, 50, 50]


def test_stride_grows_again_once_it_has_gone_well_for_a_while() -> None:
    stride = Stride(50, 1000)
    stride.note_failure()
    for _ in range(7):
        stride.note_success(0.01)
    assert stride.size == 500
    stride.note_success(0.01)
    assert stride.size == 1000


def test_stride_shrinks_where_live_readings_would_wait() -> None:
    stride = Stride(50, 1000)
    stride.note_success(0.9)
    assert stride.size == 500


def test_pace_grants_what_it_is_set_to_over_any_longer_time() -> None:
    pace, now_s, written = Pace(1000.0, 0.0), 0.0, 0
    while now_s < 100.0:
        wait_s = pace.wait_s(now_s)
        now_s += wait_s + 1e-6
        pace.wait_s(now_s)
        pace.spend(300)
        written += 300
    assert written / now_s == pytest.approx(1000.0, rel=0.01)


def test_pace_does_not_save_up_more_than_half_a_second() -> None:
    pace = Pace(1000.0, 0.0)
    assert pace.wait_s(3600.0) == 0.0
    pace.spend(1500)
    assert pace.wait_s(3600.0) == pytest.approx(1.0)
