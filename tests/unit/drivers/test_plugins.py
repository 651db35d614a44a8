"""Drivers of other packages: found by entry point, checked, and their faults told where they are missed."""

import importlib
import logging
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from drivers import plugins
from drivers.driver import DriverSpec
from drivers.plugins import GROUP, load_plugins
from drivers.registry import DRIVERS
from tests.plugin_parts import PLUGIN, install

BUILT_IN = [spec.kind for spec in DRIVERS]


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which packages are installed."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith(("csv_tail", "broken"))]:
        del sys.modules[name]
    importlib.invalidate_caches()


def _point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_an_installed_package_is_found_by_its_entry_point(packages: Path, monkeypatch) -> None:
    install(packages)
    monkeypatch.syspath_prepend(str(PLUGIN))
    found = load_plugins(BUILT_IN)
    assert [(spec.kind, spec.label) for spec in found.specs] == [("csv-tail", "CSV file")]
    assert (dict(found.packages), dict(found.faults)) == ({"csv-tail": "console-csv-tail 1.0"}, {})


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('no licence')", "cannot be loaded: RuntimeError: no licence"),
        ("import a_library_that_is_not_there", "cannot be loaded: ModuleNotFoundError"),
        ("import sys; sys.exit(3)", "cannot be loaded: SystemExit: 3"),
        ("SPEC = 7", "names a int, which is no DriverSpec"),
    ],
)
def test_a_package_that_is_broken_costs_nobody_else(packages: Path, source: str, reason: str) -> None:
    (packages / "broken.py").write_text(source)
    found = load_plugins(BUILT_IN, [_point("broken", "broken:SPEC")])
    assert (found.specs, reason in found.faults["broken"]) == ((), True)


def test_every_fault_is_logged_with_where_it_happened(packages: Path, caplog) -> None:
    (packages / "broken.py").write_text("raise RuntimeError('no licence')")
    points = [_point("broken", "broken:SPEC"), _point("opcua", "drivers.opcua.spec:OPCUA")]
    found = load_plugins(BUILT_IN, points)
    with caplog.at_level(logging.ERROR, "drivers.plugins"):
        found.log_faults()
    assert [record.getMessage() for record in caplog.records] == [*found.faults.values()]
    broken, double = (record.exc_info for record in caplog.records)
    assert broken is not None
    assert str(broken[1]) == "no licence"
    assert not double
    caplog.clear()


def test_a_package_cannot_replace_a_driver_of_this_program() -> None:
    found = load_plugins(BUILT_IN, [_point("opcua", "drivers.opcua.spec:OPCUA")])
    assert "has a driver of that name itself" in found.faults["opcua"]


def test_kind_and_entry_point_have_one_name() -> None:
    found = load_plugins([], [_point("ua", "drivers.opcua.spec:OPCUA")])
    assert "its kind is 'opcua'" in found.faults["ua"]


def test_settings_that_make_no_form_are_refused(packages: Path) -> None:
    (packages / "broken.py").write_text(
        "from dataclasses import replace\nfrom drivers.opcua.spec import OPCUA\n"
        "SPEC = replace(OPCUA, kind='broken', settings_type=dict)\n"
    )
    found = load_plugins(BUILT_IN, [_point("broken", "broken:SPEC")])
    assert "its settings type is no pydantic model" in found.faults["broken"]


def test_whoever_asks_for_a_driver_that_failed_hears_why(monkeypatch) -> None:
    from drivers import registry

    faults = {"sparkplug": "The driver sparkplug of the package x 1.0 is not used: it cannot be loaded."}
    monkeypatch.setattr(registry, "PLUGINS", plugins.Plugins(faults=faults))
    with pytest.raises(KeyError, match=r"package x 1\.0 is not used: it cannot be loaded"):
        registry.spec_of("sparkplug")


def test_every_driver_has_a_name_of_its_own() -> None:
    assert len({spec.kind for spec in DRIVERS}) == len(DRIVERS)
    assert all(isinstance(spec, DriverSpec) for spec in DRIVERS)
