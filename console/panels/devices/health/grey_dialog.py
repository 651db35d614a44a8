"""The window that says why a value is grey: headline, the links below each other, and the way to mend it."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QFont, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.panels.devices.health.chain_text import chain_text
from console.panels.devices.health.grey_chain import Chain, chain_of
from console.panels.devices.health.grey_link import Place
from console.panels.devices.health.grey_sources import sources_of
from console.panels.devices.health.link_card import LinkCard
from console.panels.devices.health.stored_question import StoredQuestion
from console.panels.panel import Navigate
from console.widgets.fonts import text_font
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.device import Device, DeviceId
from models.records.rights import Action
from models.threshold_words import metric_label

_SECOND_MS = 1000
_AT_THE_STATION = (Place.BUFFER, Place.DATABASE)
_SIZE = QSize(780, 690)


class GreyDialog(QDialog):
    """Stays beside the work, and follows it once a second."""

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        device: DeviceId,
        now: Callable[[], float],
        parent: QWidget,
        navigate: Navigate | None = None,
        metric: str | None = None,
    ) -> None:
        """Open on one device.

        Args:
            bridge: Of the window.
            theme_source: The theme in use.
            device: One of the bridge's catalogue.
            now: Unix seconds.
            parent: Whose window it stays above.
            navigate: Leads to other panels; None: the person is where things are mended already.
            metric: Key of the quantity asked about; None: the first that is not good.
        """
        super().__init__(parent)
        self.setObjectName("grey-dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._bridge = bridge
        self._device_id = device
        self._now = now
        self._navigate = navigate
        self._stored = StoredQuestion(bridge, device, now, self)
        self._chain: Chain | None = None
        self._headline = plain_label()
        self._headline.setObjectName("grey-headline")
        self._headline.setFont(text_font(16, QFont.Weight.DemiBold))
        self._headline.setWordWrap(True)
        self._source = plain_label()
        self._source.setObjectName("grey-source")
        self._tags = QComboBox()
        self._cards = {
            place: LinkCard(place, theme_source, is_last=place is Place.DATABASE) for place in Place
        }
        self._area = QScrollArea()
        self._shown_place: Place | None = None
        self._go = QPushButton()
        self._copy = QPushButton("Copy as text")
        self._close = QPushButton("Close")
        self._second = QTimer(self, interval=_SECOND_MS)
        self._lay_out()
        # Left to itself, Qt takes two thirds of a small screen at most.
        self.resize(_SIZE)
        self._fill_tags(metric)
        self._connect()
        self.refresh()

    @property
    def chain(self) -> Chain | None:
        """What is shown; None where the device is configured no more."""
        return self._chain

    @property
    def cards(self) -> dict[Place, LinkCard]:
        """The links, for tests."""
        return self._cards

    def refresh(self) -> None:
        """Show what is known now."""
        device = self._bridge.catalogue.device(self._device_id)
        place = self._tags.currentIndex()
        if device is None or not 0 <= place < len(device.tags):
            self._headline.setText("This device or its tag is configured no more.")
            return
        known = sources_of(
            self._bridge,
            device,
            device.tags[place],
            self._now(),
            self._stored.stored_at,
            is_stored_known=self._stored.is_known,
        )
        self._chain = chain = chain_of(known)
        self._headline.setText(chain.headline)
        self._source.setText(chain.source)
        first = chain.first_broken
        for link in chain.links:
            self._cards[link.place].show_link(link, is_first_broken=link is first)
        self._show_way(device, first.place if first is not None else None)
        if first is not None and first.place is not self._shown_place:
            # Once its words have found their height.
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self._cards[first.place]))
        self._shown_place = None if first is None else first.place

    def sizeHint(self) -> QSize:
        """Enough for the whole chain on most screens."""
        return _SIZE

    # -- private ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._tags.setObjectName("grey-tag")
        self._tags.setAccessibleName("Value of this device")
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._headline, 1)
        top.addWidget(self._tags)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        for card in self._cards.values():
            column.addWidget(card)
        column.addStretch(1)
        area = self._area
        area.setObjectName("grey-links")
        area.setAccessibleName("The way of the value, from device to database")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(content)
        for name, button in (("go", self._go), ("copy", self._copy), ("close", self._close)):
            button.setObjectName(f"grey-{name}")
            button.setAutoDefault(False)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self._source, 1)
        for button in (self._copy, self._go, self._close):
            bottom.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(area, 1)
        layout.addLayout(bottom)

    def _connect(self) -> None:
        self._tags.currentIndexChanged.connect(self.refresh)
        self._second.timeout.connect(self._on_second)
        self._bridge.device_health.changed.connect(self._on_health)
        self._bridge.device_health.watch(self, self.isVisible)
        self._bridge.cleared.connect(self.close)
        self._stored.answered.connect(self.refresh)
        self._copy.clicked.connect(self._copy_text)
        self._close.clicked.connect(self.close)
        self._go.clicked.connect(self._lead)

    def _fill_tags(self, metric: str | None) -> None:
        device = self._bridge.catalogue.device(self._device_id)
        if device is None:
            return
        title = f"Why is this grey? {device.name}"
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        quantities = self._bridge.catalogue.quantities
        for tag in device.tags:
            self._tags.addItem(f"{metric_label(tag.metric, quantities)} · {tag.address}", tag.metric)
        self._tags.setCurrentIndex(self._begin_at(device, metric))

    def _begin_at(self, device: Device, metric: str | None) -> int:
        """Return the place of the tag asked about, or of the first that is not good."""
        if metric is not None:
            return next((place for place, tag in enumerate(device.tags) if tag.metric == metric), 0)
        health = self._bridge.device_health.of(device.id)
        reads = () if health is None or len(health.tags) != len(device.tags) else health.tags
        return next((place for place, read in enumerate(reads) if read.quality != "good"), 0)

    def _on_second(self) -> None:
        if self._device_id not in self._bridge.polled_here:
            self._bridge.look_at_stations()
        self._stored.ask_if_due()
        self.refresh()

    def _on_health(self, devices: frozenset[int]) -> None:
        if self._device_id in devices and self.isVisible():
            self.refresh()

    def _show_way(self, device: Device, broken: Place | None) -> None:
        """Offer the way to where the first broken link is mended."""
        is_at_station = broken in _AT_THE_STATION
        self._go.setText("Go to Stations" if is_at_station else "Go to its settings")
        may = is_at_station or self._bridge.may(Action.CONFIGURE_DEVICES, device.user_id)
        self._go.setVisible(self._navigate is not None and broken is not None and may)

    def _lead(self) -> None:
        first = None if self._chain is None else self._chain.first_broken
        if self._navigate is not None and first is not None:
            if first.place in _AT_THE_STATION:
                self._navigate("stations")
            else:
                self._navigate("devices", self._device_id)
            self.close()

    def _copy_text(self) -> None:
        if self._chain is not None:
            QGuiApplication.clipboard().setText(chain_text(self._chain))
            self._copy.setText("Copied")

    def showEvent(self, event: QShowEvent) -> None:
        """Follow from now on."""
        super().showEvent(event)
        self._second.start()
        self._on_second()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing while nobody looks."""
        self._second.stop()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask nothing any more."""
        self._second.stop()
        super().closeEvent(event)
