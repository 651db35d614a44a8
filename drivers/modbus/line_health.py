"""What a connection's answers and silences say about it. Pure: times come from the caller."""

MAX_STRAY_ANSWERS = 100
"""Answers to no open request in a row, before the peer counts as mad; late ones alone are far fewer."""
MAX_SILENT_TIMEOUTS = 3
"""Time-outs in a row without any answer on the line, before it counts as dead: a peer that lost power or a
firewall that forgot the connection never says so, and only a new connection helps."""
LATE_ANSWER_S = 5.0
"""How long a request that nobody waits for any more may still be answered."""


class LineHealth:
    """Signs of life and of madness of one connection.

    Attributes:
        answers: Proper answers, exceptions included.
        wrong_answers: Answers that did not fit their request.
        strays: Answers that fitted no open request.
    """

    def __init__(self, now: float) -> None:
        self.answers = 0
        self.wrong_answers = 0
        self.strays = 0
        self._heard_at = now
        self._owes_until = 0.0
        self._strays_in_row = 0
        self._silent_timeouts = 0

    def answered(self, now: float) -> None:
        """Note a proper answer."""
        self.answers += 1
        self._heard_at = now
        self._strays_in_row = self._silent_timeouts = 0

    def answered_wrongly(self) -> None:
        """Note an answer that did not fit its request; somebody lives at least."""
        self.wrong_answers += 1
        self._silent_timeouts = 0

    def strayed(self) -> bool:
        """Note an answer nobody asked for, and return whether there were too many of them."""
        self.strays += 1
        self._strays_in_row += 1
        self._silent_timeouts = 0
        return self._strays_in_row > MAX_STRAY_ANSWERS

    def given_up(self, now: float) -> None:
        """Note a request that was sent and that nobody waits for any more."""
        self._owes_until = now + LATE_ANSWER_S

    def timed_out(self, now: float, timeout_s: float) -> bool:
        """Note a request without an answer, and return whether the line counts as dead."""
        self._silent_timeouts += 1
        is_long = now - self._heard_at >= MAX_SILENT_TIMEOUTS * timeout_s
        return is_long and self._silent_timeouts >= MAX_SILENT_TIMEOUTS

    def owes(self, now: float) -> bool:
        """Return whether an answer to a request given up may still come."""
        return now < self._owes_until
