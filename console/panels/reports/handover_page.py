"""Shift handover: drafted by the program, completed and signed by two people, kept as it was signed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from PySide6.QtCore import Qt, Signal
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
from console.bridge.handover_commands import WriteHandover
from console.panels.reports.handover_model import HandoverModel, HandoverRow, rows_of
from console.panels.reports.handover_orders import HandoverOrders
from console.panels.reports.handover_view import HandoverView
from console.panels.reports.report_document import handover_html
from console.panels.reports.report_questions import AskDraft, AskHandovers
from console.panels.reports.report_words import moments_text
from console.panels.wording import moment_from_unix
from console.widgets.data_table import make_table, set_columns
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.handover import Handover, HandoverDraft, HandoverSection, HandoverState
from models.site_zone import zone_of

_WIDTHS = (62, 96, 104, 160)
_LIST_PX = 430


class HandoverPage(QWidget):
    """The list on the left, the handover chosen on the right.

    Attributes:
        said: One sentence about what was done, or why not.
        print_wanted: HTML and a title, to be saved as PDF.
    """

    said = Signal(str)
    print_wanted = Signal(str, str)

    def __init__(self, bridge: Bridge, theme_source: ThemeSource, now: Callable[[], float]) -> None:
        """Store what is needed. `now`: Unix seconds."""
        super().__init__()
        self.setObjectName("reports-handover")
        self._bridge = bridge
        self._themes = theme_source
        self._now = now
        self._generation = 0
        self._drafted_at: datetime | None = None
        self._shown: HandoverRow | None = None
        self._is_loaded = False
        self._is_edited = False
        self._model = HandoverModel(self)
        self._table = make_table("handover-list", "Handovers")
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        self._title = plain_label()
        self._state = plain_label()
        self._view = HandoverView(theme_source)
        self._orders = HandoverOrders(bridge, theme_source, self)
        self._save = _button("handover-save", "Save dra&ft")
        self._renew = _button("handover-renew", "&Look again")
        self._sign = _button("handover-sign-open", "Sign and &hand over…")
        self._take = _button("handover-take", "&Take over…")
        self._back = _button("handover-back", "Take signature &back")
        self._discard = _button("handover-discard", "&Discard…")
        self._print = _button("handover-print", "&Print as PDF…")
        self._pages = QStackedWidget()
        self._lay_out()
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.activated.connect(self._view.focus_first)
        self._view.edited.connect(self._on_edited)
        self._orders.said.connect(self.said)
        self._orders.settled.connect(self._read_again)
        self._orders.closed.connect(self._table.setFocus)
        for button, act in (
            (self._save, self.save),
            (self._renew, self.look_again),
            (self._sign, self.sign),
            (self._take, self.take_over),
            (self._back, self.take_back),
            (self._discard, self.discard),
            (self._print, self._ask_print),
        ):
            button.clicked.connect(act)
        self._enable()

    @property
    def table_model(self) -> HandoverModel:
        """The list's model."""
        return self._model

    @property
    def view(self) -> HandoverView:
        """What is shown of the handover chosen."""
        return self._view

    def refresh(self) -> None:
        """Read the list again; a draft that is being written stays as it is."""
        self._bridge.ask(AskHandovers(), self._take_list, self.said.emit, self)

    def is_populated(self) -> bool:
        """Tell whether a handover is shown."""
        return self._is_loaded and self._drafted_at is not None

    def focus_first(self) -> None:
        """Put the keyboard on the list."""
        self._table.setFocus()

    # -- what people do --------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep the draft with its notes."""
        command = self._written()
        if command is not None:
            self._orders.save(command)

    def look_again(self) -> None:
        """Find anew what there is to hand over; notes stay."""
        row = self._shown
        if row is not None and self._is_own_draft(row):
            self._ask_draft(row, self._view.sections)

    def sign(self) -> None:
        """Sign as who hands over, and the person taking over at the same window where they are there."""
        command = self._written()
        if command is not None:
            self._orders.hand_over(command)

    def take_over(self) -> None:
        """Take over what waits: as the person signed in, or with e-mail and password of somebody else."""
        kept = self._kept
        if kept is not None:
            self._orders.take_over(kept)

    def take_back(self) -> None:
        """Take the own signature back."""
        kept = self._kept
        if kept is not None:
            self._orders.take_back(kept)

    def discard(self) -> None:
        """Throw the own draft away, after a question."""
        kept = self._kept
        if kept is not None:
            self._orders.discard(kept)

    def document(self) -> tuple[str, str]:
        """Return what is shown as HTML, and its title; two empty texts while nothing is."""
        row = self._shown
        if row is None or self._drafted_at is None:
            return "", ""
        zone = self._bridge.alarm_settings.time_zone
        kept = None if self._is_edited else row.kept
        html = handover_html(row.shift, self._drafted_at, self._view.sections, zone, kept)
        day = row.shift.began_at.astimezone(zone_of(zone))
        return html, f"Shift handover {row.shift.name} {day:%Y-%m-%d}"

    @property
    def _kept(self) -> Handover | None:
        return self._shown.kept if self._shown else None

    def _ask_print(self) -> None:
        html, title = self.document()
        if html:
            self.print_wanted.emit(html, title)

    def _written(self) -> WriteHandover | None:
        row = self._shown
        if row is None or self._drafted_at is None:
            return None
        return WriteHandover(row.shift, self._drafted_at, self._view.sections)

    # -- what is shown ---------------------------------------------------------------------------------

    def _read_again(self, kept: Handover | None) -> None:
        """Show what came of an order: the list anew, with that handover chosen."""
        self._is_edited = False
        self._shown = None if kept is None else HandoverRow(kept.shift, kept)
        self.refresh()

    def _take_list(self, kept: Sequence[Handover]) -> None:
        self._is_loaded = True
        person = self._bridge.person
        settings = self._bridge.alarm_settings
        self._model.zone = zone_of(settings.time_zone)
        now = moment_from_unix(self._now())
        rows = rows_of(kept, settings, now, person.id if person else 0)
        wanted = self._shown.key if self._shown else None
        self._model.show_rows(rows)
        place = self._model.row_of(wanted) if wanted is not None else None
        self._pages.setCurrentIndex(0)
        if place is None:
            self._shown = None
            self._table.clearSelection()
            self._table.selectRow(0)
        elif self._model.row_at(place) != self._shown or not self._table.selectionModel().hasSelection():
            self._table.selectRow(place)
            self._show(self._model.row_at(place))
        elif self._drafted_at is None or not self._is_edited:
            self._show(self._model.row_at(place))

    def _follow_selection(self) -> None:
        rows = self._table.selectionModel().selectedRows()
        row = self._model.row_at(rows[0].row()) if rows else None
        if row is not None and (self._shown is None or row.key != self._shown.key):
            self._show(row)

    def _show(self, row: HandoverRow) -> None:
        self._generation += 1
        self._shown = row
        self._is_edited = False
        self._drafted_at = None
        if row.kept is None:
            self._view.show_sections((), is_editable=False)
            self._ask_draft(row, ())
        else:
            self._drafted_at = row.kept.drafted_at
            self._view.show_sections(row.kept.sections, is_editable=self._is_own_draft(row))
        self._enable()

    def _ask_draft(self, row: HandoverRow, before: Sequence[HandoverSection]) -> None:
        self._generation += 1
        generation = self._generation
        self._state.setText("Looking what there is to hand over…")
        notes = {section.key: section.note for section in before}

        def take(draft: HandoverDraft) -> None:
            if generation != self._generation:
                return
            self._drafted_at = draft.drafted_at
            sections = [replace(part, note=notes.get(part.key, "")) for part in draft.sections]
            self._view.show_sections(sections, is_editable=True)
            self._is_edited = bool(before)
            self._enable()

        def fail(sentence: str) -> None:
            if generation == self._generation:
                self._state.setText(sentence)

        self._bridge.ask(AskDraft(row.shift, moment_from_unix(self._now())), take, fail, self)

    def _on_edited(self) -> None:
        self._is_edited = True
        self._enable()

    def _is_own_draft(self, row: HandoverRow) -> bool:
        person = self._bridge.person
        kept = row.kept
        return kept is None or (
            kept.state is HandoverState.DRAFT and person is not None and kept.written_by_id == person.id
        )

    def _enable(self) -> None:
        row, person = self._shown, self._bridge.person
        kept = row.kept if row else None
        is_ready = row is not None and self._drafted_at is not None
        is_draft = is_ready and row is not None and self._is_own_draft(row)
        is_waiting = kept is not None and kept.state is HandoverState.WAITING
        is_mine = (
            kept is not None and kept.outgoing is not None and person is not None
        ) and kept.outgoing.person_id == person.id
        for button, is_shown in (
            (self._save, is_draft),
            (self._renew, is_draft),
            (self._sign, is_draft),
            (self._take, is_waiting),
            (self._back, is_waiting and is_mine),
            (self._discard, is_draft and kept is not None),
            (self._print, is_ready),
        ):
            button.setVisible(is_shown)
        if row is None:
            self._title.setText("")
            self._state.setText("")
            return
        zone = zone_of(self._bridge.alarm_settings.time_zone)
        when = moments_text(row.shift.began_at, row.shift.ends_at, zone)
        self._title.setText(f"{row.shift.name} shift, {when}")
        if is_ready:
            self._state.setText(self._state_words(kept, zone))

    def _state_words(self, kept: Handover | None, zone: tzinfo) -> str:
        at = self._drafted_at.astimezone(zone) if self._drafted_at else None
        found = f"Found at {at.day} {at:%b %H:%M} ({zone}). " if at else ""
        if kept is None:
            return f"{found}Add notes, then sign it together with the person taking over."
        if kept.outgoing is None:
            changed = ", changed since it was kept" if self._is_edited else ""
            return f"{found}Draft of {kept.written_by}{changed}."
        signed = kept.outgoing.at.astimezone(zone)
        first = f"Handed over by {kept.outgoing.name} on {signed.day} {signed:%b %H:%M}"
        if kept.incoming is None:
            return f"{found}{first}; waits for the person taking over."
        taken = kept.incoming.at.astimezone(zone)
        return (
            f"{first}, taken over by {kept.incoming.name} on {taken.day} {taken:%b %H:%M}. It never changes."
        )

    def _lay_out(self) -> None:
        self._title.setObjectName("handover-title")
        self._title.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._title.setContentsMargins(12, 0, 0, 0)
        self._state.setObjectName("handover-state")
        self._state.setWordWrap(True)
        self._state.setContentsMargins(12, 0, 0, 0)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 0, 0, 0)
        buttons.setSpacing(8)
        for button in (self._sign, self._take, self._save, self._renew, self._back, self._discard):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._print)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(self._pages)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        self._pages.addWidget(splitter)
        splitter.addWidget(self._table)
        right = QWidget()
        splitter.addWidget(right)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._state)
        column.addWidget(self._view, 1)
        column.addLayout(buttons)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LIST_PX, 780])
        splitter.setChildrenCollapsible(False)
        self._pages.addWidget(
            EmptyState(self._themes, "mdi6.clipboard-clock-outline", "Loading handovers…", "")
        )
        self._pages.setCurrentIndex(1)


def _button(name: str, words: str) -> QPushButton:
    button = QPushButton(words)
    button.setObjectName(name)
    return button
