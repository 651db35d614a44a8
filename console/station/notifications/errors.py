"""Why a message was not sent, by what to do about it. The text is shown to people as it is.

NotSent
├── TryAgain         the same message later: no answer, a busy server, a certificate that may be renewed.
├── Undeliverable    never by itself: the server said no for good; somebody must change something first.
└── StoppedSending   not our affair any more: the station stops, another one may go on.
"""


class NotSent(Exception):
    """An attempt that failed.

    Attributes:
        is_channel_fault: The server or the way to it failed, not this one message.
        retry_after_s: What the server asked for; None where it did not.
    """

    def __init__(
        self, text: str, *, is_channel_fault: bool = True, retry_after_s: float | None = None
    ) -> None:
        super().__init__(text)
        self.is_channel_fault = is_channel_fault
        self.retry_after_s = retry_after_s


class TryAgain(NotSent):
    """It may succeed later, unchanged."""


class Undeliverable(NotSent):
    """It will not succeed until somebody changes something."""


class StoppedSending(NotSent):
    """The attempt was cut short because this program ends."""
