"""A table on the terminal: columns as wide as they need, a header, nothing else."""

from collections.abc import Sequence


def table_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return lines of aligned columns. Every row has as many cells as the header.

    Names come from other people: a line break or a command to the terminal in one is shown as `?`.
    """
    rows = [[on_one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (header, *rows)
    )
    return "\n".join(line.rstrip() for line in lines)


def on_one_line(cell: str) -> str:
    """Return text with `?` for what is no sign: a line break, a command to the terminal."""
    return cell if cell.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in cell)
