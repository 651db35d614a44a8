"""Many devices of one product: choose it, say where they are, see what that makes, store it."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QFormLayout, QGridLayout, QLabel, QLineEdit, QWidget

from console.bridge.bridge import Bridge
from console.catalogue.device_words import protocol_label
from console.catalogue.profiles import Profile
from console.catalogue.sheet_file import Grid
from console.panels.devices.bulk.plan_dialog import PlanDialog
from console.panels.devices.bulk.plan_rows import PlanRow
from console.panels.devices.bulk.profile_form import (
    WHERE,
    grid_of,
    place_in_form,
    where_fields,
)
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource

_SETTLE_MS = 300
_FIELD_PX = 220
_TITLE = "Devices of one product are added; what a profile knows of it needs no typing."
_HINT = (
    "One row can stand for many: PUMP-{01..20} makes twenty devices. Other ranges count along: 10.0.3.{11..} "
    "from 11 on, {100../10} in steps of ten."
)
_SHOWN_CHOICES = 20
_OWN = (
    ("device_id", "&Hardware id", "METER-{01..04}"),
    ("name", "&Name", "Meter {1..}"),
    ("location", "&Area", "Hall A"),
)


class ProfileDialog(PlanDialog):
    """What it would make is listed while it is typed."""

    nothing_yet = "Type a hardware id to see what this makes."

    def __init__(
        self, profiles: Sequence[Profile], bridge: Bridge, theme_source: ThemeSource, parent: QWidget
    ) -> None:
        super().__init__("devices-profile", _TITLE, bridge, theme_source, parent)
        self.setWindowTitle("Add devices from a profile")
        self.setAccessibleName("Add devices from a profile")
        self._profiles = profiles
        self._product, self._driver = QComboBox(), QComboBox()
        for box in (self._product, self._driver):
            box.setMaxVisibleItems(_SHOWN_CHOICES)
        self._own = {name: QLineEdit() for name, _, _ in _OWN}
        self._where = {name: QLineEdit() for name in WHERE}
        self._labels = {name: QLabel() for name in WHERE}
        self._about = plain_label()
        self._about.setObjectName("devices-profile-about")
        self._about.setWordWrap(True)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.compare)
        self._lay_out_form()
        self.add_plan_widgets()
        self._product.currentIndexChanged.connect(self._show_product)
        self._driver.currentIndexChanged.connect(self._show_where)
        for field in (*self._own.values(), *self._where.values()):
            field.textChanged.connect(lambda _text: self._settle.start())
        self._show_product()
        self._product.setFocus()

    def source(self) -> Grid | None:
        """Return what is typed as a table; None while the hardware id is missing."""
        own = {name: field.text().strip() for name, field in self._own.items()}
        if not own["device_id"]:
            return None
        where = {name: field.text().strip() for name, field in self._where.items() if self._is_asked(name)}
        return grid_of(self._profile(), self._kind(), own, where)

    def put_in_words(self, row: PlanRow) -> PlanRow:
        """Name the field instead of the cell of a table that nobody sees."""
        grid = self.source()
        return row if grid is None else replace(row, where=place_in_form(row.where, grid))

    def on_stored(self) -> None:
        """What was typed is stored now."""
        for field in (*self._own.values(), *self._where.values(), self._product, self._driver):
            field.setEnabled(False)

    def _profile(self) -> Profile:
        return self._profiles[max(0, self._product.currentIndex())]

    def _kind(self) -> str:
        return str(self._driver.currentData() or self._profile().driver)

    def _is_asked(self, name: str) -> bool:
        return not self._where[name].isHidden()

    def _show_product(self) -> None:
        profile = self._profile()
        self._driver.blockSignals(True)
        self._driver.clear()
        for kind in profile.drivers:
            self._driver.addItem(protocol_label(kind), kind)
        self._driver.blockSignals(False)
        notes = " ".join(profile.notes)
        self._about.setText(f"{notes}\nSource: {profile.source}.")
        self._show_where()

    def _show_where(self) -> None:
        asked = {field.name: field for field in where_fields(self._profile(), self._kind())}
        for name, line in self._where.items():
            known = asked.get(name)
            line.setVisible(known is not None)
            self._labels[name].setVisible(known is not None)
            if known is not None:
                self._labels[name].setText(known.label)
                line.setAccessibleName(known.label)
                line.setPlaceholderText(known.usual or "needed")
        self._settle.start()

    def _lay_out_form(self) -> None:
        self._product.setObjectName("devices-profile-product")
        self._driver.setObjectName("devices-profile-driver")
        for profile in self._profiles:
            self._product.addItem(f"{profile.name}  ({profile.type})", profile.key)
        left, right = QFormLayout(), QFormLayout()
        for side in (left, right):
            side.setHorizontalSpacing(12)
            side.setVerticalSpacing(8)
        left.addRow("&Product", self._product)
        left.addRow("&By", self._driver)
        for name, label, example in _OWN:
            line = self._own[name]
            line.setObjectName(f"devices-profile-{name}")
            line.setPlaceholderText(example)
            left.addRow(label, line)
        for name, line in self._where.items():
            line.setObjectName(f"devices-profile-{name}")
            self._labels[name].setBuddy(line)
            line.setMinimumWidth(_FIELD_PX)
            right.addRow(self._labels[name], line)
        hint = plain_label(_HINT)
        hint.setWordWrap(True)
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.addLayout(left, 0, 0)
        grid.addLayout(right, 0, 1)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        for part in (holder, hint, self._about):
            self.add_widget(part)
