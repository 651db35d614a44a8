"""How a share of what arrived reads. Pure."""


def share_words(share: float | None) -> str:
    """Return a share in per cent; 100 % only where nothing at all is missing."""
    if share is None:
        return "–"
    percent = share * 100
    return "100\N{NO-BREAK SPACE}%" if percent >= 100 else f"{min(percent, 99.99):.2f}\N{NO-BREAK SPACE}%"
