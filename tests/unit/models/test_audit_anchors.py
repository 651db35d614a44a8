import pytest
from sqlalchemy import text

from models.audit_anchors import AnchorFile
from models.database import Database
from models.queries.audit import audit_head


@pytest.fixture
def file(tmp_path):
    return AnchorFile(tmp_path)


def change(database, name):
    with database.transaction() as connection:
        connection.execute(
            text("INSERT INTO app.ota_versions (version, firmware_url) VALUES (:name, 'u')"), {"name": name}
        )
        connection.commit()
    with database.transaction() as connection:
        return audit_head(connection)


def test_before_the_first_anchor_there_is_none(file):
    assert file.anchors("anywhere") == []


def test_what_was_seen_is_found_again_oldest_first(file, database):
    ends = []
    for name in "AB":
        ends.append(change(database, name))
        assert file.keep_head(database)
    assert file.anchors(database.place) == ends


def test_an_end_that_did_not_move_is_kept_once(file, database):
    change(database, "A")
    assert [file.keep_head(database) for _ in range(3)] == [True, False, False]


def test_anchors_of_another_database_are_another_s(file, database, database_server):
    change(database, "A")
    file.keep_head(database)
    other = Database(database_server.url_of("postgres"), "tests")
    assert file.anchors(other.place) == []
    other.close()


def test_a_damaged_line_does_not_cost_the_others(file, database, tmp_path):
    end = change(database, "A")
    file.keep_head(database)
    with (tmp_path / "audit-anchors.jsonl").open("a") as lines:
        lines.write('{"place": "x", "seq": ')
    assert file.anchors(database.place) == [end]
    assert change(database, "B").seq == end.seq + 1
    assert file.keep_head(database)
    assert len(file.anchors(database.place)) == 2


def test_the_oldest_give_way_after_ninety_days(file, database, tmp_path):
    path = tmp_path / "audit-anchors.jsonl"
    path.write_text('{"place": "x", "seq": 1, "hash": "", "at": ""}\n' * 2160)
    change(database, "A")
    file.keep_head(database)
    assert (len(file.anchors("x")), len(path.read_text().splitlines())) == (2159, 2160)
