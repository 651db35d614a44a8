"""What cannot be written is told in a sentence, whatever library does the writing."""

from pathlib import Path

import pytest

from console.commandline import readings
from console.commandline.command import CommandError


def test_a_spreadsheet_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "readings.xlsx"

    with pytest.raises(CommandError, match=r"readings\.xlsx cannot be written: No such file or directory\."):
        readings._write_xlsx(file, readings.COLUMNS, [])
