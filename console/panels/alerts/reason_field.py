"""Why something is set aside: typed, or one of the reasons given last."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QWidget

MOST_LETTERS = 2_000
MOST_OFFERED = 12


class ReasonField(QComboBox):
    """Empty at first: whoever sets an alarm aside says why, and sends nobody else's words unread."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(MOST_OFFERED)
        line = self.lineEdit()
        assert line is not None  # an editable combo box has one
        line.setObjectName(f"{name}-line")
        line.setMaxLength(MOST_LETTERS)
        line.setPlaceholderText("What is being done about it")
        # Nothing completes by itself: "Belt" and Enter must not send "Belt change".
        self.setCompleter(None)  # pyright: ignore[reportArgumentType]

    @property
    def words(self) -> str:
        """What was typed or chosen, without blanks at its ends."""
        return self.currentText().strip()

    def offer(self, reasons: Sequence[str]) -> None:
        """Offer these, newest first; what was typed stays."""
        typed = self.currentText()
        self.blockSignals(True)
        self.clear()
        self.addItems(list(dict.fromkeys(reason for reason in reasons if reason))[:MOST_OFFERED])
        self.setCurrentIndex(-1)
        self.setEditText(typed)
        self.blockSignals(False)

    def error(self) -> str:
        """Return what is wrong; empty where nothing is."""
        return "" if self.words else "Say why: the next shift will ask."
