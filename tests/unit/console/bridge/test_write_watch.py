from console.bridge.link_state import database_text
from console.bridge.write_watch import WriteWatch
from models.records.station import StationReport


def report(sent_unix: float, stored: int, waiting: int) -> StationReport:
    return StationReport(24, 24, stored + waiting, stored, waiting, 0, 0, 1000, "live", sent_unix)


def test_readings_that_wait_for_five_seconds_while_none_is_stored_mean_a_hung_database():
    watch = WriteWatch()
    hung = []
    for second in range(8):
        watch.take(report(100.0 + second, 1000, 24 * second))
        hung.append(watch.is_hung)

    assert hung == [False] * 6 + [True] * 2


def test_a_database_that_stores_slowly_is_not_hung():
    watch = WriteWatch()
    for second in range(20):
        watch.take(report(100.0 + second, 1000 + second, 500))

    assert not watch.is_hung


def test_a_plant_that_sends_nothing_is_not_a_hung_database():
    watch = WriteWatch()
    for second in range(20):
        watch.take(report(100.0 + second, 1000, 0))

    assert not watch.is_hung


def test_one_batch_stored_ends_it():
    watch = WriteWatch()
    for second in range(10):
        watch.take(report(100.0 + second, 1000, 24))
    watch.take(report(110.0, 1024, 24))

    assert not watch.is_hung


def test_a_clock_set_back_and_another_station_begin_anew():
    watch = WriteWatch()
    watch.take(report(100.0, 1000, 24))
    watch.take(report(40.0, 1000, 24))
    assert watch.stalled_s == 0.0
    watch.take(report(60.0, 1000, 24))
    watch.forget()
    assert not watch.is_hung


def test_a_hung_database_is_called_away_with_what_is_buffered():
    assert database_text("live", report(0.0, 1000, 240), is_hung=True) == "away: buffering 240 readings"
