"""Releasing and deprecating versions, from the question before it to the sentence after."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.bridge.bridge import Bridge
from console.bridge.release_work import AskForRelease, ForRelease, prove
from console.bridge.rollout_commands import DeprecateVersion, MarkReleased
from console.panels.alerts.order_answer import close_form, refuse_in_form
from console.panels.firmware.versions_model import size_words
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource
from models.records.firmware import FirmwareVersion, VersionId


class VersionOrders(QObject):
    """One dialog at a time.

    Attributes:
        said: One sentence about what came of it.
        settled: A version is another.
    """

    said = Signal(str)
    settled = Signal()

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, window: QWidget) -> None:
        """Store what is needed; `window` is what the questions are shown over."""
        super().__init__(window)
        self._bridge, self._themes, self._window = bridge, theme_source, window
        self._dialog: FormDialog | None = None

    def release(self, version: FirmwareVersion) -> None:
        """Ask whether a version shall be released; it is verified on this computer first."""
        judge = self._bridge.firmware_judge
        if judge is None:
            return
        dialog = self._open(
            "version-release",
            f"{version.version} can be rolled out from then on. First this computer verifies its signatures "
            f"and every byte of its image ({size_words(version.size)}), which may take some minutes; what is "
            "not proved stays a draft.",
            "Verify and release",
        )
        if dialog is None:
            return

        def verify() -> None:
            dialog.set_busy("Reading what is stored…")
            self._bridge.ask(
                AskForRelease(version.version), fetch, lambda sentence: self._refuse(dialog, sentence), self
            )

        def fetch(found: ForRelease) -> None:
            if isValid(dialog):
                dialog.set_busy("Verifying signatures and image…")
            self._bridge.beside(
                lambda: prove(found, judge), lambda fault: self._mark(dialog, found.version, fault), self
            )

        dialog.submitted.connect(verify)

    def deprecate(self, version: FirmwareVersion) -> None:
        """Ask whether a version shall be rolled out no more."""
        dialog = self._open(
            "version-deprecate",
            f"No rollout of {version.version} can be planned or started any more, also no approved one. "
            "Devices that run it go on, and what is under way goes on.",
            "Deprecate",
        )
        if dialog is not None:
            dialog.submitted.connect(
                lambda: self._send(dialog, DeprecateVersion(version.id), f"{version.version} is deprecated.")
            )

    # -- private ---------------------------------------------------------------------------------------

    def _mark(self, dialog: FormDialog, version: FirmwareVersion, fault: str) -> None:
        if fault:
            self._refuse(dialog, fault)
        else:
            self._send(dialog, MarkReleased(version), f"{version.version} is released.")

    def _send(self, dialog: FormDialog, command: MarkReleased | DeprecateVersion, said: str) -> None:
        if isValid(dialog):
            dialog.set_busy("On its way…")

        def done(_id: VersionId) -> None:
            close_form(dialog)
            self.said.emit(said)
            self.settled.emit()

        self._bridge.command(command, done, lambda sentence: self._refuse(dialog, sentence), self)

    def _refuse(self, dialog: FormDialog, sentence: str) -> None:
        refuse_in_form(dialog, sentence, self.said.emit)

    def _open(self, name: str, consequence: str, verb: str) -> FormDialog | None:
        if self._dialog is not None:
            return None
        dialog = self._dialog = FormDialog(name, consequence, verb, self._themes, self._window)
        dialog.start_at_cancel()
        dialog.finished.connect(self._forget)
        dialog.open()
        return dialog

    def _forget(self) -> None:
        self._dialog = None
