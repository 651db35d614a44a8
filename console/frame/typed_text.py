"""What people type, made harmless: no half characters, no character that a database cannot hold."""

LONGEST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3
LONGEST_NAME = 255
LONGEST_PASSWORD = 1000
"""Far beyond what is accepted, so that too long a password is refused by its own sentence, never cut off."""


def whole(text: str) -> str:
    """Return text without NUL and without the halves of characters that a length limit may have cut.

    Qt counts in UTF-16: a field that is full in the middle of an emoji keeps its first half, which no
    encoding can carry.
    """
    return "".join(letter for letter in text if letter != "\0" and not "\ud800" <= letter <= "\udfff")
