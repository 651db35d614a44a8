"""Whether a host that a URL names may be connected to: asked of its addresses, before anything is sent.

A name proves nothing: it may resolve to this computer, to the plant's network, or to the metadata service of
a cloud, which hands out credentials to whoever asks from inside. So addresses are judged, and the connection
goes to the very address that was judged: asking the name again might be answered otherwise.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence

from models.errors import FirmwareRefused, ObjectsAway

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""Host and port → addresses as text. Raises OSError where there are none."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Services that hand out credentials to whoever asks from inside: AWS over IPv6, Alibaba, Oracle. The usual
# one, 169.254.169.254, is link-local.
_METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")))


def resolved(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def checked_addresses(
    host: str, port: int, allowed: frozenset[str], resolve: Resolve = resolved
) -> list[str]:
    """Return the addresses of a host, all of which may be connected to.

    Args:
        host: As the URL names it.
        port: To connect to.
        allowed: Hosts that may be private.
        resolve: Asks for addresses.

    Raises:
        FirmwareRefused: One of them may not: whoever can add an address to a name chooses which is taken.
        ObjectsAway: The name has none now.
    """
    try:
        texts = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise ObjectsAway(
            f"The host {host[:100]} is not known here; correct it, or try again later."
        ) from error
    for text in texts:
        address = _meant(ipaddress.ip_address(text))
        if address.is_link_local or address in _METADATA or address.is_multicast or address.is_unspecified:
            raise FirmwareRefused(
                f"The host {host[:100]} is {text}, an address that is never asked for images: clouds hand "
                "out credentials there."
            )
        if not address.is_global and host.lower() not in allowed:
            raise FirmwareRefused(
                f"The host {host[:100]} is {text}, a private address; if images really lie there, allow it "
                "on this computer: firmware_hosts in settings.toml."
            )
    return list(texts)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
