"""How long a message may take, and how long to wait before it is tried again."""

from dataclasses import dataclass

from console.station.backoff import Backoff

_RETRY = Backoff(first_s=10.0, longest_s=900.0)
_PAUSE = Backoff(first_s=5.0, longest_s=60.0)


@dataclass(frozen=True, slots=True)
class SendLimits:
    """The figures of sending in one place. Tests make their own.

    Attributes:
        connect_s: To find a server's address, and then to connect.
        silence_s: A server that says nothing for so long has hung.
        total_s: No attempt takes longer, however busily a server drips.
        claim_s: For so long a message is one station's alone. Well above connect_s + total_s, so that it ends
            for a dead station only.
        retry: Waits between attempts of one message.
        pause: How long a channel rests after the server itself failed: messages that wait behind need not all
            find out.
        most_retry_after_s: No server makes us wait longer than this.
        trouble_after_s: So long a message may be due until this station says why it cannot send it.
        refused_s: How long a station waits after the database refused to let it send.
    """

    connect_s: float = 10.0
    silence_s: float = 15.0
    total_s: float = 30.0
    claim_s: float = 90.0
    retry: Backoff = _RETRY
    pause: Backoff = _PAUSE
    most_retry_after_s: float = 3600.0
    trouble_after_s: float = 60.0
    refused_s: float = 300.0
