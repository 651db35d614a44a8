"""Takes one device as a template: its thresholds for others that measure the same."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.catalogue.threshold_fields import condition_text
from console.panels.limits.limit_rows import LimitRow
from console.panels.limits.lines_view import LinesView
from console.panels.limits.many_edits import Order, can_take, copy_order, counted
from console.panels.limits.order_dialogs import OrderDialog
from console.panels.wording import SEVERITY_WORDS, count_text
from console.widgets.theme import ThemeSource
from models.records.device import Device
from models.records.threshold import RuleKind
from models.threshold_words import metric_label

_LISTS_PX = 190
_LINES = 6
_ROLE = Qt.ItemDataRole.UserRole


class CopyDialog(OrderDialog):
    """Tick what to take and who gets it; the list below says what will be different."""

    pending = "Copying…"

    def __init__(
        self,
        template: Device,
        sources: Sequence[LimitRow],
        devices: Sequence[Device],
        all_rows: Sequence[LimitRow],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        """Lay the form out.

        Args:
            template: Whose thresholds are taken.
            sources: Its thresholds; those selected in the list are ticked.
            devices: Who may get them: the person may change their thresholds.
            all_rows: What there is.
            theme_source: The theme in use.
            parent: Whose window is blocked meanwhile.
        """
        title = f"{template.name} is the template: its limits for other devices that measure the same."
        super().__init__("limits-copy", title, "Copy", theme_source, parent)
        self._sources = sources
        self._all_rows = all_rows
        self._devices = {device.id: device for device in devices if device.id != template.id}
        self._order = Order((), ())
        self._what = _list("limits-copy-what", "Limits to copy")
        self._who = _list("limits-copy-who", "Devices that get them")
        self._search = QLineEdit()
        self._search.setObjectName("limits-copy-search")
        self._search.setAccessibleName("Search devices")
        self._search.setPlaceholderText("Search devices")
        self._search.setClearButtonEnabled(True)
        self._all = QPushButton("Tick all shown")
        self._all.setObjectName("limits-copy-all")
        self._all.setAutoDefault(False)
        self._replace = QCheckBox("&Replace the settings where a device has such a limit already")
        self._replace.setObjectName("limits-copy-replace")
        self._lines = LinesView("limits-copy-lines", "What will be different", _LINES)
        self._fill()
        self._lay_out()
        self._what.itemChanged.connect(self._on_what)
        self._who.itemChanged.connect(self._follow)
        self._search.textChanged.connect(self._narrow)
        self._all.clicked.connect(self._tick_all)
        self._replace.toggled.connect(self._follow)
        self._on_what()
        self._search.setFocus()

    def order(self) -> Order:
        """Return what is asked for now."""
        self.told = f"{count_text(len(self._order.edits), 'limit')} copied."
        return self._order

    def refuse(self, sentence: str) -> None:
        """Say why it was not stored."""
        super().refuse(sentence)
        self._follow()

    # -- private ---------------------------------------------------------------------------------------

    def _fill(self) -> None:
        for place, row in enumerate(self._sources):
            threshold = row.threshold
            words = f"{_said(row)} · {SEVERITY_WORDS[threshold.severity]}"
            _add(self._what, words, place, is_ticked=True)
        for device in self._devices.values():
            _add(self._who, f"{device.name} · {device.location or 'No area'}", device.id)

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        left.addWidget(QLabel("Take these limits"))
        left.addWidget(self._what)
        right.addWidget(QLabel("Give them to"))
        row = QHBoxLayout()
        row.addWidget(self._search, 1)
        row.addWidget(self._all)
        right.addLayout(row)
        right.addWidget(self._who)
        holder = QWidget()
        both = QHBoxLayout(holder)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(16)
        both.addLayout(left, 1)
        both.addLayout(right, 1)
        holder.setFixedHeight(_LISTS_PX + 60)
        holder.setMinimumWidth(680)
        for part in (holder, self._replace, self._lines):
            self.add_widget(part)

    def _chosen(self) -> list[LimitRow]:
        return [self._sources[item.data(_ROLE)] for item in _ticked(self._what)]

    def _on_what(self) -> None:
        """Offer only devices that can take something of what is ticked."""
        chosen = self._chosen()
        for place in range(self._who.count()):
            item = self._who.item(place)
            device = self._devices[item.data(_ROLE)]
            fits = any(can_take(device, row.threshold) for row in chosen)
            flags = item.flags()
            is_enabled = bool(flags & Qt.ItemFlag.ItemIsEnabled)
            if fits != is_enabled:
                item.setFlags(flags ^ Qt.ItemFlag.ItemIsEnabled)
                if not fits:
                    item.setCheckState(Qt.CheckState.Unchecked)
        self._follow()

    def _narrow(self, typed: str) -> None:
        words = typed.casefold().split()
        for place in range(self._who.count()):
            item = self._who.item(place)
            item.setHidden(not all(word in item.text().casefold() for word in words))

    def _tick_all(self) -> None:
        self._who.blockSignals(True)
        for place in range(self._who.count()):
            item = self._who.item(place)
            if not item.isHidden() and item.flags() & Qt.ItemFlag.ItemIsEnabled:
                item.setCheckState(Qt.CheckState.Checked)
        self._who.blockSignals(False)
        self._follow()

    def _follow(self) -> None:
        targets = [self._devices[item.data(_ROLE)] for item in _ticked(self._who)]
        chosen = self._chosen()
        self._order = copy_order(chosen, targets, self._all_rows, is_replacing=self._replace.isChecked())
        if not chosen or not targets:
            self._lines.show_lines(["Tick at least one limit and one device."])
        else:
            self._lines.show_lines([counted(self._order, "added or changed"), *self._order.lines])
        self._go.setEnabled(bool(self._order.edits))
        self._go.setText(f"Copy to {count_text(len(targets), 'device')}")


def _said(row: LimitRow) -> str:
    threshold = row.threshold
    condition = condition_text(threshold, row.quantities)
    if threshold.rule.is_of_device:
        return condition[:1].upper() + condition[1:]
    sign = "" if threshold.rule in (RuleKind.LIMIT, RuleKind.RATE_OF_CHANGE) else ":"
    return f"{metric_label(threshold.metric, row.quantities)}{sign} {condition}"


def _list(name: str, accessible_name: str) -> QListWidget:
    made = QListWidget()
    made.setObjectName(name)
    made.setAccessibleName(accessible_name)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made


def _add(into: QListWidget, words: str, data: int, *, is_ticked: bool = False) -> None:
    item = QListWidgetItem(words)
    item.setData(_ROLE, data)
    item.setToolTip(words)
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked)
    into.addItem(item)


def _ticked(of: QListWidget) -> list[QListWidgetItem]:
    items = [of.item(place) for place in range(of.count())]
    return [item for item in items if item.checkState() is Qt.CheckState.Checked]
