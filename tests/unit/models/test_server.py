import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

import models.cluster
from models.errors import NeedsSetup
from models.server import EmbeddedServer

USE = """
import sys
from pathlib import Path
from models.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
print(server.ensure_running(), flush=True)
sys.stdin.read()
server.release()
"""


@pytest.fixture(scope="module")
def folder():
    """A folder with a database, made once; every test leaves its server stopped."""
    with tempfile.TemporaryDirectory(prefix="console-server-") as name:
        server = EmbeddedServer(Path(name) / "database")
        server.ensure_running()
        server.release()
        yield Path(name) / "database"


@pytest.fixture
def server(folder):
    one = EmbeddedServer(folder)
    yield one
    one.stop()


@pytest.fixture
def users():
    """Starts other processes that use the server, and ends them."""
    started = []

    def start(folder):
        process = subprocess.Popen(
            [sys.executable, "-c", USE, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def postmaster(folder):
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_new_folder_becomes_a_server_that_answers_at_its_url():
    with tempfile.TemporaryDirectory(prefix="console-server-") as name:
        server = EmbeddedServer(Path(name) / "data" / "database")
        try:
            with psycopg.connect(server.ensure_running()) as connection:
                (version,) = connection.execute("SHOW server_version_num").fetchone()
                assert int(version) // 10_000 == 18
        finally:
            server.stop()


def test_what_was_written_is_there_after_a_restart(server):
    with psycopg.connect(server.ensure_running()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (42)")
    server.release()
    with psycopg.connect(server.ensure_running()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (42,)


def test_the_last_user_to_leave_stops_the_server(server, folder):
    other = EmbeddedServer(folder)
    server.ensure_running()
    other.ensure_running()
    server.release()
    assert other.is_running()
    other.release()
    assert not other.is_running()


def test_releasing_twice_does_not_count_another_user_out(server, folder):
    other = EmbeddedServer(folder)
    server.ensure_running()
    other.ensure_running()
    server.release()
    server.release()
    assert other.is_running()
    other.release()


def test_a_running_server_is_adopted(server, folder, users):
    process = users(folder)
    url = process.stdout.readline().strip()
    before = postmaster(folder)
    assert (server.ensure_running(), postmaster(folder)) == (url, before)


def test_a_user_that_was_killed_does_not_keep_the_server(server, folder, users):
    server.ensure_running()
    process = users(folder)
    process.stdout.readline()
    process.kill()
    process.wait()
    server.release()
    assert not server.is_running()


def test_programs_that_start_together_end_with_one_server(server, folder, users):
    processes = [users(folder) for _ in range(3)]
    urls = {process.stdout.readline() for process in processes}
    assert len(urls) == 1
    for process in processes:
        process.communicate("", timeout=30)
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert not server.is_running()


def test_a_server_that_was_killed_starts_again(server, folder):
    server.ensure_running()
    killed = postmaster(folder)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not server.is_running())
    server.ensure_running()
    assert postmaster(folder) != killed


def test_a_process_id_file_of_another_living_process_is_recognised_as_stale(server, folder):
    server.ensure_running()
    server.stop()
    lines = [
        str(os.getppid()),
        str(folder / "cluster"),
        "1",
        "5432",
        str(folder / "socket"),
        "",
        "1 1",
        "ready",
    ]
    (folder / "cluster" / "postmaster.pid").write_text("\n".join(lines) + "\n")
    server.ensure_running()
    assert server.is_running()


def test_the_server_listens_on_no_network_address(server):
    with psycopg.connect(server.ensure_running()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", 5432)) != 0


def test_only_the_owner_may_enter_the_folders(server, folder):
    server.ensure_running()
    modes = {stat.S_IMODE((folder / name).stat().st_mode) for name in (".", "socket", "cluster", "log")}
    assert modes == {0o700}


def test_another_role_is_not_let_in_without_a_password(server):
    url = server.ensure_running()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS stranger")
        connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'secret'")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace("console_owner@", "stranger@"), password="guessed")


def test_a_long_path_gets_its_socket_elsewhere_and_leaves_nothing_there():
    with tempfile.TemporaryDirectory(prefix="console-server-") as name:
        server = EmbeddedServer(Path(name) / ("it's a long name " * 8) / "database")
        try:
            psycopg.connect(url := server.ensure_running()).close()
        finally:
            server.stop()
    assert not Path(url.partition("host=")[2]).exists()


@pytest.mark.skipif(
    sys.platform == "win32" or os.getuid() != 0, reason="only root has a folder closed to others"
)
def test_root_may_keep_the_database_where_only_root_may_enter():
    with tempfile.TemporaryDirectory(prefix="console-server-") as name:
        Path(name).chmod(0o700)
        server = EmbeddedServer(Path(name) / "database")
        try:
            psycopg.connect(server.ensure_running()).close()
            owner = (Path(name) / "database" / "cluster").stat().st_uid
            assert (owner == 0, stat.S_IMODE(Path(name).stat().st_mode)) == (False, 0o700)
        finally:
            server.stop()


def test_too_little_room_is_told_before_anything_is_made(monkeypatch, tmp_path):
    usage = shutil.disk_usage(tmp_path)._replace(free=12_000_000)
    monkeypatch.setattr(models.cluster.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(NeedsSetup, match=r"12 MB are free in .* 300 MB are needed"):
        EmbeddedServer(tmp_path / "database").ensure_running()
    assert not (tmp_path / "database" / "cluster").exists()


@pytest.mark.parametrize(("made_by", "remedy"), [("99", "update this program"), ("13", "pg_dump")])
def test_a_folder_of_another_major_version_is_refused_with_a_remedy(server, folder, made_by, remedy):
    version = folder / "cluster" / "PG_VERSION"
    kept = version.read_text()
    version.write_text(made_by + "\n")
    try:
        with pytest.raises(NeedsSetup, match=f"PostgreSQL {made_by}.*{remedy}"):
            server.ensure_running()
    finally:
        version.write_text(kept)


def test_missing_binaries_are_told_with_a_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(models.cluster, "find_spec", lambda _: None)
    with pytest.raises(NeedsSetup, match="install the requirements again"):
        EmbeddedServer(tmp_path / "database").ensure_running()


def test_a_creation_that_was_cut_short_is_begun_again(tmp_path):
    half = tmp_path / "database" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = EmbeddedServer(tmp_path / "database")
    try:
        server.ensure_running()
        assert not half.exists()
    finally:
        server.stop()


def test_a_database_that_was_there_before_is_not_replaced_by_an_empty_one(tmp_path):
    (tmp_path / "port").write_text("5432", encoding="ascii")
    with pytest.raises(NeedsSetup, match="is gone: mount its disk"):
        EmbeddedServer(tmp_path).ensure_running()
    assert not (tmp_path / "cluster").exists()


def test_stopping_what_does_not_run_says_so(tmp_path):
    assert EmbeddedServer(tmp_path / "database").stop() is False


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Unix socket here")
def test_a_socket_folder_somebody_else_put_there_is_refused():
    with tempfile.TemporaryDirectory(prefix="console-server-") as name, tempfile.TemporaryDirectory() as trap:
        server = EmbeddedServer(Path(name) / ("long " * 20) / "database")
        place = Path(server.url().partition("host=")[2])
        place.symlink_to(trap)
        try:
            with pytest.raises(NeedsSetup, match="belongs to somebody else"):
                server.ensure_running()
        finally:
            place.unlink()
            server.stop()
