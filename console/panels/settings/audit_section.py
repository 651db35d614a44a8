"""Audit: who changed what, newest first, with filters, export and verification."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt
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

from console.panels.elided_label import ElidedLabel
from console.panels.settings.audit_details import AuditDetails
from console.panels.settings.audit_filter_bar import AuditFilterBar
from console.panels.settings.audit_model import PAGE, AuditModel, Column
from console.panels.settings.audit_parts import Known
from console.panels.settings.audit_questions import AskChoices, AskPage, Choices, ExportTrail, VerifyTrail
from console.panels.settings.audit_words import verdict_text
from console.panels.settings.file_name import ask_path
from console.panels.settings.section import Section, Surroundings
from console.panels.settings.trail_task import TrailTask
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.task_line import TaskLine
from console.widgets.whole_row import WholeRowDelegate
from console.widgets.yielding_columns import YieldingColumns
from models.records.audit import AuditEntry, AuditVerdict
from models.records.rights import Action

_WIDTHS = (112, 96, 72, 100, 150, 116)
_LEAST_CHANGE_PX = 64
_SHOWN_FROM_PX = {Column.WORKSTATION: 640}
"""What the pane beside the trail says, too, goes where the window is narrow."""
_AHEAD_ROWS = 100


class AuditSection(Section):
    """For administrators: what scrolls into view is read page by page."""

    key: ClassVar[str] = "audit"
    title: ClassVar[str] = "Audit"
    icon: ClassVar[str] = "mdi6.clipboard-text-clock-outline"
    needs: ClassVar[Action | None] = Action.SEE_AUDIT

    def __init__(
        self, around: Surroundings, *, choose_file: Callable[[QWidget, str, str], Path | None] = ask_path
    ) -> None:
        """Store what is needed; `choose_file` asks where something shall be saved."""
        super().__init__(around)
        self._choose_file = choose_file
        self._generation = 0
        self._is_asking = False
        self._failure = ""
        self._task: TrailTask | None = None
        self._model = AuditModel(self.now, self._ask_more, self._known, self)
        self._table = make_table("audit-table-view", "Audit trail")
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, Column.CHANGES, _LEAST_CHANGE_PX)
        YieldingColumns(self._table, _SHOWN_FROM_PX)
        self._filters = AuditFilterBar(self._table, self.now, self)
        self._details = AuditDetails(self.theme_source, self._known)
        self._summary = ElidedLabel()
        self._export = QPushButton("E&xport…")
        self._verify = QPushButton("&Verify")
        self._newest = QPushButton("&Newest")
        self._line = TaskLine("audit-task")
        self._none = EmptyState(self.theme_source, "mdi6.filter-off-outline", "Nothing found", "", "Show all")
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> AuditModel:
        """The table's model."""
        return self._model

    @property
    def task_line(self) -> TaskLine:
        """What is said about export and verification."""
        return self._line

    def refresh(self) -> None:
        """Read the newest page, unless the person has gone down into the past, and the choices."""
        self.bridge.ask(AskChoices(), self._take_choices, lambda _sentence: None, self)
        if self._table.verticalScrollBar().value() == 0:
            self.reload()

    def reload(self) -> None:
        """Begin again at the newest entry."""
        self._generation += 1
        self._is_asking = False
        self._ask(None)

    def focus_first(self) -> None:
        """Put the keyboard on the trail."""
        self._table.setFocus()

    def is_populated(self) -> bool:
        """Tell whether an entry is listed."""
        return self._model.rowCount() > 0

    # -- export and verification -----------------------------------------------------------------------

    def export(self) -> None:
        """Ask where, then save what the filter lets through."""
        if self._task is not None:
            return
        path = self._choose_file(self, "audit.csv", "Tables (*.csv);;JSON (*.json)")
        if path is not None:
            task = self._begin("Exporting", 0)
            question = ExportTrail(self._filters.chosen, path, task.tell, task.stop)
            self.bridge.ask(question, self._end, self._end, self)

    def verify(self) -> None:
        """Compute every hash again."""
        if self._task is None:
            task = self._begin("Verifying", self._model.newest_seq)
            seen = partial(self.bridge.audit_anchors, self.bridge.session.state.place)
            self.bridge.ask(VerifyTrail(seen, task.tell, task.stop), self._take_verdict, self._end, self)

    def _begin(self, words: str, total: int) -> TrailTask:
        self._task = task = TrailTask(words, total, self)
        # Queued by itself: `moved` is emitted on the worker.
        task.moved.connect(self._on_moved)
        self._line.begin(f"{words} the trail…")
        self._enable()
        return task

    def _on_moved(self, done: int) -> None:
        task = self._task
        if task is not None and not task.stop.is_set():
            self._line.show_progress(
                f"{task.words} the trail: {count_text(done, 'entry', 'entries')}…", done, max(task.total, 0)
            )

    def _take_verdict(self, verdict: AuditVerdict) -> None:
        self._end(verdict_text(verdict))

    def _end(self, sentence: str) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.deleteLater()
        self._line.say(sentence)
        self._enable()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.stop.set()
            self._line.begin("Stopping…")

    def _enable(self) -> None:
        for button in (self._export, self._verify):
            button.setEnabled(self._task is None)

    # -- pages -----------------------------------------------------------------------------------------

    def _ask_more(self) -> None:
        if not self._is_asking and not self._model.is_complete:
            self._ask(self._model.oldest_seq)

    def _ask(self, after: int | None) -> None:
        self._is_asking = True
        generation = self._generation
        self._show_count()

        def take(page: list[AuditEntry]) -> None:
            if generation != self._generation:
                return
            self._is_asking, self._failure = False, ""
            if after is None:
                self._begin_anew(page)
            else:
                self._model.add_page(page)
            self._show_count()

        def fail(sentence: str) -> None:
            if generation == self._generation:
                self._is_asking, self._failure = False, sentence
                self._show_count()

        self.bridge.ask(AskPage(self._filters.chosen, PAGE, after), take, fail, self)

    def _begin_anew(self, page: list[AuditEntry]) -> None:
        shown = self._selected()
        self._model.set_page(page)
        row = None if shown is None else self._model.row_of(shown.seq)
        if self._model.rowCount():
            self._table.selectRow(row or 0)
            self._table.scrollToTop()
        self._follow_selection()

    def _take_choices(self, choices: Choices) -> None:
        self._filters.set_choices(choices)

    def _on_scrolled(self, value: int) -> None:
        # The next page is asked for before the end is reached, so that scrolling never waits for it.
        last_seen = self._table.rowAt(self._table.viewport().height() - 1)
        if value and last_seen >= self._model.rowCount() - _AHEAD_ROWS:
            self._ask_more()

    def _selected(self) -> AuditEntry | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.entry_at(rows[0].row()) if rows else None

    def _follow_selection(self) -> None:
        self._details.show_entry(self._selected())

    def _show_count(self) -> None:
        count = self._model.rowCount()
        words = f"{count_text(count, 'entry', 'entries')}, newest first"
        if not self._model.is_complete:
            words = f"{words}; scroll down for older ones"
        if self._failure:
            words = self._failure
        elif not count:
            words = "Loading…" if self._is_asking else "No entries"
        self._summary.setText(words)
        is_empty = not count and not self._is_asking and not self._failure
        self._stack.setCurrentIndex(1 if is_empty else 0)
        is_narrowed = self._filters.is_narrowed
        self._none.set_text(
            "Nothing found" if is_narrowed else "Nothing recorded yet",
            "No entry of the trail passes this filter."
            if is_narrowed
            else "Whatever people and stations change from now on appears here.",
        )

    def _lay_out(self) -> None:
        self._summary.setObjectName("audit-summary")
        self._summary.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._export.setObjectName("audit-export")
        self._verify.setObjectName("audit-verify")
        self._verify.setToolTip("Compute every hash again, and name the first entry that was tampered with")
        self._newest.setObjectName("audit-newest")
        self._newest.setToolTip("Read the list again from the newest entry")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._summary, 1)
        for button in (self._newest, self._export, self._verify):
            top.addWidget(button)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._table)
        self._stack.addWidget(holder)
        self._stack.addWidget(self._none)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._filters)
        column.addWidget(self._line)
        column.addWidget(self._stack, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self._details)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([722, 282])
        splitter.setChildrenCollapsible(False)
        self._details.setMinimumWidth(270)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(splitter)

    def _connect(self) -> None:
        self._filters.changed.connect(self.reload)
        self._none.acted.connect(self._filters.clear)
        self._export.clicked.connect(self.export)
        self._verify.clicked.connect(self.verify)
        self._newest.clicked.connect(self.reload)
        self._line.cancelled.connect(self._stop)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._show_count()

    def _known(self) -> Known:
        catalogue = self.bridge.catalogue
        return Known(
            {one.id: f"{one.name} ({one.device_id})" for one in catalogue.devices}, catalogue.quantities
        )
