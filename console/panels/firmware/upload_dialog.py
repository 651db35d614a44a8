"""A version in the making: its files, what they say and who signed it, and how far the upload is."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from console.bridge.upload_work import Looked, Passage
from console.panels.firmware.facts_form import FactsForm
from console.panels.firmware.notes_view import NotesView
from console.panels.firmware.path_field import ChooseFile, PathField
from console.panels.firmware.seals import SealedBy
from console.panels.firmware.upload_words import offer_facts, passage_words, verdict_words
from console.panels.limits.file_choice import ask_open_path
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.form_dialog import FormDialog
from console.widgets.labelled_row import LabelledRow
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource

_TYPED_MS = 200
_LOOK_MS = 150
_SIZE = QSize(960, 620)
_STEPS = 1000
_ANY = ";;All files (*)"
_TITLE = (
    "A signed image is proved on this computer and sent to the store. Its version is a draft then: nothing "
    "changes at any device before somebody releases it and a rollout brings it there."
)


class UploadDialog(FormDialog):
    """Shows and asks; whoever opened it looks at files, sends and adds.

    Attributes:
        files_changed: Other files are typed or chosen.
    """

    files_changed = Signal()

    def __init__(
        self,
        theme_source: ThemeSource,
        parent: QWidget,
        monotonic: Callable[[], float],
        choose: ChooseFile = ask_open_path,
    ) -> None:
        super().__init__("version-upload", _TITLE, "Upload", theme_source, parent)
        self._monotonic = monotonic
        self._passage: Passage | None = None
        self._bytes = 0
        self.image = PathField(
            "upload-image", "Choose an image", "Images (*.bin *.img *.fw)" + _ANY, "path of the image", choose
        )
        self.manifest = PathField(
            "upload-manifest",
            "Choose the signed manifest",
            "Manifests (*.manifest)" + _ANY,
            "beside the image",
            choose,
        )
        self.notes = PathField(
            "upload-notes", "Choose release notes", "Texts (*.md *.txt)" + _ANY, "none", choose
        )
        self._files = QWidget()
        self._facts = FactsForm("upload")
        self._shown_notes = NotesView("upload-notes-shown")
        self._verdict = plain_label()
        self._bar = QProgressBar()
        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._lay_out()
        for field in (self.image, self.manifest, self.notes):
            field.line.textChanged.connect(self._on_typed)
        self._typed.timeout.connect(self.files_changed)
        self._look.timeout.connect(self._show_passage)
        self.show_looked(None, ())
        self.resize(_SIZE)
        self.image.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_looking(self) -> None:
        """Say that files are being read."""
        self._say_verdict("Reading the files…")
        self._go.setEnabled(False)

    def show_looked(self, looked: Looked | None, seals: tuple[SealedBy, ...]) -> None:
        """Show what files offer; only what has no fault can be uploaded."""
        self._facts.show_facts(offer_facts(looked, seals))
        self._shown_notes.show_notes((looked.notes if looked else "") or "*No release notes.*")
        self._say_verdict(verdict_words(looked))
        self._bytes = looked.manifest.size if looked is not None and looked.manifest is not None else 0
        self._show_said("")
        self._go.setEnabled(looked is not None and not looked.fault)

    def show_fault(self, sentence: str) -> None:
        """Say why nothing could be looked at."""
        self.show_looked(None, ())
        self._say_verdict(sentence)

    def follow(self, passage: Passage) -> None:
        """Show how far an upload is, from now on."""
        self._passage = passage
        self.set_busy("")
        self._files.setEnabled(False)
        self._bar.setVisible(True)
        self._cancel.setText("Stop")
        self._cancel.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_passage()
        self._look.start()

    def refuse(self, sentence: str) -> None:
        """Say why it was not uploaded; everything typed is still there."""
        self._end_passage()
        super().refuse(sentence)

    def reject(self) -> None:
        """Stop what is under way, and stay to say what came of it; else close."""
        if self._passage is None:
            super().reject()
            return
        self._passage.stop.set()
        self._show_passage()

    def sizeHint(self) -> QSize:
        """Room for facts and notes side by side."""
        return _SIZE

    # -- private ---------------------------------------------------------------------------------------

    def _on_typed(self) -> None:
        self._go.setEnabled(False)
        self._typed.start()

    def _say_verdict(self, sentence: str) -> None:
        self._verdict.setText(sentence)
        self._verdict.setAccessibleName(sentence)

    def _show_passage(self) -> None:
        passage = self._passage
        if passage is None:
            return
        self._bar.setRange(0, _STEPS if passage.leg else 0)
        self._bar.setValue(round(_STEPS * passage.done / max(self._bytes, 1)))
        if passage.stop.is_set():
            self._show_said("Stopping; what was sent is taken away…")
            self._cancel.setEnabled(False)
            return
        elapsed_s = self._monotonic() - passage.began_s
        self._show_said(passage_words(passage.leg, passage.done, self._bytes, elapsed_s))

    def _end_passage(self) -> None:
        self._passage = None
        self._look.stop()
        self._bar.hide()
        self._files.setEnabled(True)
        self._cancel.setText("Cancel")
        self._cancel.setEnabled(True)

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self._files)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        for label, field, help_text in (
            ("&Image", self.image, "What devices are sent."),
            ("Signed &manifest", self.manifest, "As main.py firmware sign wrote it; its .sig lies beside."),
            ("Release &notes", self.notes, "Markdown, for whoever plans a rollout."),
        ):
            field.line.setAccessibleName(label.replace("&", ""))
            rows.addWidget(LabelledRow(label, field, field.line, self.theme_source, "", help_text))
        self._verdict.setObjectName("upload-verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._bar.setObjectName("upload-bar")
        self._bar.setAccessibleName("How far the upload is")
        self._bar.setTextVisible(False)
        self._bar.hide()
        facts = QWidget()
        facts.setLayout(self._facts)
        self._facts.setContentsMargins(0, 0, 8, 0)
        scroll = QScrollArea()
        scroll.setObjectName("upload-facts")
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(facts)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(16)
        row.addWidget(scroll, 1)
        row.addWidget(self._shown_notes, 1)
        both.setMinimumHeight(310)
        self.add_widget(self._files)
        self.add_widget(self._verdict)
        self.add_widget(both)
        self.add_widget(self._bar)
