"""Browsing: only what is looked at is asked for, a search streams in, nodes become tags of quantities."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableView, QTreeView, QWidget

from console.panels.devices.browse.browse_dialog import BrowseDialog
from console.panels.devices.browse.tag_proposal import proposed_quantity, tag_of
from console.widgets.theme import LIGHT, ThemeSource
from drivers.workbench import BrowseNode, BrowsePage
from models.quantities import THE_SIX
from models.records.device import Tag

FOLDER = BrowseNode("f", "", "Line 1", "folder", has_children=True)
TEMPERATURE = BrowseNode(
    "t", "nsu=urn:a;s=T", "OilTemperature", "variable", False, "Float", "140.0", "°F", 32.0, 300.0
)
PRESSURE = BrowseNode("p", "nsu=urn:a;s=P", "Inlet", "variable", False, "Float", "6.1", "bar")


class Question:
    """One question under way; its answer comes with the next turn of the loop, unless it was stopped."""

    def __init__(self, answer: Callable[[], None], on_stop: Callable[[], None]) -> None:
        self._answer = answer
        self._on_stop = on_stop
        self.is_stopped = False
        QTimer.singleShot(0, self._tell)

    def _tell(self) -> None:
        if not self.is_stopped:
            self._answer()

    def stop(self) -> None:
        self.is_stopped = True
        self._on_stop()


class Server:
    """A root with one folder; the folder has many nodes in pages of 500."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.questions: list[Question] = []
        self.stopped = 0
        self.fault = ""

    def children(
        self,
        node: str,
        more: str,
        on_done: Callable[[BrowsePage], None],
        on_failed: Callable[[str], None],
    ) -> Question:
        self.asked.append((node, more))
        if self.fault:
            return self._question(lambda: on_failed(self.fault))
        page = BrowsePage((FOLDER,))
        if node == "f":
            first = int(more or 0)
            nodes = [TEMPERATURE, PRESSURE] if not first else []
            nodes += [
                BrowseNode(f"n{at}", f"nsu=urn:a;s=N{at}", f"N{at}", "variable", False)
                for at in range(first + len(nodes), first + 500)
            ]
            page = BrowsePage(tuple(nodes), str(first + 500) if first + 500 < 100_000 else "")
        return self._question(lambda: on_done(page))

    def _question(self, answer: Callable[[], None]) -> Question:
        self.questions.append(Question(answer, self.stop))
        return self.questions[-1]

    def close(self) -> None:
        """Answer nobody any more."""
        for question in self.questions:
            question.is_stopped = True

    def search(
        self,
        words: str,
        on_part: Callable[[BrowsePage], None],
        on_done: Callable[[], None],
        on_failed: Callable[[str], None],
    ) -> "Server":
        self.asked.append(("search", words))
        self.find, self.end = on_part, on_done
        return self

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def browse(qtbot, server: Server) -> Iterator[BrowseDialog]:
    themes = ThemeSource()
    themes.use(LIGHT)
    home = QWidget()
    qtbot.addWidget(home)
    dialog = BrowseDialog(
        "Press 1", server.children, server.search, THE_SIX, [Tag("rpm", "ns=1;s=R")], themes, home
    )
    dialog.open()
    yield dialog
    server.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _open_folder(qtbot, browse: BrowseDialog) -> QModelIndex:
    tree = browse.findChild(QTreeView, "browse-tree")
    model = tree.model()
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    folder = model.index(0, 0)
    tree.expand(folder)
    model.fetchMore(folder)
    qtbot.waitUntil(lambda: model.rowCount(folder) >= 500)
    return folder


