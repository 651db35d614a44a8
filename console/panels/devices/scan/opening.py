"""Opening the scan for the device in the form."""

from collections.abc import Callable

from annotated_types import Ge, Le

from console.panels.devices.asking import StopsAsking
from console.panels.devices.bench.opening import open_bench
from console.panels.devices.desk import Desk
from console.panels.devices.scan.scan_dialog import ScanDialog
from drivers.registry import spec_of
from drivers.workbench import RegisterSpan, ScanFinding, ScanPlan, Tool

_UNIT = "unit"
_BIT_TABLES = ("coil", "discrete")


def open_scan(desk: Desk) -> ScanDialog:
    """Open it.

    Raises:
        LookupError: The protocol cannot be scanned.
    """
    device = desk.device()
    spec = spec_of(device.driver)
    tools = spec.tools() if spec.tools is not None else None
    if tools is None or tools.scan is None:
        raise LookupError(f"{spec.label} cannot be scanned.")

    def ask(
        plan: ScanPlan,
        on_part: Callable[[ScanFinding], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> StopsAsking:
        return desk.bridge.device_tools.ask(
            Tool.SCAN,
            device.driver,
            device.connection,
            plan,
            on_part=on_part,
            on_done=lambda _: on_done(),
            on_failed=on_failed,
            owner=dialog,
            hardware_id=desk.hardware_id,
        )

    def look(span: RegisterSpan) -> None:
        if span.table not in _BIT_TABLES:
            open_bench(desk, span)

    timeout_s = device.connection.get("timeout_s")
    dialog: ScanDialog = ScanDialog(
        device.name or "new device",
        tools.tables,
        _units_of(desk),
        float(timeout_s) if isinstance(timeout_s, int | float) else 1.0,
        ask,
        desk.parent,
    )
    dialog.unit_chosen.connect(lambda unit: desk.set_setting(_UNIT, unit))
    dialog.span_chosen.connect(look)
    dialog.open()
    return dialog


def _units_of(desk: Desk) -> tuple[int, int] | None:
    """Return the unit ids worth asking; None where the connection knows none."""
    field = spec_of(desk.device().driver).settings_type.model_fields.get(_UNIT)
    if field is None:
        return None
    low = next((int(str(each.ge)) for each in field.metadata if isinstance(each, Ge)), 1)
    high = next((int(str(each.le)) for each in field.metadata if isinstance(each, Le)), 247)
    # 0 is a broadcast and 248 to 255 are reserved (Modbus over serial line 1.02, 2.2).
    return max(1, low), min(247, high)
