import argparse
import os
from pathlib import Path

import pytest

from console.commandline.command import CommandError
from console.commandline.demo import COMMAND, _demo_settings, _entrant, _plant_start
from console.settings import Settings, default_data_dir


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    COMMAND.add_arguments(parser)
    return parser.parse_args(arguments)


def test_a_chosen_folder_is_the_demos_own(tmp_path: Path):
    assert _demo_settings(parsed(), Settings(tmp_path)).data_dir == tmp_path


def test_without_a_choice_the_demo_keeps_out_of_the_real_plants_folder():
    demo = _demo_settings(parsed(), Settings(default_data_dir()))
    assert demo.data_dir == default_data_dir() / "demo"


def test_the_demo_never_fills_a_real_plants_database(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CONSOLE_DATABASE_URL", "postgresql://plant")
    demo = _demo_settings(parsed(), Settings(tmp_path, database_url="postgresql://plant"))
    assert demo.database_url is None


def test_the_theme_named_wins_over_the_settings(tmp_path: Path):
    settings = Settings(tmp_path, theme="light")
    assert _demo_settings(parsed("--theme", "dark"), settings).theme == "dark"
    assert _demo_settings(parsed(), settings).theme == "light"


@pytest.mark.parametrize("text", ["big", "1600", "1600x", "10x10", "1600x99999"])
def test_a_size_that_is_none_is_refused(text: str):
    with pytest.raises(argparse.ArgumentError, match=text):
        parsed("--tour", "pictures", "--size", text)


@pytest.mark.parametrize("text", ["-1", "nan", "soon"])
def test_a_time_that_is_none_is_refused(text: str):
    with pytest.raises(argparse.ArgumentError):
        parsed("--tour", "pictures", "--for", text)


def test_size_and_time_belong_to_the_tour(tmp_path: Path):
    with pytest.raises(CommandError, match="--tour"):
        COMMAND.run(parsed("--size", "1600x1000"), Settings(tmp_path))


def test_the_factory_ends_with_the_window_and_takes_any_free_ports(tmp_path: Path):
    start = _plant_start(Settings(tmp_path), 24, with_past=True)
    assert "--attached" in start.arguments
    assert start.arguments[start.arguments.index("--modbus-port") + 1] == "0"
    assert start.document.is_relative_to(tmp_path)


def test_a_large_plant_has_no_past(tmp_path: Path):
    assert _plant_start(Settings(tmp_path), 24, with_past=True).past_arguments
    assert not _plant_start(Settings(tmp_path), 1000, with_past=True).past_arguments


def test_a_person_of_the_demonstration_is_signed_in_by_their_short_name():
    entrant = _entrant("operator")
    assert entrant is not None
    assert entrant.email == "operator@demo.example"


def test_nobody_is_signed_in_where_nobody_is_named():
    assert _entrant("") is None


def test_a_person_the_demonstration_does_not_have_is_refused_with_the_names_it_has():
    with pytest.raises(CommandError, match=r"--as boss: .* choose one of admin, operator, engineer"):
        _entrant("boss")


def test_the_demo_hands_no_persons_name_on_to_the_programs_it_starts(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CONSOLE_PERSON", "operator")
    monkeypatch.setenv("CONSOLE_PASSWORD", "secret")
    assert _demo_settings(parsed(), Settings(tmp_path, person="operator")).person is None
    assert "CONSOLE_PASSWORD" not in os.environ
    assert "CONSOLE_PERSON" not in os.environ
