"""`main.py test`: the project's own tests, after installing what only they need where that is possible."""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import ExitStack
from pathlib import Path

from console.commandline.command import Command, CommandError
from console.settings import Settings
from installer import debian
from installer.system_libraries import install_line, missing_packages

_ROOT = Path(__file__).resolve().parents[2]
_FOR_REAL_WINDOWS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
_LENDS_NOTHING = {"site-packages", "test", "tests", "idlelib", "lib2to3", "pip", "setuptools", "tkinter"}
_WORKERS = 3  # Tests wait a third of their time: what keeps two processors at work.
_OLDEST_SERVER = 15  # Also the one that speaks TLS, which the embedded build does not.


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", type=int, default=_WORKERS, metavar="N", help=f"processes side by side ({_WORKERS})"
    )
    parser.set_defaults(handed_on=[])


def _run(options: argparse.Namespace, settings: Settings) -> int:
    if not (_ROOT / "tests").is_dir():
        raise CommandError("This installation has no tests; run them in a clone of the project.")
    _bring_system_packages()
    # In the order of `testpaths` in pyproject.toml: by number of tests, the benches (few tests, long ones)
    # would come last, and one worker would wait for the other.
    spread = ["-n", str(options.workers), "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", *spread, *options.handed_on]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONSOLE_")}
    # A folder of the run's own for sockets: stations that tests kill leave theirs behind.
    with ExitStack() as ends:
        sockets = ends.enter_context(tempfile.TemporaryDirectory(prefix="console-run-"))
        own = {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT), "XDG_RUNTIME_DIR": sockets}
        if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
            # Tests start a hundred processes of this program: nothing beside the source, but not each anew.
            bytecode = ends.enter_context(tempfile.TemporaryDirectory(prefix="console-run-", dir=_memory()))
            _lend_bytecode(Path(bytecode))
            own["PYTHONPYCACHEPREFIX"] = bytecode
        return subprocess.run(command, cwd=_ROOT, env=environment | own, check=False).returncode


def _memory() -> str | None:
    """Return where thousands of links are made in a moment, None for the usual place."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _lend_bytecode(folder: Path) -> None:
    """Link what Python and the packages have compiled: given a folder of its own, it looks nowhere else.

    Nothing is written through a link: Python puts a new file in its place.
    """
    for library in {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}:
        for path, folders, files in os.walk(library):
            if Path(path).name == "__pycache__":
                place = folder.joinpath(*Path(path).parts[1:-1])
                place.mkdir(parents=True, exist_ok=True)
                for name in files:
                    if name.endswith(f"{sys.implementation.cache_tag}.pyc"):
                        place.joinpath(name).symlink_to(Path(path, name))
            folders[:] = [name for name in folders if name not in _LENDS_NOTHING]


def _bring_system_packages() -> None:
    """Install missing libraries and the virtual display where we may; else say what is skipped."""
    packages = missing_packages(with_x11=True)
    packages += [package for program, package in _FOR_REAL_WINDOWS.items() if shutil.which(program) is None]
    if packages and debian.can_install():
        print(f"Installing what only the tests need: {' '.join(packages)}", file=sys.stderr, flush=True)
        debian.install(packages)
    if not _has_oldest_server() and debian.can_install():
        print(f"Installing PostgreSQL {_OLDEST_SERVER} for the tests", file=sys.stderr, flush=True)
        debian.install_postgresql(_OLDEST_SERVER)
    if missing := missing_packages(with_x11=False):
        raise CommandError(f"The windows' tests need system libraries. Install: {install_line(missing)}")
    for program, package in _FOR_REAL_WINDOWS.items():
        if shutil.which(program) is None:
            print(
                f"Skipped: tests on a real display ({program} is missing; apt install {package}).",
                file=sys.stderr,
            )
    if not _has_oldest_server():
        print(
            f"Skipped: tests on the oldest server and with TLS (apt install postgresql-{_OLDEST_SERVER}).",
            file=sys.stderr,
        )


def _has_oldest_server() -> bool:
    return Path(f"/usr/lib/postgresql/{_OLDEST_SERVER}/bin/postgres").is_file()


COMMAND = Command(_add_arguments, _run, "main.py test    (one room: main.py test -- tests/unit/drivers)")
