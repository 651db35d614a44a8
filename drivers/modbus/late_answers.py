"""Which answers may still come that nobody waits for, on lines whose answers carry no number. Pure.

An answer that comes after it was given up looks like the answer to the next request of the same function:
the registers it holds are not named in it. So before such a request the unit is asked something else. Units
answer in order, so once that is answered nothing older can follow.
"""

from drivers.modbus.address import Table
from drivers.modbus.line_health import LATE_ANSWER_S
from drivers.modbus.requests import ReadRequest, Request


class LateAnswers:
    """What units still owe. Times are the loop's, in seconds."""

    def __init__(self) -> None:
        """Begin with nothing owed."""
        self._owed: dict[int, dict[Request, float]] = {}

    def owe(self, request: Request, now: float) -> None:
        """Note that `request` was given up, and may still be answered for a while."""
        owed = {late: until for late, until in self._owed.get(request.unit, {}).items() if until > now}
        self._owed[request.unit] = owed | {request: now + LATE_ANSWER_S}

    def answered(self, request: Request) -> None:
        """Note an answer that can only be that to `request`, or at least to an equal one."""
        owed = self._owed.get(request.unit)
        # Where its function is owed the answer may be an older one, and the newer still to come.
        if owed is not None and request.function not in {late.function for late in owed}:
            del self._owed[request.unit]

    def is_in_doubt(self, request: Request, now: float) -> bool:
        """Return whether another request's answer might be taken for that of `request`."""
        owed = self._owed.get(request.unit)
        if owed is None:
            return False
        return any(
            until > now and late.function == request.function and late != request
            for late, until in owed.items()
        )

    def is_one(self, unit: int, function: int) -> bool:
        """Return whether an answer of this function, which was not asked for now, may be one that is owed."""
        return any(late.function == function for late in self._owed.get(unit, ()))

    def question_for(self, unit: int, now: float) -> Request | None:
        """Return a request whose answer nothing owed resembles; None while there is no such."""
        owed = {late.function for late, until in self._owed.get(unit, {}).items() if until > now}
        for table in (Table.HOLDING, Table.INPUT, Table.COIL, Table.DISCRETE):
            if table.read_function not in owed:
                return ReadRequest(unit, table, 0, 1)
        return None
