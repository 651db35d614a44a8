"""What a device tells of itself: function 43, type 14 (application protocol 1.1b3, 6.21)."""

from collections.abc import Collection, Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import DriverError
from drivers.modbus.asking import Visit, refusal, visiting
from drivers.modbus.faults import WrongAnswer
from drivers.modbus.requests import IdentifyRequest
from drivers.workbench import Fact

_NAMES = ("Vendor", "Product code", "Revision", "Vendor URL", "Product name", "Model name", "Application")
_BASIC, _REGULAR, _EXTENDED = 1, 2, 3
_FIRST_OBJECTS = {_BASIC: 0, _REGULAR: 3, _EXTENDED: 0x80}
_MORE_FOLLOWS = 0xFF
_CONFORMITY_AT, _MORE_AT, _NEXT_AT, _COUNT_AT, _OBJECTS_AT = 1, 2, 3, 4, 5
MOST_PAGES = 40
"""No honest device needs more: 131 objects, and a page holds several."""
LONGEST_TEXT = 246
"""Bytes of one object that fit a PDU; longer ones cannot come."""


async def identify(hub: DriverHub, settings: BaseModel) -> Sequence[Fact]:
    """Return what the device tells of itself, basic facts first. Raises Refused where it tells nothing."""
    async with visiting(hub, settings) as visit:
        return await identify_in(visit)


async def identify_in(visit: Visit, unit: int | None = None) -> Sequence[Fact]:
    """Do as `identify`, within a visit, of another unit of the line where one is given."""
    asked = visit.settings.unit if unit is None else unit
    objects, conformity = await _stream(visit, asked, _BASIC)
    for level in (_REGULAR, _EXTENDED):
        if conformity & 0x7F < level:
            break
        try:
            more, _ = await _stream(visit, asked, level)
        except DriverError:
            break  # It promised more than it gives; what it gave stands.
        objects = more | objects
    return [Fact(name_of(number), text) for number, text in sorted(objects.items()) if text]


async def objects_of(visit: Visit, unit: int, numbers: Collection[int]) -> dict[int, str]:
    """Return the objects of the categories that hold `numbers`; those the device lacks are left out.

    Raises Refused where it tells nothing at all, and lines' own errors.
    """
    objects: dict[int, str] = {}
    for level, first in _FIRST_OBJECTS.items():
        end = _FIRST_OBJECTS.get(level + 1, 0x100)
        if any(first <= number < end for number in numbers):
            objects |= (await _stream(visit, unit, level))[0]
    return objects


async def _stream(visit: Visit, unit: int, code: int) -> tuple[dict[int, str], int]:
    """Return all objects of one category and the device's conformity level, page by page."""
    objects: dict[int, str] = {}
    first, conformity = _FIRST_OBJECTS[code], 0
    for _ in range(MOST_PAGES):
        request = IdentifyRequest(unit, code, first)
        answer = await visit.ask(request, retries=visit.settings.retries)
        if answer.code:
            raise refusal(visit.settings, request, answer.code)
        page = answer.payload
        conformity = page[_CONFORMITY_AT]
        objects |= objects_in(page)
        if page[_MORE_AT] != _MORE_FOLLOWS:
            return objects, conformity
        if page[_NEXT_AT] <= first:
            raise WrongAnswer(
                f"{visit.settings.peer} unit {unit} goes round in circles telling what it is: after object "
                f"{first} it wants to go on with {page[_NEXT_AT]}."
            )
        first = page[_NEXT_AT]
    raise WrongAnswer(
        f"{visit.settings.peer} unit {unit} comes to no end telling what it is; {MOST_PAGES} pages came."
    )


def objects_in(page: bytes) -> dict[int, str]:
    """Return the objects of one page (payload of the answer) by number. Pure; the page's size is checked."""
    objects: dict[int, str] = {}
    at = _OBJECTS_AT
    for _ in range(page[_COUNT_AT]):
        number, size = page[at], page[at + 1]
        objects[number] = text_of(page[at + 2 : at + 2 + size])
        at += 2 + size
    return objects


def text_of(raw: bytes) -> str:
    """Return a text as a device wrote it, without filling and whatever cannot be shown."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(letter for letter in text if letter.isprintable()).strip()


def name_of(number: int) -> str:
    """Return what an object is called."""
    return _NAMES[number] if number < len(_NAMES) else f"Object {number}"
