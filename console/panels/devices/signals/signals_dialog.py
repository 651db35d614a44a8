"""What the site measures beside the six metrics: looked at by everybody, added and changed by engineers."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.bridge.device_commands import AskOwners
from console.bridge.signal_commands import AddSignal, AskSignalUses, ChangeSignal, RemoveSignal
from console.panels.devices.signals.signal_form import SignalForm
from console.panels.devices.signals.signals_model import WIDTHS, Column, SignalRow, SignalsModel, rows_of
from console.panels.wording import count_text
from console.widgets import confirm
from console.widgets.confirm import Ask
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.rights import Action
from models.records.signal import Signal, SignalUses

_TITLE = "Signals of this site"
_ABOUT = (
    "A signal is a quantity beside the six metrics: flow, level, a counter, a state with names. Tags, "
    "limits, trends and exports treat it as one of the six."
)
_NONE = ("No signals yet", "The site measures the six metrics. Add what else its devices can tell.")
_NONE_MINE = (
    "No signals yet",
    "Engineers and administrators add what is measured beside the six metrics.",
)
_LEAST_STATES_PX = 120
_CONFIRMED_MS = 5_000
"""What is stored comes back within a moment; after so long the form closes, and the list follows."""
_SHOWN_USERS = 4


class SignalsDialog(QDialog):
    """The list follows the catalogue; a change is pending until it comes back with it."""

    def __init__(
        self, bridge: Bridge, theme_source: ThemeSource, parent: QWidget, ask: Ask = confirm.ask
    ) -> None:
        """Lay it out; `ask` shows a consequence and returns whether the person wants it."""
        super().__init__(parent)
        self.setObjectName("signals")
        self.setWindowTitle(_TITLE)
        self.setAccessibleName(_TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge, self._themes, self._ask = bridge, theme_source, ask
        self._people: Mapping[int, str] = {}
        self._form: SignalForm | None = None
        self._is_confirmed: Callable[[], bool] | None = None
        self._told = ""
        self._model = SignalsModel(self)
        self._table = make_table("signals-table", _TITLE)
        self._table.setSelectionMode(self._table.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, Column.STATES, _LEAST_STATES_PX)
        self._search = QLineEdit()
        self._said = plain_label()
        self._add = QPushButton("Add signal…  (Ins)")
        self._change = QPushButton("Change…  (Enter)")
        self._remove = QPushButton("Remove…  (Del)")
        self._close = QPushButton("Close")
        self._none = EmptyState(theme_source, "mdi6.sine-wave", *_NONE, "Add signal")
        self._none_mine = EmptyState(theme_source, "mdi6.sine-wave", *_NONE_MINE)
        self._stack = QStackedWidget()
        self._late = QTimer(self, singleShot=True, interval=_CONFIRMED_MS)
        self._lay_out()
        self._connect()
        self._follow()
        (self._table if self._model.all_rows else self._close).setFocus()
        bridge.ask(AskOwners(), self._take_people, lambda _sentence: None, self)

    @property
    def table_model(self) -> SignalsModel:
        """The table's model."""
        return self._model

    @property
    def form(self) -> SignalForm | None:
        """The form that is open, None where none is."""
        return self._form

    @property
    def said(self) -> str:
        """What came of the last order."""
        return self._said.text()

    def add_signal(self) -> None:
        """Open the form of a new signal."""
        if self._add.isVisibleTo(self) and self._form is None:
            self._open(SignalForm(None, self._known(), 0, self._themes, self))

    def change_signal(self) -> None:
        """Open the form of the selected signal."""
        row = self._chosen()
        if row is not None and self._may_change(row.signal) and self._form is None:
            self._open(SignalForm(row.signal, self._known(), len(row.devices), self._themes, self))

    def remove_signal(self) -> None:
        """Look what refers to the selected signal; ask before it goes, or say why it cannot."""
        row = self._chosen()
        if row is None or not self._may_change(row.signal):
            return
        signal = row.signal

        def show(uses: SignalUses) -> None:
            self.say(refusal(signal, uses))
            if not uses.devices and self._ask(self, _consequence(signal), "Remove signal", ()):
                self._order_removal(signal)

        self._bridge.ask(AskSignalUses(signal.key), show, self.say, self)

    def say(self, sentence: str) -> None:
        """Say what came of something."""
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)

    def sizeHint(self) -> QSize:
        """Every column at its width."""
        return QSize(sum(WIDTHS) + 64, 560)

    # -- orders ----------------------------------------------------------------------------------------

    def _open(self, form: SignalForm) -> None:
        self._form = form
        self.say("")
        form.submitted.connect(lambda: self._store(form))
        form.finished.connect(self._forget)
        form.open()

    def _forget(self) -> None:
        self._form = self._is_confirmed = None
        self._late.stop()
        self._table.setFocus()

    def _store(self, form: SignalForm) -> None:
        wanted, before = form.meant.signal, form.before
        if wanted == before:
            form.accept()
            return
        form.set_busy("Storing…")

        def is_there() -> bool:
            stored = self._bridge.catalogue.quantities.find(wanted.key)
            return isinstance(stored, Signal) and _is_same(stored, wanted)

        def take(_nothing: None) -> None:
            if self._form is form:
                verb = "was added; tags can name it now" if before is None else "was changed"
                self._await(is_there, f"{wanted.label} {verb}.")

        command = AddSignal(wanted) if before is None else ChangeSignal(before, wanted)
        self._bridge.command(command, take, form.refuse, form)

    def _order_removal(self, signal: Signal) -> None:
        self.say(f"Removing {signal.label}…")

        def is_gone() -> bool:
            return self._bridge.catalogue.quantities.signal(signal.id) is None

        def take(_nothing: None) -> None:
            self._await(is_gone, f"{signal.label} was removed; what was stored of it stays.")

        self._bridge.command(RemoveSignal(signal.key), take, self.say, self)

    def _await(self, is_confirmed: Callable[[], bool], told: str) -> None:
        """Leave an order pending until the catalogue says the same."""
        self._is_confirmed, self._told = is_confirmed, told
        self._late.start()
        self._look()

    def _look(self) -> None:
        if self._is_confirmed is not None and self._is_confirmed():
            self._conclude()

    def _conclude(self) -> None:
        self._late.stop()
        self._is_confirmed = None
        form, self._form = self._form, None
        if form is not None:
            form.accept()
        self.say(self._told)

    # -- what is shown ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Show what the catalogue says now, and what the person may do with it."""
        catalogue = self._bridge.catalogue
        chosen = self._chosen()
        self._model.set_rows(rows_of(catalogue.quantities, catalogue.devices, self._people))
        if chosen is None and self._model.rowCount():
            self._table.selectRow(0)
        may_add = self._bridge.may_somewhere(Action.CONFIGURE_DEVICES)
        is_empty = not self._model.all_rows
        self._stack.setCurrentIndex((1 if may_add else 2) if is_empty else 0)
        self._search.setVisible(not is_empty)
        for button in (self._add, self._change, self._remove):
            button.setVisible(may_add and (button is self._add or not is_empty))
        self._follow_selection()
        self._look()

    def _follow_selection(self) -> None:
        row = self._chosen()
        may = row is not None and self._may_change(row.signal)
        self._change.setEnabled(may)
        self._remove.setEnabled(may)
        foreign = "" if may or row is None else "Only who added it, or an administrator, can change it."
        for button in (self._change, self._remove):
            button.setToolTip(foreign)

    def _take_people(self, people: Mapping[int, str]) -> None:
        self._people = people
        self._follow()

    def _chosen(self) -> SignalRow | None:
        rows = self._table.selectionModel().selectedRows()
        return self._model.row_at(rows[0].row()) if rows else None

    def _known(self) -> dict[str, Signal]:
        return {signal.key: signal for signal in self._bridge.catalogue.quantities.signals}

    def _may_change(self, signal: Signal) -> bool:
        return self._bridge.may(Action.CONFIGURE_DEVICES, signal.user_id)

    def _narrow(self, typed: str) -> None:
        self._model.search(typed)
        if self._chosen() is None and self._model.rowCount():
            self._table.selectRow(0)
        self._follow_selection()

    def _lay_out(self) -> None:
        heading = plain_label(_TITLE)
        heading.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        about = plain_label(_ABOUT)
        about.setWordWrap(True)
        self._search.setObjectName("signals-search")
        self._search.setAccessibleName("Search signals")
        self._search.setPlaceholderText("Search label, key, unit, state, device  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._said.setObjectName("signals-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        self._said.setMinimumHeight(self._said.fontMetrics().lineSpacing())
        buttons = QHBoxLayout()
        for name, button in (("add", self._add), ("change", self._change), ("remove", self._remove)):
            button.setObjectName(f"signals-{name}")
            button.setAutoDefault(False)
            buttons.addWidget(button)
        self._close.setObjectName("signals-close")
        self._close.setAutoDefault(False)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        for page in (self._table, self._none, self._none_mine):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        for part in (heading, about, self._search):
            layout.addWidget(part)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._said)
        layout.addLayout(buttons)
        self.resize(self.sizeHint())

    def _connect(self) -> None:
        bridge = self._bridge
        for signal in (bridge.catalogue_changed, bridge.person_changed, bridge.session.changed):
            signal.connect(self._follow)
        self._late.timeout.connect(self._conclude)
        self._search.textChanged.connect(self._narrow)
        self._none.acted.connect(self.add_signal)
        self._add.clicked.connect(self.add_signal)
        self._change.clicked.connect(self.change_signal)
        self._remove.clicked.connect(self.remove_signal)
        self._close.clicked.connect(self.reject)
        self._table.doubleClicked.connect(lambda _index: self.change_signal())
        self._table.selectionModel().selectionChanged.connect(lambda *_: self._follow_selection())
        keys = {"Ins": self.add_signal, "Return": self.change_signal, "Enter": self.change_signal}
        for key, act in {**keys, "Del": self.remove_signal}.items():
            shortcut = QShortcut(QKeySequence(key), self._table)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self._search.setFocus)


def refusal(signal: Signal, uses: SignalUses) -> str:
    """Return why a signal cannot be removed; empty where nothing refers to it."""
    if not uses.devices:
        return ""
    shown = ", ".join(uses.devices[:_SHOWN_USERS])
    rest = len(uses.devices) - _SHOWN_USERS
    more = f" and {count_text(rest, 'other')}" if rest > 0 else ""
    limits = f", with {count_text(uses.limits, 'limit')}" if uses.limits else ""
    return f"{signal.label} is used by {shown}{more}{limits}. Take it out of tags and limits first."


def _consequence(signal: Signal) -> str:
    return (
        f"{signal.label} ({signal.key}) can no longer be named by tags and limits, for anybody. Nothing uses "
        "it now; what was stored of it stays in the database, and its key is free for another signal."
    )


def _is_same(stored: Signal, wanted: Signal) -> bool:
    """Tell whether two signals say the same; number and owner, which the database gives, aside."""
    return (stored.label, stored.unit, stored.decimals, stored.plausible, stored.span, stored.states) == (
        *(wanted.label, wanted.unit, wanted.decimals),
        *(wanted.plausible, wanted.span, wanted.states),
    )
