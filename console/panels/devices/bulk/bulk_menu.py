"""One button for everything that is done with many devices, or with what devices were before."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QMenu, QPushButton, QWidget

from console.bridge.bridge import Bridge
from console.panels.devices.bulk.bulk_questions import ExportDevices
from console.panels.devices.bulk.import_dialog import ImportDialog
from console.panels.devices.bulk.profile_dialog import ProfileDialog
from console.panels.devices.revisions.changes_dialog import ChangesDialog
from console.panels.devices.revisions.revisions_dialog import RevisionsDialog
from console.panels.devices.signals.signals_dialog import SignalsDialog
from console.panels.limits.file_choice import ask_open_path
from console.panels.settings.file_name import ask_path
from console.panels.wording import count_text
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.device import Device
from models.records.rights import Action

_READ = "Devices (*.xlsx *.csv *.json)"
_WRITE = "Workbooks (*.xlsx);;Tables (*.csv);;Documents (*.json)"


class BulkMenu(QObject):
    """Belongs to the window's thread. Button and line are put into the list by whoever makes it.

    Attributes:
        said: What came of something; one sentence.
    """

    said = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        selected: Callable[[], Sequence[Device]],
        parent: QWidget,
        *,
        ask: Ask = confirm.ask,
        choose_target: Callable[[QWidget, str, str], Path | None] = ask_path,
        choose_source: Callable[[QWidget, str], Path | None] = ask_open_path,
    ) -> None:
        """Store what is needed.

        Args:
            bridge: Questions and commands.
            theme_source: The theme in use.
            now: Unix seconds.
            selected: The devices that are selected at this moment.
            parent: Whose window dialogs stand over.
            ask: Shows a consequence and returns whether the person wants it.
            choose_target: Asks under which name something shall be saved.
            choose_source: Asks which file to read.
        """
        super().__init__(parent)
        self._bridge, self._themes, self._now, self._selected = bridge, theme_source, now, selected
        self._window = parent
        self._ask = ask
        self._choose_target, self._choose_source = choose_target, choose_source
        self._dialog: QDialog | None = None
        self.button = QPushButton("More")
        self.button.setObjectName("devices-many")
        self.button.setAccessibleName("More: import, export, profiles, history, undo, signals")
        self.line = plain_label()
        self.line.setObjectName("devices-many-said")
        self.line.setWordWrap(True)
        self.line.hide()
        self.menu = QMenu(self.button)
        self.menu.setObjectName("devices-many-menu")
        self.button.setMenu(self.menu)
        self.import_action = self._add("&Import from a file…", "import", self.import_file)
        self.profile_action = self._add("Add from a &profile…", "profile", self.add_from_profile)
        self.menu.addSeparator()
        self.export_action = self._add("&Export all…", "export", self.export_all)
        self.selected_action = self._add("Export &selected…", "export-selected", self.export_selected)
        self.menu.addSeparator()
        self.history_action = self._add("&History of this device…", "history", self.show_history)
        self.changes_action = self._add("&Undo a change or an import…", "changes", self.show_changes)
        self.menu.addSeparator()
        self.signals_action = self._add("Si&gnals of this site…", "signals", self.show_signals)
        self.menu.aboutToShow.connect(self.follow)
        self.said.connect(self._say)

    @property
    def dialog(self) -> QDialog | None:
        """The dialog that is open, None where none is."""
        return self._dialog

    def follow(self) -> None:
        """Offer what the person may do with what is selected."""
        may_change = self._bridge.may_somewhere(Action.CONFIGURE_DEVICES)
        chosen = self._selected()
        for action in (self.import_action, self.profile_action):
            action.setEnabled(may_change)
        self.export_action.setEnabled(bool(self._bridge.catalogue.devices))
        self.selected_action.setEnabled(bool(chosen))
        words = f"Export {count_text(len(chosen), 'device')}…" if chosen else "Export selected…"
        self.selected_action.setText(words.replace("Export", "Export &selected:", 1) if chosen else words)
        self.history_action.setEnabled(len(chosen) == 1)

    def import_file(self) -> None:
        """Ask for a file, and show what it would change."""
        path = self._choose_source(self._window, _READ)
        if path is not None:
            self.open_file(path)

    def open_file(self, path: Path) -> None:
        """Show what a file would change."""
        self._open(ImportDialog(path, self._bridge, self._themes, self._window))

    def add_from_profile(self) -> None:
        """Ask which product, and where the devices are."""
        from console.catalogue.profiles import load_profiles

        self._open(ProfileDialog(load_profiles(), self._bridge, self._themes, self._window))

    def export_all(self) -> None:
        """Write every device into a file."""
        self._export(None)

    def export_selected(self) -> None:
        """Write the selected devices into a file."""
        self._export(frozenset(device.device_id for device in self._selected()))

    def show_history(self) -> None:
        """Show what the selected device was before."""
        chosen = self._selected()
        if len(chosen) == 1:
            device = chosen[0]
            may = self._bridge.may(Action.CONFIGURE_DEVICES, device.user_id)
            self._open(
                RevisionsDialog(device, self._bridge, self._now, self._ask, self._window, may_restore=may)
            )

    def show_changes(self) -> None:
        """Show the last changes of all devices."""
        may = self._bridge.may_somewhere(Action.CONFIGURE_DEVICES)
        self._open(ChangesDialog(self._bridge, self._now, self._ask, self._window, may_undo=may))

    def show_signals(self) -> None:
        """Show what the site measures beside the six metrics."""
        self._open(SignalsDialog(self._bridge, self._themes, self._window, self._ask))

    def add_signal(self) -> None:
        """Open the form of a new signal, over the list of those there are."""
        dialog = SignalsDialog(self._bridge, self._themes, self._window, self._ask)
        self._open(dialog)
        dialog.add_signal()

    def _export(self, wanted: frozenset[str] | None) -> None:
        if self._bridge.is_locked:
            self.said.emit("The controls are locked; enter the password to save files.")
            return
        path = self._choose_target(self._window, "devices.xlsx", _WRITE)
        if path is not None:
            self.said.emit("Saving…")
            self._bridge.ask(ExportDevices(path, wanted), self.said.emit, self.said.emit, self)

    def _say(self, sentence: str) -> None:
        self.line.setText(sentence)
        self.line.setAccessibleName(sentence)
        self.line.setVisible(bool(sentence))

    def _add(self, words: str, name: str, act: Callable[[], None]) -> QAction:
        action = self.menu.addAction(words)
        action.setObjectName(f"devices-many-{name}")
        action.triggered.connect(lambda _checked=False: act())
        return action

    def _open(self, dialog: QDialog) -> None:
        self._dialog = dialog

        def forget(_result: int) -> None:
            if self._dialog is dialog:
                self._dialog = None

        dialog.finished.connect(forget)
        dialog.open()
