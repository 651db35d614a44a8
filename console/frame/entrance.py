"""What covers the window while nobody is signed in: the page that the session asks for, in the middle."""

from collections.abc import Sequence

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from console.bridge.session_keeper import SessionKeeper
from console.bridge.session_state import Phase
from console.demo_people import DemoPerson
from console.frame.demo_page import DemoPage
from console.frame.first_admin_page import FirstAdminPage
from console.frame.notice_line import NoticeLine
from console.frame.sign_in_page import SignInPage
from console.widgets.theme import ThemeSource

Page = SignInPage | FirstAdminPage | DemoPage


class Entrance(QWidget):
    """Sign-in page, first administrator, or the demonstration's persons. Shows nothing of the plant."""

    def __init__(
        self,
        session: SessionKeeper,
        theme_source: ThemeSource,
        memory: QSettings | None = None,
        persons: Sequence[DemoPerson] = (),
    ) -> None:
        """Build the pages. `persons` are the demonstration's; empty = people type who they are."""
        super().__init__()
        self.setObjectName("entrance")
        self._session = session
        self._notice = NoticeLine(theme_source)
        self._door: SignInPage | DemoPage = (
            DemoPage(theme_source, persons) if persons else SignInPage(theme_source, memory)
        )
        self._first_admin = FirstAdminPage(theme_source)
        self._door.wanted.connect(session.sign_in)
        self._first_admin.wanted.connect(session.create_first_admin)
        self._stack = QStackedWidget()
        self._stack.setObjectName("entrance-pages")
        for page in (self._door, self._first_admin):
            self._stack.addWidget(in_the_middle(page))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._notice)
        layout.addWidget(self._stack, 1)
        session.changed.connect(self.follow)
        self.follow()

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self._first_admin if self._stack.currentIndex() == 1 else self._door

    def tell(self, sentence: str) -> None:
        """Show a sentence above the page for some seconds."""
        self._notice.tell(sentence)

    def follow(self) -> None:
        """Show what the session asks for."""
        state = self._session.state
        if state.phase is Phase.SIGNED_IN:
            self._door.forget()
            self._first_admin.forget()
            # Whoever comes next finds the door, with the keyboard in it.
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1 if state.phase is Phase.FIRST_ADMIN else 0)
        self.page.show_state(state)


class _Hall(QScrollArea):
    """Scrolls where a window is too low for its page."""

    def minimumSizeHint(self) -> QSize:
        """Any size will do."""
        return QSize(0, 0)


def in_the_middle(page: QWidget) -> QScrollArea:
    """Return a page in the upper middle of an otherwise empty room."""
    room = QWidget()
    # A row, not an alignment: an aligned page would be given the height that its lines need unwrapped.
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(page)
    row.addStretch(1)
    column = QVBoxLayout(room)
    column.addStretch(2)
    column.addLayout(row)
    column.addStretch(3)
    hall = _Hall()
    hall.setWidget(room)
    hall.setWidgetResizable(True)
    hall.setFrameShape(QScrollArea.Shape.NoFrame)
    hall.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    # The window itself paints the background, and so learns when it was painted: the start waits for that.
    hall.viewport().setAutoFillBackground(False)
    room.setAutoFillBackground(False)
    return hall
