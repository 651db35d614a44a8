"""A tab whose page is made when it is first turned to: a screen of five tabs opens as fast as one of one."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

Page = TypeVar("Page", bound=QWidget)


class LazyTab(QWidget, Generic[Page]):
    """Holds one page.

    Attributes:
        built: The page has just been made, and stands in its place.
    """

    built = Signal()

    def __init__(self, make: Callable[[], Page], parent: QWidget | None = None) -> None:
        """Store how the page is made."""
        super().__init__(parent)
        self._make = make
        self._page: Page | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    @property
    def is_built(self) -> bool:
        """Whether the page is there."""
        return self._page is not None

    @property
    def page(self) -> Page:
        """The page; made now, where it was not there yet."""
        return self.build()

    def build(self) -> Page:
        """Make the page, where it is not there yet, and return it."""
        if self._page is None:
            self._page = page = self._make()
            self._layout.addWidget(page)
            self.built.emit()
        return self._page
