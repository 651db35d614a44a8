"""Uploads a version from the first file chosen to the draft, one at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from console.bridge.bridge import Bridge
from console.bridge.upload_work import AddDraft, Looked, Passage, Sent, ask_upload_terms, looked_at, send
from console.panels.alerts.order_answer import close_form, refuse_in_form
from console.panels.firmware.seals import SealedBy, judged
from console.panels.firmware.upload_dialog import UploadDialog
from console.widgets.theme import ThemeSource
from models.records.firmware import VersionId

if TYPE_CHECKING:
    from models.firmware.signed_files import FirmwareFiles
    from models.firmware_upload import UploadTerms

_Found = tuple[Looked, tuple[SealedBy, ...]]


class UploadDesk(QObject):
    """What is slow goes beside, or to the database; what it says comes back into the dialog.

    Attributes:
        said: One sentence about what came of it.
        settled: There is another version.
    """

    said = Signal(str)
    settled = Signal()

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, window: QWidget) -> None:
        """Store what is needed; `window` is what the dialog is shown over."""
        super().__init__(window)
        self._bridge, self._themes, self._window = bridge, theme_source, window
        self._dialog: UploadDialog | None = None
        self._passage: Passage | None = None
        self._generation = 0
        self._name = ""
        # Nobody is left to whom an upload could say what came of it.
        self.destroyed.connect(lambda: _stop(self._passage))

    @property
    def dialog(self) -> UploadDialog | None:
        """The upload that stands open."""
        return self._dialog if self._dialog is not None and isValid(self._dialog) else None

    def open(self) -> UploadDialog | None:
        """Open the dialog, where this run can prove images and none is open."""
        if self.dialog is not None or self._bridge.firmware_judge is None:
            return None
        dialog = self._dialog = UploadDialog(self._themes, self._window, time.monotonic)
        dialog.files_changed.connect(self._look)
        dialog.submitted.connect(self._begin)
        dialog.finished.connect(self._forget)
        dialog.open()
        return dialog

    # -- private ---------------------------------------------------------------------------------------

    def _look(self) -> None:
        dialog, judge = self.dialog, self._bridge.firmware_judge
        self._generation += 1
        generation, files = self._generation, self._files()
        if dialog is None or judge is None:
            return
        if files is None:
            dialog.show_looked(None, ())
            return
        dialog.show_looking()

        def look(terms: UploadTerms) -> None:
            self._bridge.beside(lambda: found(terms), take, self)

        def found(terms: UploadTerms) -> _Found:
            looked = looked_at(files, judge, terms)
            if looked.signed is None or looked.trusted is None:
                return looked, ()
            return looked, judged(looked.signed.data, looked.signed.signatures, looked.trusted)

        def take(seen: _Found) -> None:
            if generation == self._generation and self.dialog is dialog:
                looked = seen[0]
                self._name = "" if looked.manifest is None else looked.manifest.full_version
                dialog.show_looked(*seen)

        def fail(sentence: str) -> None:
            if generation == self._generation and self.dialog is dialog:
                dialog.show_fault(sentence)

        self._bridge.ask(ask_upload_terms, look, fail, self)

    def _begin(self) -> None:
        dialog, judge, files = self.dialog, self._bridge.firmware_judge, self._files()
        if dialog is None or judge is None or files is None:
            return
        passage = self._passage = Passage()
        dialog.follow(passage)
        self._bridge.ask(
            # Anew: another may have added a version since the files were looked at.
            ask_upload_terms,
            lambda terms: self._bridge.beside(
                lambda: send(files, judge, terms, passage), lambda sent: self._add(dialog, sent), self
            ),
            lambda sentence: self._refuse(dialog, sentence),
            self,
        )

    def _add(self, dialog: UploadDialog, sent: Sent) -> None:
        if sent.fault:
            self._refuse(dialog, sent.fault)
            return
        name = self._name

        def done(_id: VersionId) -> None:
            close_form(dialog)
            self.said.emit(f"{name} is a draft; it can be rolled out once it is released.")
            self.settled.emit()

        self._bridge.command(AddDraft(sent), done, lambda sentence: self._refuse(dialog, sentence), self)

    def _refuse(self, dialog: UploadDialog, sentence: str) -> None:
        refuse_in_form(dialog, sentence, self.said.emit)

    def _files(self) -> FirmwareFiles | None:
        from models.firmware.signed_files import FirmwareFiles

        dialog = self.dialog
        image = None if dialog is None else dialog.image.path
        if dialog is None or image is None:
            return None
        return FirmwareFiles(image, dialog.manifest.path, dialog.notes.path)

    def _forget(self) -> None:
        _stop(self._passage)
        self._dialog = None


def _stop(passage: Passage | None) -> None:
    if passage is not None:
        passage.stop.set()
