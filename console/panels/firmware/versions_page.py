"""The tab of versions: all that there are, and the selected one in full."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.panels.firmware.firmware_questions import AskVersions, VersionsNow
from console.panels.firmware.seals import VersionRow
from console.panels.firmware.upload_desk import UploadDesk
from console.panels.firmware.version_orders import VersionOrders
from console.panels.firmware.version_pane import RELEASE, VersionPane
from console.panels.firmware.versions_model import WIDTHS, VersionsModel
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.firmware import FirmwareVersion, VersionStatus
from models.records.person import Role
from models.records.rights import Action

_SAID_MS = 15_000
_PANE_PX = 340
_ADVICE = (
    "Firmware is signed on a release computer with main.py firmware sign. Upload sends image and manifest to "
    "the store, and adds the version as a draft."
)


class VersionsPage(QWidget):
    """Asked anew whenever it is shown and after each change from here."""

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float]) -> None:
        super().__init__()
        self.setObjectName("firmware-versions")
        self._bridge = bridge
        self._known = VersionsNow((), 1)
        self._is_asking = self._is_answered = False
        self._orders = VersionOrders(bridge, theme_source, self)
        self._uploads = UploadDesk(bridge, theme_source, self)
        self._upload = QPushButton("&Upload…")
        self._model = VersionsModel(now, self)
        self._table = make_table("versions", "Versions of firmware")
        self._pane = VersionPane()
        self._summary = plain_label()
        self._said = plain_label()
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._empty = EmptyState(
            theme_source,
            "mdi6.file-certificate-outline",
            "Loading…",
            _ADVICE,
        )
        self._stack = QStackedWidget()
        self._lay_out()
        self._table.selectionModel().selectionChanged.connect(self._show_pane)
        self._pane.wanted.connect(self._on_wanted)
        self._orders.said.connect(self.say)
        self._orders.settled.connect(self.refresh)
        self._uploads.said.connect(self.say)
        self._uploads.settled.connect(self.refresh)
        self._upload.clicked.connect(self._uploads.open)
        self._forget_said.timeout.connect(lambda: self.say(""))

    @property
    def released(self) -> tuple[FirmwareVersion, ...]:
        """What may be rolled out, as told last."""
        return tuple(row.version for row in self._known.rows if row.version.status is VersionStatus.RELEASED)

    @property
    def pane(self) -> VersionPane:
        """The selected version."""
        return self._pane

    @property
    def uploads(self) -> UploadDesk:
        """What uploads."""
        return self._uploads

    def is_populated(self) -> bool:
        """Tell whether versions have been told."""
        return self._is_answered

    def focus_list(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Ask anew; what is shown stays meanwhile."""
        if not self._is_asking:
            self._is_asking = True
            self._bridge.ask(AskVersions(self._bridge.firmware_judge), self._take, self._on_unanswered, self)

    def show_versions(self, now: VersionsNow) -> None:
        """Show these."""
        self._is_answered = True
        self._known = now
        kept = self._selected()
        self._model.show_rows(now.rows)
        if kept is None and now.rows:
            self._table.selectRow(0)
        self._stack.setCurrentIndex(0 if now.rows else 1)
        self._empty.set_text("No version yet", _ADVICE)
        drafts = sum(row.version.status is VersionStatus.DRAFT for row in now.rows)
        words = count_text(len(now.rows), "version") + (f" · {count_text(drafts, 'draft')}" if drafts else "")
        self._summary.setText(f"{words} · {now.fault}" if now.fault else words)
        self._show_pane()

    def say(self, sentence: str) -> None:
        """Say what came of something, for some seconds."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._said.setVisible(bool(sentence))
        self._forget_said.start()

    # -- private ---------------------------------------------------------------------------------------

    def _take(self, now: VersionsNow) -> None:
        self._is_asking = False
        self.show_versions(now)

    def _on_unanswered(self, sentence: str) -> None:
        self._is_asking, self._is_answered = False, True
        if self._bridge.link.is_window_live:
            self.say(sentence)

    def _selected(self) -> VersionRow | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _show_pane(self) -> None:
        row = self._selected()
        self._pane.setVisible(row is not None)
        may_add = self._bridge.may_somewhere(Action.DEPLOY_FIRMWARE)
        self._upload.setVisible(may_add and self._bridge.firmware_judge is not None)
        if row is not None:
            self._pane.show_version(
                row,
                self._known.needed,
                may_change=self._may_change(row.version),
                may_release=self._bridge.firmware_judge is not None,
            )

    def _may_change(self, version: FirmwareVersion) -> bool:
        person = self._bridge.person
        if person is None or not self._bridge.may_somewhere(Action.DEPLOY_FIRMWARE):
            return False
        return person.role is Role.ADMIN or version.created_by == person.id

    def _on_wanted(self, name: str) -> None:
        row = self._selected()
        if row is not None and self._may_change(row.version):
            act = self._orders.release if name == RELEASE else self._orders.deprecate
            act(row.version)

    def _lay_out(self) -> None:
        self._summary.setObjectName("versions-summary")
        self._summary.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._summary.setWordWrap(True)
        self._said.setObjectName("versions-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._said.hide()
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        splitter = QSplitter(Qt.Orientation.Horizontal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 8, 4, 4)
        layout.setSpacing(8)
        self._upload.setObjectName("versions-upload")
        self._upload.hide()
        top = QHBoxLayout()
        top.addWidget(self._summary, 1)
        top.addWidget(self._upload)
        layout.addLayout(top)
        layout.addWidget(self._said)
        layout.addWidget(self._stack, 1)
        self._stack.addWidget(splitter)
        splitter.addWidget(self._table)
        splitter.addWidget(self._pane)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([800, _PANE_PX])
        splitter.setChildrenCollapsible(False)
        self._pane.setMinimumWidth(300)
        self._stack.addWidget(self._empty)
        self._stack.setCurrentIndex(1)
