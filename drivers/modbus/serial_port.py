"""A serial port of this computer: opened by pyserial, carried by pymodbus's asyncio transport.

The heavy part of the serial lines: imported when the first one is dialled.
"""

import asyncio
import contextlib
import errno
import sys

from pymodbus.transport.serialtransport import SerialTransport

from drivers.errors import DriverError, LineLost, NeedsHuman
from drivers.modbus.settings import ModbusSerialSettings, Parity

_PARITIES = {Parity.NONE: "N", Parity.EVEN: "E", Parity.ODD: "O"}
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM})
_TAKEN = frozenset({errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK})
_GONE = frozenset({errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EIO})
_NO_PORT = frozenset({errno.ENOTTY, errno.EISDIR, errno.EINVAL, errno.ENOTDIR})


def _setting_refused() -> tuple[type[Exception], ...]:
    """Return what else the system raises where it does not know a speed or the like."""
    if sys.platform == "win32":
        return ()
    import termios

    return (termios.error,)


_SETTING_REFUSED = _setting_refused()


class PortTransport(SerialTransport):
    """The transport of one open port; tells its protocol of every end, also of one that was asked for."""

    def close(self, exc: Exception | None = None) -> None:
        """Let go of the port. Safe twice."""
        port = self.sync_serial
        if not port:
            return
        # What cannot be sent any more would hold up the closing, with some drivers for half a minute.
        with contextlib.suppress(OSError, *_SETTING_REFUSED):
            port.reset_output_buffer()
        super().close(exc)
        if exc is None:
            asyncio.get_running_loop().call_soon(self.intern_protocol.connection_lost, None)


def open_port(settings: ModbusSerialSettings, line: asyncio.Protocol) -> None:
    """Open the port and connect it with `line`. Raises LineLost or NeedsHuman."""
    try:
        transport = PortTransport(
            asyncio.get_running_loop(),
            line,
            settings.serial_port,
            settings.baud,
            settings.data_bits,
            _PARITIES[settings.parity],
            settings.stop_bits,
            0,
        )
    except (OSError, ValueError, *_SETTING_REFUSED) as error:  # SerialException is an OSError
        raise fault_of(settings, error) from error
    transport.setup()


def fault_of(settings: ModbusSerialSettings, error: Exception) -> DriverError:
    """Return why a port could not be opened."""
    port = settings.serial_port
    code = error.errno if isinstance(error, OSError) else None
    if code in _NO_RIGHT and sys.platform != "win32":
        return NeedsHuman(
            f"Serial port {port} may not be opened: the account of this program has no right to it; add it "
            "to the group that owns the port (often dialout), and sign in again."
        )
    if code in _TAKEN or "PermissionError" in str(error):
        return LineLost(
            f"Serial port {port} is in use by another program, or by devices of another Modbus kind; close "
            "what holds it."
        )
    if code in _NO_PORT or isinstance(error, _SETTING_REFUSED) or "Inappropriate ioctl" in str(error):
        return NeedsHuman(
            f"{port} is no serial port, or does not know {settings.line_words}; choose another port or speed."
        )
    if code in _GONE or "FileNotFoundError" in str(error):
        return LineLost(f"Serial port {port} is not there; plug the adapter in, or choose another port.")
    return LineLost(f"Serial port {port} cannot be opened: {error}.")


def vanished(port: str, error: Exception | None) -> LineLost:
    """Return the loss of a port that was open."""
    how = "was unplugged, or its driver failed" if error is not None else "was closed"
    return LineLost(f"Serial port {port} {how}; it is used again once it is back.")
