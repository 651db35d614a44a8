"""The columns of the bench's grid: one a type and order, with words for people. Pure."""

from dataclasses import dataclass

ORDER_WORDS = {
    "": "",
    "ABCD": "as it comes",
    "CDAB": "words swapped",
    "BADC": "bytes swapped",
    "DCBA": "words and bytes swapped",
}
"""Byte orders as register maps call them; A is the most significant byte."""

_ORDERS = ("ABCD", "CDAB", "BADC", "DCBA")


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One way to understand a register and those after it.

    Attributes:
        type, order: As in `drivers.workbench.Decoding`.
        width: Pixels.
    """

    type: str
    order: str
    width: int

    @property
    def heading(self) -> str:
        """What stands above it."""
        return f"{self.type} {self.order}".rstrip()

    @property
    def tip(self) -> str:
        """The same in words."""
        return f"{self.type}, {ORDER_WORDS[self.order]}" if self.order else f"{self.type}, one register"


def grid_columns(*, with_64: bool) -> tuple[GridColumn, ...]:
    """Return the columns, commonest types first; those of 64 bits only where wanted: there are twelve."""
    single = (GridColumn("uint16", "", 76), GridColumn("int16", "", 76))
    double = tuple(
        GridColumn(type_, order, 118) for type_ in ("float32", "uint32", "int32") for order in _ORDERS
    )
    long = tuple(
        GridColumn(type_, order, 176) for type_ in ("float64", "uint64", "int64") for order in _ORDERS
    )
    return (*single, *double, *long) if with_64 else (*single, *double)


def value_words(value: float | None) -> str:
    """Return a decoded value as short as it can be told apart from its neighbours."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    size = abs(value)
    return f"{value:.4e}" if size and (size < 1e-3 or size >= 1e9) else f"{value:.7g}"


def is_unlikely(value: float | None) -> bool:
    """Tell whether no sensor would say this: a float far smaller or larger than anything measured."""
    return isinstance(value, float) and value != 0 and not 1e-6 <= abs(value) <= 1e12
