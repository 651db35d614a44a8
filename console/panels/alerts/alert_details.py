"""Beside the selected row: the facts of one alert, and the trend around its trigger."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.alert_rows import (
    acknowledged_text,
    limit_at_trigger,
    since_text,
    value_at_trigger,
)
from console.panels.curves.chart_notice import ChartNotice
from console.panels.curves.pen import Pen, chart_pens, limits_of_pen
from console.panels.curves.pen_curves import PenCurves
from console.panels.metric_face import faces_of
from console.panels.wording import STATE_WORDS, moment_from_unix, moment_text, value_text
from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.pen import ChartMark
from console.widgets.plain_text import plain_label
from console.widgets.severity_badge import AlertGroup, SeverityBadge, state_of
from console.widgets.stale_hatching import age_text
from console.widgets.theme import ThemeSource
from console.widgets.time_chart import TimeChart
from models.metrics import METRIC_INDEX
from models.records.alert import Alert

_BEFORE_S, _AFTER_S = 240.0, 360.0

_ROWS = ("Device", "Area", "Began", "Returned", "Acknowledged", "Resolved", "At trigger", "Now")


class AlertDetails(QWidget):
    """One alert in full.

    Attributes:
        device_wanted: The person wants to see its device (DeviceId).
    """

    device_wanted = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        flash: FlashClock,
        now: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("alert-details")
        self.setAccessibleName("Details of the selected alert")
        self._bridge = bridge
        self._now = now
        self._alert: Alert | None = None
        self._curves = PenCurves(bridge, now, self)
        self._badge = SeverityBadge(theme_source, flash)
        self._state = QLabel()
        self._state.setFont(text_font(12, QFont.Weight.DemiBold))
        self._message = plain_label()
        self._message.setObjectName("alert-message")
        self._message.setWordWrap(True)
        self._message.setFont(text_font(15, QFont.Weight.DemiBold))
        self._facts = {name: plain_label() for name in _ROWS}
        self._chart = TimeChart(theme_source, now)
        self._chart.setObjectName("alert-chart")
        self._chart.set_compact(compact=True)
        self._chart.set_about_past(about_past=True)
        self._chart.setFixedHeight(240)
        self._notice = ChartNotice(theme_source, self._chart)
        self._none = QLabel("Select an alert to see its facts and the trend around its beginning.")
        self._none.setWordWrap(True)
        self._open = QPushButton("Show device")
        self._open.setObjectName("alert-show-device")
        self._body = QWidget()
        self._lay_out()
        self._curves.changed.connect(self._draw)
        self._curves.state_changed.connect(self._show_state)
        self._chart.range_changed.connect(self._view_changed)
        self._open.clicked.connect(self._ask_for_device)
        self.show_alert(None)

    @property
    def alert(self) -> Alert | None:
        """The alert shown."""
        return self._alert

    def show_alert(self, alert: Alert | None) -> None:
        """Show another alert, or another state of the same one."""
        is_other = alert is None or self._alert is None or alert.id != self._alert.id
        self._alert = alert
        self._body.setVisible(alert is not None)
        self._none.setVisible(alert is None)
        if alert is None:
            self._curves.set_pens(())
            return
        state = state_of(alert)
        self._badge.set_group(AlertGroup(alert.severity, state, 1) if state is not None else None)
        self._state.setText(STATE_WORDS[state])
        self._message.setText(alert.message)
        self.refresh()
        if is_other:
            self._show_trend(alert)

    def refresh(self) -> None:
        """Bring ages and the present value up to date."""
        alert = self._alert
        if alert is None:
            return
        now = moment_from_unix(self._now())
        self._facts["Device"].setText(alert.device_name)
        self._facts["Area"].setText(alert.location or "No area")
        self._facts["Began"].setText(f"{moment_text(alert.triggered_at, now)} ({since_text(alert, now)} ago)")
        self._facts["Returned"].setText(moment_text(alert.cleared_at, now) if alert.cleared_at else "not yet")
        self._facts["Acknowledged"].setText(acknowledged_text(alert, now))
        self._facts["Resolved"].setText(moment_text(alert.resolved_at, now))
        self._facts["At trigger"].setText(
            f"{value_at_trigger(alert)}, limit {limit_at_trigger(alert)}"
            if alert.value_at_trigger is not None
            else "not about a value"
        )
        self._facts["Now"].setText(self._present_value(alert))

    def _present_value(self, alert: Alert) -> str:
        index = METRIC_INDEX.get(alert.metric or "")
        if index is None:
            return "–"
        live, now = self._bridge.live, self._now()
        is_stale = live.is_stale(alert.device, now)
        (face,) = faces_of((index,), live.latest(alert.device), is_stale=is_stale)
        if face.is_live:
            return value_text(face.metric, face.value)
        age_s = live.age_s(alert.device, now)
        return "? (no reading yet)" if age_s is None else f"? (last reading {age_text(age_s)} ago)"

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._badge)
        head.addWidget(self._state, 1)
        facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(4)
        for name, label in self._facts.items():
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            facts.addRow(name, label)
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addLayout(head)
        body.addWidget(self._message)
        body.addLayout(facts)
        body.addWidget(self._chart)
        body.addWidget(self._open, alignment=Qt.AlignmentFlag.AlignLeft)
        body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.addWidget(self._none, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._body, 1)

    def _show_trend(self, alert: Alert) -> None:
        index = METRIC_INDEX.get(alert.metric or "")
        self._chart.setVisible(index is not None)
        if index is None:
            self._curves.set_pens(())
            return
        pen = Pen(alert.device, index)
        catalogue = self._bridge.catalogue
        self._chart.set_pens(chart_pens((pen,), catalogue))
        self._chart.clear_data()
        self._chart.set_limits(pen.key, limits_of_pen(pen, catalogue))
        begins = alert.triggered_at.timestamp()
        self._chart.set_marks([ChartMark(begins, "alert began", alert.severity)])
        self._chart.show_range(begins - _BEFORE_S, begins + _AFTER_S)
        self._curves.set_pens((pen,))
        self._view_changed()
        self._draw(pen)

    def _view_changed(self) -> None:
        since, until = self._chart.visible_range
        self._curves.set_view(since, until, self._chart.width())

    def _draw(self, pen: Pen) -> None:
        if pen not in self._curves.pens or pen.key not in {shown.key for shown in self._chart.pens}:
            return
        buckets = self._curves.buckets(pen)
        self._chart.set_history(pen.key, buckets.times, buckets.low, buckets.high, buckets.mean)
        self._chart.set_live(pen.key, *self._curves.samples(pen))

    def _show_state(self) -> None:
        self._notice.say(self._curves.error or ("Loading history…" if self._curves.is_loading else ""))

    def _ask_for_device(self) -> None:
        if self._alert is not None:
            self.device_wanted.emit(self._alert.device)
