"""Alarm load: every figure with target and verdict, and four pictures of where it comes from."""

from datetime import datetime, tzinfo

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from console.panels.reports import load_painters
from console.panels.reports.figures_model import Column, FiguresModel
from console.panels.reports.painted_chart import PaintedChart
from console.panels.reports.report_questions import AlarmReport
from console.panels.reports.report_words import headline, level_words
from console.panels.settings.page_parts import heading
from console.panels.wording import percent_text
from console.widgets.data_table import make_table, set_columns
from console.widgets.elastic_column import ElasticColumn
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from console.widgets.whole_row import WholeRowDelegate
from console.widgets.yielding_columns import YieldingColumns
from models.alarm_windows import TEN_MIN_S
from models.figure_words import span_words
from models.records.alarm_load import AlarmLoad
from models.records.threshold import Severity
from models.site_zone import zone_of

_WIDTHS = (196, 84, 128, 96, 120)
_DETAIL_FROM_PX = 640
_ROW_PX = 22
"""Lower than elsewhere: all twenty figures are seen at once."""


class LoadPage(QWidget):
    """Shows one report at a time."""

    def __init__(self, theme_source: ThemeSource) -> None:
        super().__init__()
        self.setObjectName("reports-load")
        self._themes = theme_source
        self._level = plain_label()
        self._note = plain_label()
        self._model = FiguresModel(self)
        self._table = make_table("reports-figures", "Figures of the alarm load")
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        set_columns(self._table, self._model, _WIDTHS)
        self._table.setItemDelegate(WholeRowDelegate(self._table))
        self._table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        ElasticColumn(self._table, Column.FIGURE, 150)
        YieldingColumns(self._table, {Column.DETAIL: _DETAIL_FROM_PX})
        self._meaning = plain_label()
        self._over_time = PaintedChart("reports-over-time", "Alerts in 10 minutes", 130, theme_source)
        self._severities = PaintedChart("reports-severities", "Alerts by severity", 102, theme_source)
        self._hours = PaintedChart("reports-hours", "Alerts by hour of the day", 102, theme_source)
        self._top = PaintedChart("reports-top-ten", "The ten most frequent", 200, theme_source)
        self._lay_out()
        self._table.selectionModel().selectionChanged.connect(self._show_meaning)

    @property
    def table_model(self) -> FiguresModel:
        """The table's model."""
        return self._model

    def show_report(self, report: AlarmReport) -> None:
        """Show another period."""
        load, zone = report.load, zone_of(report.time_zone)
        self._level.setText(f"{headline(load)}. {level_words(load)}.")
        note = span_words(load)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._model.show_load(load)
        if not self._table.selectionModel().hasSelection():
            self._table.selectRow(0)
        self._show_meaning()
        self._over_time.show_picture(
            lambda painter, rect, theme: load_painters.paint_load(painter, rect, load, theme, zone),
            f"At most {max(load.counts, default=0)} in 10 minutes; {len(load.floods)} floods.",
            lambda place: self._tip_of(place, load, zone),
        )
        shares = ", ".join(
            f"{severity.value} {count:,}" for severity, count in zip(Severity, load.severities, strict=True)
        )
        self._severities.show_picture(
            lambda painter, rect, theme: load_painters.paint_severities(painter, rect, load, theme), shares
        )
        self._hours.show_picture(
            lambda painter, rect, theme: load_painters.paint_hours(painter, rect, load, theme),
            ", ".join(f"{hour} h {count:,}" for hour, count in enumerate(load.by_hour) if count),
            lambda place: self._hour_of(place, load),
        )
        top = [source for source in load.sources if source.count][:10]
        self._top.show_picture(
            lambda painter, rect, theme: load_painters.paint_top_ten(
                painter, rect, load.sources, load.annunciations, theme
            ),
            "; ".join(f"{source.name}, {source.label}: {source.count:,}" for source in top),
            lambda place: self._source_of(place, load),
        )

    def focus_first(self) -> None:
        """Put the keyboard on the figures."""
        if not self._table.selectionModel().hasSelection() and self._model.rowCount():
            self._table.selectRow(0)
        self._table.setFocus()

    def _show_meaning(self) -> None:
        rows = self._table.selectionModel().selectedRows()
        figure = self._model.row_at(rows[0].row()) if rows else None
        detail = f" ({figure.detail})" if figure is not None and figure.detail else ""
        self._meaning.setText("" if figure is None else f"{figure.spec.meaning}{detail}")

    def _tip_of(self, place: QPoint, load: AlarmLoad, zone: tzinfo) -> str:
        plot = load_painters.plot_of(self._over_time.plot_rect())
        part = (place.x() - plot.left()) / max(1.0, plot.width())
        number = int(part * load.span_s / TEN_MIN_S)
        if not 0 <= part < 1 or number >= len(load.counts):
            return ""
        begin = datetime.fromtimestamp(load.since_unix + number * TEN_MIN_S, zone)
        return f"{begin.day} {begin:%b %H:%M}: {load.counts[number]:,} in 10 minutes"

    def _hour_of(self, place: QPoint, load: AlarmLoad) -> str:
        plot = load_painters.plot_of(self._hours.plot_rect())
        hour = int((place.x() - plot.left()) / max(1.0, plot.width()) * 24)
        return f"{hour:02d} to {hour + 1:02d} h: {load.by_hour[hour]:,} alerts" if 0 <= hour < 24 else ""

    def _source_of(self, place: QPoint, load: AlarmLoad) -> str:
        row = load_painters.top_ten_row(place.y(), self._top.plot_rect())
        shown = [source for source in load.sources if source.count][:10]
        if row >= len(shown):
            return ""
        source = shown[row]
        return f"{source.name}: {source.label}: {source.count:,} alerts, {percent_text(source.share)} of all"

    def _lay_out(self) -> None:
        self._level.setObjectName("reports-level")
        self._level.setWordWrap(True)
        self._level.setFont(text_font(BODY_PX + 2, QFont.Weight.DemiBold))
        self._note.setObjectName("reports-note")
        self._note.setWordWrap(True)
        self._meaning.setObjectName("reports-meaning")
        self._meaning.setWordWrap(True)
        self._meaning.setMinimumHeight(self._meaning.fontMetrics().lineSpacing() * 2)
        self._meaning.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._table, 1)
        column.addWidget(self._meaning)
        pictures = QWidget()
        grid = QGridLayout(pictures)
        grid.setContentsMargins(6, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setHorizontalSpacing(10)
        for row, (title, chart, columns) in enumerate(
            (
                ("Alerts in 10 minutes: the most, and dark the average", self._over_time, 2),
                ("The ten most frequent", self._top, 2),
            )
        ):
            grid.addWidget(heading(title), row * 4, 0, 1, columns)
            grid.addWidget(chart, row * 4 + 1, 0, 1, columns)
        grid.addWidget(heading("Severity, with its target"), 2, 0)
        grid.addWidget(heading("By hour of the day"), 2, 1)
        grid.addWidget(self._severities, 3, 0)
        grid.addWidget(self._hours, 3, 1)
        grid.setRowStretch(1, 3)
        grid.setRowStretch(3, 2)
        grid.setRowStretch(5, 3)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        scroll = QScrollArea()
        scroll.setObjectName("reports-pictures")
        scroll.setAccessibleName("Pictures of the alarm load")
        scroll.setWidget(pictures)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(scroll)
        splitter.setStretchFactor(0, 4)
        splitter.setStretchFactor(1, 5)
        splitter.setSizes([530, 640])
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(6)
        layout.addWidget(self._level)
        layout.addWidget(self._note)
        layout.addWidget(splitter, 1)
