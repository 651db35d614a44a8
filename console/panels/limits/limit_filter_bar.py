"""The row above the list of thresholds: search, severities, metric, rule, state."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from console.panels.keyboard import LeaveFilter
from console.panels.limits.limit_rows import LimitFilter, Service
from console.panels.wording import SEVERITY_WORDS
from console.widgets.choice_combo import ChoiceCombo
from models.quantities import THE_SIX, Quantities
from models.records.threshold import RuleKind, Severity
from models.threshold_words import RULE_WORDS


class LimitFilterBar(QWidget):
    """Narrows the list; nothing chosen shows everything.

    Attributes:
        changed: Another filter (LimitFilter).
    """

    changed = Signal(object)

    def __init__(self, table: QWidget, parent: QWidget) -> None:
        """Lay it out; Enter and Escape in the search lead to `table`."""
        super().__init__(parent)
        self._search = QLineEdit()
        self._search.setObjectName("limits-search")
        self._search.setAccessibleName("Search limits")
        self._search.setPlaceholderText("Search  (Ctrl+F)")
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(140)
        self._severities = {severity: QPushButton(SEVERITY_WORDS[severity]) for severity in Severity}
        rules = [("All rules", None), *((words, rule) for rule, words in RULE_WORDS.items())]
        self._metric = ChoiceCombo("limits-metric", "Only this metric", _metrics(THE_SIX))
        self._rule = ChoiceCombo("limits-rule", "Only this rule", rules)
        states = [(service.value, service) for service in Service]
        self._service = ChoiceCombo("limits-service", "Only this state", states)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._search, 1)
        for severity, button in self._severities.items():
            button.setObjectName(f"limits-severity-{severity}")
            button.setAccessibleName(f"Only {button.text().casefold()}")
            button.setToolTip(f"Show only: {button.text().casefold()}")
            button.setCheckable(True)
            button.toggled.connect(self._announce)
            layout.addWidget(button)
        for combo in (self._metric, self._rule, self._service):
            combo.currentIndexChanged.connect(self._announce)
            layout.addWidget(combo)
        self._search.textChanged.connect(self._announce)
        LeaveFilter(self._search, table)
        shortcut = QShortcut(QKeySequence.StandardKey.Find, parent)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._search.setFocus)

    @property
    def narrowed(self) -> LimitFilter:
        """The filter now set."""
        rule = self._rule.currentData()  # Qt keeps the text of an enumeration only
        return LimitFilter(
            self._search.text(),
            frozenset(severity for severity, button in self._severities.items() if button.isChecked()),
            self._metric.currentData(),
            None if rule is None else RuleKind(rule),
            Service(self._service.currentData()),
        )

    def offer(self, quantities: Quantities) -> None:
        """Offer these metrics and signals; what is chosen stays chosen while there is such a one."""
        if self._metric.offer(_metrics(quantities)):
            self._announce()

    def search(self, typed: str) -> None:
        """Show what these words find."""
        self.clear()
        self._search.setText(typed)

    def clear(self) -> None:
        """Show everything."""
        self._search.clear()
        for button in self._severities.values():
            button.setChecked(False)
        for combo in (self._metric, self._rule, self._service):
            combo.setCurrentIndex(0)

    def _announce(self) -> None:
        self.changed.emit(self.narrowed)


def _metrics(quantities: Quantities) -> list[tuple[str, str | None]]:
    return [("All metrics", None), *((quantity.label, quantity.key) for quantity in quantities.all)]
