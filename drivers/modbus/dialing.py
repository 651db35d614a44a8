"""How each line is made: the only place that knows which settings lead to which.

Every way returns a line that stands, or raises LineLost or NeedsHuman in words; who calls limits the time.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from drivers.errors import DriverBug
from drivers.modbus import faults, tls_faults
from drivers.modbus.framing import AsciiFraming, DatagramFraming, RtuFraming
from drivers.modbus.half_duplex import HalfDuplexLine
from drivers.modbus.line import Line
from drivers.modbus.settings import (
    ModbusAsciiSettings,
    ModbusRtuTcpSettings,
    ModbusSerialSettings,
    ModbusTcpSettings,
    ModbusUdpSettings,
)
from drivers.modbus.settings_parts import LineRules, ModbusSettings, Network
from drivers.modbus.tls_settings import ModbusTlsSettings, Trust
from drivers.modbus.wire import Wire

OnLost = Callable[[Line], None]
_Stream = TypeVar("_Stream", Wire, HalfDuplexLine)


async def dial(settings: ModbusSettings, rules: LineRules, on_lost: OnLost) -> Line:
    """Make the line that `settings` lead to. Raises LineLost or NeedsHuman."""
    match settings:
        case ModbusSerialSettings():
            return _serial(settings, rules, on_lost)
        case ModbusUdpSettings():
            return await _datagrams(settings, rules, on_lost)
        case ModbusRtuTcpSettings():

            def make_line() -> HalfDuplexLine:
                framing = RtuFraming()
                return HalfDuplexLine(settings.peer, rules, framing, on_lost, ends_when_silent=True)

            return await _connect(settings, make_line)
        case ModbusTlsSettings():
            return await _secured(settings, rules, on_lost)
        case ModbusTcpSettings():
            return await _connect(settings, lambda: Wire(settings.peer, rules, on_lost))
        case _:
            raise DriverBug(f"Nobody knows how to reach what {type(settings).__name__} describe.")


async def _connect(
    settings: Network,
    make_line: Callable[[], _Stream],
    context: ssl.SSLContext | None = None,
    name: str | None = None,
) -> _Stream:
    """Try every address of the host in turn; raises what the last one said."""
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    try:
        found = await loop.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        for family, _, _, _, address in found:
            try:
                _, line = await loop.create_connection(
                    make_line,
                    str(address[0]),
                    settings.port,
                    family=family,
                    ssl=context,
                    server_hostname=name,
                )
            except ssl.SSLError:
                raise
            except OSError as error:
                failure = error
            else:
                return line
    except ssl.SSLError:
        raise
    except OSError as error:
        raise faults.connect_failed(settings.peer, settings.host, error) from error
    except ValueError:  # Also UnicodeError: no name server could be asked for such a name.
        raise faults.name_unknown(settings.host) from None
    if context is not None and isinstance(failure, ConnectionResetError | ConnectionAbortedError):
        raise tls_faults.cut_short(settings.peer) from failure
    failure = failure or OSError("the name has no address")
    raise faults.connect_failed(settings.peer, settings.host, failure) from failure


async def _secured(settings: ModbusTlsSettings, rules: LineRules, on_lost: OnLost) -> Line:
    from drivers.modbus.tls import expected_name, make_context

    def make_wire() -> Wire:
        wire = Wire(settings.peer, rules, on_lost)
        wire.explain = lambda error: tls_faults.ended(
            settings.peer,
            error,
            has_answered=wire.health.answers > 0,
            shows_certificate=settings.client_certificate is not None,
        )
        return wire

    name = expected_name(settings)
    try:
        return await _connect(settings, make_wire, await make_context(settings), name)
    except ssl.SSLCertVerificationError as error:
        is_pinned = settings.trust is Trust.CERTIFICATE
        raise tls_faults.not_believed(settings.peer, name, error, is_pinned=is_pinned) from error
    except ssl.SSLError as error:
        raise tls_faults.refused_by_peer(settings.peer, error) from error


async def _datagrams(settings: ModbusUdpSettings, rules: LineRules, on_lost: OnLost) -> Line:
    loop = asyncio.get_running_loop()
    try:
        _, line = await loop.create_datagram_endpoint(
            lambda: HalfDuplexLine(settings.peer, rules, DatagramFraming(), on_lost),
            remote_addr=(settings.host, settings.port),
        )
    except OSError as error:
        raise faults.connect_failed(settings.peer, settings.host, error) from error
    except ValueError:
        raise faults.name_unknown(settings.host) from None
    return line


def _serial(settings: ModbusSerialSettings, rules: LineRules, on_lost: OnLost) -> Line:
    from drivers.modbus.serial_port import open_port, vanished

    framing = AsciiFraming() if isinstance(settings, ModbusAsciiSettings) else RtuFraming()
    line = HalfDuplexLine(settings.peer, rules, framing, on_lost, settings.character_s)
    line.explain = partial(vanished, settings.serial_port)
    open_port(settings, line)
    return line
