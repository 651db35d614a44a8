"""A chain as plain text, to be sent to whoever knows the device. Pure."""

from console.panels.devices.health.grey_chain import Chain
from console.panels.devices.health.grey_link import MARK_WORDS
from console.panels.devices.health.wire_bytes import BYTES_A_ROW, exchange_text
from console.widgets.stale_hatching import age_text
from models.records.device_health import LONGEST_FRAME


def chain_text(chain: Chain) -> str:
    """Return everything the chain says, with all the bytes that are kept."""
    parts = [chain.headline, chain.source]
    for number, link in enumerate(chain.links, 1):
        age = "" if link.age_s is None else f", {age_text(link.age_s)} ago"
        parts += ["", f"{number}. {link.title}: {MARK_WORDS[link.mark]}{age}"]
        parts += [f"   {line}" for line in link.lines]
        for shown in link.exchanges:
            words = exchange_text(shown.exchange, LONGEST_FRAME // BYTES_A_ROW)
            parts += [f"   {shown.caption}"] if shown.caption else []
            parts += [f"   {line}" for line in words.split("\n")]
        if link.advice:
            parts.append(f"   → {link.advice}")
    return "\n".join(parts)
