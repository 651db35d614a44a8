"""Which serial ports this computer has, as a setting takes them."""

from drivers.questions import SerialPort


def serial_ports() -> tuple[SerialPort, ...]:
    """Return every serial port there is now, by name. Asks the system, which may take a moment."""
    # Here, not above: only who asks for ports needs the library.
    from serial.tools.list_ports import comports

    return tuple(
        SerialPort(
            device=port.device,
            description="" if port.description in (None, "n/a") else port.description,
            maker=port.manufacturer or "",
            serial_number=port.serial_number or "",
        )
        for port in sorted(comports(), key=lambda port: port.device)
    )
