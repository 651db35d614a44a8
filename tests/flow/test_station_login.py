"""How a station gets to a server that is not its own: enrolled once by an administrator, then by itself."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from console.cli import main
from models.records.person import Role
from tests.account_parts import PASSWORD, Site

ROOT = Path(__file__).resolve().parents[2]
ADMIN = "ada@example.com"
Run = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")


@pytest.fixture
def run(
    tmp_path: Path,
    newest_site: Site,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Run:
    """Run `main.py station …` to its end, on an address that names no login; in this process."""
    newest_site.add(Role.ADMIN, ADMIN)
    newest_site.add(Role.OPERATOR, "bob@example.com")
    environment = {
        "CONSOLE_DATABASE_URL": database_url.replace("console_owner@", ""),
        "CONSOLE_CREDENTIALS": "file",
        "CONSOLE_PASSWORD": PASSWORD,
        "CONSOLE_STATION": "Line 1",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }

    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def begin(*arguments: str) -> "subprocess.CompletedProcess[str]":
        code = main(["--data", str(tmp_path / "data"), *arguments])
        said = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, code, said.out, said.err)

    return begin


@pytest.fixture
def record(tmp_path: Path, run: Run) -> Run:
    """Run the station as a process of its own, for a second."""

    def begin() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(ROOT / "main.py"), "--data", str(tmp_path / "data"), "station"]
        return subprocess.run(
            [*command, "--for", "1"], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )

    return begin


def test_a_station_without_a_login_waits_and_names_the_command(record):
    ended = record()
    assert ended.returncode == 1
    assert "Waiting for the database: This computer's station has no login" in ended.stderr
    assert "main.py station enroll --as EMAIL" in ended.stderr


def test_an_enrolled_station_works_under_its_own_login_until_it_is_disabled(run, record, newest_site):
    enrolled = run("station", "enroll", "--as", ADMIN)
    assert enrolled.returncode == 0, enrolled.stderr
    assert "Station Line 1 is enrolled" in enrolled.stdout
    assert "not from whoever can read" in enrolled.stderr
    assert record().returncode == 0
    with newest_site.owner.transaction() as connection:
        assert connection.execute(text("SELECT db_role FROM app.stations")).scalar_one().startswith("st_")
    disabled = run("station", "disable", "line 1", "--as", ADMIN)
    assert (disabled.returncode, disabled.stdout) == (
        0,
        "Station Line 1 records no longer; sessions ended: 0.\n",
    )
    shut_out = record()
    assert shut_out.returncode == 1
    assert "is disabled" in shut_out.stderr
    assert run("station", "enable", "Line 1", "--as", ADMIN).returncode == 0
    assert record().returncode == 0
    listed = run("station", "list", "--as", ADMIN).stdout
    assert listed.splitlines()[1].startswith("Line 1")


def test_only_an_administrator_enrolls(run, newest_site):
    refused = run("station", "enroll", "--as", "bob@example.com")
    assert refused.returncode == 1
    assert "administrator" in refused.stderr.splitlines()[-1]
    with newest_site.owner.transaction() as connection:
        assert connection.execute(text("SELECT count(*) FROM app.stations")).scalar_one() == 0


def test_the_same_name_twice_needs_to_be_meant(run, record):
    assert run("station", "enroll", "--as", ADMIN).returncode == 0
    again = run("station", "enroll", "--as", ADMIN)
    assert again.returncode == 1
    assert "there is a station of this name already" in again.stderr.lower()
    assert run("station", "enroll", "--replace", "--as", ADMIN).returncode == 0
    assert record().returncode == 0


def test_a_station_that_is_not_there_is_named(run):
    missing = run("station", "disable", "Line 9", "--as", ADMIN)
    assert missing.returncode == 1
    assert "There is no station named Line 9" in missing.stderr
