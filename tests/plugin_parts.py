"""The driver package of `tests/plugin`, installed as pip would: what Python looks at, without the wheel."""

from pathlib import Path

PLUGIN = Path(__file__).with_name("plugin")
"""Put this on the path for the package itself; `install` makes it known."""


def install(folder: Path) -> None:
    """Write into `folder`, which must be on the path, what makes the package's entry points known."""
    facts = folder / "console_csv_tail-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: console-csv-tail\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[operator_console.drivers]\ncsv-tail = csv_tail.spec:CSV_TAIL\n")
