"""The alert banner on top of every screen: the three most urgent, counts by severity, acknowledge."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.bridge.commands import AcknowledgeAlerts
from console.frame.banner_row import ROW_HEIGHT, BannerRow
from console.frame.severity_counts import SeverityCounts
from console.frame.urgency import SHOWN, counts_of, is_waiting, most_urgent
from console.panels.alerts.consequence import acknowledge_consequence, line_of
from console.panels.panel import Navigate
from console.panels.wording import count_text
from console.widgets.confirm import Confirm
from console.widgets.flash import FlashClock
from console.widgets.theme import ThemeSource
from models.records.alert import Alert, AlertId, AlertOutcome
from models.records.rights import Action

_LOW_BUTTON = "QPushButton { padding: 1px 10px; min-height: 0; } QPushButton:focus { padding: 0 9px; }"


class AlertBanner(QFrame):
    """Always visible; quiet when nothing is open. `told` carries sentences for the notice line."""

    told = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        flash: FlashClock,
        navigate: Navigate,
        now: Callable[[], float],
    ) -> None:
        super().__init__()
        self.setObjectName("alert-banner")
        self.setAccessibleName("Most urgent alerts")
        self.setAutoFillBackground(True)
        self._bridge = bridge
        self._themes = theme_source
        self._flash = flash
        self._navigate = navigate
        self._now = now
        self._pending: frozenset[AlertId] = frozenset()
        self._counts = SeverityCounts(theme_source)
        self._rows = tuple(BannerRow(place, theme_source, flash) for place in range(1, SHOWN + 1))
        self._buttons = tuple(self._make_button(row, place) for place, row in enumerate(self._rows, start=1))
        self._nothing = QLabel("No open alerts")
        self._nothing.setObjectName("banner-nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._all = QPushButton("Acknowledge all…")
        self._all.setObjectName("banner-acknowledge-all")
        self._all.setAccessibleName("Acknowledge the alerts shown in the banner")
        self._all.setToolTip("Acknowledge the alerts shown here, after a question (Alt+Shift+A)")
        self._all.setShortcut("Alt+Shift+A")
        self._all.clicked.connect(self._ask_about_all)
        self._list = QPushButton("Open list")
        self._list.setObjectName("banner-open-list")
        self._list.setAccessibleName("Show the list of alerts")
        self._list.clicked.connect(lambda: navigate("alerts"))
        self._lay_out()
        bridge.alerts_changed.connect(self._on_alerts_changed)
        theme_source.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.refresh()

    def refresh(self) -> None:
        """Show the bridge's alerts and their ages as of now. Called on change and once a second."""
        now = datetime.fromtimestamp(self._now(), UTC)
        shown = most_urgent(self._bridge.alerts)
        self._counts.show_counts(counts_of(self._bridge.alerts))
        self._nothing.setVisible(not shown)
        for index, (row, button) in enumerate(zip(self._rows, self._buttons, strict=True)):
            alert = shown[index] if index < len(shown) else None
            is_pending = alert is not None and alert.id in self._pending
            age_s = (now - alert.triggered_at).total_seconds() if alert else 0.0
            row.show_alert(alert, age_s, f"Acknowledging… {alert.message}" if alert and is_pending else "")
            row.setVisible(bool(shown))
            button.setVisible(alert is not None and self._can_acknowledge(alert))
            button.setEnabled(not is_pending)
            if alert is not None:
                button.setAccessibleName(f"Acknowledge {alert.device_name}: {alert.message}")
        waiting = [alert for alert in shown if self._can_acknowledge(alert)]
        self._all.setVisible(self._bridge.may_somewhere(Action.HANDLE_ALERTS))
        self._all.setText(f"Acknowledge {len(waiting)}…" if len(waiting) > 1 else "Acknowledge all…")
        self._all.setEnabled(len(waiting) > 1 and not self._pending)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line to what is below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._themes.theme.line)
        painter.end()

    def acknowledge_first(self) -> None:
        """Acknowledge the most urgent alert that waits; nothing where none does."""
        waiting = [alert.id for alert in most_urgent(self._bridge.alerts) if self._can_acknowledge(alert)]
        self._acknowledge(tuple(waiting[:1]))

    def _can_acknowledge(self, alert: Alert) -> bool:
        return is_waiting(alert) and self._bridge.may_handle(alert)

    def _make_button(self, row: BannerRow, place: int) -> QPushButton:
        button = QPushButton("Acknowledge")
        button.setObjectName(f"banner-acknowledge-{place}")
        button.setStyleSheet(_LOW_BUTTON)
        button.setFixedHeight(ROW_HEIGHT - 4)
        button.setToolTip("Take note of this alert for everybody: it stops flashing (Alt+A for the first)")
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        row.chosen.connect(lambda: self._go_to(row.alert))
        button.clicked.connect(lambda: self._acknowledge_row(row))
        return button

    def _lay_out(self) -> None:
        middle = QWidget()
        lines = QGridLayout(middle)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(8)
        lines.setVerticalSpacing(0)
        for index, (row, button) in enumerate(zip(self._rows, self._buttons, strict=True)):
            lines.setRowMinimumHeight(index, ROW_HEIGHT)
            lines.addWidget(row, index, 0)
            lines.addWidget(button, index, 1)
        lines.addWidget(self._nothing, 0, 0, SHOWN, 1)
        lines.setColumnStretch(0, 1)
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addStretch(1)
        side.addWidget(self._all)
        side.addWidget(self._list)
        side.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 5, 10, 5)
        layout.setSpacing(10)
        layout.addWidget(self._counts)
        layout.addWidget(middle, stretch=1)
        layout.addLayout(side)

    def _go_to(self, alert: Alert | None) -> None:
        if alert is not None:
            self._navigate("device", alert.device)

    def _acknowledge_row(self, row: BannerRow) -> None:
        if row.alert is not None:
            self._acknowledge((row.alert.id,))

    def _ask_about_all(self) -> None:
        shown = [alert for alert in most_urgent(self._bridge.alerts) if self._can_acknowledge(alert)]
        question = Confirm(
            acknowledge_consequence(shown),
            f"Acknowledge {count_text(len(shown), 'alert')}",
            [line_of(alert) for alert in shown],
            parent=self,
        )
        ids = tuple(alert.id for alert in shown)
        # Only those that were listed: what is raised while the question stands open has not been seen.
        question.accepted.connect(lambda: self._acknowledge(ids))
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.open()

    def _acknowledge(self, ids: tuple[AlertId, ...]) -> None:
        new = tuple(id for id in ids if id not in self._pending)
        if not new:
            return
        self._pending |= frozenset(new)
        self.refresh()
        self._bridge.command(
            AcknowledgeAlerts(new),
            lambda outcomes: self._on_done(new, outcomes),
            lambda sentence: self._on_failed(new, sentence),
            self,
        )

    def _on_done(self, ids: tuple[AlertId, ...], outcomes: Sequence[AlertOutcome]) -> None:
        self._pending -= frozenset(ids)
        refused = [outcome.text for outcome in outcomes if not outcome.is_changed]
        if refused:
            self.told.emit(refused[0] if len(refused) == 1 else f"{refused[0]} (and {len(refused) - 1} more)")
        self.refresh()

    def _on_failed(self, ids: tuple[AlertId, ...], sentence: str) -> None:
        self._pending -= frozenset(ids)
        self.told.emit(f"Not acknowledged: {sentence}")
        self.refresh()

    def _on_alerts_changed(self) -> None:
        self._flash.set_needed(
            needed=any(is_waiting(alert) and alert.is_standing for alert in self._bridge.alerts)
        )
        self.refresh()

    def _on_theme_changed(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._themes.theme.surface)
        self.setPalette(palette)
        muted = self._nothing.palette()
        muted.setColor(QPalette.ColorRole.WindowText, self._themes.theme.muted)
        self._nothing.setPalette(muted)
