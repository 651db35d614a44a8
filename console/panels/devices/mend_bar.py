"""A line that offers a better address for the chosen tag, where the device's driver knows one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.widgets.plain_text import plain_tip

_LONGEST_PX = 320


class MendBar(QWidget):
    """Two buttons; hidden while there is nothing to mend. It decides nothing.

    Attributes:
        one_wanted: The chosen tag shall have the better address.
        all_wanted: So shall every tag that has one.
    """

    one_wanted = Signal()
    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tags-mend")
        self._one = QPushButton()
        self._one.setObjectName("tags-mend-one")
        self._all = QPushButton()
        self._all.setObjectName("tags-mend-all")
        self._one.clicked.connect(self.one_wanted)
        self._all.clicked.connect(self.all_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._one)
        layout.addWidget(self._all)
        layout.addStretch(1)
        self.offer("", 0)

    def offer(self, better: str, count: int) -> None:
        """Offer these.

        Args:
            better: Address for the chosen tag; empty where it needs none.
            count: How many tags have a better address.
        """
        metrics = QFontMetrics(self.font())
        short = metrics.elidedText(better, Qt.TextElideMode.ElideMiddle, _LONGEST_PX)
        self._one.setText(f"Use {short.replace('&', '&&')}  (Ctrl+M)")
        self._one.setAccessibleName(f"Use {better}")
        self._one.setToolTip(plain_tip(f"Writes {better} into this row; Ctrl+S saves it."))
        self._one.setVisible(bool(better))
        self._all.setText(f"Mend all {count} addresses that moved  (Ctrl+Shift+M)")
        self._all.setToolTip("Writes into each row the address that means what it meant; Ctrl+S saves them.")
        self._all.setVisible(count > (1 if better else 0))
        self.setVisible(count > 0)
