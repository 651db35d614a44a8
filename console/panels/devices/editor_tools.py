"""What the form asks of the device itself: dialogs of its actions, certificates, serial ports, values."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.bridge.bridge import Bridge
from console.panels.devices.certificate_dialog import CertificateDialog
from console.panels.devices.connection_page import ConnectionPage
from console.panels.devices.desk import Desk
from console.panels.devices.device_actions import DEVICE_ACTIONS
from console.panels.devices.editor_subject import EditorSubject
from console.panels.devices.live_preview import LivePreview, PreviewPlan
from console.panels.devices.tags_page import TagsPage
from console.widgets.theme import ThemeSource
from drivers.questions import SERIAL_PORTS, SerialPort
from models.quantities import Quantities
from models.records.device import Device, Tag


class EditorTools(QObject):
    """Belongs to one editor, whose form it reads and fills; nothing is stored by it."""

    def __init__(
        self,
        editor: QWidget,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        page: ConnectionPage,
        tags: TagsPage,
        subject: Callable[[], EditorSubject | None],
        typed: Callable[[], Device],
        faults: Callable[[], Mapping[str, str]],
        quantities: Callable[[], Quantities],
        add_tags: Callable[[Sequence[Tag]], None],
    ) -> None:
        """Store the form and what it says.

        Args:
            editor: Over which dialogs open.
            bridge: The way to the station.
            theme_source: The theme in use.
            now: Unix seconds.
            page: Connection.
            tags: Tags.
            subject: What is edited.
            typed: The device as it stands in the form.
            faults: What is wrong with it, by place.
            quantities: What can be measured here.
            add_tags: Puts tags below the others, and shows them.
        """
        super().__init__(editor)
        self._editor, self._bridge, self._themes, self._now = editor, bridge, theme_source, now
        self._page, self._tags = page, tags
        self._subject, self._typed, self._faults = subject, typed, faults
        self._quantities, self._add_tags = quantities, add_tags
        self._preview = LivePreview(bridge, self._plan, self)
        self.dialog: QWidget | None = None
        page.fetch_wanted.connect(self._fetch)
        page.ports_wanted.connect(self._ask_ports)
        tags.looked_at.connect(self._on_looked_at)
        self._preview.read.connect(tags.show_live)
        self._preview.failed.connect(tags.say_live)

    def open_action(self, name: str) -> None:
        """Open the dialog of an action."""
        action = next(one for one in DEVICE_ACTIONS if one.name == name)
        if (desk := self._desk()) is not None:
            self.dialog = action.open(desk)

    def touch(self) -> None:
        """Something else is typed, or another device is shown."""
        self._on_looked_at(is_seen=self._tags.isVisible())
        self._preview.touch()

    def rest(self) -> None:
        """Nothing is edited any more."""
        self._preview.set_on(is_on=False)

    def _desk(self) -> Desk | None:
        subject = self._subject()
        if subject is None:
            return None
        return Desk(
            self._bridge,
            self._themes,
            self._now,
            self._editor,
            self._typed,
            subject.hardware_id,
            self._quantities(),
            subject.may_change,
            self._add_tags,
            self._page.set_setting,
        )

    def _fetch(self, name: str) -> None:
        if (desk := self._desk()) is not None:
            self.dialog = dialog = CertificateDialog(desk, partial(self._page.form.trust, name))
            dialog.open()

    def _ask_ports(self) -> None:
        def offer(ports: Sequence[SerialPort]) -> None:
            self._page.form.offer_ports([(port.device, port.description) for port in ports])

        self._bridge.device_tools.ask(SERIAL_PORTS, "", {}, on_done=offer, owner=self)

    def _plan(self) -> PreviewPlan | None:
        subject, spec = self._subject(), self._page.spec
        if subject is None or spec is None or not subject.may_change or self._page.form.faults:
            return None
        rows, faults = self._tags.table_model.rows, self._faults()
        readable = [row.address for place, row in enumerate(rows) if f"tags[{place}].address" not in faults]
        return PreviewPlan(self._typed(), subject.hardware_id, tuple(dict.fromkeys(filter(None, readable))))

    def _on_looked_at(self, is_seen: bool) -> None:  # noqa: FBT001 - Qt's signal
        subject = self._subject()
        self._preview.set_on(is_on=is_seen and subject is not None and subject.may_change)
