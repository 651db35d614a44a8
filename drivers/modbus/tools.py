"""What Modbus offers beside polling: the same for every line, and the certificate where there is one.

Light, because windows ask what there is: what talks to devices loads when it is first used, in the station.
"""

from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel

from drivers.driver import DriverHub, TagAddress, TestStep
from drivers.errors import AddressError, DriverBug, Refused
from drivers.modbus.decodings import decodings_of
from drivers.modbus.tls_settings import ModbusTlsSettings
from drivers.workbench import CertificateFacts, Fact, Registers, RegisterSpan, ScanFinding, ScanPlan, Tools


def tools_of(kind: str) -> Tools:
    """Return what the kind of line offers."""
    return Tools(
        tables=("holding", "input", "coil", "discrete"),
        word_tables=("holding", "input"),
        # 0 is a broadcast and 248 to 255 are reserved (Modbus over serial line 1.02, 2.2).
        units=(1, 247),
        decodings=decodings_of,
        scan=_scan,
        registers=_registers,
        identify=_identify,
        write=_write,
        test=_test,
        certificate=_certificate if kind == "modbus-tls" else None,
    )


def _scan(hub: DriverHub, settings: BaseModel, plan: ScanPlan) -> AsyncIterator[ScanFinding]:
    from drivers.modbus.scan import scan

    return scan(hub, settings, plan)


async def _registers(hub: DriverHub, settings: BaseModel, span: RegisterSpan) -> Registers:
    from drivers.modbus.registers import read_registers

    return await read_registers(hub, settings, span)


async def _identify(hub: DriverHub, settings: BaseModel) -> Sequence[Fact]:
    from drivers.modbus.identification import identify

    return await identify(hub, settings)


async def _write(hub: DriverHub, settings: BaseModel, address: str, value: float) -> str:
    from drivers.modbus.writing import write

    try:
        return str(await write(hub, settings, address, value))
    except AddressError as error:
        raise Refused(str(error)) from error


def _test(hub: DriverHub, settings: BaseModel, addresses: Sequence[TagAddress]) -> AsyncIterator[TestStep]:
    from drivers.modbus.diagnosis import steps

    return steps(hub, settings, addresses)


async def _certificate(hub: DriverHub, settings: BaseModel) -> CertificateFacts:
    from drivers.modbus.tls import shown_certificate

    if not isinstance(settings, ModbusTlsSettings):
        raise DriverBug(f"Modbus TLS was given the settings of another line: {type(settings).__name__}.")
    return await shown_certificate(settings)
