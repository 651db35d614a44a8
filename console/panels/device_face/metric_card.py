"""One metric, large: digits, bar with limits, and its trend below."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from console.panels.curves.chart_notice import ChartNotice
from console.panels.curves.join import Curve, Floats
from console.panels.device_face.device_facts import limits_line
from console.panels.elided_label import ElidedLabel
from console.panels.metric_face import MetricFace
from console.panels.wording import digits_text
from console.widgets.analog_bar import AnalogBar, limits_of
from console.widgets.fonts import text_font
from console.widgets.pen import Pen as ChartPen
from console.widgets.theme import ThemeSource
from console.widgets.time_chart import TimeChart
from console.widgets.value_readout import ValueReadout
from models.quantities import Quantities, Quantity, states_of
from models.records.signal import Signal
from models.records.threshold import Threshold

CHART_HEIGHT = 104
_WIDEST_TITLE_PX = 180


class MetricCard(QWidget):
    """A card on the device's face. Fed by the panel; asks nothing itself."""

    def __init__(
        self,
        metric: Quantity,
        chart_pen: ChartPen,
        thresholds: Sequence[Threshold],
        theme_source: ThemeSource,
        now: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"device-metric-{metric.key}")
        self.setAccessibleName(metric.label)
        self._themes = theme_source
        self._key = chart_pen.key
        limits = limits_of(list(thresholds))
        # Limits of a card are about its own quantity, so that it needs to know no other.
        quantities = Quantities([metric] if isinstance(metric, Signal) else [])
        title = ElidedLabel(metric.label)
        title.setFont(text_font(13, QFont.Weight.DemiBold))
        self._value = ValueReadout(
            theme_source, metric.unit, metric.decimals, 26, words=lambda value: digits_text(metric, value)
        )
        self._bar = AnalogBar(theme_source, metric.span)
        self._bar.set_scale(metric.span, limits)
        self._bar.setAccessibleName(f"{metric.label} against its limits")
        # A name has no place between two ends.
        self._bar.setVisible(not states_of(metric))
        title.setContentsMargins(4, 0, 0, 0)
        title.setMinimumWidth(min(title.sizeHint().width(), _WIDEST_TITLE_PX))
        # Whole, over as many lines as it takes: half a limit is a wrong one.
        self._limits = QLabel(limits_line(thresholds, quantities))
        self._limits.setObjectName(f"device-limits-{metric.key}")
        self._limits.setTextFormat(Qt.TextFormat.PlainText)
        self._limits.setWordWrap(True)
        self._limits.setFont(text_font(11))
        self._limits.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._chart = TimeChart(theme_source, now)
        self._chart.setObjectName(f"device-chart-{metric.key}")
        self._chart.set_compact(compact=True)
        self._chart.set_pens([chart_pen])
        self._chart.setAccessibleName(f"Trend of {metric.label}")
        self._chart.set_limits(self._key, limits)
        self._chart.set_stale_after(chart_pen.gap_s)
        self._chart.setMinimumHeight(CHART_HEIGHT)
        self._notice = ChartNotice(theme_source, self._chart)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._limits, 1)
        present = QHBoxLayout()
        present.setSpacing(12)
        present.addWidget(self._value, 5)
        present.addWidget(self._bar, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addLayout(present)
        layout.addSpacing(4)
        layout.addWidget(self._chart, 1)
        theme_source.changed.connect(self.update)

    @property
    def chart(self) -> TimeChart:
        """The trend, for the panel to set its time."""
        return self._chart

    def show_face(self, face: MetricFace, age_s: float | None, *, is_stale: bool) -> None:
        """Show the present value, or that there is none."""
        value = face.value if face.is_live else None
        self._value.set_value(value, age_s=age_s, is_stale=is_stale)
        self._bar.set_value(value, is_stale=not face.is_live)

    def show_curve(self, buckets: Curve, times: Floats, values: Floats) -> None:
        """Show history and live samples."""
        self._chart.set_history(self._key, buckets.times, buckets.low, buckets.high, buckets.mean)
        self._chart.set_live(self._key, times, values)

    def say(self, sentence: str) -> None:
        """Say in the chart's corner why something is missing."""
        self._notice.say(sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card's surface and border."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.surface)
        painter.setPen(QPen(theme.line, 1.0))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
