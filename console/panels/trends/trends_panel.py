"""Trends: search pens, look at any time, compare, zoom, take it along as picture or table."""

import time
from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.panels.curves.chart_notice import ChartNotice
from console.panels.curves.opening_span import OpeningSpan
from console.panels.curves.pen import Pen, chart_pens, label_of, limits_of_pen
from console.panels.curves.pen_curves import PenCurves
from console.panels.panel import Navigate, Panel
from console.panels.trends.chart_saver import ChartSaver
from console.panels.trends.figures_model import FiguresModel
from console.panels.trends.pen_chooser import PenChooser
from console.panels.trends.pens import (
    choices_of,
    first_pens,
    pens_of_device,
    still_there,
    with_pen,
    without_pen,
)
from console.panels.trends.sheet import Sheet
from console.panels.trends.statistics import figures_of, present_values
from console.panels.trends.time_bar import SPANS, TimeBar
from console.widgets.data_table import ROW_PX, make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.theme import ThemeSource
from console.widgets.time_chart import TimeChart
from models.records.device import DeviceId

_USUAL_SPAN_S = 900.0
_SOON_MS, _FIGURES_EVERY_S = 100, 1.5
_TABLE_WIDTHS = (44, 260, 96, 96, 96, 96, 60)


class TrendsPanel(Panel):
    """Up to eight pens over any time."""

    key: ClassVar[str] = "trends"
    title: ClassVar[str] = "Trends"
    icon: ClassVar[str] = "mdi6.chart-line"

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        navigate: Navigate,
        *,
        flash: FlashClock | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(bridge, theme_source, navigate, flash=flash, now=now)
        self._pens: tuple[Pen, ...] = ()
        self._is_chosen = False
        self._curves = PenCurves(bridge, now, self)
        self._opening = OpeningSpan(bridge.live, [span_s for _, span_s in SPANS], _USUAL_SPAN_S)
        self._chart = TimeChart(theme_source, now)
        self._notice = ChartNotice(theme_source, self._chart)
        self._chooser = PenChooser(self)
        self._bar = TimeBar(theme_source)
        self._refreshed_unix = 0.0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._saver = ChartSaver(self._chart, self._sheets, self)
        self._said = QLabel()
        self._said.setObjectName("trends-said")
        self._figures = FiguresModel(self)
        self._table = make_table("trends-figures", "Figures of each pen")
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_columns(self._table, self._figures, _TABLE_WIDTHS)
        ElasticColumn(self._table, 1, 120, _TABLE_WIDTHS[1])
        self._empty = EmptyState(
            theme_source,
            self.icon,
            "No pens chosen",
            "Search for a device or a metric on the left and check what you want to see; "
            "up to eight pens fit on the chart.",
        )
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self._chart.set_window(_USUAL_SPAN_S)
        self._bar.set_span(_USUAL_SPAN_S)

    @property
    def chart(self) -> TimeChart:
        """The chart, for tests."""
        return self._chart

    @property
    def saver(self) -> ChartSaver:
        """What writes files, for tests."""
        return self._saver

    @property
    def pens(self) -> tuple[Pen, ...]:
        """The pens drawn."""
        return self._pens

    def show_device(self, device: DeviceId) -> None:
        """Draw all metrics of a device."""
        self._is_chosen = True
        self.set_pens(pens_of_device(self.bridge.catalogue, device))
        self._opening.apply(self._chart, self._pens, self.now())
        self._chooser.arrange()

    def is_populated(self) -> bool:
        """Tell whether a curve can be seen and its history has arrived."""
        return not self._curves.is_loading and any(
            self._curves.samples(pen)[0].size > 1 or self._curves.buckets(pen).times.size > 1
            for pen in self._pens
        )

    def on_shown(self) -> None:
        """Catch up: devices, pens and curves may have changed meanwhile."""
        self._catalogue_changed()
        self._opening.apply(self._chart, self._pens, self.now())
        self._chart.setFocus()

    def on_second(self) -> None:
        """The view moves with the clock; figures too where no values arrive."""
        self._view_changed()
        if not 0 <= self.now() - self._refreshed_unix < _FIGURES_EVERY_S:
            self._refresh_figures()

    def on_theme_changed(self) -> None:
        """Swatches are in the theme's colours."""
        self._show_rows()

    def set_pens(self, pens: tuple[Pen, ...]) -> None:
        """Draw these pens and no others; at most eight."""
        self._pens = pens
        catalogue = self.bridge.catalogue
        self._chart.set_pens(chart_pens(pens, catalogue))
        for pen in pens:
            self._chart.set_limits(pen.key, limits_of_pen(pen, catalogue))
        self._curves.set_pens(pens)
        self._chooser.set_pens(pens)
        self._stack.setCurrentIndex(0 if pens else 1)
        self._show_rows()
        self._view_changed()
        for pen in pens:
            self._draw(pen)
        self._refresh_figures()

    def _lay_out(self) -> None:
        chart_page = QWidget()
        page = QVBoxLayout(chart_page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(8)
        page.addWidget(self._chart, 1)
        page.addWidget(self._table)
        self._stack.addWidget(chart_page)
        self._stack.addWidget(self._empty)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._bar)
        column.addWidget(self._stack, 1)
        self._said.setFont(text_font(12, QFont.Weight.Medium))
        self._said.hide()
        column.addWidget(self._said)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._chooser)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([250, 900])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.addWidget(splitter)

    def _connect(self) -> None:
        self.bridge.catalogue_changed.connect(self._catalogue_changed)
        self._curves.changed.connect(self._draw)
        self._curves.changed.connect(self._figures_soon)
        self._soon.timeout.connect(self._refresh_figures)
        self._curves.state_changed.connect(self._show_state)
        self._chooser.toggled.connect(self._toggle)
        self._chooser.cleared.connect(lambda: self.set_pens(()))
        self._chart.range_changed.connect(self._range_changed)
        self._chart.following_changed.connect(self._following_changed)
        self._bar.span_chosen.connect(self._choose_span)
        self._bar.following_chosen.connect(lambda wanted: self._chart.set_following(following=wanted))
        self._bar.moved.connect(self._move)
        self._bar.picture_wanted.connect(self._saver.ask_for_picture)
        self._bar.table_wanted.connect(self._saver.ask_for_table)
        self._saver.said.connect(self._say)
        self._table.selectionModel().currentRowChanged.connect(
            lambda index: self._chart.focus_pen(
                self._figures.pen_at(index.row()).key if index.isValid() else None
            )
        )

    def _catalogue_changed(self) -> None:
        if not self.isVisible():
            return
        catalogue = self.bridge.catalogue
        pens = still_there(self._pens, catalogue)
        if not pens and not self._is_chosen:
            pens = first_pens(catalogue, self.bridge.alerts)
        self._chooser.set_choices(choices_of(catalogue))
        self.set_pens(pens)
        self._chooser.arrange()

    def _choose_span(self, span_s: float) -> None:
        self._opening.is_chosen = True
        self._chart.set_window(span_s)

    def _toggle(self, pen: Pen, wanted: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._is_chosen = True
        try:
            pens = with_pen(self._pens, pen) if wanted else without_pen(self._pens, pen)
        except ValueError as refusal:
            self._chooser.refuse(str(refusal))
            return
        self.set_pens(pens)

    def _show_rows(self) -> None:
        theme, catalogue = self.theme_source.theme, self.bridge.catalogue
        self._figures.set_pens(
            self._pens,
            [label_of(pen, catalogue) for pen in self._pens],
            [theme.pen(place) for place in range(len(self._pens))],
        )
        header = self._table.horizontalHeader().sizeHint().height()
        self._table.setFixedHeight(header + ROW_PX * max(1, len(self._pens)) + 4)

    def _draw(self, pen: Pen) -> None:
        if not self.isVisible():
            return
        buckets = self._curves.buckets(pen)
        self._chart.set_history(pen.key, buckets.times, buckets.low, buckets.high, buckets.mean)
        self._chart.set_live(pen.key, *self._curves.samples(pen))

    def _figures_soon(self) -> None:
        # Together with the curve, so that legend and table say the same; at most once a second.
        if self.isVisible() and not self._soon.isActive():
            waited = self.now() - self._refreshed_unix
            self._soon.start(_SOON_MS if not 0 <= waited < 1 else round((1 - waited) * 1000))

    def _view_changed(self) -> None:
        self._curves.set_view(*self._chart.visible_range, self._chart.width())

    def _range_changed(self, since_unix: float, until_unix: float) -> None:
        self._bar.set_span(until_unix - since_unix)
        self._view_changed()
        self._refresh_figures()

    def _following_changed(self, is_following: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._bar.set_following(is_following=is_following)
        self._refresh_figures()

    def _move(self, part: float) -> None:
        since, until = self._chart.visible_range
        step = part * (until - since)
        if until + step >= self.now():
            self._chart.set_following(following=True)
        else:
            self._chart.show_range(since + step, until + step)

    def _show_state(self) -> None:
        self._notice.say(self._curves.error or ("Loading history…" if self._curves.is_loading else ""))

    def _refresh_figures(self) -> None:
        self._refreshed_unix = self.now()
        since, until = self._chart.visible_range
        now = present_values(self.bridge.live, self._pens, self.now())
        figures = {pen: figures_of(self._curves.curve(pen, since, until)) for pen in self._pens}
        self._figures.set_figures(figures, now, is_live=self._chart.is_following)

    def _sheets(self) -> list[Sheet]:
        since, until = self._chart.visible_range
        catalogue = self.bridge.catalogue
        return [
            Sheet(device, pen.quantity, self._curves.curve(pen, since, until))
            for pen in self._pens
            if (device := catalogue.device(pen.device)) is not None
        ]

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setVisible(bool(sentence))
