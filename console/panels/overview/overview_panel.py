"""Overview (L1): the whole plant as tiles, with a filter, an order, and one line that counts."""

import time
from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.keyboard import LeaveFilter
from console.panels.overview.live_tiles import LiveTiles
from console.panels.overview.ordering import Order, count_line, filtered, sections_of
from console.panels.overview.tile_board import TileBoard
from console.panels.overview.tile_face import MOST_ON_TILE
from console.panels.panel import Navigate, Panel
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.theme import ThemeSource
from models.records.device import DeviceId

_SETTLE_MS = 150
"""Alerts and states come in bursts; the board is ordered once a burst."""


class OverviewPanel(Panel):
    """Every device as a tile; what needs somebody comes first."""

    key: ClassVar[str] = "overview"
    title: ClassVar[str] = "Overview"
    icon: ClassVar[str] = "mdi6.view-dashboard-outline"

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        navigate: Navigate,
        *,
        flash: FlashClock | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(bridge, theme_source, navigate, flash=flash, now=now)
        self._tiles = LiveTiles(bridge, self.now)
        self._count = QLabel()
        self._count.setObjectName("overview-count")
        self._count.setFont(text_font(15, QFont.Weight.DemiBold))
        self._filter = self._make_filter()
        self._order = self._make_order()
        self._board = TileBoard(self._tiles, theme_source, self.flash)
        self._empty = EmptyState(theme_source, self.icon, "", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._board)
        self._stack.addWidget(self._empty)
        self._has_moved = True
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._judge)
        self._lay_out()
        self._connect()

    @property
    def board(self) -> TileBoard:
        """The board, for tests and benches."""
        return self._board

    def is_populated(self) -> bool:
        """Tell whether every tile in sight is drawn, and at least one has data."""
        has_data = any(standing.has_data for standing in self._tiles.standings.values())
        return has_data and self._board.is_drawn()

    def show_device(self, device: DeviceId) -> None:
        """Put the keyboard on a device's tile."""
        self._board.focus_device(device)

    def on_theme_changed(self) -> None:
        """The board listens for itself."""

    def on_shown(self) -> None:
        """Find out how every device stands before anybody sees it."""
        self._judge()
        self._board.mark(self._board.visible_devices())
        self._board.setFocus()

    def on_second(self) -> None:
        """Values grow stale by time alone, and the age of what is stale is shown."""
        self._judge()
        standings = self._tiles.standings
        self._board.mark(id for id in self._board.visible_devices() if not standings[id].is_well)

    def _make_filter(self) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName("overview-filter")
        field.setAccessibleName("Filter devices")
        field.setPlaceholderText("Filter by name, id, type, area or status  (Ctrl+F)")
        field.setClearButtonEnabled(True)
        field.setMinimumWidth(220)
        field.setMaximumWidth(420)
        field.textChanged.connect(self._arrange)
        return field

    def _make_order(self) -> QComboBox:
        box = QComboBox()
        box.setObjectName("overview-order")
        box.setAccessibleName("Order of the tiles")
        for order, words in (
            (Order.URGENCY, "Most urgent first"),
            (Order.AREA, "By area"),
            (Order.NAME, "By name"),
        ):
            box.addItem(words, order)
        box.currentIndexChanged.connect(self._arrange)
        return box

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(10, 8, 12, 4)
        top.setSpacing(8)
        top.addWidget(self._count)
        top.addStretch(1)
        top.addWidget(self._filter, 2)
        top.addWidget(self._order)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._stack, 1)
        QWidget.setTabOrder(self._board, self._filter)
        QWidget.setTabOrder(self._filter, self._order)

    def _connect(self) -> None:
        self.bridge.catalogue_changed.connect(self._catalogue_changed)
        self.bridge.alerts_changed.connect(self._burst)
        self.bridge.states_changed.connect(self._burst)
        self.bridge.values_arrived.connect(self._board.mark)
        self._board.opened.connect(lambda id: self.navigate("device", id))
        self._board.typed.connect(self._type_into_filter)
        self._board.cleared.connect(self._filter.clear)
        shortcut = QShortcut(QKeySequence.StandardKey.Find, self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self._focus_filter)
        LeaveFilter(self._filter, self._board)

    def _type_into_filter(self, text: str) -> None:
        self._filter.setFocus()
        self._filter.insert(text)

    def _focus_filter(self) -> None:
        self._filter.setFocus()
        self._filter.selectAll()

    def _catalogue_changed(self) -> None:
        self._tiles.forget_limits()
        self._board.forget_pictures()
        self._burst()

    def _burst(self) -> None:
        if self.isVisible() and not self._settle.isActive():
            self._settle.start()

    def _judge(self) -> None:
        changed = self._tiles.judge()
        self._board.mark(changed)
        self._has_moved = self._has_moved or bool(changed)
        is_gone = any(id not in self._tiles.standings for id in changed)
        # Tiles must not move away under a finger that is about to come up on one of them.
        if self._has_moved and (is_gone or not self._board.is_pressed):
            self._arrange()

    def _arrange(self) -> None:
        self._has_moved = False
        everything = list(self._tiles.standings.values())
        shown = filtered(everything, self._filter.text())
        self._count.setText(count_line(everything, len(shown)))
        catalogue = self.bridge.catalogue
        self._board.set_sections(
            sections_of(shown, Order(self._order.currentData())),
            {
                standing.device.id: min(MOST_ON_TILE, len(catalogue.quantities_of(standing.device.id)))
                for standing in shown
            },
        )
        if not everything:
            self._empty.set_text(
                "No devices yet",
                "Engineers add them on the screen Devices, one by one or from a file; "
                "they appear here by themselves.",
            )
        elif not shown:
            self._empty.set_text(
                "No device matches",
                f"Nothing contains “{self._filter.text()}”. Press Esc to see all devices.",
            )
        self._stack.setCurrentWidget(self._board if shown else self._empty)
