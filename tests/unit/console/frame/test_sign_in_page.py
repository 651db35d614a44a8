import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QProgressBar, QPushButton, QToolButton

from console.bridge.session_state import Phase, SessionState
from console.frame.sign_in_page import SignInPage
from console.widgets.theme import ThemeSource

READY = SessionState(Phase.SIGNED_OUT, place="console at db.plant.example")


@pytest.fixture
def page(qtbot, themes: ThemeSource, memory: QSettings) -> SignInPage:
    made = SignInPage(themes, memory)
    qtbot.addWidget(made)
    made.show_state(READY)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def wanted(page: SignInPage) -> list[tuple[str, str]]:
    heard: list[tuple[str, str]] = []
    page.wanted.connect(lambda email, password: heard.append((email, password)))
    return heard


def field(page: SignInPage, name: str) -> QLineEdit:
    return page.findChild(QLineEdit, f"sign-in-{name}")


def said(page: SignInPage) -> str:
    return page.findChild(QLabel, "sign-in-said").text()


def test_the_keyboard_alone_signs_in(qtbot, page, wanted):
    qtbot.waitUntil(lambda: field(page, "email").hasFocus())
    qtbot.keyClicks(field(page, "email"), " mara@plant.example ")
    qtbot.keyClick(field(page, "email"), Qt.Key.Key_Return)
    assert field(page, "password").hasFocus()
    qtbot.keyClicks(field(page, "password"), "correct horse battery")
    qtbot.keyClick(field(page, "password"), Qt.Key.Key_Return)
    assert wanted == [("mara@plant.example", "correct horse battery")]


def test_the_password_is_gone_from_the_page_once_it_was_handed_over(qtbot, page, wanted):
    field(page, "email").setText("mara@plant.example")
    field(page, "password").setText("correct horse battery")
    qtbot.mouseClick(page.findChild(QPushButton, "sign-in-go"), Qt.MouseButton.LeftButton)
    field(page, "password").undo()
    assert field(page, "password").text() == ""


@pytest.mark.parametrize(("email", "sentence"), [("", "e-mail"), ("mara@plant.example", "password")])
def test_what_is_missing_is_said_and_nothing_is_asked(qtbot, page, wanted, email, sentence):
    field(page, "email").setText(email)
    qtbot.mouseClick(page.findChild(QPushButton, "sign-in-go"), Qt.MouseButton.LeftButton)
    assert sentence in said(page)
    assert wanted == []


def test_a_refusal_is_one_sentence_that_screen_readers_get_and_the_keyboard_is_on_the_password(qtbot, page):
    field(page, "email").setText("mara@plant.example")
    page.show_state(SessionState(Phase.SIGNED_OUT, "Wrong.", is_fault=True, email="mara@plant.example"))
    line = page.findChild(QLabel, "sign-in-said")
    assert (line.text(), line.accessibleName()) == ("Wrong.", "Wrong.")
    qtbot.waitUntil(lambda: field(page, "password").hasFocus())


def test_while_somebody_is_let_in_nothing_can_be_typed_and_something_moves(page):
    page.show_state(SessionState(Phase.SIGNED_OUT, is_busy=True, email="mara@plant.example"))
    assert not field(page, "email").isEnabled()
    assert page.findChild(QProgressBar, "sign-in-busy").isVisible()
    assert said(page) == "Signing in…"


def test_while_the_database_is_made_the_page_says_so_and_asks_nothing(page):
    page.show_state(SessionState(Phase.OPENING, "Creating the database… this happens once."))
    assert not field(page, "email").isVisible()
    assert "this happens once" in said(page)
    assert page.findChild(QProgressBar, "sign-in-busy").isVisible()


def test_a_database_that_cannot_be_opened_is_said_without_anything_moving(page):
    page.show_state(SessionState(Phase.OPENING, "Run main.py db upgrade.", is_fault=True))
    assert not page.findChild(QProgressBar, "sign-in-busy").isVisible()


def test_where_the_database_is_and_what_is_less_safe_stands_below(page):
    page.show_state(SessionState(Phase.SIGNED_OUT, place="console at db", cautions=("Not encrypted.",)))
    about = page.findChild(QLabel, "sign-in-about").text()
    assert about.splitlines()[:2] == ["Database: console at db", "Not encrypted."]
    assert "Operator console " in about


def test_a_database_that_is_away_is_said_before_anybody_types(page):
    page.show_state(SessionState(Phase.SIGNED_OUT, away="The database does not answer."))
    assert "may look at the plant" in said(page)


def test_the_password_can_be_shown_and_hides_again_with_the_next_attempt(qtbot, page):
    reveal = page.findChild(QToolButton, "sign-in-reveal")
    field(page, "email").setText("mara@plant.example")
    field(page, "password").setText("secret words")
    qtbot.mouseClick(reveal, Qt.MouseButton.LeftButton)
    assert field(page, "password").echoMode() is QLineEdit.EchoMode.Normal
    qtbot.keyClick(field(page, "password"), Qt.Key.Key_Return)
    assert field(page, "password").echoMode() is QLineEdit.EchoMode.Password


def test_caps_lock_is_said_below_the_password(qtbot, page):
    qtbot.keyClicks(field(page, "password"), "A", modifier=Qt.KeyboardModifier.NoModifier)
    below = page.findChild(QLabel, "sign-in-password-below")
    assert below.text() == "Caps Lock is on."
    qtbot.keyClick(field(page, "password"), Qt.Key.Key_B)
    assert below.text() == ""


def test_the_address_is_remembered_only_where_that_was_wished(qtbot, page, themes, memory, wanted):
    field(page, "email").setText("mara@plant.example")
    field(page, "password").setText("secret words")
    page.findChild(QCheckBox, "sign-in-remember").setChecked(True)
    qtbot.keyClick(field(page, "password"), Qt.Key.Key_Return)
    again = SignInPage(themes, memory)
    qtbot.addWidget(again)
    assert field(again, "email").text() == "mara@plant.example"
    again.findChild(QCheckBox, "sign-in-remember").setChecked(False)
    again.show_state(READY)
    field(again, "password").setText("secret words")
    qtbot.keyClick(field(again, "password"), Qt.Key.Key_Return)
    assert field(SignInPage(themes, memory), "email").text() == ""


def test_the_next_person_finds_an_empty_page(page):
    field(page, "email").setText("mara@plant.example")
    field(page, "password").setText("half a pass")
    page.forget()
    assert (field(page, "email").text(), field(page, "password").text()) == ("", "")


@pytest.mark.parametrize(
    "text",
    ["x" * 10_000, "😀" * 500, "שלום\u202eevil", "'; DROP TABLE app.users; --", "a\0b\ud83d"],
    ids=["long", "emoji", "right-to-left", "SQL", "broken"],
)
def test_whatever_is_typed_is_handed_on_harmless_and_the_page_keeps_its_size(qtbot, page, wanted, text):
    before = page.size()
    field(page, "email").setText(text)
    field(page, "password").setText(text)
    qtbot.keyClick(field(page, "password"), Qt.Key.Key_Return)
    (email, password) = wanted[0]
    assert email.encode()
    assert password.encode()
    assert len(email) <= 254
    assert page.size() == before
