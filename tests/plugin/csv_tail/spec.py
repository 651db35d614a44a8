"""The driver as the rest of the console sees it."""

from csv_tail.driver import CsvTailHub, test_file
from csv_tail.settings import ADDRESS_HELP, CsvTailSettings, parse_address
from drivers.driver import DriverSpec

CSV_TAIL = DriverSpec(
    kind="csv-tail",
    label="CSV file",
    settings_type=CsvTailSettings,
    parse_address=parse_address,
    address_help=ADDRESS_HELP,
    make_hub=CsvTailHub,
    test=test_file,
)
