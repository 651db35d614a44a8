"""The column beside the metrics: limits, connection and tags of one device, as quiet rows of words."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from console.panels.device_face.device_facts import (
    condition_of,
    connection_rows,
    ordered_limits,
    tag_rows,
    threshold_rows,
)
from console.panels.elided_label import ElidedLabel
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_label, plain_tip
from console.widgets.theme import ThemeSource
from models.quantities import THE_SIX, Quantities
from models.records.device import Device
from models.records.threshold import Severity, Threshold, ThresholdId
from models.threshold_words import metric_label

_ARROW_PX = 24


def heading(text: str) -> QLabel:
    """Make the title of a section."""
    label = QLabel(text)
    label.setFont(text_font(14, QFont.Weight.DemiBold))
    return label


class FactTables(QWidget):
    """Three sections below each other; rebuilt when the catalogue or the device changes.

    Attributes:
        limit_wanted: The person wants to see or change a limit (Threshold); a new one has the number 0.
        why_wanted: The person wants to follow a value from the device to the database.
    """

    limit_wanted = Signal(object)
    why_wanted = Signal()

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = theme_source
        self._muted: list[QLabel] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._body: QWidget | None = None
        self._quantities = THE_SIX
        theme_source.changed.connect(self._theme_changed)

    def show_device(
        self,
        device: Device,
        thresholds: Sequence[Threshold],
        quantities: Quantities = THE_SIX,
        *,
        may_add: bool = False,
    ) -> None:
        """Show how a device is judged and reached; `may_add` = the person may give it more limits."""
        self._quantities = quantities
        if self._body is not None:
            self._layout.removeWidget(self._body)
            self._body.hide()
            self._body.deleteLater()
        self._muted = []
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        limits = [
            (label, "\n".join((words, " · ".join((severity, *delays)))))
            for severity, label, words, delays in threshold_rows(thresholds, quantities)
        ]
        tags = [(label, f"{address}\n{scaling}") for label, address, scaling in tag_rows(device, quantities)]
        # Half a limit is a wrong one.
        grid = self._add(column, "Limits", limits, "No limits are set for this device.", is_whole=True)
        if grid is not None:
            self._add_buttons(grid, ordered_limits(thresholds, quantities))
        if may_add:
            column.addWidget(self._adder(device), alignment=Qt.AlignmentFlag.AlignLeft)
        self._add(column, "Connection", connection_rows(device), "")
        column.addWidget(self._follower(), alignment=Qt.AlignmentFlag.AlignLeft)
        self._add(column, "Tags", tags, "No tags are configured; import them with “device import”.")
        self._layout.addWidget(self._body)
        self._theme_changed()

    def _add_buttons(self, grid: QGridLayout, limits: Sequence[Threshold]) -> None:
        """Put a way to each limit beside it."""
        for row, limit in enumerate(limits):
            button = QToolButton()
            button.setText("›")
            button.setObjectName(f"device-limit-{limit.id}")
            label = metric_label(limit.metric, self._quantities)
            words = f"Open the limit: {label} {condition_of(limit, self._quantities)}"
            button.setAccessibleName(words)
            button.setToolTip(plain_tip(words))
            button.setAutoRaise(True)
            button.setFixedSize(_ARROW_PX, _ARROW_PX)
            button.clicked.connect(lambda _=False, limit=limit: self.limit_wanted.emit(limit))
            grid.addWidget(button, 2 * row, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)

    def _adder(self, device: Device) -> QPushButton:
        button = QPushButton("Add a limit…")
        button.setObjectName("device-add-limit")
        measured = {tag.metric for tag in device.tags}
        metrics = self._quantities.all
        metric = next((known.key for known in metrics if known.key in measured), metrics[0].key)
        new = Threshold(ThresholdId(0), device.id, metric, None, None, Severity.WARNING)
        button.clicked.connect(lambda: self.limit_wanted.emit(new))
        return button

    def _follower(self) -> QPushButton:
        button = QPushButton("Follow a value…")
        button.setObjectName("device-follow")
        button.setToolTip("From the device to the database: what was asked, answered, decoded and stored")
        button.clicked.connect(self.why_wanted)
        return button

    def _add(
        self,
        column: QVBoxLayout,
        title: str,
        rows: Sequence[tuple[str, str]],
        none: str,
        *,
        is_whole: bool = False,
    ) -> QGridLayout | None:
        if column.count():
            column.addSpacing(10)
        column.addWidget(heading(title))
        if not rows:
            column.addWidget(QLabel(none))
            return None
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(rows):
            first, *rest = value.split("\n")
            label = ElidedLabel(name)
            label.setFixedWidth(92)
            self._muted.append(label)
            text = _whole(first) if is_whole else ElidedLabel(first)
            grid.addWidget(label, 2 * row, 0, alignment=Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, 2 * row, 1)
            if rest:
                more = plain_label(rest[0])
                more.setFont(text_font(11))
                more.setWordWrap(True)
                self._muted.append(more)
                grid.addWidget(more, 2 * row + 1, 1)
        column.addLayout(grid)
        return grid

    def _theme_changed(self) -> None:
        for label in self._muted:
            label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")


def _whole(text: str) -> QLabel:
    label = plain_label(text)
    label.setWordWrap(True)
    return label
