"""What goes wrong on a Modbus line, in words: exception codes and the system's errors, translated once."""

import errno
import socket

from drivers.errors import DriverError, LineLost
from drivers.modbus.requests import Request

ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
GATEWAY_CODES = frozenset({10, 11})
"""The gateway speaks, not the unit: that unit is lost, its siblings are not."""

BUSY_CODES = frozenset({5, 6})
"""The unit asks for patience: nothing is wrong with the request, so nothing is learned from it."""

FINAL_CODES = frozenset({1, 2, 3})
"""The request itself is refused (function, address, quantity) and will be the next time. Other codes, such as
4, are also given by devices that are ill for a while, so no value is given up because of them."""

_WORDS = {  # Modbus application protocol 1.1b3, 7
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "request accepted, still being processed",
    6: "device busy",
    7: "negative acknowledgement",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target failed to respond",
}


_READ_REMEDIES = {
    1: "it does not know this table; name another one in the address",
    2: "it has nothing there; scan for the registers that it has",
    3: "it takes no read of this size; lower its setting Registers per read",
}
_WRITE_REMEDIES = {
    1: "it lets nobody write this table; allow it at the device, or choose another address",
    2: "nothing can be written there; correct the address by the device's manual",
    3: "it does not take this value; the device's manual tells which ones it takes",
}
_OTHER_REMEDIES = {
    1: "it does not offer that",
    4: "look at the device, which reports a fault of its own",
    5: "it is still at work; look at what it holds before asking again",
    6: "try again in a moment",
    8: "its memory is damaged; have the device repaired",
}
_READS, _WRITES = frozenset({1, 2, 3, 4}), frozenset({5, 6, 15, 16, 22})
"""Function codes (application protocol 1.1b3, 6)."""


class NoAnswer(LineLost):
    """Nobody answered in time, while the connection itself stands: worth a retry at once."""


class NoTurn(LineLost):
    """The request was never sent: others kept the line busy."""


class WrongAnswer(LineLost):
    """The answer does not fit the request; nothing of it may be used."""


class MixedAnswer(WrongAnswer):
    """The answer may be patched together from two: the unit is safe only on a connection of its own."""


def again(fault: DriverError) -> DriverError:
    """Return the same fault anew: one that was raised already carries the traceback of somebody else."""
    return type(fault)(*fault.args)


def exception_words(code: int) -> str:
    """Return what exception `code` means, e.g. "illegal data address"."""
    return _WORDS.get(code, "refused for a reason of the maker's own")


def remedy(function: int, code: int) -> str:
    """Return what to do about exception `code` to a request of a function, without a full stop."""
    own = _READ_REMEDIES if function in _READS else _WRITE_REMEDIES if function in _WRITES else {}
    found = own.get(code) or _OTHER_REMEDIES.get(code)
    return found or "look this exception up in the device's manual"


def point_detail(code: int, offset: int) -> str:
    """Return the clause for a point that was refused, e.g. "illegal data address 3205 (exception 2)"."""
    place = f" {offset}" if code == ILLEGAL_ADDRESS else ""
    return f"{exception_words(code)}{place} (exception {code})"


def gateway_lost(peer: str, unit: int, code: int) -> LineLost:
    """Return the loss of a unit that its gateway cannot reach."""
    remedy = (
        "check the unit id and the gateway's port settings"
        if code == 10
        else "check cable, power and unit id behind the gateway"
    )
    return LineLost(
        f"The gateway at {peer} cannot reach unit {unit}: {exception_words(code)} (exception {code}); "
        f"{remedy}."
    )


def no_answer(
    peer: str, unit: int, timeout_s: float, discarded: int = 0, strangers: tuple[int, ...] = ()
) -> NoAnswer:
    """Return the time-out of one request, with how many answers to other requests came meanwhile.

    Args:
        peer: Who did not answer.
        unit: Which unit of it.
        timeout_s: How long it was waited for.
        discarded: Answers that belonged to no open request.
        strangers: Units that answered instead.
    """
    text = f"No answer from {peer} unit {unit} within {timeout_s:g} s"
    if strangers:
        others = ", ".join(map(str, strangers))
        text += f" (unit {others} answered instead, which was not used)"
    elif discarded:
        answers = "1 answer" if discarded == 1 else f"{discarded} answers"
        text += f" ({answers} with the number of no open request discarded)"
    return NoAnswer(f"{text}; check cable, power and unit id.")


