"""Who a Modbus device says it is, read where its product's profile says. Changes nothing on the device."""

from drivers.firmware.modbus.profile_parts import Told, VersionTold, WhoProfile
from drivers.firmware.modbus.talk import Talk
from drivers.firmware.target import Identity
from drivers.firmware.text_rule import normalised
from drivers.firmware.version_text import from_numbers
from drivers.firmware.version_text import normalised as normalised_version
from drivers.modbus.identification import text_of


async def who_is(talk: Talk, profile: WhoProfile) -> Identity:
    """Return who a device says it is now.

    Raises:
        LineLost: It is away.
        NeedsHuman: It does not have what the profile names.
        Refused: It will not tell.
    """
    facts = (profile.product, profile.hardware, profile.serial, profile.version)
    numbers = frozenset(fact.object for fact in facts if fact is not None and fact.object is not None)
    objects = await talk.objects(numbers) if numbers else {}
    return Identity(
        product=await _fact(talk, profile.product, objects),
        hardware=await _fact(talk, profile.hardware, objects),
        serial=await _fact(talk, profile.serial, objects),
        version=await version_of(talk, profile.version, objects),
    )


async def version_of(talk: Talk, told: VersionTold, objects: dict[int, str] | None = None) -> str:
    """Return a version as the profile reads it; empty where the device names none.

    Args:
        talk: With the device.
        told: Where.
        objects: Of its identification, where they were read already.
    """
    if told.object is not None:
        known = objects if objects is not None else await talk.objects(frozenset({told.object}))
        return normalised_version(known.get(told.object, ""), told.pattern)
    if told.text is not None:
        return normalised_version(_text(await talk.words(told.text)), told.pattern)
    if told.numbers is not None:
        data = await talk.words(told.numbers)
        numbers = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
    else:
        assert told.halves is not None  # One of the four is there: the profile was checked.
        numbers = list(await talk.words(told.halves))
    major, minor, patch = (*numbers, 0)[:3]
    return from_numbers(major, minor, patch)


async def _fact(talk: Talk, told: Told | None, objects: dict[int, str]) -> str:
    if told is None:
        return ""
    if told.object is not None:
        text = objects.get(told.object, "")
    elif told.text is not None:
        text = _text(await talk.words(told.text))
    else:
        assert told.number is not None  # One of the three is there: the profile was checked.
        text = str(await talk.number(told.number))
    return normalised(text, told.rules)


def _text(data: bytes) -> str:
    return text_of(data.split(b"\x00", 1)[0])
