"""Beside the list: one threshold in full, with what an operator reads when it alerts."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFormLayout, QFrame, QPushButton, QScrollArea, QVBoxLayout, QWidget

from console.catalogue.threshold_fields import FIELD_BY_KEY, belongs, condition_text, label_of, shown
from console.catalogue.typed_number import text_from_seconds
from console.panels.limits.limit_rows import LimitRow, disabled_text
from console.panels.wording import SEVERITY_WORDS, count_text, moment_from_unix, moment_text
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.threshold import NO_GUIDANCE

_SHOWN = ("min", "max", "amount", "deadband", "on_delay", "off_delay")


class LimitDetails(QWidget):
    """Read only; the buttons above the list act.

    Attributes:
        device_wanted: The person wants to see the device (DeviceId).
    """

    device_wanted = Signal(object)

    def __init__(
        self, theme_source: ThemeSource, now: Callable[[], float], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("limit-details")
        self.setAccessibleName("Details of the selected limit")
        self._themes = theme_source
        self._now = now
        self._row: LimitRow | None = None
        self._title = plain_label()
        self._title.setObjectName("limit-title")
        self._title.setWordWrap(True)
        self._title.setFont(text_font(15, QFont.Weight.DemiBold))
        self._condition = plain_label()
        self._condition.setObjectName("limit-condition")
        self._condition.setWordWrap(True)
        self._body = QWidget()
        self._form = QVBoxLayout(self._body)
        self._form.setContentsMargins(0, 0, 8, 0)
        self._form.setSpacing(8)
        self._facts: QWidget | None = None
        self._open = QPushButton("Show device")
        self._open.setObjectName("limit-show-device")
        self._none = plain_label("Select a limit to see all of it.")
        self._none.setWordWrap(True)
        self._lay_out()
        self._open.clicked.connect(self._ask_for_device)
        theme_source.changed.connect(self.refresh)
        self.show_row(None)

    def show_row(self, row: LimitRow | None) -> None:
        """Show another threshold."""
        if row != self._row or row is None:
            self._row = row
            self.refresh()

    def refresh(self) -> None:
        """Write everything anew."""
        row = self._row
        self._area.setVisible(row is not None)
        self._none.setVisible(row is None)
        if self._facts is not None:
            self._form.removeWidget(self._facts)
            self._facts.hide()
            self._facts.deleteLater()
            self._facts = None
        if row is None:
            return
        self._title.setText(row.name)
        words = condition_text(row.threshold, row.quantities)
        self._condition.setText(f"{SEVERITY_WORDS[row.threshold.severity]} when {words}")
        self._facts = self._facts_of(row)
        self._form.insertWidget(2, self._facts)

    def _facts_of(self, row: LimitRow) -> QWidget:
        facts = QWidget()
        form = QFormLayout(facts)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(4)
        for name, words in self._lines(row):
            label = plain_label(name)
            label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
            value = plain_label(words)
            value.setWordWrap(True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            form.addRow(label, value)
        return facts

    def _lines(self, row: LimitRow) -> list[tuple[str, str]]:
        threshold, entry = row.threshold, row.entry
        now = moment_from_unix(self._now())
        lines = [
            (label_of(field, threshold.rule), shown(field, threshold, row.quantities))
            for field in (FIELD_BY_KEY[key] for key in _SHOWN)
            if belongs(field.key, threshold.rule) and field.get(threshold) is not None
        ]
        habits = [
            "stays until somebody resets it" if threshold.is_latching else "",
            "acknowledging needs a comment" if threshold.requires_comment else "",
            f"asks again after {text_from_seconds(threshold.realarm_s)}" if threshold.realarm_s else "",
        ]
        lines.append(("Alert", "; ".join(filter(None, habits)) or "ends by itself"))
        lines.append(("Came", f"{entry.alerts_7d:,} × in 7 days, {entry.alerts_30d:,} × in 30 days"))
        if entry.open_alerts:
            lines.append(("Now", f"{count_text(entry.open_alerts, 'alert')} open"))
        if not threshold.enabled:
            lines.append(("State", disabled_text(row, now)))
        lines.append(("Owner", entry.owner or "nobody"))
        by = f" by {entry.changed_by}" if entry.changed_by else ""
        lines.append(("Changed", f"{moment_text(entry.changed_at, now)}{by}"))
        guidance = threshold.guidance
        for name, words in (
            ("Cause", guidance.cause),
            ("Consequence", guidance.consequence),
            ("Action", guidance.action),
        ):
            if words:
                lines.append((name, words))
        if guidance.respond_within_s:
            lines.append(("Respond", f"within {text_from_seconds(guidance.respond_within_s)}"))
        if guidance == NO_GUIDANCE:
            lines.append(("Guidance", "none written: the operator is told nothing but the value"))
        return lines

    def _lay_out(self) -> None:
        self._form.addWidget(self._title)
        self._form.addWidget(self._condition)
        self._form.addWidget(self._open, alignment=Qt.AlignmentFlag.AlignLeft)
        self._form.addStretch(1)
        self._area = QScrollArea()
        self._area.setObjectName("limit-details-area")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.addWidget(self._none, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._area, 1)

    def _ask_for_device(self) -> None:
        if self._row is not None:
            self.device_wanted.emit(self._row.device.id)