def _press(qtbot, browse: BrowseDialog, name: str) -> None:
    qtbot.mouseClick(browse.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_of_a_hundred_thousand_nodes_only_those_looked_at_are_asked_for(qtbot, browse, server) -> None:
    folder = _open_folder(qtbot, browse)
    asked = [more for node, more in server.asked if node == "f"]
    assert (folder.model().rowCount(folder) <= 1000, len(asked) <= 2) == (True, True)


def test_nothing_is_asked_while_the_dialog_is_being_built(qtbot, server) -> None:
    home = QWidget()
    qtbot.addWidget(home)
    themes = ThemeSource()
    themes.use(LIGHT)
    dialog = BrowseDialog("Press 1", server.children, server.search, THE_SIX, [], themes, home)
    dialog.findChild(QTreeView, "browse-tree").doItemsLayout()
    assert server.asked == []


def test_a_node_is_assigned_to_the_quantity_its_name_tells_and_its_unit_converted(qtbot, browse) -> None:
    made: list[list[Tag]] = []
    browse.tags_made.connect(made.append)
    folder = _open_folder(qtbot, browse)
    tree = browse.findChild(QTreeView, "browse-tree")
    tree.setCurrentIndex(folder.model().index(0, 0, folder))
    _press(qtbot, browse, "browse-assign")
    assert "°F is converted to °C" in browse.findChild(QLabel, "browse-said").text()
    _press(qtbot, browse, "browse-add")
    (tag,) = made[0]
    assert (tag.metric, tag.address) == ("temperature", "nsu=urn:a;s=T")
    assert 140.0 * tag.scale + tag.offset == pytest.approx(60.0)


def test_a_node_dropped_on_a_quantity_is_taken_for_it(qtbot, browse) -> None:
    folder = _open_folder(qtbot, browse)
    tree = browse.findChild(QTreeView, "browse-tree")
    node = folder.model().index(1, 0, folder)
    tree.setCurrentIndex(node)
    targets = browse.findChild(QTableView, "browse-quantities").model()
    data = folder.model().mimeData([node])
    targets.dropMimeData(data, Qt.DropAction.CopyAction, -1, -1, targets.index(2, 0))
    assert targets.index(2, 1).data() == "● nsu=urn:a;s=P × 100"


def test_a_folder_cannot_be_assigned(qtbot, browse) -> None:
    folder = _open_folder(qtbot, browse)
    browse.findChild(QTreeView, "browse-tree").setCurrentIndex(folder)
    browse.findChild(QTableView, "browse-quantities").selectRow(0)
    assert not browse.findChild(QPushButton, "browse-assign").isEnabled()


def test_what_a_search_finds_comes_as_it_is_found_and_can_be_stopped(qtbot, browse, server) -> None:
    qtbot.keyClicks(browse.findChild(QLineEdit, "browse-search"), "oil temp")
    qtbot.keyClick(browse.findChild(QLineEdit, "browse-search"), Qt.Key.Key_Return)
    server.find(BrowsePage((TEMPERATURE,), looked_at=1200))
    results = browse.findChild(QTreeView, "browse-results")
    words = browse.findChild(QLabel, "browse-task-words")
    assert (results.isVisibleTo(browse), words.text()) == (True, "Searching… 1 found in 1,200 nodes")
    _press(qtbot, browse, "browse-task-cancel")
    assert (words.text(), server.stopped) == ("Stopped; 1 found so far.", 1)


def test_a_search_without_a_find_says_where_it_looked(qtbot, browse, server) -> None:
    qtbot.keyClicks(browse.findChild(QLineEdit, "browse-search"), "nothing")
    qtbot.keyClick(browse.findChild(QLineEdit, "browse-search"), Qt.Key.Key_Return)
    server.end()
    assert "No node has all these words" in browse.findChild(QLabel, "browse-task-words").text()


def test_escape_empties_the_search_before_it_closes_the_dialog(qtbot, browse, server) -> None:
    search = browse.findChild(QLineEdit, "browse-search")
    search.setFocus()
    qtbot.keyClicks(search, "oil temp")
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert (search.text(), browse.isVisible()) == ("", True)
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert not browse.isVisible()


def test_a_server_that_refuses_says_why_and_is_asked_again(qtbot, browse, server) -> None:
    folder = _open_folder(qtbot, browse)
    server.fault = "No answer from opc.tcp://10.0.0.7:4840 within 1 s."
    model = folder.model()
    while model.canFetchMore(folder):
        model.fetchMore(folder)
    words = browse.findChild(QLabel, "browse-task-words")
    qtbot.waitUntil(lambda: words.text() == server.fault)
    assert model.canFetchMore(folder)


def test_tags_the_device_has_already_are_shown(browse) -> None:
    targets = browse.findChild(QTableView, "browse-quantities").model()
    assert targets.index(5, 1).data() == "ns=1;s=R (so far)"


@pytest.mark.parametrize(
    ("name", "unit", "key"),
    [
        ("OilTemperature", "", "temperature"),
        ("TT_101_temp", "", "temperature"),
        ("Inlet", "bar", "pressure"),
        ("MotorSpeed", "rpm", "rpm"),
        ("Foo", "", None),
    ],
)
def test_a_node_tells_its_quantity(name: str, unit: str, key: str | None) -> None:
    found = proposed_quantity(BrowseNode("x", "i=1", name, "variable", False, unit=unit), THE_SIX)
    assert (found.key if found else None) == key


def test_a_unit_nobody_knows_is_taken_as_it_comes() -> None:
    node = BrowseNode("x", "i=1", "X", "variable", False, unit="furlong")
    assert tag_of(node, THE_SIX.of("pressure")) == Tag("pressure", "i=1")
