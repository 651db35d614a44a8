"""Stations: which programs may record for this site, and when each was heard of."""

from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.bridge.people_commands import SwitchStation
from console.panels.settings.page_parts import Advice
from console.panels.settings.people_questions import ListStations
from console.panels.settings.person_words import short_name
from console.panels.settings.section import Section, Surroundings
from console.panels.settings.stations_model import Column, StationsModel
from console.panels.wording import count_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.form_dialog import FormDialog
from console.widgets.whole_row import WholeRowDelegate
from models.records.account import StationAccount
from models.records.rights import Action

_WIDTHS = (220, 100, 150, 110, 140)
_SAID_MS = 15_000
_AGAIN_S = 5


class StationsSection(Section):
    """For administrators."""

    key: ClassVar[str] = "stations"
    title: ClassVar[str] = "Stations"
    icon: ClassVar[str] = "mdi6.server-network"
    needs: ClassVar[Action | None] = Action.MANAGE_STATIONS

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._dialog: FormDialog | None = None
        self._is_loaded = False
        self._seconds = 0
        self._model = StationsModel(self.now, self)
        self._table = make_table("stations-table", "Stations")
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, Column.NAME, _WIDTHS[Column.NAME])
        self._summary = QLabel()
        self._switch = QPushButton()
        self._said = QLabel()
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget_said.timeout.connect(self._said.clear)
        self._stack = QStackedWidget()
        self._lay_out()
        self._switch.clicked.connect(self.switch)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        key = QShortcut(QKeySequence("D"), self._table)
        key.setContext(Qt.ShortcutContext.WidgetShortcut)
        key.activated.connect(self.switch)
        self._follow_selection()

    @property
    def table_model(self) -> StationsModel:
        """The table's model."""
        return self._model

    def refresh(self) -> None:
        """Read every station anew."""
        self.bridge.ask(ListStations(), self._show, self._say, self)

    def on_second(self) -> None:
        """Ages tick; signs of life are not announced, so they are asked for."""
        self._model.repaint_all()
        self._seconds += 1
        if self._seconds % _AGAIN_S == 0:
            self.refresh()

    def focus_first(self) -> None:
        """Put the keyboard on the table, on its first row where none is chosen."""
        if self._selected() is None and self._model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def is_populated(self) -> bool:
        """Tell whether the list has been read."""
        return self._is_loaded

    def switch(self) -> None:
        """Ask whether the selected station shall be let in no longer, or again."""
        station = self._selected()
        if station is None or self._dialog is not None or station.id in self._model.pending:
            return
        name = short_name(station.name)
        if station.is_enabled:
            title = f"{name} will not be let in any more; what it has open ends at once."
            more = "Devices that it polls are not read until it is enabled again. What it recorded stays."
        else:
            title = f"{name} will be let in again, with the login it had."
            more = "It goes on with its devices by itself."
        verb = "Disable" if station.is_enabled else "Enable"
        self._dialog = dialog = FormDialog("station-switch", title, verb, self.theme_source, self)
        dialog.add_widget(Advice(more, self.theme_source))
        dialog.start_at_cancel()
        dialog.submitted.connect(partial(self._order, dialog, station))
        dialog.finished.connect(self._on_dialog_closed)
        dialog.open()

    def _order(self, dialog: FormDialog, station: StationAccount) -> None:
        words = "Disabling…" if station.is_enabled else "Enabling…"
        dialog.set_busy(words)
        self._model.set_pending(station.id, words)
        self._follow_selection()

        def take(_ended: int) -> None:
            self.bridge.ask(ListStations(), confirm, confirm_failed, self)

        def confirm(stations: list[StationAccount]) -> None:
            self._model.set_pending(station.id, "")
            self._show(stations)
            if self._dialog is dialog:
                dialog.accept()
            self._say(f"{short_name(station.name)} is {'disabled' if station.is_enabled else 'enabled'} now.")

        def confirm_failed(sentence: str) -> None:
            self._model.set_pending(station.id, "")
            if self._dialog is dialog:
                dialog.accept()
            self._say(f"It was done, but the list could not be read again: {sentence}")

        def refuse(sentence: str) -> None:
            self._model.set_pending(station.id, "")
            self._follow_selection()
            if self._dialog is dialog:
                dialog.refuse(sentence)
            else:
                self._say(sentence)

        self.bridge.command(SwitchStation(station.id, not station.is_enabled), take, refuse, self)

    def _on_dialog_closed(self) -> None:
        self._dialog = None
        self._table.setFocus()

    def _show(self, stations: list[StationAccount]) -> None:
        self._is_loaded = True
        self._model.set_stations(stations)
        if self._selected() is None and stations:
            self._table.selectRow(0)
        self._stack.setCurrentIndex(0 if stations else 1)
        self._follow_selection()

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._forget_said.start()

    def _selected(self) -> StationAccount | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _follow_selection(self) -> None:
        station = self._selected()
        verb = "Enable…" if station is not None and not station.is_enabled else "Disable…"
        self._switch.setText(f"{verb}  (D)")
        self._switch.setEnabled(station is not None and station.id not in self._model.pending)
        count = count_text(self._model.rowCount(), "station")
        self._summary.setText(count if self._is_loaded else "Loading…")

    def _lay_out(self) -> None:
        self._summary.setObjectName("stations-summary")
        self._summary.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._switch.setObjectName("stations-switch")
        self._said.setObjectName("stations-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        top = QHBoxLayout()
        top.addWidget(self._summary, 1)
        top.addWidget(self._switch)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._table)
        self._stack.addWidget(holder)
        self._stack.addWidget(
            EmptyState(
                self.theme_source,
                "mdi6.server-off",
                "No stations yet",
                "A station is enrolled on the computer that polls the devices; its command line says how.",
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._said)
