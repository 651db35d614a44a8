"""The house holds itself up: floors, style and types are checked like any other promise."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("console", "drivers", "models", "resources", "installer")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    # With room the type checker throws nothing away that it would have to work out again, and no threads of
    # its own compete with the other half of the tests for the second processor.
    options = "--max-semi-space-size=128 --max-old-space-size=6144 --v8-pool-size=0"
    environment = {**os.environ, "NODE_OPTIONS": options}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)


def test_imports_go_downwards_only_and_never_across() -> None:
    result = _run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")

    assert result.returncode == 0, result.stdout


def test_style_check_finds_nothing() -> None:
    result = _run(sys.executable, "-m", "ruff", "check", "--no-cache", ".")

    assert result.returncode == 0, result.stdout


def test_formatter_would_change_nothing() -> None:
    result = _run(sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")

    assert result.returncode == 0, result.stdout


@pytest.mark.timeout(300)
def test_type_checker_finds_no_error() -> None:
    result = _run(sys.executable, "-m", "basedpyright", "--level", "error")

    assert result.returncode == 0, result.stdout[-4000:]


def test_top_level_holds_the_rooms_of_the_plan_and_nothing_else() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.suffix != ".egg-info"}

    assert folders - ignored == {*ROOMS, "tests", ".ci", ".git"} & folders


def test_all_folders_with_tests_are_run(pytestconfig: pytest.Config) -> None:
    tests = ROOT / "tests"
    folders = {f"tests/{file.relative_to(tests).parts[0]}" for file in tests.rglob("test_*.py")}

    assert set(pytestconfig.getini("testpaths")) == folders


@pytest.mark.parametrize("room", ROOMS)
def test_files_stay_small_or_say_why(room: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / room).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "helpers", "misc", "manager", "common"}
    names = {path.stem for room in ROOMS for path in (ROOT / room).rglob("*.py")}

    assert names & vague == set()


def _places(pattern: str, *rooms: str) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if found.search(line) and path != Path(__file__)
    ]


def test_no_event_is_pumped_but_by_the_bench_that_times_frames() -> None:
    places = _places(r"\bqWait\(|\bprocessEvents\(", *ROOMS, "tests")

    assert [place.partition(":")[0] for place in places] == ["console/bench/frames.py"]


def test_the_program_sleeps_nowhere_but_between_two_looks_at_the_database_server() -> None:
    places = _places(r"\btime\.sleep\(", *ROOMS)
    # A bench that watches other processes for a stated time has nothing else to wait for.
    watching = ("alert_flood", "alert_latency", "latency", "memory", "spreadsheet")
    watchers = {f"console/bench/{name}.py" for name in watching}

    found = {place.partition(":")[0] for place in places}
    # Nor has one that does harm to processes at random moments.
    harm = {place for place in found if place.startswith(("console/bench/faults", "console/bench/rollout"))}
    assert found - watchers - harm == {"models/file_lock.py", "models/server.py"}


def test_no_test_sleeps_longer_than_between_two_looks_at_a_condition() -> None:
    sleeps = _places(r"^\s*(await asyncio|time)\.sleep\((0\.[1-9]|[1-9])", "tests")

    # A stimulus is a sleep that is itself what is tested: a process that stands still.
    assert [place for place in sleeps if "the stimulus" not in place] == []


def test_requirements_name_no_host_and_every_one_is_hashed() -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        text = (ROOT / "installer" / name).read_text(encoding="utf-8")
        pinned = re.findall(r"^[A-Za-z0-9]", text, flags=re.MULTILINE)
        hashed = re.findall(r"^[^\s#].*\\\n\s+--hash=sha256:", text, flags=re.MULTILINE)

        assert "://" not in text
        assert len(pinned) == len(hashed) > 20
