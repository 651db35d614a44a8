"""The alert banner on every screen: the three most urgent, counts by severity, acknowledge, silence."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
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
from console.frame.banner_orders import BannerOrders
from console.frame.banner_row import ROW_HEIGHT, BannerRow, RowColumns, columns_of
from console.frame.horn import Horn
from console.frame.severity_counts import SeverityCounts
from console.frame.urgency import SHOWN, Urgency, UrgencyBook, more_text
from console.panels.panel import Navigate
from console.widgets.flash import FlashClock
from console.widgets.severity_badge import AlertGroup
from console.widgets.theme import ThemeSource
from models.records.alert import Alert
from models.records.rights import Action
from models.records.threshold import Severity

NARROW_PX = 1200
_LOW_BUTTON = "QPushButton { padding: 1px 8px; min-height: 0; } QPushButton:focus { padding: 0 7px; }"


class AlertBanner(QFrame):
    """Always visible; quiet when nothing is open. `told` carries sentences for the notice line.

    In a flood the last line becomes a sum ("17 more"), unless a critical alert would have to go for it.
    """

    told = Signal(str)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        flash: FlashClock,
        navigate: Navigate,
        now: Callable[[], float],
        horn: Horn | None = None,
    ) -> None:
        """Store the parts; without a horn the banner makes one of its own."""
        super().__init__()
        self.setObjectName("alert-banner")
        self.setAccessibleName("Most urgent alerts")
        self.setAutoFillBackground(True)
        self._bridge = bridge
        self._themes = theme_source
        self._flash = flash
        self._navigate = navigate
        self._now = now
        self._horn = horn or Horn(bridge, now, self)
        self._book = UrgencyBook()
        self._urgency = Urgency()
        self._listed: tuple[Alert, ...] = ()
        self._orders = BannerOrders(bridge, theme_source, self)
        self._orders.told.connect(self.told)
        self._orders.changed.connect(self.refresh)
        self._counts = SeverityCounts(theme_source)
        self._rows = tuple(BannerRow(place, theme_source, flash) for place in range(1, SHOWN + 1))
        self._buttons = tuple(self._make_button(row, place) for place, row in enumerate(self._rows, start=1))
        self._nothing = QLabel("No open alerts")
        self._nothing.setObjectName("banner-nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._silence = _side_button("silence", "Silence", self.silence)
        self._all = _side_button("acknowledge-all", "Acknowledge all…", self._ask_about_all)
        self._all.setAccessibleName("Acknowledge the alerts shown in the banner")
        self._all.setToolTip("Acknowledge the alerts shown here, after a question (Alt+Shift+A)")
        self._all.setShortcut("Alt+Shift+A")
        self._list = _side_button("open-list", "Open list", lambda: navigate("alerts"))
        self._list.setToolTip("Show the list of all alerts")
        self._lay_out()
        bridge.alerts_changed.connect(self._on_alerts_changed)
        bridge.sounds.changed.connect(self.refresh)
        self._horn.changed.connect(self._list_anew)
        theme_source.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._on_alerts_changed()

    @property
    def group(self) -> AlertGroup | None:
        """The worst of the open alerts, for the rail; None where nothing is open."""
        return self._urgency.group

    def refresh(self) -> None:
        """Show ages, orders and the horn as of now. Called on change and once a second."""
        now = datetime.fromtimestamp(self._now(), UTC)
        ages_s = [(now - alert.triggered_at).total_seconds() for alert in self._listed]
        columns = columns_of([alert.device_name for alert in self._listed], ages_s)
        more = more_text(self._urgency, len(self._listed))
        for index, row in enumerate(self._rows):
            if index < len(self._listed):
                self._show_alert(index, self._listed[index], ages_s[index], columns)
            else:
                is_sum = bool(more) and index == len(self._listed)
                row.show_words(f"{more} to acknowledge" if is_sum else "")
                self._buttons[index].setVisible(False)
            row.setVisible(bool(self._listed))
        self._nothing.setVisible(not self._listed)
        self._show_side(more)

    def silence(self) -> None:
        """Silence the horn of this workstation; every alert goes on asking."""
        if self._horn.state.sound is not None:
            self._horn.silence()

    def acknowledge_first(self) -> None:
        """Acknowledge the most urgent alert that waits; nothing where none does."""
        waiting = self._waiting()
        if waiting and not self._orders.is_pending(waiting[0]):
            self._orders.acknowledge(waiting[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line to what is below."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._themes.theme.line)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave words beside the counts away where the window is narrow: messages need the room."""
        super().resizeEvent(event)
        self._counts.set_narrow(is_narrow=self.width() < NARROW_PX)

    def _show_alert(self, index: int, alert: Alert, age_s: float, columns: RowColumns) -> None:
        row, button = self._rows[index], self._buttons[index]
        is_pending = self._orders.is_pending(alert)
        row.show_alert(alert, age_s, columns, f"Acknowledging… {alert.message}" if is_pending else "")
        button.setVisible(self._orders.may_acknowledge(alert))
        button.setEnabled(not is_pending)
        button.setText("Acknowledge…" if alert.requires_comment else "Acknowledge")
        button.setAccessibleName(f"Acknowledge {alert.device_name}: {alert.message}")

    def _show_side(self, more: str) -> None:
        waiting = self._waiting()
        self._all.setVisible(self._bridge.may_somewhere(Action.HANDLE_ALERTS))
        self._all.setText(f"Acknowledge {len(waiting)}…" if len(waiting) > 1 else "Acknowledge all…")
        self._all.setEnabled(len(waiting) > 1 and not self._orders.has_pending)
        count = more.partition(" ")[0]
        self._list.setText(f"Open list (+{count})" if count else "Open list")
        self._list.setAccessibleName(
            f"Show the list of alerts. {more}" if more else "Show the list of alerts"
        )
        state = self._horn.state
        self._silence.setEnabled(state.sound is not None)
        is_silenced = state.is_silenced and state.sound is None
        self._silence.setText("Silenced" if is_silenced else "Silence")
        self._silence.setToolTip(
            "Silenced at this workstation until another alert asks; nothing was acknowledged."
            if is_silenced
            else "Silence the horn of this workstation; the alerts go on asking (F12 or Alt+S)"
        )

    def _waiting(self) -> list[Alert]:
        return [alert for alert in self._listed if self._orders.may_acknowledge(alert)]

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
        # Each beside the line at its height.
        side.setContentsMargins(0, 2, 0, 2)
        side.setSpacing(4)
        for button in (self._silence, self._all, self._list):
            side.addWidget(button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 5, 10, 5)
        layout.setSpacing(10)
        layout.addWidget(self._counts)
        layout.addWidget(middle, stretch=1)
        layout.addLayout(side)

    def _go_to(self, alert: Alert | None) -> None:
        if alert is None:
            self._navigate("alerts")
        else:
            self._navigate("device", alert.device)

    def _acknowledge_row(self, row: BannerRow) -> None:
        if row.alert is not None:
            self._orders.acknowledge(row.alert)

    def _ask_about_all(self) -> None:
        self._orders.ask_about(self._waiting())

    def _on_alerts_changed(self) -> None:
        self._urgency = self._book.take(self._bridge.alerts)
        self._flash.set_needed(needed=self._urgency.is_flashing)
        self._counts.show_counts(self._urgency.counts)
        self._list_anew()

    def _list_anew(self) -> None:
        """Give the last line to the sum of the others in a flood, unless a critical alert stands there."""
        first = self._urgency.first
        is_summed = self._horn.state.is_flood and bool(more_text(self._urgency, SHOWN))
        if is_summed and first[-1].severity is not Severity.CRITICAL:
            first = first[:-1]
        self._listed = first
        self.refresh()

    def _on_theme_changed(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self._themes.theme.surface)
        self.setPalette(palette)
        muted = self._nothing.palette()
        muted.setColor(QPalette.ColorRole.WindowText, self._themes.theme.muted)
        self._nothing.setPalette(muted)


def _side_button(name: str, words: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(words)
    button.setObjectName(f"banner-{name}")
    button.setAccessibleName(words)
    button.setStyleSheet(_LOW_BUTTON)
    button.setFixedHeight(ROW_HEIGHT - 4)
    button.clicked.connect(act)
    return button
