import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("systemd is Linux's", allow_module_level=True)

from installer import systemd
from installer.systemd import NAME, Account, NoService, account_of, install, remove, unit_text

ALICE = Account("alice", 1001)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What systemctl is asked, by root."""
    words: list[tuple[str, ...]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/systemctl")
    monkeypatch.setattr(systemd, "_systemctl", lambda *asked: words.append(asked))
    return words


def unit(data: str = "/srv/plant") -> str:
    return unit_text(Path("/opt/console/.venv/bin/python"), Path("/opt/console/main.py"), Path(data), ALICE)


def test_the_unit_starts_this_installation_on_this_data_folder_as_this_user() -> None:
    lines = unit().splitlines()
    assert (
        "ExecStart=/opt/console/.venv/bin/python /opt/console/main.py --data /srv/plant station --wait --keep"
        in lines
    )
    assert "User=alice" in lines
    assert "Environment=XDG_RUNTIME_DIR=/run/user/1001" in lines


@pytest.mark.parametrize("line", ["Type=notify", "WatchdogSec=15", "Restart=always", "RestartSec=0.2"])
def test_the_unit_has_a_station_that_hangs_or_ends_started_again(line: str) -> None:
    assert line in unit().splitlines()


def test_a_folder_with_blanks_and_percent_signs_is_one_word() -> None:
    assert '--data "/srv/plant 100%%" station' in unit("/srv/plant 100%")


def test_installing_writes_the_unit_enables_it_and_starts_it(
    tmp_path: Path, said: list[tuple[str, ...]]
) -> None:
    assert install("[Unit]\n", tmp_path) == tmp_path / NAME
    assert (tmp_path / NAME).read_text() == "[Unit]\n"
    assert said == [("daemon-reload",), ("enable", "--now", NAME)]


def test_removing_stops_it_first(tmp_path: Path, said: list[tuple[str, ...]]) -> None:
    (tmp_path / NAME).touch()
    assert remove(tmp_path)
    assert not (tmp_path / NAME).exists()
    assert said == [("disable", "--now", NAME), ("daemon-reload",)]
    assert not remove(tmp_path)


def test_whoever_is_not_root_is_told_so(tmp_path: Path, said: list[tuple[str, ...]], monkeypatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    with pytest.raises(NoService, match="Only root"):
        install("", tmp_path)
    assert said == []


def test_a_user_who_does_not_exist_is_named() -> None:
    with pytest.raises(NoService, match="no user 'nobody-of-that-name'"):
        account_of("nobody-of-that-name")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    path = tmp_path / NAME
    python = Path(sys.executable)
    path.write_text(unit_text(python, Path(__file__), tmp_path, Account("root", 0)))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False
    )
    assert not [line for line in done.stderr.splitlines() if NAME in line]
