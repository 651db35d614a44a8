"""The settings of a plan as a form: usual values to begin with, units beside, faults below their field."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from console.catalogue.rollout_typed import NotTyped, window_from_text
from console.panels.firmware.plan_typed import (
    limits_from_text,
    number_between,
    sizes_from_text,
    text_from_limits,
)
from console.widgets.choice_combo import ChoiceCombo
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.labelled_row import LabelledRow
from console.widgets.plain_text import plain_label
from console.widgets.spin_box import make_spin_box
from console.widgets.theme import ThemeSource
from models.quantities import Quantities
from models.records.rollout import GateRules, InstallWindow, PlanSettings

T = TypeVar("T")

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_DEVICES, _MOST_MINUTES = 1000, 7 * 24 * 60


class PlanForm(QWidget):
    """Every setting of a plan.

    Attributes:
        edited: Something was typed or chosen.
    """

    edited = Signal()

    def __init__(self, settings: PlanSettings, quantities: Quantities, theme_source: ThemeSource) -> None:
        """Lay it out with these settings."""
        super().__init__()
        self.setObjectName("plan-form")
        self._base, self._quantities, self._themes = settings, quantities, theme_source
        self._rows: dict[QWidget, LabelledRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._column.setSpacing(6)
        gate = settings.gate
        self._heading("Waves")
        self._canaries = self._spin(
            "canaries",
            "Canaries",
            0,
            100,
            settings.canaries,
            "of each kind",
            "So many devices of each product and hardware in the first wave.",
        )
        self._sizes = self._line(
            "sizes",
            "Then waves of",
            ", ".join(settings.wave_sizes),
            "",
            "Devices (10) or a share of all (25 %), the last wave takes the rest.",
        )
        self._soak = self._spin(
            "soak",
            "Watch each wave",
            0,
            _MOST_MINUTES,
            round(settings.soak_s / 60),
            "min",
            "How long alerts and readings are watched after a wave's last device.",
        )
        self._heading("Devices")
        self._concurrency = self._spin(
            "concurrency",
            "At once",
            1,
            _MOST_DEVICES,
            settings.concurrency,
            "devices",
            "Under way at the same time, over all stations.",
        )
        self._budget = self._spin(
            "budget",
            "Of one location",
            0,
            _MOST_DEVICES,
            settings.budget,
            "devices",
            "Away at the same time; 0 = as many as there are.",
        )
        self._retries = self._spin(
            "retries", "Further tries", 0, 10, settings.retries, "", "After a failed one."
        )
        self._retry = self._spin(
            "retry",
            "First try after",
            1,
            86_400,
            round(settings.retry_s),
            "s",
            "Doubles with each further try.",
        )
        self._heading("When")
        self._window = self._line(
            "window",
            "Install",
            text_from_window(settings.window),
            "",
            "By the site's time: 22:00-05:00, or mon-fri 22:00-05:00; empty = at any time.",
        )
        self._early = self._check("early", "Send bytes before the window opens", settings.is_transfer_early)
        choices = [("no condition", ""), *((one.label, one.key) for one in quantities.all)]
        self._idle = ChoiceCombo("plan-idle", "Only while", choices, letters=10)
        self._idle.choose(settings.idle_quantity)
        self._add(
            self._idle, "Only while", "", "A device that runs is not restarted: which quantity says so."
        )
        self._idle.currentIndexChanged.connect(self._on_edited)
        self._below = self._line(
            "idle-below", "is below", f"{settings.idle_below:g}", "", "In the quantity's unit."
        )
        self._critical = self._check(
            "critical", "Wait while a critical alert is open", settings.waits_for_critical
        )
        self._heading("Halt by itself")
        self._share = self._spin(
            "share",
            "Failed updates",
            0,
            100,
            round(100 * gate.failure_share),
            "%",
            "More than this share of the devices tried so far halts.",
        )
        self._sample = self._spin(
            "sample",
            "judged from",
            1,
            _MOST_DEVICES,
            gate.failure_sample,
            "tries",
            "With fewer tries a failure alone does not halt.",
        )
        self._ratio = self._line(
            "ratio",
            "Alerts",
            f"{gate.ratio:g}",
            "times as often",
            "Against devices of the product that are not updated.",
        )
        self._p = self._line(
            "p",
            "with p below",
            f"{gate.p_value:g}",
            "",
            "How likely so many alerts are if the update changes nothing.",
        )
        self._hours = self._line(
            "hours",
            "Compare from",
            f"{gate.least_device_hours:g}",
            "device-hours",
            "With less, updated and not updated, the wave is held for a person to decide.",
        )
        self._limits = self._line(
            "limits",
            "Values may move",
            text_from_limits(gate.reading_limits),
            "",
            "Against the other devices, in their units: temperature 2; vibration 0.5.",
        )
        self._column.addStretch(1)
        self._show_idle()

    def settings(self) -> PlanSettings | None:
        """Return what is typed; None where something is wrong, which is said below its field."""
        sizes = self._read(self._sizes, sizes_from_text)
        window = self._read(self._window, _window)
        idle: str = self._idle.currentData()
        below = self._read(self._below, lambda text: number_between(text, -1e9, 1e9)) if idle else 0.0
        ratio = self._read(self._ratio, lambda text: number_between(text, 1.0, 100.0))
        p = self._read(self._p, lambda text: number_between(text, 1e-6, 0.5))
        hours = self._read(self._hours, lambda text: number_between(text, 0.0, 1e6, "device-hours"))
        limits = self._read(self._limits, lambda text: limits_from_text(text, self._quantities))
        if sizes is None or window is None or below is None or ratio is None or p is None:
            return None
        if hours is None or limits is None:
            return None
        return replace(
            self._base,
            wave_sizes=sizes,
            canaries=self._canaries.value(),
            concurrency=self._concurrency.value(),
            budget=self._budget.value(),
            soak_s=60.0 * self._soak.value(),
            retries=self._retries.value(),
            retry_s=float(self._retry.value()),
            waits_for_critical=self._critical.isChecked(),
            idle_quantity=idle,
            idle_below=below,
            window=window[0],
            is_transfer_early=self._early.isChecked(),
            gate=GateRules(self._share.value() / 100, self._sample.value(), p, ratio, dict(limits), hours),
        )

    # -- private ---------------------------------------------------------------------------------------

    def _read(self, field: QLineEdit, read: Callable[[str], T]) -> T | None:
        try:
            value = read(field.text())
        except NotTyped as fault:
            self._rows[field].set_error(str(fault))
            return None
        self._rows[field].set_error("")
        return value

    def _on_edited(self) -> None:
        self._show_idle()
        self.edited.emit()

    def _show_idle(self) -> None:
        key: str = self._idle.currentData()
        known = self._quantities.find(key) if key else None
        self._rows[self._below].setVisible(bool(key))
        self._below.setAccessibleName("is below" + (f", {known.unit}" if known is not None else ""))

    def _heading(self, words: str) -> None:
        label = plain_label(words)
        label.setFont(text_font(BODY_PX, QFont.Weight.DemiBold))
        label.setContentsMargins(0, 6, 0, 0)
        self._column.addWidget(label)

    def _spin(self, name: str, label: str, low: int, high: int, value: int, unit: str, tip: str) -> QSpinBox:
        field = make_spin_box(f"plan-{name}", label, low, high, value)
        field.valueChanged.connect(self._on_edited)
        self._add(field, label, unit, tip)
        return field

    def _line(self, name: str, label: str, text: str, unit: str, tip: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setObjectName(f"plan-{name}")
        field.setAccessibleName(label)
        field.textChanged.connect(self._on_edited)
        self._add(field, label, unit, tip)
        return field

    def _check(self, name: str, label: str, is_on: bool) -> QCheckBox:  # noqa: FBT001
        field = QCheckBox(label)
        field.setObjectName(f"plan-{name}")
        field.setChecked(is_on)
        field.toggled.connect(self._on_edited)
        self._add(field, label, "", "")
        return field

    def _add(self, field: QWidget, label: str, unit: str, tip: str) -> None:
        row = self._rows[field] = LabelledRow(label, field, field, self._themes, unit, tip)
        self._column.addWidget(row)


def text_from_window(window: InstallWindow | None) -> str:
    """Return a window as it is typed."""
    if window is None:
        return ""
    times = f"{window.opens}-{window.closes}"
    days = sorted(set(window.weekdays))
    if len(days) == len(_DAYS):
        return times
    if len(days) > 1 and days[-1] - days[0] == len(days) - 1:
        return f"{_DAYS[days[0]]}-{_DAYS[days[-1]]} {times}"
    return f"{','.join(_DAYS[day] for day in days)} {times}"


def _window(typed: str) -> tuple[InstallWindow | None]:
    """Return the window in a tuple: none at all is an answer, too."""
    return (window_from_text(typed) if typed.strip() else None,)
