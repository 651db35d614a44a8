"""From what is typed about many devices of one product to a table of one row: ranges and all. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.catalogue.device_columns import CONNECTION, DRIVER, PROFILE, settings_of
from console.catalogue.profiles import Profile
from console.catalogue.sheet_file import Grid, cell_name
from drivers.registry import DRIVERS

WHERE = ("host", "port", "serial_port", "endpoint", "unit")
"""Settings that tell one device of a product from the next; asked for where the driver has them."""

_LABELS = {"device_id": "Hardware id", "name": "Name", "location": "Area"}


@dataclass(frozen=True, slots=True)
class WhereField:
    """One setting that is asked for.

    Attributes:
        usual: What is taken where nothing is typed; empty where something must be.
    """

    name: str
    label: str
    usual: str


def where_fields(profile: Profile, driver: str) -> list[WhereField]:
    """Return what has to be asked for a driver of a profile."""
    spec = next((spec for spec in DRIVERS if spec.kind == driver), None)
    if spec is None:
        return []
    known, found = profile.connection_for(driver), list[WhereField]()
    for name in WHERE:
        field = spec.settings_type.model_fields.get(name)
        if field is not None:
            usual = known.get(name, "" if field.is_required() else field.default)
            found.append(WhereField(name, settings_of(driver)[name].label, str(usual)))
    return found


def grid_of(profile: Profile, driver: str, own: Mapping[str, str], where: Mapping[str, str]) -> Grid:
    """Return the table that says the same.

    Args:
        profile: The product.
        driver: One of its drivers.
        own: Hardware id, name and location, by column.
        where: Settings, by name; empty ones are left to the profile.
    """
    cells = {**own, PROFILE: profile.key, DRIVER: driver}
    cells |= {CONNECTION + name: text for name, text in where.items() if text}
    return Grid(tuple(cells), ((2, tuple(text.strip() for text in cells.values())),))


def place_in_form(where: str, grid: Grid) -> str:
    """Return what a cell of the table is called in the form: "Host" instead of "G2"."""
    names = {cell_name(2, place): heading for place, heading in enumerate(grid.header)}
    heading = names.get(where, where.removeprefix("row 2").lstrip(", "))
    label = heading.removeprefix(CONNECTION)
    settings = settings_of(grid_driver(grid))
    if heading != label and label in settings:
        return settings[label].label
    return _LABELS.get(label, label)


def grid_driver(grid: Grid) -> str:
    """Return the driver that a table of this form names."""
    cells = grid.rows[0][1]
    cell = cells[grid.header.index(DRIVER)]
    return cell if isinstance(cell, str) else ""
