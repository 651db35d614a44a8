"""What a status code of a method, a read or a write means for an update, by who can help. Pure.

LineLost     the device or the way to it is gone for a while: gateways answer for devices that are away
NeedsHuman   the server lacks what was asked, or does not allow it: asking again changes nothing
Refused      everything else: the device declined, mostly for the state that it is in
"""

from drivers.errors import DriverError, LineLost, NeedsHuman, Refused
from drivers.opcua.decode import status_name, status_words
from drivers.opcua.faults import ends_session

_AWAY = frozenset(
    {
        "BadNoCommunication",
        "BadDeviceFailure",
        "BadOutOfService",
        "BadWaitingForInitialData",
        "BadWaitingForResponse",
        "BadNotConnected",
        "BadServerTooBusy",
        "BadTcpServerTooBusy",
        "BadTimeout",
        "BadRequestTimeout",
        "BadDisconnect",
        "BadCommunicationError",
    }
)
_NOT_ALLOWED = frozenset(
    {
        "BadUserAccessDenied",
        "BadNotExecutable",
        "BadNotWritable",
        "BadSecurityModeInsufficient",
        "BadLicenseNotAvailable",
        "BadLicenseExpired",
    }
)
_NOT_THERE = frozenset(
    {
        "BadMethodInvalid",
        "BadNodeIdUnknown",
        "BadNodeIdInvalid",
        "BadNotImplemented",
        "BadNotSupported",
        "BadServiceUnsupported",
        "BadNothingToDo",
        "BadArgumentsMissing",
        "BadTooManyArguments",
        "BadTypeMismatch",
    }
)


def refusal(code: int, endpoint: str, name: str) -> DriverError:
    """Return what a bad status code means.

    Args:
        code: Of a service or of one method, read or write.
        endpoint: What people call the server.
        name: What was asked.
    """
    kind, words = status_name(code), status_words(code)
    if ends_session(code):
        return LineLost(f"{endpoint} ended the session: {words}; it is opened anew.")
    if kind in _AWAY:
        return LineLost(f"{endpoint}: {name} was not answered by the device: {words}.")
    if kind in _NOT_ALLOWED:
        return NeedsHuman(
            f"{endpoint} does not allow {name}: {words}; give this station's user the right on the server."
        )
    if kind in _NOT_THERE:
        return NeedsHuman(
            f"{endpoint} offers {name} in another form than the specification says: {words}; "
            "choose another way for this product, or have its maker mend the server."
        )
    return Refused(f"{endpoint} refused {name}: {words}.")
