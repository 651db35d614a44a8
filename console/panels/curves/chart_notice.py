"""A sentence in a chart's corner: loading, or why history is missing."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from console.widgets.theme import ThemeSource

_LEFT, _BOTTOM, _RIGHT = 64, 34, 16


class ChartNotice(QLabel):
    """Lies over the lower left corner of a chart; takes no clicks; hidden while there is nothing to say."""

    def __init__(self, theme_source: ThemeSource, chart: QWidget) -> None:
        super().__init__(chart)
        self._themes = theme_source
        self._chart = chart
        self.setObjectName("chart-notice")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self.hide()
        chart.installEventFilter(self)
        theme_source.changed.connect(self._theme_changed)
        self._theme_changed()

    def say(self, sentence: str) -> None:
        """Show a sentence; an empty one hides the notice."""
        self.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the chart changes its size."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        width = max(60, self._chart.width() - _LEFT - _RIGHT)
        self.setFixedWidth(min(width, self.fontMetrics().horizontalAdvance(self.text()) + 24))
        self.adjustSize()
        self.move(_LEFT, self._chart.height() - _BOTTOM - self.height())

    def _theme_changed(self) -> None:
        theme = self._themes.theme
        self.setStyleSheet(
            f"background: {theme.raised.name()}; color: {theme.text.name()};"
            f" border: 1px solid {theme.outline.name()}; border-radius: 3px; padding: 3px 8px;"
        )
