"""What a database server says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """Version, schema and clock of a database.

    Attributes:
        version: As people know it, e.g. "18.6".
        revision: The schema's revision; "none" where it is not set up.
        now_unix: Unix seconds by the server's clock when it answered.
    """

    version: str
    revision: str
    now_unix: float
