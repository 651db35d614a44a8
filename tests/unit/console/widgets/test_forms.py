"""Form rows, forms over the window, password fields."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from console.widgets.form_dialog import FormDialog
from console.widgets.form_row import FormRow
from console.widgets.password_field import PasswordField
from console.widgets.theme import DARK


@pytest.fixture
def name() -> QLineEdit:
    field = QLineEdit()
    field.setObjectName("name")
    return field


@pytest.fixture
def parent(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def form(parent, light, name) -> FormDialog:
    made = FormDialog("form", "Something will be different.", "Do it", light, parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.add_row("&Name", name, lambda: "" if name.text() else "Type a name.", "As in the passport.")
    made.show()
    return made


@pytest.fixture
def submitted(form) -> list[str]:
    heard: list[str] = []
    form.submitted.connect(lambda: heard.append("submitted"))
    return heard


def below(form: QWidget) -> str:
    return form.findChild(QLabel, "name-below").text()


def test_what_is_wrong_stands_below_the_field_and_is_read_out(qtbot, light, name):
    row = FormRow("Name", name, light, "As in the passport.")
    qtbot.addWidget(row)
    row.set_error("Type a name.")

    assert below(row) == "Type a name."
    assert name.accessibleDescription() == "Type a name."
    assert name.property("isWrong") is True

    row.set_error("")
    assert below(row) == "As in the passport."
    assert name.property("isWrong") is False


def test_a_row_keeps_its_height_while_it_is_corrected(qtbot, light, name):
    row = FormRow("Name", name, light)
    qtbot.addWidget(row)
    before = row.sizeHint().height()
    row.set_error("Type a name.")

    assert row.sizeHint().height() == before


def test_a_row_is_coloured_anew_with_the_theme(qtbot, light, name):
    row = FormRow("Name", name, light, "As in the passport.")
    qtbot.addWidget(row)
    light.use(DARK)

    assert DARK.muted.name() in row.findChild(QLabel, "name-below").styleSheet()


def test_a_form_with_something_wrong_is_not_sent(form, submitted, name):
    QTest.keyClick(name, Qt.Key.Key_Return)

    assert submitted == []
    assert below(form) == "Type a name."
    QTest.keyClicks(name, "A")
    assert below(form) == "As in the passport."
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert submitted == ["submitted"]


def test_nothing_is_sent_twice_while_an_answer_is_awaited(form, submitted, name):
    name.setText("Anna")
    form.set_busy("Saving…")
    QTest.keyClick(form, Qt.Key.Key_Return)

    assert submitted == []
    assert not name.isEnabled()
    assert form.findChild(QLabel, "form-said").text() == "Saving…"


def test_a_refused_form_keeps_what_was_typed_and_can_be_sent_again(form, submitted, name):
    name.setText("Anna")
    form.set_busy("Saving…")
    form.refuse("Somebody has this name already.")
    QTest.keyClick(form.findChild(QPushButton, "form-go"), Qt.Key.Key_Space)

    assert (submitted, name.text()) == (["submitted"], "Anna")


def test_enter_does_nothing_by_accident_where_a_form_says_so(form, submitted, name):
    name.setText("Anna")
    form.start_at_cancel()
    QTest.keyClick(form, Qt.Key.Key_Return)

    assert submitted == []
    assert form.isHidden()


def test_a_password_field_shows_dots_and_forgets_for_good(qtbot):
    field = PasswordField("secret")
    qtbot.addWidget(field)
    QTest.keyClicks(field, "hunter2")

    assert field.displayText() != "hunter2"
    field.set_shown(shown=True)
    assert field.displayText() == "hunter2"
    assert field.take() == "hunter2"
    field.undo()
    assert field.text() == ""
    assert "hunter2" not in repr(field)


def test_a_form_forgets_its_passwords_when_it_closes(form, light):
    field = PasswordField("secret")
    form.add_row("Password", field)
    QTest.keyClicks(field, "hunter2")
    form.reject()

    assert field.text() == ""


def test_a_form_grows_with_what_is_said_in_it(form, qtbot):
    before = form.height()
    form.refuse("Somebody else changed this person meanwhile; look again. " * 4)

    qtbot.waitUntil(lambda: form.height() > before)
