import subprocess
import sys
from pathlib import Path

import pytest

from console.cli import main
from console.commandline.registry import COMMANDS

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_every_command_explains_itself_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert f"Example: main.py {name}" in capsys.readouterr().out


def test_help_lists_every_command_without_importing_any() -> None:
    code = (
        "import sys\nfrom console.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('PySide6', 'asyncua', 'sqlalchemy', 'pymodbus') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert all(entry.summary.split()[0] in result.stdout for entry in COMMANDS)
    assert result.stdout.endswith("[]\n")


def test_bad_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["device", "frobnicate"])

    assert ended.value.code == 2


def test_a_broken_settings_file_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "settings.toml").write_text("theme = 7", encoding="utf-8")

    code = main(["--data", str(tmp_path), "device", "list"])

    assert code == 1
    assert "'theme' is no setting of text" in capsys.readouterr().err


def test_a_database_that_nobody_serves_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "postgresql://nobody:s3cret@127.0.0.1:1/nothing"

    code = main(["--data", str(tmp_path), "--database", url, "device", "list"])
    error = capsys.readouterr().err

    assert code == 1
    assert "127.0.0.1:1" in error
    assert "s3cret" not in error
    assert "Traceback" not in error


def test_options_may_stand_after_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "plant.json"

    code = main(["device", "import", str(missing), "--data", str(tmp_path)])

    assert code == 1
    assert "plant.json cannot be read: No such file or directory." in capsys.readouterr().err


def test_an_empty_data_folder_is_refused_rather_than_taken_for_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit) as ended:
        main(["--data", "", "device", "list"])

    assert ended.value.code == 2
    assert "--data: names no folder; write . for this one" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_station_that_can_keep_no_log_says_so_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    code = main(["--data", str(tmp_path / "file"), "station", "--for", "1"])

    assert code == 1
    assert "Not a directory); choose another with --data." in capsys.readouterr().err
