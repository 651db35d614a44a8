from pathlib import Path

import pytest

from console.settings import SettingsError, load_settings


def written(folder: Path, content: str) -> Path:
    (folder / "settings.toml").write_text(content, encoding="utf-8")
    return folder


def test_authorities_and_credentials_are_read_from_the_file(tmp_path):
    settings = load_settings(written(tmp_path, 'database_ca = "/etc/plant.pem"\ncredentials = "file"\n'))
    assert (settings.database_ca, settings.credentials) == ("/etc/plant.pem", "file")


def test_a_replica_for_the_past_is_read_from_the_file_and_the_environment_wins(tmp_path, monkeypatch):
    folder = written(tmp_path, 'history_url = "postgresql://replica/plant"')
    found = [load_settings(folder).history_url]
    monkeypatch.setenv("CONSOLE_HISTORY_URL", "postgresql://other/plant")
    assert [*found, load_settings(folder).history_url] == [
        "postgresql://replica/plant",
        "postgresql://other/plant",
    ]


def test_the_systems_authorities_and_its_own_choice_are_the_default(tmp_path):
    settings = load_settings(tmp_path)
    assert (settings.database_ca, settings.credentials, settings.person) == ("system", "", None)


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("CONSOLE_DATABASE_CA", "/other.pem")
    assert load_settings(written(tmp_path, 'database_ca = "/etc/plant.pem"')).database_ca == "/other.pem"


def test_the_command_line_wins_over_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CONSOLE_PERSON", "ada@example.com")
    assert load_settings(tmp_path).person == "ada@example.com"
    assert load_settings(tmp_path, person="bob@example.com").person == "bob@example.com"


def test_whom_to_work_as_is_no_setting_of_a_file(tmp_path):
    with pytest.raises(SettingsError, match="'person' is no setting"):
        load_settings(written(tmp_path, 'person = "ada@example.com"'))


def test_an_unknown_place_for_credentials_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CONSOLE_CREDENTIALS", "paper")
    with pytest.raises(SettingsError, match="CONSOLE_CREDENTIALS=paper is unknown; choose keyring or file"):
        load_settings(tmp_path)


def test_port_for_other_stations_is_read_from_the_file_as_text(tmp_path):
    assert load_settings(written(tmp_path, 'witness_port = "47100"')).witness_port == 47100
    assert load_settings(written(tmp_path, "")).witness_port == 0


@pytest.mark.parametrize("port", ["70000", "-1", "any"])
def test_port_that_is_none_is_refused(tmp_path, port):
    with pytest.raises(SettingsError, match="is no port"):
        load_settings(written(tmp_path, f'witness_port = "{port}"'))
