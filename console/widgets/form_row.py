"""One line of a form: label, field, and below it a hint, or what is wrong with what was typed."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from console.widgets.fonts import SMALL_PX, text_font
from console.widgets.theme import ThemeSource


class FormRow(QWidget):
    """Keeps the room of its second line, so that a form does not jump while it is corrected.

    What is wrong is said in words and by a thick border, not in red: alarm colours belong to the plant.
    """

    def __init__(
        self,
        label: str,
        field: QWidget,
        theme_source: ThemeSource,
        hint: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Lay the row out.

        Args:
            label: What the field asks for; an ampersand marks the letter that jumps to it with Alt.
            field: Where it is typed or chosen.
            theme_source: The theme in use.
            hint: Shown below the field while nothing is wrong.
        """
        super().__init__(parent)
        self._themes = theme_source
        self._field = field
        self._hint = hint
        self._error = ""
        self._label = QLabel(label)
        self._label.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(label.replace("&", ""))
        self._below = QLabel()
        self._below.setObjectName(f"{field.objectName()}-below")
        self._below.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self._label)
        layout.addWidget(field)
        layout.addWidget(self._below)
        theme_source.changed.connect(self._show)
        self._show()

    @property
    def error(self) -> str:
        """What is wrong; empty where nothing is known to be."""
        return self._error

    def set_error(self, sentence: str) -> None:
        """Say what is wrong with the field, or with an empty sentence that nothing is."""
        if sentence != self._error:
            self._error = sentence
            self._show()

    def set_hint(self, hint: str) -> None:
        """Say something else below the field while nothing is wrong."""
        if hint != self._hint:
            self._hint = hint
            self._show()

    def set_label(self, label: str) -> None:
        """Ask for something else, for instance in another unit."""
        self._label.setText(label)

    def _show(self) -> None:
        theme = self._themes.theme
        is_wrong = bool(self._error)
        self._below.setText(self._error or self._hint)
        self._below.setFont(
            text_font(SMALL_PX + 1, QFont.Weight.DemiBold if is_wrong else QFont.Weight.Normal)
        )
        self._below.setStyleSheet(f"color: {(theme.text if is_wrong else theme.muted).name()};")
        self._below.setMinimumHeight(self._below.fontMetrics().lineSpacing())
        self._field.setAccessibleDescription(self._error or self._hint)
        self._field.setProperty("isWrong", is_wrong)
        # A style sheet looks at properties only when the widget is polished.
        self._field.style().unpolish(self._field)
        self._field.style().polish(self._field)
