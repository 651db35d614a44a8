"""Opening the scan for the device in the form."""

from collections.abc import Callable

from console.panels.devices.asking import StopsAsking
from console.panels.devices.bench.opening import open_bench
from console.panels.devices.desk import Desk
from console.panels.devices.scan.scan_dialog import ScanDialog
from drivers.workbench import ScanFinding, ScanPlan, Tool

_UNIT = "unit"


def open_scan(desk: Desk) -> ScanDialog:
    """Open it. The protocol offers `Tool.SCAN`."""
    device, tools = desk.device(), desk.tools()

    def ask(
        plan: ScanPlan,
        on_part: Callable[[ScanFinding], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> StopsAsking:
        return desk.ask(
            device,
            Tool.SCAN,
            plan,
            on_part=on_part,
            on_done=lambda _: on_done(),
            on_failed=on_failed,
            owner=dialog,
        )

    timeout_s = device.connection.get("timeout_s")
    dialog: ScanDialog = ScanDialog(
        device.name or "new device",
        tools.tables,
        tools.word_tables,
        tools.units,
        float(timeout_s) if isinstance(timeout_s, int | float) else 1.0,
        ask,
        desk.parent,
    )
    dialog.unit_chosen.connect(lambda unit: desk.set_setting(_UNIT, unit))
    dialog.span_chosen.connect(lambda span: open_bench(desk, span))
    dialog.open()
    return dialog
