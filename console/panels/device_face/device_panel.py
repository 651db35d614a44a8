"""Device (L2): every metric of one device large, what is open about it, and how it is reached."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from console.bridge.bridge import Bridge
from console.bridge.catalogue import Catalogue
from console.panels.alerts.alert_rows import maintenance_text
from console.panels.alerts.maintenance_orders import MaintenanceOrders
from console.panels.curves.opening_span import OpeningSpan
from console.panels.curves.pen import Pen, chart_pens
from console.panels.curves.pen_curves import PenCurves
from console.panels.device_face.device_alerts import DeviceAlerts
from console.panels.device_face.device_facts import in_order, neighbour, seen_text
from console.panels.device_face.device_firmware import DeviceFirmware
from console.panels.device_face.device_head import DeviceHead
from console.panels.device_face.fact_tables import FactTables, heading
from console.panels.device_face.metric_card import MetricCard
from console.panels.device_face.span_bar import SPANS, USUAL_SPAN_S, SpanBar
from console.panels.devices.health.grey_dialog import GreyDialog
from console.panels.metric_face import faces_of
from console.panels.panel import Navigate, Panel
from console.panels.wording import moment_from_unix
from console.widgets.empty_state import EmptyState
from console.widgets.flash import FlashClock
from console.widgets.status_lamp import lamp_state_of
from console.widgets.theme import ThemeSource
from models.records.device import Device, DeviceId, DeviceStatus
from models.records.rights import Action

_SIDE_WIDTH = 330
_COLUMNS = 2


class DevicePanel(Panel):
    """One device. F2 comes back to the device seen last."""

    key: ClassVar[str] = "device"
    title: ClassVar[str] = "Device"
    icon: ClassVar[str] = "mdi6.gauge"

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
        self._device: Device | None = None
        self._cards: dict[Pen, MetricCard] = {}
        self._built_for: tuple[Device | None, Catalogue | None] = (None, None)
        self._curves = PenCurves(bridge, self.now, self)
        self._span_s = USUAL_SPAN_S
        self._head = DeviceHead(theme_source)
        self._alerts = DeviceAlerts(bridge, theme_source, self.flash, self.now)
        self._works = MaintenanceOrders(bridge, theme_source, self.now, self)
        self._facts = FactTables(theme_source)
        self._firmware = DeviceFirmware(bridge, theme_source, self.now)
        self._grid = QGridLayout()
        self._span_bar = SpanBar()
        self._opening = OpeningSpan(bridge.live, [span_s for _, span_s in SPANS], USUAL_SPAN_S)
        self._empty = EmptyState(
            theme_source,
            self.icon,
            "No devices yet",
            "Engineers add them on the screen Devices, one by one or from a file; "
            "they appear here by themselves.",
        )
        self._stack = QStackedLayout(self)
        self._lay_out()
        self._connect()

    @property
    def device(self) -> DeviceId | None:
        """The device shown."""
        return self._device.id if self._device else None

    @property
    def cards(self) -> tuple[MetricCard, ...]:
        """The cards of its metrics, for tests."""
        return tuple(self._cards.values())

    def show_device(self, device: DeviceId) -> None:
        """Show another device."""
        found = self.bridge.catalogue.device(device)
        if found is not None and found is not self._device:
            self._device = found
            self._alerts.forget()
            self._head.say("")
            self._build()

    def is_populated(self) -> bool:
        """Tell whether a device is shown whose values or trouble can be read."""
        if self._device is None:
            return False
        has_curve = any(self._curves.samples(pen)[0].size > 1 for pen in self._cards)
        return has_curve or self.bridge.live.state(self._device.id).status is not DeviceStatus.ONLINE

    def on_theme_changed(self) -> None:
        """The parts listen for themselves."""

    def on_shown(self) -> None:
        """Catch up with catalogue, alerts and values."""
        self._catalogue_changed()
        self._head.focus_picker()

    def on_second(self) -> None:
        """Digits, ages and the view move once a second."""
        self._refresh()
        self._view_changed()

    # -- private ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._grid.setSpacing(10)
        cards = QWidget()
        cards.setLayout(self._grid)
        self._grid.setContentsMargins(0, 0, 8, 0)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self._span_bar)
        left.addWidget(_scrolling(cards, "device-metrics"), 1)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addWidget(heading("Open alerts"))
        column.addWidget(self._alerts)
        column.addSpacing(10)
        column.addWidget(self._firmware)
        column.addSpacing(10)
        column.addWidget(self._facts)
        column.addStretch(1)
        side_area = _scrolling(side, "device-facts")
        side_area.setFixedWidth(_SIDE_WIDTH)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addLayout(left, 1)
        body.addWidget(side_area)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 8, 4, 8)
        layout.setSpacing(10)
        layout.addWidget(self._head)
        layout.addLayout(body, 1)
        self._stack.addWidget(page)
        self._stack.addWidget(self._empty)

    def _connect(self) -> None:
        bridge = self.bridge
        bridge.catalogue_changed.connect(self._catalogue_changed)
        bridge.alerts_changed.connect(self._refresh)
        bridge.states_changed.connect(self._states_changed)
        self._curves.changed.connect(self._draw)
        self._curves.state_changed.connect(self._show_state)
        self._facts.limit_wanted.connect(lambda limit: self.navigate("alerts", proposal=limit))
        self._span_bar.chosen.connect(self._choose_span)
        self._head.chosen.connect(self.show_device)
        self._head.stepped.connect(self._step)
        self._head.maintenance_wanted.connect(self._maintain)
        self._head.why_wanted.connect(self._explain)
        self._facts.why_wanted.connect(self._explain)
        self._works.said.connect(self._head.say)
        self._head.trends_button.clicked.connect(lambda: self.navigate("trends", self.device))
        self._head.configure_button.clicked.connect(lambda: self.navigate("devices", self.device))
        for keys, step in (("Alt+Left", -1), ("Alt+Right", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._step(step))
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._head.focus_picker)

    def _catalogue_changed(self) -> None:
        if not self.isVisible():
            return
        devices = in_order(self.bridge.catalogue.devices)
        self._head.set_devices(devices)
        self._stack.setCurrentIndex(0 if devices else 1)
        known = self.bridge.catalogue.device(self._device.id) if self._device else None
        if known is None:
            # The worst alert's device is the likeliest one to be looked for; else the first.
            wanted = next((alert.device for alert in self.bridge.alerts), None)
            found = self.bridge.catalogue.device(wanted) if wanted is not None else None
            known = found or (devices[0] if devices else None)
        self._device = known
        if known is None or (known, self.bridge.catalogue) != self._built_for:
            self._build()
            return
        self._head.show_device(known)
        self._show_what_is_known(tuple(self._cards))
        for pen in self._cards:
            self._draw(pen)
        self._view_changed()
        self._refresh()

    def _step(self, step: int) -> None:
        target = neighbour(in_order(self.bridge.catalogue.devices), self.device, step)
        if target is not None:
            self.show_device(target)

    def _build(self) -> None:
        for card in self._cards.values():
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {}
        device = self._device
        self._built_for = (device, self.bridge.catalogue)
        if device is None:
            self._curves.set_pens(())
            return
        catalogue = self.bridge.catalogue
        pens = [Pen(device.id, quantity) for quantity in catalogue.quantities_of(device.id)]
        self._show_what_is_known(pens)
        for place, (pen, chart_pen) in enumerate(zip(pens, chart_pens(pens, catalogue), strict=True)):
            limits = catalogue.thresholds_of(device.id, pen.quantity.key)
            card = MetricCard(pen.quantity, chart_pen, limits, self.theme_source, self.now)
            card.chart.set_window(self._span_s)
            card.chart.range_changed.connect(self._view_changed)
            self._grid.addWidget(card, place // _COLUMNS, place % _COLUMNS)
            self._cards[pen] = card
        self._head.show_device(device)
        self._firmware.show_device(device.id)
        may_add = self.bridge.may(Action.CONFIGURE_THRESHOLDS, device.user_id)
        thresholds = catalogue.thresholds_of(device.id)
        self._facts.show_device(device, thresholds, catalogue.quantities, may_add=may_add)
        self._curves.set_pens(pens)
        self._view_changed()
        for pen in pens:
            self._draw(pen)
        self._refresh()

    def _choose_span(self, span_s: float) -> None:
        self._opening.is_chosen = True
        self._set_span(span_s)

    def _show_what_is_known(self, pens: Sequence[Pen]) -> None:
        span_s = self._opening.span_s(pens, self.now())
        if not self._opening.is_chosen and span_s != self._span_s:
            self._span_bar.show_span(span_s)
            self._set_span(span_s)

    def _set_span(self, span_s: float) -> None:
        self._span_s = span_s
        for card in self._cards.values():
            card.chart.set_following(following=True)
            card.chart.set_window(span_s)
        self._view_changed()

    def _view_changed(self) -> None:
        if not self._cards:
            return
        # One question serves all cards: the stretch that holds every chart's own.
        ranges = [card.chart.visible_range for card in self._cards.values()]
        since, until = min(start for start, _ in ranges), max(end for _, end in ranges)
        self._curves.set_view(since, until, next(iter(self._cards.values())).chart.width())

    def _maintain(self) -> None:
        if self._device is not None:
            self._works.ask([self._device.id])

    def _explain(self) -> None:
        if self._device is not None:
            GreyDialog(self.bridge, self.theme_source, self._device.id, self.now, self, self.navigate).show()

    def _show_maintenance(self, device: Device) -> None:
        running = self._works.running([device.id])
        words = maintenance_text(running[0], moment_from_unix(self.now())) if running else ""
        self._head.show_maintenance(words, may_change=bool(self._works.of_mine([device.id])))

    def _states_changed(self, devices: Iterable[int]) -> None:
        if self.device in set(devices):
            self._refresh()

    def _draw(self, pen: Pen) -> None:
        card = self._cards.get(pen)
        if card is not None and self.isVisible():
            card.show_curve(self._curves.buckets(pen), *self._curves.samples(pen))

    def _show_state(self) -> None:
        sentence = self._curves.error or ("Loading history…" if self._curves.is_loading else "")
        for card in self._cards.values():
            card.say(sentence)

    def _refresh(self) -> None:
        device = self._device
        if device is None or not self.isVisible():
            return
        live, now = self.bridge.live, self.now()
        state, age_s = live.state(device.id), live.age_s(device.id, now)
        is_stale = live.is_stale(device.id, now)
        self._head.show_state(state, lamp_state_of(state.status, is_stale=is_stale), seen_text(age_s))
        has_data = state.status is not DeviceStatus.OFFLINE and not is_stale
        quantities = [pen.quantity for pen in self._cards]
        faces = faces_of(quantities, live.latest(device.id), is_stale=not has_data)
        for card, face in zip(self._cards.values(), faces, strict=True):
            card.show_face(face, age_s, is_stale=not has_data)
        self._head.show_grey(is_grey=not all(face.is_live for face in faces))
        self._show_maintenance(device)
        self._alerts.show_alerts([alert for alert in self.bridge.alerts if alert.device == device.id])
        self._alerts.refresh()


def _scrolling(content: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(name)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setWidget(content)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
