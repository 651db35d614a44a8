"""Packages of Debian and Ubuntu, for whoever is root there. Standard library only."""

import os
import shutil
import subprocess
import sys


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
