"""Words of people in a table that a spreadsheet may open: a name like "=HYPERLINK(…)" is not computed."""

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What begins with one of these is taken for a formula (OWASP, "CSV Injection")."""


def as_text(words: str) -> str:
    """Return words as a cell, marked as text where a spreadsheet would compute them."""
    return f"'{words}" if words.startswith(FORMULA_SIGNS) else words
