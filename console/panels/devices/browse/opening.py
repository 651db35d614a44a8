"""Opening the browser for the device in the form."""

from collections.abc import Callable

from console.panels.devices.asking import StopsAsking
from console.panels.devices.browse.browse_dialog import BrowseDialog
from console.panels.devices.desk import Desk
from drivers.questions import BrowseSubject, SearchSubject
from drivers.workbench import BrowsePage, Tool


def open_browser(desk: Desk) -> BrowseDialog:
    """Open it. The protocol offers `Tool.BROWSE`."""
    device = desk.device()

    def children(
        node: str, more: str, on_done: Callable[[BrowsePage], None], on_failed: Callable[[str], None]
    ) -> StopsAsking:
        subject = BrowseSubject(node, more)
        return desk.ask(device, Tool.BROWSE, subject, on_done=on_done, on_failed=on_failed, owner=dialog)

    def search(
        words: str,
        on_part: Callable[[BrowsePage], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> StopsAsking:
        return desk.ask(
            device,
            Tool.SEARCH,
            SearchSubject(words),
            on_part=on_part,
            on_done=lambda _: on_done(),
            on_failed=on_failed,
            owner=dialog,
        )

    dialog: BrowseDialog = BrowseDialog(
        device.name or "new device",
        children,
        search if desk.tools().search is not None else None,
        desk.quantities,
        device.tags,
        desk.themes,
        desk.parent,
    )
    dialog.tags_made.connect(desk.add_tags)
    dialog.open()
    return dialog
