"""Opening the bench for the device in the form."""

import re
from collections.abc import Callable, Sequence

from console.panels.devices.asking import StopsAsking
from console.panels.devices.bench.bench_dialog import FIRST_COUNT, BenchDialog
from console.panels.devices.desk import Desk
from drivers.workbench import Registers, RegisterSpan, Tool
from models.records.device import Device

_BEGINNING = re.compile(r"([a-z]+):(\d{1,5})(?!\d)")
"""Of an address: table and first register."""


def open_bench(desk: Desk, span: RegisterSpan | None = None) -> BenchDialog:
    """Open it, on the device's first tag where no span is given.

    Raises:
        LookupError: The protocol offers no decodings.
    """
    device, tools = desk.device(), desk.tools()
    if tools.decodings is None:
        raise LookupError(f"The protocol {device.driver} has no registers to decode.")

    def ask(
        wanted: RegisterSpan, on_done: Callable[[Registers], None], on_failed: Callable[[str], None], /
    ) -> StopsAsking:
        return desk.ask(
            device,
            Tool.REGISTERS,
            wanted,
            on_done=on_done,
            on_failed=on_failed,
            owner=dialog,
            is_repeated=True,
        )

    dialog: BenchDialog = BenchDialog(
        device.name or "new device",
        tools.word_tables,
        tools.decodings,
        ask,
        desk.quantities,
        desk.themes,
        desk.parent,
        span or _span_of(device, tools.word_tables),
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
