"""Users: who may sign in, as a table; what can be done about them, beside it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.bridge.people_commands import EndSessions, ResetPassword
from console.panels.alerts.three_way_sort import ThreeWaySort
from console.panels.keyboard import LeaveFilter
from console.panels.settings.file_name import ask_path
from console.panels.settings.people_model import PeopleModel
from console.panels.settings.people_questions import ExportPerson, ListPeople
from console.panels.settings.person_details import DEEDS, Deed, PersonDetails
from console.panels.settings.person_dialogs import (
    AddDialog,
    AnonymiseDialog,
    EditDialog,
    Order,
    PersonDialog,
    ResetDialog,
    RoleDialog,
    ShownOnce,
    SwitchDialog,
)
from console.panels.settings.person_rows import Column, summary
from console.panels.settings.section import Section, Surroundings
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.whole_row import WholeRowDelegate
from console.widgets.yielding_columns import YieldingColumns
from models.records.account import Account
from models.records.rights import Action

_WIDTHS = (146, 192, 102, 84, 112, 64)
_LEAST_NAME_PX = 96
_SHOWN_FROM_PX = {Column.SIGNED_IN: 586, Column.DEVICES: 650}
"""What the pane beside the table says, too, goes first where the window is narrow."""
_SAID_MS = 15_000
_DIALOGS: dict[Deed, type[RoleDialog | SwitchDialog | ResetDialog | AnonymiseDialog]] = {
    Deed.ROLE: RoleDialog,
    Deed.SWITCH: SwitchDialog,
    Deed.RESET: ResetDialog,
    Deed.ANONYMISE: AnonymiseDialog,
}


class UsersSection(Section):
    """For administrators. A change is pending until a list that was read after it has come back."""

    key: ClassVar[str] = "users"
    title: ClassVar[str] = "Users"
    icon: ClassVar[str] = "mdi6.account-multiple-outline"
    needs: ClassVar[Action | None] = Action.MANAGE_PEOPLE

    def __init__(
        self, around: Surroundings, *, choose_file: Callable[[QWidget, str, str], Path | None] = ask_path
    ) -> None:
        """Store what is needed; `choose_file` asks where something shall be saved."""
        super().__init__(around)
        self._choose_file = choose_file
        self._dialog: AddDialog | PersonDialog | None = None
        self._generation, self._shown_generation = 0, 0
        self._is_loaded = False
        self._wanted_id: int | None = None
        self._model = PeopleModel(self.now, self)
        self._table = make_table("users-table", "Users")
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, Column.NAME, _LEAST_NAME_PX)
        YieldingColumns(self._table, _SHOWN_FROM_PX)
        self._search = QLineEdit()
        self._details = PersonDetails(self.theme_source, self.now)
        self._summary = QLabel()
        self._said = QLabel()
        self._add = QPushButton("Add person…  (N)")
        self._none_found = EmptyState(
            self.theme_source, "mdi6.filter-off-outline", "Nobody matches", "", "Show all"
        )
        self._stack = QStackedWidget()
        # An answer to what was done before must not be read as one to what is done next.
        self._forget_said = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._forget_said.timeout.connect(self._said.clear)
        self._lay_out()
        self._connect()

    @property
    def table_model(self) -> PeopleModel:
        """The table's model."""
        return self._model

    @property
    def details(self) -> PersonDetails:
        """The pane beside the table."""
        return self._details

    def refresh(self) -> None:
        """Read everybody anew."""
        self._generation += 1
        self.bridge.ask(ListPeople(), partial(self._take, self._generation), self._say, self)

    def on_second(self) -> None:
        """Nothing here is younger than a minute, but midnight changes how moments read."""
        self._details.refresh()

    def focus_first(self) -> None:
        """Put the keyboard on the table, on its first row where none is chosen."""
        if self._selected() is None and self._model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def is_populated(self) -> bool:
        """Tell whether somebody is listed."""
        return self._model.rowCount() > 0

    # -- what a person can ask for ---------------------------------------------------------------------

    def add(self) -> None:
        """Open the form for somebody new."""
        self._open(AddDialog(self.theme_source, self))

    def do(self, deed: Deed) -> None:
        """Open the form of a deed for the person selected."""
        account = self._selected()
        if account is None or deed not in self._details.deeds:
            return
        if deed is Deed.EXPORT:
            self._export(account)
        elif deed is Deed.EDIT:
            is_self = account.id == self._own_id
            self._open(EditDialog(account, self.theme_source, self, is_self=is_self))
        else:
            self._open(_DIALOGS[deed](account, self.theme_source, self))

    # -- private ---------------------------------------------------------------------------------------

    @property
    def _own_id(self) -> int | None:
        return None if self.bridge.person is None else self.bridge.person.id

    def _open(self, dialog: AddDialog | PersonDialog) -> None:
        if self._dialog is not None:
            return
        self._dialog = dialog
        dialog.finished.connect(partial(self._on_dialog_closed, dialog))
        dialog.submitted.connect(partial(self._order, dialog))
        dialog.open()

    def _on_dialog_closed(self, dialog: AddDialog | PersonDialog, _result: int) -> None:
        if self._dialog is dialog:
            self._dialog = None
            self._take_keyboard_back()

    def _take_keyboard_back(self) -> None:
        # Of two forms one after the other, some window managers give the keyboard back to the first.
        self.window().activateWindow()
        self._table.setFocus()

    def _order(self, dialog: AddDialog | PersonDialog) -> None:
        order = dialog.order()
        dialog.set_busy(order.pending)
        self._say("")
        if order.person is not None:
            self._model.set_pending(order.person, order.pending)
            self._follow_selection()

        def take(result: int) -> None:
            if isinstance(order.command, ResetPassword):
                # Whoever knows the old password could have come in again before the new one was stored.
                nothing = lambda *_: None  # noqa: E731
                self.bridge.command(EndSessions(order.command.person.id), nothing, self._say, self)
            self._wanted_id = order.person or result
            self._confirm(dialog, order)

        def refuse(sentence: str) -> None:
            if order.person is not None:
                self._model.drop_pending(order.person)
            if self._dialog is dialog:
                dialog.refuse(sentence)
            else:
                self._say(sentence)
            # What was refused is often out of date: show what is stored now, in the form too.
            self.refresh()

        self.bridge.command(order.command, take, refuse, self)

    def _confirm(self, dialog: AddDialog | PersonDialog, order: Order) -> None:
        self._generation += 1
        generation = self._generation

        def end() -> None:
            if order.person is not None:
                self._model.drop_pending(order.person)
            if self._dialog is dialog:
                dialog.accept()
            if order.shown_once:
                once = ShownOnce(order.done, order.shown_once, self.theme_source, self)
                once.finished.connect(self._take_keyboard_back)
                once.open()

        def take(people: list[Account]) -> None:
            self._take(generation, people)
            self._wanted_id = None
            end()
            self._say(order.done)
            self._follow_selection()

        def fail(sentence: str) -> None:
            end()
            self._say(f"{order.done} The list could not be read again: {sentence}")

        self.bridge.ask(ListPeople(), take, fail, self)

    def _export(self, account: Account) -> None:
        path = self._choose_file(self, f"person-{account.id}.json", "JSON (*.json)")
        if path is not None:
            self._say("Collecting everything stored about this person…")
            self.bridge.ask(ExportPerson(account.id, path), self._say, self._say, self)

    def _take(self, generation: int, people: list[Account]) -> None:
        # Two workers answer; what was asked later is newer.
        if generation > self._shown_generation:
            self._shown_generation = generation
            self._show(people)

    def _show(self, people: list[Account]) -> None:
        self._is_loaded = True
        self._model.set_people(people)
        row = None if self._wanted_id is None else self._model.row_of(self._wanted_id)
        if row is not None:
            self._table.selectRow(row)
            self._table.scrollTo(self._model.index(row, 0))
        elif self._selected() is None and self._model.rowCount():
            self._table.selectRow(0)
        if isinstance(self._dialog, PersonDialog):
            about = self._dialog.account.id
            fresh = next((account for account in people if account.id == about), None)
            if fresh is not None and not self._dialog.is_busy:
                self._dialog.take_fresh(fresh)
        self._show_counts()
        self._follow_selection()

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)
        self._forget_said.start()

    def _selected(self) -> Account | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _follow_selection(self) -> None:
        account = self._selected()
        is_pending = account is not None and account.id in self._model.pending
        self._details.show_account(account, self._own_id, is_pending=is_pending)

    def _show_counts(self) -> None:
        people, shown = self._model.people, self._model.rowCount()
        self._summary.setText(summary(people, shown) if self._is_loaded else "Loading…")
        self._none_found.set_text(
            "Nobody matches", f"Nobody's name, e-mail, role or state holds “{self._search.text()}”."
        )
        self._stack.setCurrentIndex(1 if people and not shown else 0)

    def _lay_out(self) -> None:
        self._summary.setObjectName("users-summary")
        self._summary.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._said.setObjectName("users-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        # Whether something is said or not, the table above keeps its height.
        self._said.setMinimumHeight(self._said.fontMetrics().lineSpacing())
        self._add.setObjectName("users-add")
        self._search.setObjectName("users-search")
        self._search.setAccessibleName("Search users")
        self._search.setPlaceholderText("Search name, e-mail, role or state  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._summary, 1)
        top.addWidget(self._add)
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._table)
        self._stack.addWidget(holder)
        self._stack.addWidget(self._none_found)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self._search)
        column.addWidget(self._stack, 1)
        column.addWidget(self._said)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self._details)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([730, 254])
        splitter.setChildrenCollapsible(False)
        self._details.setMinimumWidth(240)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(splitter)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._narrow)
        self._none_found.acted.connect(self._search.clear)
        self._add.clicked.connect(self.add)
        self._details.wanted.connect(self.do)
        self._table.selectionModel().selectionChanged.connect(self._follow_selection)
        self._table.doubleClicked.connect(self._on_double_click)
        ThreeWaySort(self._table)
        LeaveFilter(self._search, self._table)
        # Single keys act only while the table has the keyboard, so that a search for "d" stays a search.
        for key, act in (
            ("N", self.add),
            ("Return", partial(self.do, Deed.EDIT)),
            ("Enter", partial(self.do, Deed.EDIT)),
            *((offered.key, partial(self.do, offered.deed)) for offered in DEEDS),
        ):
            shortcut = QShortcut(QKeySequence(key), self._table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._search.setFocus)
        self._show_counts()

    def _narrow(self, typed: str) -> None:
        self._model.set_filter(typed)
        self._show_counts()

    def _on_double_click(self, index: QModelIndex) -> None:
        self.do(Deed.EDIT)
