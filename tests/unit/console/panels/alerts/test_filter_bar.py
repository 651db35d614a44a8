import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from console.panels.alerts.filter_bar import FilterBar


@pytest.fixture
def page(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1600, 200)
    return made


@pytest.fixture
def bar(qtbot, page) -> FilterBar:
    made = FilterBar(QWidget(page), page)
    page.show()
    qtbot.waitExposed(page)
    return made


@pytest.mark.parametrize(("more_px", "rows"), [(0, 2), (400, 1)])
def test_the_search_moves_above_the_buttons_before_any_of_them_is_cut(qtbot, bar, more_px, rows):
    bar.resize(bar.minimumSizeHint().width() + more_px, 80)

    search = bar.findChild(QLineEdit, "alerts-search")
    buttons = bar.findChildren(QPushButton)
    row_of_buttons = buttons[0].parentWidget()
    qtbot.waitUntil(lambda: (search.geometry().bottom() < row_of_buttons.geometry().top()) is (rows == 2))
    assert all(button.width() >= button.sizeHint().width() for button in buttons)
