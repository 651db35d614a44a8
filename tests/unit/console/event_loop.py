"""For tests that hand the keyboard to something the event loop has yet to open."""

from PySide6.QtCore import QEventLoop, QTimer


def next_turn() -> None:
    """Wait until what is queued in the event loop now has been delivered."""
    turn = QEventLoop()
    QTimer.singleShot(0, turn.quit)
    turn.exec()
