"""Confirmation names the consequence, and nothing happens by accident."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QPushButton

from console.widgets.confirm import Confirm


def make(qtbot, **more) -> Confirm:
    dialog = Confirm("3 alerts will be acknowledged in your name.", "Acknowledge 3 alerts", **more)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_the_consequence_comes_first_and_the_button_says_the_verb(light, qtbot):
    dialog = make(qtbot, affected=["Drive 1", "Drive 2"])
    assert dialog.findChild(QLabel).text() == "3 alerts will be acknowledged in your name."
    assert dialog.findChild(QPushButton, "confirm-go").text() == "Acknowledge 3 alerts"
    assert dialog.findChild(QPlainTextEdit, "confirm-affected").toPlainText() == "Drive 1\nDrive 2"


def test_enter_and_escape_both_cancel(light, qtbot):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = make(qtbot)
        with qtbot.waitSignal(dialog.rejected):
            qtbot.keyClick(dialog, key)
        assert dialog.result() == QDialog.DialogCode.Rejected


def test_the_verb_accepts_and_hands_the_comment_over(light, qtbot):
    dialog = make(qtbot, comment_label="Comment")
    dialog.findChild(QPlainTextEdit, "confirm-comment").setPlainText("  seen from the gate  ")
    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.findChild(QPushButton, "confirm-go"), Qt.MouseButton.LeftButton)
    assert dialog.comment == "seen from the gate"


def test_the_verb_is_one_tab_away_and_enter_on_it_means_it(light, qtbot):
    dialog = make(qtbot, affected=["Drive 1", "Drive 2"])
    qtbot.waitExposed(dialog)
    cancel, go = (dialog.findChild(QPushButton, f"confirm-{name}") for name in ("cancel", "go"))
    assert cancel.nextInFocusChain() is go
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(go, Qt.Key.Key_Return)
