"""Packages of Debian and Ubuntu, for whoever is root there. Standard library only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_CLUSTERS = Path("/etc/postgresql-common/createcluster.d")


def can_install() -> bool:
    """Whether this process may install system packages: root, on a system with apt-get."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> bool:
    """Install packages by name, quietly. Returns whether apt-get says that all are there."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = ["apt-get", "update", "-q"]
    subprocess.run(update, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    command = ["apt-get", "install", "-qy", "--no-install-recommends", *packages]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0


def install_postgresql(version: int) -> bool:
    """Install the programs of one PostgreSQL version, without the server Debian would make and start."""
    if not install(["postgresql-common"]):
        return False
    note = _CLUSTERS / "operator-console.conf"
    _CLUSTERS.mkdir(exist_ok=True)
    note.write_text("create_main_cluster = false\n", encoding="ascii")
    try:
        return install([f"postgresql-{version}"])
    finally:
        note.unlink()
