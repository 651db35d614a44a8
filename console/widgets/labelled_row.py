"""A line of a dense form: label, field, unit, and below them what is wrong; help is said elsewhere, on focus.

Denser than `form_row`: twenty settings fit on a screen; the one that has the keyboard is explained in full.
"""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QGridLayout, QWidget

from console.widgets.fonts import BODY_PX, SMALL_PX, text_font
from console.widgets.plain_text import plain_label, plain_tip
from console.widgets.theme import ThemeSource

LABEL_PX = 142


class LabelledRow(QWidget):
    """What is wrong is said in words and by a thick border; what was changed is marked in the label.

    Attributes:
        focused: The keyboard came into the field.
    """

    focused = Signal()

    def __init__(
        self,
        label: str,
        field: QWidget,
        target: QWidget,
        theme_source: ThemeSource,
        unit: str = "",
        help_text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Lay the row out.

        Args:
            label: What the field asks for; a check box says it itself.
            field: What is put beside the label.
            target: The widget in it that takes the keyboard.
            theme_source: The theme in use.
            unit: Shown beside the field.
            help_text: The whole help, as tool tip and for screen readers.
        """
        super().__init__(parent)
        self._themes = theme_source
        self._words = label
        self._target = target
        self._error = ""
        self._is_changed, self._was = False, ""
        self._help = help_text
        self._label = plain_label("" if isinstance(target, QCheckBox) else label)
        self._label.setBuddy(target)
        self._label.setFixedWidth(LABEL_PX)
        self._label.setWordWrap(True)
        self._label.setToolTip(plain_tip(help_text))
        self._unit = plain_label(unit)
        self._below = plain_label()
        self._below.setObjectName(f"{target.objectName()}-below")
        self._below.setWordWrap(True)
        self._below.setFont(text_font(SMALL_PX + 1, QFont.Weight.DemiBold))
        self._below.hide()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(2)
        layout.addWidget(self._label, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(field, 0, 1)
        layout.addWidget(self._unit, 0, 2)
        layout.addWidget(self._below, 1, 1, 1, 2)
        layout.setColumnStretch(1, 1)
        self._unit.setVisible(bool(unit))
        for part in (target, *field.findChildren(QWidget)):
            if part.focusPolicy() is not Qt.FocusPolicy.NoFocus:
                part.installEventFilter(self)
                if not isinstance(part, QAbstractButton):
                    part.setToolTip(plain_tip(help_text))
        theme_source.changed.connect(self._colour)
        self._colour()
        self._show()

    @property
    def error(self) -> str:
        """What is wrong; empty where nothing is known to be."""
        return self._error

    @property
    def target(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self._target

    def set_error(self, sentence: str) -> None:
        """Say what is wrong with the field, or with an empty sentence that nothing is."""
        if sentence != self._error:
            self._error = sentence
            self._show()

    def set_changed(self, *, is_changed: bool, was: str = "") -> None:
        """Mark that it is another than stored, and say what was."""
        if (is_changed, was if is_changed else "") != (self._is_changed, self._was):
            self._is_changed, self._was = is_changed, was if is_changed else ""
            tip = f"{self._help}\nStored: {self._was}" if self._was else self._help
            self._label.setToolTip(plain_tip(tip))
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the keyboard."""
        if event.type() is QEvent.Type.FocusIn:
            self.focused.emit()
        return super().eventFilter(watched, event)

    def _show(self) -> None:
        mark = f"{self._words} •" if self._is_changed else self._words
        if isinstance(self._target, QCheckBox):
            self._target.setText(mark.replace("&", "&&"))
        else:
            self._label.setText(mark)
            weight = QFont.Weight.DemiBold if self._is_changed else QFont.Weight.Normal
            self._label.setFont(text_font(BODY_PX, weight))
        if self._below.text() != self._error:
            self._below.setText(self._error)
            self._below.setVisible(bool(self._error))
        self._target.setAccessibleDescription(self._error or self._help)
        if self._target.property("isWrong") is not bool(self._error):
            self._target.setProperty("isWrong", bool(self._error))
            # A style sheet looks at properties only when the widget is polished, which costs a millisecond.
            self._target.style().unpolish(self._target)
            self._target.style().polish(self._target)

    def _colour(self) -> None:
        if not self._unit.isHidden():
            self._unit.setStyleSheet(f"color: {self._themes.theme.muted.name()};")
