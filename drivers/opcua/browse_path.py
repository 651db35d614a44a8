"""Names from node to node, as they stand in an address: `Objects/nsu=<uri>;Machines/nsu=<uri>;Press 01`.

Each step is a browse name with the URI of its namespace, `nsu=<uri>;<name>` (written as in node ids,
OPC 10000-6, 5.3.1.11), or a name alone where that is namespace 0. Namespaces are never named by index here:
paths are for what is the same on every server. `&` takes the next character as it is (OPC 10000-4, A.2), so
`a&/b` is the name `a/b`.

Light and pure: nothing here imports the protocol library.
"""

import re
from typing import NamedTuple

from drivers.errors import AddressError

EXAMPLE = "write it as in path=/Objects/nsu=urn:maker:plant;Press01/nsu=urn:maker:plant;Temperature"
MOST_STEPS = 50
LONGEST_NAME = 512
"""Characters of a browse name, OPC 10000-3, 8.3."""

_INDEXED = re.compile(r"[0-9]+:")
_MUST_ESCAPE = re.compile(r"nsu=|[0-9]+:")


class Step(NamedTuple):
    """One name of a path.

    Attributes:
        namespace: Its URI; empty for namespace 0.
        name: Without escapes.
    """

    namespace: str
    name: str

    def __str__(self) -> str:
        name = self.name.replace("&", "&&").replace("/", "&/")
        if self.namespace:
            return f"nsu={self.namespace.replace('%', '%25').replace(';', '%3B')};{name}"
        return f"&{name}" if _MUST_ESCAPE.match(name) else name


def steps_text(steps: tuple[Step, ...]) -> str:
    """Return steps as they stand in an address."""
    return "/".join(map(str, steps))


def steps_from_text(whole: str, text: str) -> tuple[Step, ...]:
    """Parse the steps of a path.

    Args:
        whole: The address, for sentences.
        text: Its steps, without what is before the first one.

    Raises:
        AddressError: Says which step is wrong, and shows a correct example.
    """
    steps: list[Step] = []
    rest: str | None = text
    while rest is not None:
        step, rest = _step(whole, rest, len(steps) + 1)
        steps.append(step)
        if len(steps) > MOST_STEPS:
            raise AddressError(f"Address {whole[:100]!r}… has more than {MOST_STEPS} steps; {EXAMPLE}.")
    return tuple(steps)


def _step(whole: str, text: str, number: int) -> tuple[Step, str | None]:
    """Return the first step of a text, and what follows it; None where nothing does."""
    namespace = ""
    if text.startswith("nsu="):
        uri, semicolon, text = text[4:].partition(";")
        namespace = uri.replace("%3B", ";").replace("%3b", ";").replace("%25", "%").strip()
        if not semicolon or not namespace:
            raise AddressError(
                f"Step {number} of {whole!r} needs a namespace URI and a semicolon after nsu=; {EXAMPLE}."
            )
    elif _INDEXED.match(text):
        raise AddressError(
            f"Step {number} of {whole!r} names its namespace by number, which servers change; give its URI: "
            f"{EXAMPLE}."
        )
    name, rest = _name(text)
    if not name:
        raise AddressError(f"Step {number} of {whole!r} is empty; {EXAMPLE}.")
    if len(name) > LONGEST_NAME:
        raise AddressError(
            f"Step {number} has {len(name)} characters, the limit of a name is {LONGEST_NAME}; {EXAMPLE}."
        )
    if not (name.isprintable() and namespace.isprintable()):
        raise AddressError(f"Step {number} of {whole!r} must not hold control characters; {EXAMPLE}.")
    return Step(namespace, name), rest


def _name(text: str) -> tuple[str, str | None]:
    letters: list[str] = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == "/":
            return "".join(letters), text[place + 1 :]
        if letter == "&" and place + 1 < len(text):
            place += 1
            letter = text[place]
        letters.append(letter)
        place += 1
    return "".join(letters), None
