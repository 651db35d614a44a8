"""Beside the selected row: one alert in full, in the order in which it is needed at three in the morning.

What it is and how it stands; what to do and how long there is; the value now; the trend around the trigger;
what happened to it and who was at it.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from console.bridge.bridge import Bridge
from console.panels.alerts.alert_rows import (
    acknowledged_text,
    aside_text,
    limit_at_trigger,
    resolved_text,
    since_text,
    value_at_trigger,
)
from console.panels.alerts.fact_grid import FactGrid
from console.panels.alerts.guidance_view import GuidanceView
from console.panels.alerts.story_view import StoryView
from console.panels.alerts.trigger_trend import TriggerTrend
from console.panels.metric_face import faces_of
from console.panels.wording import SEVERITY_WORDS, STATE_WORDS, moment_from_unix, moment_text, value_text
from console.widgets.flash import FlashClock
from console.widgets.fonts import text_font
from console.widgets.number_text import NO_VALUE
from console.widgets.plain_text import plain_label
from console.widgets.severity_badge import AlertGroup, SeverityBadge, state_of
from console.widgets.stale_hatching import age_text
from console.widgets.theme import ThemeSource
from models.records.alert import Alert
from models.records.threshold import NO_GUIDANCE, Guidance

_ROWS = ("Device", "Now", "At trigger", "Began", "Area", "Returned", "Acknowledged", "Resolved")


class AlertDetails(QWidget):
    """One alert in full; what does not fit scrolls.

    Attributes:
        device_wanted: The person wants to see its device (DeviceId).
    """

    device_wanted = Signal(object)

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        flash: FlashClock,
        now: Callable[[], float],
        prefix: str = "alert",
        parent: QWidget | None = None,
    ) -> None:
        """Store what is needed; `prefix` begins the object names of this pane's parts."""
        super().__init__(parent)
        self.setObjectName(f"{prefix}-details")
        self.setAccessibleName("Details of the selected alert")
        self._bridge = bridge
        self._now = now
        self._alert: Alert | None = None
        self._badge = SeverityBadge(theme_source, flash)
        self._state = plain_label()
        self._state.setObjectName(f"{prefix}-state")
        self._state.setWordWrap(True)
        self._state.setFont(text_font(12, QFont.Weight.DemiBold))
        self._message = plain_label()
        self._message.setObjectName(f"{prefix}-message")
        self._message.setWordWrap(True)
        self._message.setFont(text_font(15, QFont.Weight.DemiBold))
        self._aside = plain_label()
        self._aside.setObjectName(f"{prefix}-aside")
        self._aside.setWordWrap(True)
        self._guidance = GuidanceView(theme_source, prefix)
        self._facts = FactGrid(f"{prefix}-fact", _ROWS, theme_source)
        self._trend = TriggerTrend(bridge, theme_source, now, prefix)
        self._story = StoryView(bridge, theme_source, now, prefix)
        self._none = plain_label(
            "Select an alert to see what to do, its facts and the trend around its beginning."
        )
        self._none.setWordWrap(True)
        self._open = QPushButton("Show device")
        self._open.setObjectName(f"{prefix}-show-device")
        self._area = QScrollArea()
        self._lay_out()
        self._open.clicked.connect(self._ask_for_device)
        self.show_alert(None)

    @property
    def alert(self) -> Alert | None:
        """The alert shown."""
        return self._alert

    def show_alert(self, alert: Alert | None) -> None:
        """Show another alert, or another state of the same one."""
        if alert is not None and alert == self._alert:
            self.refresh()
            return
        is_other = alert is None or self._alert is None or alert.id != self._alert.id
        self._alert = alert
        self._area.setVisible(alert is not None)
        self._none.setVisible(alert is None)
        self._trend.show_alert(alert)
        self._story.show_alert(alert)
        if alert is None:
            return
        state = state_of(alert)
        self._badge.set_group(AlertGroup(alert.severity, state, 1) if state is not None else None)
        self._badge.setVisible(state is not None)
        self._state.setText(f"{SEVERITY_WORDS[alert.severity]} · {STATE_WORDS[state]}")
        self._message.setText(alert.message)
        self._guidance.show_guidance(alert, self._guidance_of(alert))
        self.refresh()
        if is_other:
            self._area.verticalScrollBar().setValue(0)

    def refresh(self) -> None:
        """Bring ages, the count-down and the present value up to date."""
        alert = self._alert
        if alert is None:
            return
        now = moment_from_unix(self._now())
        work = next((work for work in self._bridge.maintenance if work.device == alert.device), None)
        aside = aside_text(alert, work, now)
        self._aside.setText(aside)
        self._aside.setVisible(bool(aside))
        self._guidance.refresh(now)
        quantities = self._bridge.catalogue.quantities
        at_trigger, limit = value_at_trigger(alert, quantities), limit_at_trigger(alert, quantities)
        facts = {
            "Device": alert.device_name,
            "Area": alert.location or "No area",
            "Now": self._present_value(alert),
            "At trigger": f"{at_trigger}, limit {limit}" if limit != NO_VALUE else at_trigger,
            "Began": f"{moment_text(alert.triggered_at, now)} ({since_text(alert, now)} ago)"
            if alert.resolved_at is None
            else f"{moment_text(alert.triggered_at, now)}, lasted {since_text(alert, now)}",
            "Returned": moment_text(alert.cleared_at, now) if alert.cleared_at else "not yet",
            "Acknowledged": acknowledged_text(alert, now),
            "Resolved": resolved_text(alert, now) if alert.resolved_at else "",
        }
        self._facts.show_facts({title: words for title, words in facts.items() if words != NO_VALUE})

    def _guidance_of(self, alert: Alert) -> Guidance:
        limits = self._bridge.catalogue.thresholds_of(alert.device)
        return next((limit.guidance for limit in limits if limit.id == alert.threshold), NO_GUIDANCE)

    def _present_value(self, alert: Alert) -> str:
        quantity = self._bridge.catalogue.quantities.find(alert.metric or "")
        if quantity is None:
            return NO_VALUE
        live, now = self._bridge.live, self._now()
        is_stale = live.is_stale(alert.device, now)
        (face,) = faces_of((quantity,), live.latest(alert.device), is_stale=is_stale)
        if face.is_live:
            return value_text(face.quantity, face.value)
        age_s = live.age_s(alert.device, now)
        return "? (no reading yet)" if age_s is None else f"? (last reading {age_text(age_s)} ago)"

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._badge, alignment=Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._state, 1)
        self._area.setObjectName(f"{self.objectName()}-area")
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidgetResizable(True)
        content = QWidget()
        self._area.setAccessibleName("Details of the selected alert")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.addWidget(self._none, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._area, 1)
        self._area.setWidget(content)
        body = QVBoxLayout(content)
        body.setContentsMargins(0, 0, 8, 0)
        body.setSpacing(8)
        body.addLayout(head)
        for part in (self._message, self._aside, self._guidance, self._facts, self._trend, self._story):
            body.addWidget(part)
        body.addWidget(self._open, alignment=Qt.AlignmentFlag.AlignLeft)
        body.addStretch(1)

    def _ask_for_device(self) -> None:
        if self._alert is not None:
            self.device_wanted.emit(self._alert.device)
