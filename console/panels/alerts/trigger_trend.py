"""The small trend around the moment at which an alert began."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.curves.chart_notice import ChartNotice
from console.panels.curves.pen import Pen, chart_pens, limits_of_pen
from console.panels.curves.pen_curves import PenCurves
from console.widgets.pen import ChartMark
from console.widgets.theme import ThemeSource
from console.widgets.time_chart import TimeChart
from models.quantities import Quantity
from models.records.alert import Alert

_BEFORE_S, _AFTER_S = 240.0, 360.0
_HEIGHT_PX = 170
_SOON_MS = 120
"""Whoever holds an arrow key runs past alerts whose trend nobody reads."""


class TriggerTrend(QWidget):
    """Four minutes before, six after. Not there for alerts that are about no metric."""

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        prefix: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"{prefix}-trend")
        self._bridge = bridge
        self._alert: Alert | None = None
        self._curves = PenCurves(bridge, now, self)
        self._chart = TimeChart(theme_source, now)
        self._chart.setObjectName(f"{prefix}-chart")
        self._chart.setAccessibleName("Trend around the beginning of the alert")
        self._chart.set_compact(compact=True)
        self._chart.set_about_past(about_past=True)
        self._chart.setFixedHeight(_HEIGHT_PX)
        self._notice = ChartNotice(theme_source, self._chart)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._chart)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._begin)
        self._curves.changed.connect(self._draw)
        self._curves.state_changed.connect(self._show_state)
        self._chart.range_changed.connect(self._view_changed)

    def show_alert(self, alert: Alert | None) -> None:
        """Show the trend around another alert's beginning."""
        is_same = alert is not None and self._alert is not None and alert.id == self._alert.id
        self._alert = alert
        self.setVisible(alert is not None and self._quantity_of(alert) is not None)
        if not is_same:
            self._curves.set_pens(())
            self._chart.clear_data()
            self._soon.start()

    def _begin(self) -> None:
        alert = self._alert
        quantity = None if alert is None else self._quantity_of(alert)
        if alert is None or quantity is None:
            return
        pen = Pen(alert.device, quantity)
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

    def _quantity_of(self, alert: Alert) -> Quantity | None:
        return self._bridge.catalogue.quantities.find(alert.metric or "")

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
