"""What to do about a value that could not be used, by the clause with which its driver explains it. Pure."""

_ADVICE = (
    (
        ("illegal data address", "(exception 2)", "nodeid", "node id"),
        "the device has nothing at this address; correct the tag's address.",
    ),
    (
        ("illegal function", "(exception 1)"),
        "the device does not know this table; use another one in the tag's address.",
    ),
    (
        ("not a number", "infinit", "finite"),
        "try another byte or word order in the decoder bench; if none fits, check the sensor.",
    ),
    (
        ("not readable", "access denied", "user access"),
        "the device does not let this sign-in read it; change the sign-in or the device's rights.",
    ),
    (
        ("sensor failure", "sensorfailure"),
        "the device says that its sensor is broken; check the sensor and its wiring.",
    ),
    (
        ("uncertain", "substitute", "last known"),
        "the device itself does not trust this value; look at it on its own display.",
    ),
)
_ELSE = "check the tag's address and data type against the device's manual."


def decode_advice(detail: str) -> str:
    """Return one sentence that names what the driver said and what to do.

    Args:
        detail: The driver's clause, not empty.
    """
    lower = detail.casefold()
    advice = next((words for signs, words in _ADVICE if any(sign in lower for sign in signs)), _ELSE)
    return f"{detail[:1].upper()}{detail[1:]}: {advice}"
