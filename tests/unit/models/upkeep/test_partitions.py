import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from models.queries.storage_facts import storage_facts
from models.upkeep.partitions import ensure_partitions


def today():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def test_the_days_ahead_are_made_once(connection):
    ensure_partitions(connection, ahead_days=7)
    before = today()
    made = ensure_partitions(connection, ahead_days=14)
    ends = {day + timedelta(days=15) for day in (before, today())}  # midnight may come at any moment
    assert made >= 7
    assert ensure_partitions(connection, ahead_days=13) == 0
    assert storage_facts(connection).last_day in ends


def test_a_missing_tomorrow_is_made_again(connection):
    ensure_partitions(connection, ahead_days=8)  # one more than is asked for below, should midnight come
    tomorrow = f"sensor_readings_{today() + timedelta(days=1):%Y%m%d}"
    connection.execute(text(f"DROP TABLE app.{tomorrow}"))
    assert ensure_partitions(connection) == 1


def test_a_partition_carries_the_indexes_of_its_parent(connection):
    ensure_partitions(connection)
    kinds = connection.execute(
        text(
            "SELECT am.amname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid "
            "JOIN pg_am AS am ON am.oid = c.relam WHERE i.indrelid = CAST(:name AS regclass) ORDER BY 1"
        ),
        {"name": f"app.sensor_readings_{today():%Y%m%d}"},
    )
    assert kinds.scalars().all() == ["brin", "btree"]


def test_two_stations_at_once_make_every_day_once(database):
    answers, together, before = [], threading.Barrier(2), today()

    def station():
        together.wait(10)
        with database.transaction() as connection:
            answers.append(ensure_partitions(connection, ahead_days=12))

    threads = [threading.Thread(target=station) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    ends = {day + timedelta(days=13) for day in (before, today())}  # midnight may come at any moment
    with database.transaction() as connection:
        assert storage_facts(connection).last_day in ends


def test_writing_goes_on_while_a_report_is_open_and_days_are_made(database, committed_device, make):
    from models.queries.readings import insert_readings

    with database.transaction() as report:
        report.execute(text("SELECT count(*) FROM app.sensor_readings"))
        with database.transaction() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '3s'"))
            assert ensure_partitions(connection, ahead_days=10) >= 3
        with database.transaction() as connection:
            now = datetime.now(UTC).timestamp()
            assert insert_readings(connection, [make.reading(committed_device.id, now)]) == 1
