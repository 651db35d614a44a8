"""Asks for page after page, ahead of whoever scrolls, and for the count: never on the window's thread."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QTableView

from console.bridge.bridge import Bridge
from console.panels.alerts.paged_model import PAGE, PagedModel

_AHEAD_ROWS = 2 * PAGE


class Pager(QObject):
    """Fills a PagedModel.

    Attributes:
        begun: The first page of another question is there.
        changed: What is known of count, failure or loading is another.
    """

    begun = Signal()
    changed = Signal()

    def __init__(
        self,
        bridge: Bridge,
        table: QTableView,
        model: PagedModel[Any],
        ask_page: Callable[[Any], Any],
        ask_count: Callable[[], Any] | None = None,
    ) -> None:
        """Store the parts.

        Args:
            bridge: Carries the questions.
            table: Shows `model`; scrolling in it asks for more.
            model: Gets the pages.
            ask_page: Returns the question for the page behind a row; None = the first page.
            ask_count: Returns the question for how many rows there are; None = nobody asks.
        """
        super().__init__(table)
        self._bridge = bridge
        self._table = table
        self._model = model
        self._ask_page = ask_page
        self._ask_count = ask_count
        self._generation = 0
        self._is_asking = False
        self._is_first = False
        self._failure = ""
        self._count: int | None = None
        table.verticalScrollBar().valueChanged.connect(self._look_ahead)

    @property
    def is_loading_first(self) -> bool:
        """Whether the first page of the present question is awaited."""
        return self._is_asking and self._is_first

    @property
    def failure(self) -> str:
        """Why the last page did not come; empty where it did."""
        return self._failure

    @property
    def count(self) -> int | None:
        """How many rows there are; None where that is not known."""
        return self._model.rowCount() if self._model.is_complete else self._count

    def reload(self) -> None:
        """Begin again at the first page; what is shown stays until that is there."""
        self._generation += 1
        self._count = None
        self._ask(None, is_first=True)
        self._ask_for_count(self._generation)

    def more(self) -> None:
        """Ask for the next page, unless one is on its way or there is none."""
        if not self._is_asking and not self._model.is_complete and self._model.rowCount():
            self._ask(self._model.last, is_first=False)

    def _ask(self, after: object, *, is_first: bool) -> None:
        self._is_asking, self._is_first, self._failure = True, is_first, ""
        generation = self._generation

        def take(page: list[Any]) -> None:
            if generation != self._generation:
                return
            self._is_asking = False
            if is_first:
                self._model.begin_anew(page)
                self.begun.emit()
            else:
                self._model.add_page(page)
            self.changed.emit()
            self._look_ahead()

        def fail(sentence: str) -> None:
            if generation == self._generation:
                self._is_asking, self._failure = False, sentence
                self.changed.emit()

        self._bridge.ask(self._ask_page(after), take, fail, self)
        self.changed.emit()

    def _ask_for_count(self, generation: int) -> None:
        if self._ask_count is None:
            return

        def take(count: int) -> None:
            if generation == self._generation:
                self._count = count
                self.changed.emit()

        self._bridge.ask(self._ask_count(), take, lambda _sentence: None, self)

    def _look_ahead(self) -> None:
        """Ask before the end is reached, so that scrolling never waits for it."""
        last_seen = self._table.rowAt(self._table.viewport().height() - 1)
        if last_seen < 0:
            last_seen = self._model.rowCount() - 1
        if last_seen >= self._model.rowCount() - _AHEAD_ROWS:
            self.more()
