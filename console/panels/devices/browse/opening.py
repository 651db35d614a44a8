"""Opening the browser for the device in the form."""

from collections.abc import Callable

from console.panels.devices.asking import StopsAsking
from console.panels.devices.browse.browse_dialog import BrowseDialog
from console.panels.devices.desk import Desk
from drivers.questions import BrowseSubject, SearchSubject
from drivers.registry import spec_of
from drivers.workbench import BrowsePage, Tool


def open_browser(desk: Desk) -> BrowseDialog:
    """Open it.

    Raises:
        LookupError: The protocol cannot be browsed.
    """
    device = desk.device()
    spec = spec_of(device.driver)
    tools = spec.tools() if spec.tools is not None else None
    if tools is None or tools.browse is None:
        raise LookupError(f"{spec.label} cannot be browsed.")

    def children(
        node: str, more: str, on_done: Callable[[BrowsePage], None], on_failed: Callable[[str], None]
    ) -> StopsAsking:
        return desk.bridge.device_tools.ask(
            Tool.BROWSE,
            device.driver,
            device.connection,
            BrowseSubject(node, more),
            on_done=on_done,
            on_failed=on_failed,
            owner=dialog,
            hardware_id=desk.hardware_id,
        )

    def search(
        words: str,
        on_part: Callable[[BrowsePage], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> StopsAsking:
        return desk.bridge.device_tools.ask(
            Tool.SEARCH,
            device.driver,
            device.connection,
            SearchSubject(words),
            on_part=on_part,
            on_done=lambda _: on_done(),
            on_failed=on_failed,
            owner=dialog,
            hardware_id=desk.hardware_id,
        )

    dialog: BrowseDialog = BrowseDialog(
        device.name or "new device",
        children,
        search if tools.search is not None else None,
        desk.quantities,
        device.tags,
        desk.themes,
        desk.parent,
    )
    dialog.tags_made.connect(desk.add_tags)
    dialog.open()
    return dialog