def mixed_answer(peer: str, unit: int) -> MixedAnswer:
    """Return the loss of a unit whose answer may hold bytes of another's."""
    return MixedAnswer(
        f"The answer of {peer} unit {unit} came in pieces while another was due, and was not used; "
        "lengthen the time-out of slow units if this goes on."
    )


def wrong_answer(peer: str, request: Request, unit: int, pdu: bytes) -> WrongAnswer:
    """Return the loss of a unit whose answer does not fit what it was asked."""
    return WrongAnswer(
        f"{peer} unit {request.unit} {request.mismatch(unit, pdu)} when asked to {request.asked}; nothing of "
        "it was used, check the unit id and the device's manual."
    )


def garbled_answer(peer: str, request: Request, how: str) -> WrongAnswer:
    """Return the loss of a unit of which something came that is no frame."""
    return WrongAnswer(
        f"{peer} {how} when unit {request.unit} was asked to {request.asked}; nothing of it was used, "
        "check line settings, wiring and termination."
    )


def no_turn(peer: str, unit: int, waited_s: float) -> NoTurn:
    """Return the loss of a unit whose request never got onto the line."""
    return NoTurn(
        f"The connection to {peer} was busy with other units for {waited_s:g} s, unit {unit} was not asked; "
        "poll less often or shorten the time-outs of silent units."
    )


def connect_timed_out(peer: str, timeout_s: float) -> LineLost:
    """Return the loss where nothing answers at an address at all."""
    return LineLost(
        f"No connection to {peer} within {timeout_s:g} s; check address, cable, power and firewall."
    )


def connection_lost(peer: str, error: Exception | None) -> LineLost:
    """Return the loss of a connection that ended from the other side."""
    if error is None or isinstance(error, (ConnectionResetError, BrokenPipeError)):
        how = "closed" if error is None else "reset"
        return LineLost(f"{peer} {how} the connection; it may have restarted or serve too many masters.")
    return LineLost(f"The connection to {peer} broke: {_system_words(error)}; check cable and network.")


def name_unknown(host: str) -> LineLost:
    """Return the loss for a host name that nobody can resolve."""
    return LineLost(f"The name {host!r} is not known; check its spelling or use the device's IP address.")


def connect_failed(peer: str, host: str, error: OSError) -> LineLost:
    """Return the loss for a connection that could not be made."""
    if isinstance(error, socket.gaierror):
        return name_unknown(host)
    if isinstance(error, ConnectionRefusedError):
        return LineLost(
            f"{peer} refused the connection: nothing listens there; check the port and that the device "
            "has Modbus TCP switched on."
        )
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN):
        return LineLost(f"No way to {peer} in the network; check address, cable, power and routing.")
    return LineLost(f"No connection to {peer}: {_system_words(error)}; check address and network.")


def datagram_refused(peer: str, error: Exception) -> LineLost:
    """Return the loss of a request whose datagram the other computer did not take."""
    if isinstance(error, ConnectionRefusedError):
        return LineLost(
            f"{peer} takes no datagrams: nothing listens there; check the port and that the device has "
            "Modbus over UDP switched on."
        )
    return LineLost(f"Nothing can be sent to {peer}: {_system_words(error)}; check address and network.")


def half_answer(peer: str) -> str:
    """Return the sentence for a peer that stopped in the middle of an answer."""
    return f"{peer} sent half an answer and stopped; check the device and the network."


def silent_peer(peer: str) -> str:
    """Return the sentence for a connection that stands and carries nothing."""
    return f"{peer} is connected but answers nobody; check power and network of the device."


def unasked_answers(peer: str, limit: int) -> str:
    """Return the sentence for a peer that will not stop answering."""
    return (
        f"{peer} sent more than {limit} answers that nobody asked for; "
        "check for another device at that address."
    )


def _system_words(error: Exception) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (words or "unknown fault").rstrip(".").lower()
