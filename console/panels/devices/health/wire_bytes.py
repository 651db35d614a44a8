"""Bytes of a request or a response as people read them: rows of sixteen, as on a sheet of a manual. Pure."""

from models.records.device_health import Exchange

BYTES_A_ROW = 16
SHOWN_ROWS = 6


def byte_rows(data: bytes, rows: int = SHOWN_ROWS) -> list[str]:
    """Return bytes in hexadecimal, sixteen a row with a gap in the middle; what is left out is counted."""
    shown = data[: rows * BYTES_A_ROW]
    lines: list[str] = []
    for start in range(0, len(shown), BYTES_A_ROW):
        row = shown[start : start + BYTES_A_ROW]
        half = BYTES_A_ROW // 2
        lines.append("  ".join(part.hex(" ").upper() for part in (row[:half], row[half:]) if part))
    return lines


def exchange_text(exchange: Exchange, rows: int = SHOWN_ROWS) -> str:
    """Return both sides of an exchange: an arrow, how many bytes, and the bytes.

    Args:
        exchange: Of any protocol.
        rows: So many rows of each side at most.
    """
    sides = (
        ("→", "sent", exchange.request, exchange.request_bytes),
        ("←", "received", exchange.response, exchange.response_bytes),
    )
    return "\n".join(
        _side(arrow, verb, data, max(count, len(data)), rows) for arrow, verb, data, count in sides
    )


def _side(arrow: str, verb: str, data: bytes, count: int, rows: int) -> str:
    if not data:
        return f"{arrow} nothing {verb}" if not count else f"{arrow} {count:,} bytes {verb}, not kept"
    lines = byte_rows(data, rows)
    left_out = count - min(len(data), rows * BYTES_A_ROW)
    if left_out > 0:
        lines.append(f"… and {left_out:,} more")
    return "\n".join(f"{arrow if place == 0 else ' '} {line}" for place, line in enumerate(lines))
