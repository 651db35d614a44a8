"""What has to be known of the file, and where a value lies in it."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from drivers.errors import AddressError

ADDRESS_HELP = "the heading of a column, for example oil_temperature"


class CsvTailSettings(BaseModel):
    """One file whose first line holds headings, and whose last line is the newest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(
        title="File", description="Full path, as the station sees it.", min_length=1, max_length=1024
    )
    separator: str = Field(
        default=",", title="Separator", description="Between two columns.", min_length=1, max_length=1
    )
    timeout_s: float = Field(
        default=10.0,
        title="Silent after",
        description="A file that nothing was written to for so long counts as lost.",
        ge=0.5,
        le=3600.0,
        json_schema_extra={"unit": "s"},
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One column, by its heading."""

    heading: str

    def __str__(self) -> str:
        return self.heading


def parse_address(text: str) -> Column:
    """Return the column that `text` names. Raises AddressError."""
    heading = text.strip()
    if not heading or not heading.isprintable():
        raise AddressError(f"{text!r} is no heading of a column; write {ADDRESS_HELP}")
    return Column(heading)
