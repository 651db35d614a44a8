"""What Modbus offers beside polling: the same for every line, and the certificate where there is one."""

from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress, TestStep
from drivers.errors import AddressError, DriverBug, Refused
from drivers.modbus.decodings import decodings_of
from drivers.modbus.diagnosis import steps
from drivers.modbus.identification import identify
from drivers.modbus.registers import read_registers
from drivers.modbus.scan import scan
from drivers.modbus.tls_settings import ModbusTlsSettings
from drivers.modbus.writing import write
from drivers.workbench import CertificateFacts, Tools


def tools_of(kind: str) -> Tools:
    """Return what the kind of line offers."""
    return Tools(
        tables=("holding", "input", "coil", "discrete"),
        decodings=decodings_of,
        scan=scan,
        registers=read_registers,
        identify=identify,
        write=_write,
        test=_test,
        certificate=_certificate if kind == "modbus-tls" else None,
    )


async def _write(hub: DriverHub, settings: BaseModel, address: str, value: float) -> str:
    try:
        return str(await write(hub, settings, address, value))
    except AddressError as error:
        raise Refused(str(error)) from error


def _test(hub: DriverHub, settings: BaseModel, addresses: Sequence[TagAddress]) -> AsyncIterator[TestStep]:
    return steps(hub, settings, addresses)


async def _certificate(hub: DriverHub, settings: BaseModel) -> CertificateFacts:
    from drivers.modbus.tls import shown_certificate

    if not isinstance(settings, ModbusTlsSettings):
        raise DriverBug(f"Modbus TLS was given the settings of another line: {type(settings).__name__}.")
    return await shown_certificate(settings)
