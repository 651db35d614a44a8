import subprocess
import sys
from pathlib import Path

import pytest

from installer import bootstrap

ROOT = Path(__file__).resolve().parents[3]


def test_bootstrap_runs_on_the_standard_library_alone() -> None:
    code = (
        "import sys, installer.bootstrap\n"
        "rest = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(rest - {'__main__', 'installer'}))"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == "[]"


def test_an_environment_that_has_everything_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VENV", Path("/nowhere"))
    monkeypatch.setattr(bootstrap, "_set_up", lambda requirements: pytest.fail("must not set up"))

    bootstrap.ensure_environment(with_tests=True)


def test_a_missing_requirement_sets_up_and_runs_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[str] = []
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "NEEDED", ("no_such_module_at_all",))
    monkeypatch.setattr(bootstrap, "_set_up", lambda requirements: done.append(requirements.name))
    monkeypatch.setattr(bootstrap, "_run_again", lambda: done.append("again"))

    bootstrap.ensure_environment(with_tests=False)

    assert done == ["requirements.txt", "again"]


def test_changed_requirements_make_an_environment_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one", encoding="ascii")
    (tmp_path / "requirements-test.txt").write_text("more", encoding="ascii")
    bootstrap._python().parent.mkdir(parents=True)
    bootstrap._python().touch()
    bootstrap._stamp(requirements).touch()

    before = bootstrap._is_current(requirements)
    requirements.write_text("two", encoding="ascii")

    assert (before, bootstrap._is_current(requirements)) == (True, False)


def test_a_python_without_pip_is_told_the_line_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(bootstrap, "_has_own_pip", lambda: False)
    monkeypatch.setattr(bootstrap.debian, "can_install", lambda: False)

    with pytest.raises(SystemExit, match="sudo apt install python3-pip"):
        bootstrap._pip()


def test_a_python_that_is_too_old_gets_a_sentence(tmp_path: Path) -> None:
    source = (ROOT / "main.py").read_text(encoding="utf-8").replace("(3, 11)", "(99, 0)")
    (tmp_path / "main.py").write_text(source, encoding="utf-8")

    result = subprocess.run(
        [sys.executable, str(tmp_path / "main.py")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert result.stderr.startswith("The operator console needs Python")
