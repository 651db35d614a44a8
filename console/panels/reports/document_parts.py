"""What every document to print is made of: style, tables and moments, as HTML that Qt can set. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape

STYLE = """
<style>
body { font-family: Inter; font-size: 12px; color: #1F2937; }
h1 { font-size: 22px; font-weight: 600; margin: 0 0 2px 0; }
h2 { font-size: 15px; font-weight: 600; margin: 16px 0 4px 0; }
p { margin: 2px 0 6px 0; }
.quiet { color: #4B5563; }
td, th { padding: 2px 8px 2px 0; vertical-align: top; }
th { text-align: left; font-weight: 600; color: #4B5563; }
</style>
"""


def moment(at: datetime, zone: tzinfo) -> str:
    """Return a moment on the site's clock, to the minute."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y %H:%M}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table: a heading after > stands to the right, a cell that begins with <td is whole."""
    top = "".join(
        f'<th align="right">{escape(word[1:])}</th>' if word.startswith(">") else f"<th>{escape(word)}</th>"
        for word in head
    )
    body = "".join(
        "<tr>" + "".join(cell if cell.startswith("<td") else f"<td>{cell}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f'<table width="100%" cellspacing="0" cellpadding="3"><tr>{top}</tr>{body}</table>'
