"""The back-test beside the form: trend with lines to drag, progress, verdict, timeline, alerts acted on."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.panels.curves.chart_notice import ChartNotice
from console.panels.curves.pen import Pen, chart_pens
from console.panels.curves.pen_curves import PenCurves
from console.panels.limits.acted_on_model import ActedOnModel
from console.panels.limits.back_test_runner import BackTestRunner, Replay
from console.panels.limits.back_test_timeline import BackTestTimeline
from console.panels.limits.back_test_words import DAYS, BackTestReport, period_text, verdict_text
from console.panels.limits.limit_chart import LimitChart
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.fonts import text_font
from console.widgets.task_line import TaskLine
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from models.records.device import Device
from models.records.threshold import Threshold

_DAY_S = 86_400.0
_USUAL_DAYS = 7
_WIDTHS = (112, 144, 200, 190)
_OUTCOME_PX = 44
_NEAR = 1 / 48
"""Of the period: so much is shown round a moment that was pointed at."""


class BackTestView(QWidget):
    """Follows a threshold while it is being edited.

    Attributes:
        dragged: A line was moved: which ("min" or "max") and where to.
    """

    dragged = Signal(str, float)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        now: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("back-test")
        self._bridge = bridge
        self._days = _USUAL_DAYS
        self._device: Device | None = None
        self._threshold: Threshold | None = None
        self._pen: Pen | None = None
        self._is_new = False
        self._may_drag = False
        self._runner = BackTestRunner(bridge, now, self)
        self._curves = PenCurves(bridge, now, self)
        self._chart = LimitChart(theme_source, now)
        self._notice = ChartNotice(theme_source, self._chart)
        self._timeline = BackTestTimeline(theme_source)
        self._line = TaskLine("back-test-task")
        self._verdict = QLabel()
        self._verdict.setObjectName("back-test-verdict")
        self._verdict.setWordWrap(True)
        self._verdict.setFont(text_font(15, QFont.Weight.DemiBold))
        self._outcome = QStackedWidget()
        self._outcome.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._outcome.setFixedHeight(_OUTCOME_PX)
        self._again = QPushButton("Replay")
        self._again.setObjectName("back-test-again")
        self._again.setToolTip("Replay the period through these settings (Ctrl+R)")
        self._periods = QButtonGroup(self)
        self._model = ActedOnModel(now, self)
        self._table = make_table("back-test-acted-on", "Alerts that somebody acted on")
        self._table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        ElasticColumn(self._table, 2, 120)
        self._none_acted = QLabel()
        self._none_acted.setObjectName("back-test-none-acted")
        self._lay_out()
        self._connect()

    @property
    def runner(self) -> BackTestRunner:
        """What replays."""
        return self._runner

    @property
    def verdict(self) -> str:
        """The sentence shown."""
        return self._verdict.text()

    @property
    def chart(self) -> LimitChart:
        """The trend."""
        return self._chart

    def begin(self, device: Device, threshold: Threshold, *, is_new: bool, may_drag: bool) -> None:
        """Begin with another threshold; nothing of the last one stays."""
        self._is_new, self._may_drag = is_new, may_drag
        self._runner.begin()
        self._pen = None
        self._clear()
        self._follow(device, threshold)

    def follow(self, device: Device, threshold: Threshold, *, is_sound: bool, at_once: bool = False) -> None:
        """Show an edit, and replay it where it is sound."""
        self._follow(device, threshold)
        if is_sound:
            self._runner.request(self._replay_of(device, threshold), at_once=at_once)
        else:
            self._runner.cancel()
            self._timeline.set_old("of the settings before")
            self._conclude("The past is replayed as soon as the form is in order.")

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what came meanwhile."""
        super().showEvent(event)
        if self._pen is not None:
            self._draw(self._pen)

    def stop(self) -> None:
        """Rest: nobody looks any more."""
        self._runner.cancel()
        self._curves.set_pens(())
        self._pen = None

    def replay(self) -> None:
        """Replay once more, now."""
        if self._device is not None and self._threshold is not None:
            self._runner.request(self._replay_of(self._device, self._threshold), at_once=True)

    # -- private ---------------------------------------------------------------------------------------

    def _replay_of(self, device: Device, threshold: Threshold) -> Replay:
        return Replay(device, threshold, self._days, self._bridge.catalogue.quantities)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(4)
        label = QLabel("Replay the last")
        bar.addWidget(label)
        for days in DAYS:
            button = QPushButton(period_text(days))
            button.setObjectName(f"back-test-{days}")
            button.setAccessibleName(f"Replay the last {period_text(days)}")
            button.setCheckable(True)
            button.setChecked(days == self._days)
            self._periods.addButton(button, days)
            bar.addWidget(button)
        bar.addSpacing(8)
        bar.addWidget(self._again)
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(bar)
        column.addWidget(self._chart, 3)
        column.addWidget(self._timeline)
        # One takes the other's place, so that nothing below jumps while somebody types.
        self._outcome.addWidget(self._verdict)
        self._outcome.addWidget(self._line)
        column.addWidget(self._outcome)
        column.addWidget(self._none_acted)
        column.addWidget(self._table, 2)
        self._chart.setMinimumHeight(150)
        self._table.setMinimumHeight(92)

    def _connect(self) -> None:
        self._periods.idClicked.connect(self._choose)
        self._again.clicked.connect(self.replay)
        self._chart.dragged.connect(self.dragged)
        self._chart.whole_wanted.connect(self._show_whole)
        self._chart.range_changed.connect(self._on_range)
        self._curves.changed.connect(self._draw)
        self._curves.state_changed.connect(self._show_state)
        self._timeline.pointed.connect(self._show_moment)
        self._table.activated.connect(lambda index: self._show_alert(index.row()))
        self._line.cancelled.connect(self._runner.cancel)
        self._runner.began.connect(self._on_began)
        self._runner.moved.connect(self._on_moved)
        self._runner.ended.connect(self._on_ended)
        self._runner.stopped.connect(self._on_stopped)
        self._runner.failed.connect(self._on_failed)

    def _clear(self) -> None:
        self._timeline.show_report(None)
        self._model.show_alerts((), ())
        self._conclude("")
        self._none_acted.hide()
        self._table.hide()

    def _conclude(self, words: str) -> None:
        self._line.say("")
        self._outcome.setCurrentWidget(self._verdict)
        self._verdict.setText(words)
        self._verdict.setAccessibleName(words)

    def _follow(self, device: Device, threshold: Threshold) -> None:
        self._device, self._threshold = device, threshold
        quantity = self._bridge.catalogue.quantities.find(threshold.metric)
        pen = None if quantity is None else Pen(device.id, quantity)
        if pen != self._pen or pen is None:
            self._pen = pen
            self._show_pen(pen)
        if pen is not None:
            self._chart.show_threshold(threshold, pen.key, pen.quantity.unit, may_drag=self._may_drag)

    def _show_pen(self, pen: Pen | None) -> None:
        self._chart.setVisible(pen is not None)
        self._curves.set_pens(() if pen is None else (pen,))
        if pen is not None:
            self._chart.set_pens(chart_pens((pen,), self._bridge.catalogue))
            self._chart.clear_data()
        self._show_whole()
        if pen is not None:
            self._draw(pen)

    def _show_whole(self) -> None:
        until = self._runner.until_unix
        self._chart.show_range(until - self._days * _DAY_S, until)
        self._on_range()

    def _show_moment(self, at_unix: float) -> None:
        half = self._days * _DAY_S * _NEAR
        self._chart.show_range(at_unix - half, at_unix + half)
        self._on_range()

    def _show_alert(self, row: int) -> None:
        alert, _ = self._model.row_at(row)
        self._show_moment(alert.triggered_at.timestamp())

    def _on_range(self) -> None:
        since, until = self._chart.visible_range
        self._timeline.show_range(since, until)
        if self._pen is not None:
            self._curves.set_view(since, until, max(100, self._chart.width()))

    def _draw(self, pen: Pen) -> None:
        if pen != self._pen or not self.isVisible():
            return
        buckets = self._curves.buckets(pen)
        self._chart.set_history(pen.key, buckets.times, buckets.low, buckets.high, buckets.mean)
        self._chart.set_live(pen.key, *self._curves.samples(pen))

    def _show_state(self) -> None:
        self._notice.say(self._curves.error or ("Loading history…" if self._curves.is_loading else ""))

    def _choose(self, days: int) -> None:
        self._days = days
        self._show_whole()
        if self._device is not None and self._threshold is not None:
            self.replay()

    def _on_began(self) -> None:
        self._timeline.set_old("computing…")
        self._outcome.setCurrentWidget(self._line)
        self._line.begin(f"Replaying {period_text(self._days)}…")

    def _on_moved(self, part: float) -> None:
        percent = round(part * 100)
        self._line.show_progress(f"Replaying {period_text(self._days)}: {percent} %", percent, 100)

    def _on_ended(self, report: BackTestReport, replay: Replay) -> None:
        self._conclude(verdict_text(report, replay.days, is_new=self._is_new))
        self._timeline.show_report(report)
        acted = report.test.acted_on
        self._model.show_alerts(acted, report.test.missed)
        self._table.setVisible(bool(acted))
        self._none_acted.setVisible(not acted)
        self._none_acted.setText(
            "Nobody acknowledged, commented or resolved an alert of this limit in this time."
            if not self._is_new
            else "A new limit: no alert of it has come yet."
        )

    def _on_stopped(self) -> None:
        self._timeline.set_old("of the settings before")
        self._conclude("Stopped. The next edit, or Replay, begins again.")

    def _on_failed(self, sentence: str) -> None:
        self._timeline.show_report(None)
        self._model.show_alerts((), ())
        self._table.hide()
        self._none_acted.hide()
        self._conclude(sentence)
