"""Opening the bench for the device in the form."""

import re
from collections.abc import Callable, Sequence

from console.panels.devices.asking import StopsAsking
from console.panels.devices.bench.bench_dialog import FIRST_COUNT, BenchDialog
from console.panels.devices.desk import Desk
from drivers.registry import spec_of
from drivers.workbench import Registers, RegisterSpan, Tool
from models.records.device import Device

_WORD_TABLES = ("holding", "input")
_BEGINNING = re.compile(r"([a-z]+):(\d{1,5})(?!\d)")
"""Of an address: table and first register."""


def open_bench(desk: Desk, span: RegisterSpan | None = None) -> BenchDialog:
    """Open it, on the first registers where no span is given.

    Raises:
        LookupError: The protocol offers no registers.
    """
    device = desk.device()
    spec = spec_of(device.driver)
    tools = spec.tools() if spec.tools is not None else None
    if tools is None or tools.decodings is None:
        raise LookupError(f"{spec.label} has no registers to look at.")

    def ask(
        wanted: RegisterSpan, on_done: Callable[[Registers], None], on_failed: Callable[[str], None], /
    ) -> StopsAsking:
        return desk.bridge.device_tools.ask(
            Tool.REGISTERS,
            device.driver,
            device.connection,
            wanted,
            on_done=on_done,
            on_failed=on_failed,
            owner=dialog,
            hardware_id=desk.hardware_id,
            is_repeated=True,
        )

    # Bits cannot be decoded; a scan shows where there are any.
    tables = tuple(table for table in tools.tables if table in _WORD_TABLES) or tools.tables
    dialog: BenchDialog = BenchDialog(
        device.name or "new device",
        tables,
        tools.decodings,
        ask,
        desk.quantities,
        desk.themes,
        desk.parent,
        span or _span_of(device, tables),
    )
    dialog.tag_made.connect(lambda tag: desk.add_tags([tag]))
    dialog.open()
    return dialog


def _span_of(device: Device, tables: Sequence[str]) -> RegisterSpan | None:
    """Return where the first tag is read from; None where no tag says so."""
    for tag in device.tags:
        found = _BEGINNING.match(tag.address)
        if found is not None and found[1] in tables:
            return RegisterSpan(found[1], int(found[2]), FIRST_COUNT)
    return None
