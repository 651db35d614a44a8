"""Alerts: what the site allows (shelving, maintenance), and how it works (positions, shifts, time zone)."""

from typing import ClassVar

from PySide6.QtCore import QStringListModel, Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.bridge.alert_commands import SaveAlarmSettings
from console.catalogue.typed_number import text_from_seconds
from console.panels.settings.alarm_checks import (
    LONGEST_MAINTENANCE_S,
    LONGEST_SHELF_S,
    day_text,
    length_error,
    length_from_text,
    positions_error,
    shifts_error,
    shifts_from_typed,
    time_zones,
    zone_error,
)
from console.panels.settings.page_parts import TEXT_PX, heading, page_layout, page_title
from console.panels.settings.section import Section, Surroundings
from console.panels.settings.shift_rows import ShiftRows
from console.widgets.fonts import BODY_PX, text_font
from console.widgets.form_row import FormRow
from console.widgets.plain_text import plain_label
from models.records.rights import Action
from models.records.shelf import AlarmSettings


class AlarmSection(Section):
    """For administrators. A change holds at once, for everybody; what is shelved already stays as agreed."""

    key: ClassVar[str] = "alarms"
    title: ClassVar[str] = "Alerts"
    icon: ClassVar[str] = "mdi6.bell-cog-outline"
    needs: ClassVar[Action | None] = Action.MANAGE_STATIONS

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._stored = self.bridge.alarm_settings
        self._is_busy = False
        self._is_edited = False
        self._shelf = _line("alarm-shelf")
        self._maintenance = _line("alarm-maintenance")
        self._positions = _line("alarm-positions")
        self._zone = QComboBox()
        self._shifts = ShiftRows()
        self._save = QPushButton("&Save")
        self._undo = QPushButton("&Undo")
        self._said = plain_label()
        self._rows: dict[str, FormRow] = {}
        self._lay_out()
        self._connect()
        self._show(self._stored)

    def refresh(self) -> None:
        """Take over what is stored now, unless somebody is typing."""
        stored = self.bridge.alarm_settings
        if stored == self._stored:
            return
        if self._is_busy or not self._is_edited:
            self._stored = stored
            if not self._is_busy:
                self._show(stored)
        else:
            self._stored = stored
            self._say("Somebody else changed these settings meanwhile; Undo shows theirs, Save keeps yours.")
        self._follow()

    def focus_first(self) -> None:
        """Put the keyboard on the first field."""
        self._shelf.setFocus()

    def save(self) -> None:
        """Store what is typed."""
        wanted = self._typed()
        if wanted is None or self._is_busy:
            return
        self._is_busy = True
        self._say("Saving…")
        self._follow()

        def take(_: None) -> None:
            self._is_busy = self._is_edited = False
            self._stored = wanted
            self._show(wanted)
            self._say("Saved; it holds for everybody from now on.")
            self._follow()

        def refuse(sentence: str) -> None:
            self._is_busy = False
            self._say(sentence)
            self._follow()

        self.bridge.command(SaveAlarmSettings(wanted), take, refuse, self)

    # -- private ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(6)
        column.addWidget(heading("What may be set aside"))
        self._row(
            column, "shelf", "Longest time on the &shelf", self._shelf, "Of one alert; then it comes back."
        )
        self._row(
            column,
            "maintenance",
            "Longest &maintenance",
            self._maintenance,
            "Of one device; then its alerts ask again.",
        )
        column.addSpacing(6)
        column.addWidget(heading("How the control room works"))
        self._row(
            column,
            "positions",
            "Operator &positions",
            self._positions,
            "Alarm load is judged per position: two desks may take twice as many alerts (EEMUA 191).",
        )
        self._zone.setObjectName("alarm-zone")
        self._zone.setEditable(True)
        self._zone.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        # Measuring six hundred names would take longer than all the rest of the page.
        self._zone.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._zone.setMinimumContentsLength(24)
        self._zone.setModel(QStringListModel(list(time_zones()), self._zone))
        self._zone.setMaxVisibleItems(16)
        completer = QCompleter(self._zone.model(), self._zone)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._zone.setCompleter(completer)
        self._row(column, "zone", "&Time zone", self._zone, "By this clock shifts begin.")
        self._row(column, "shifts", "Shifts", self._shifts, "")
        column.addStretch(1)
        self._area = area = QScrollArea()
        area.setObjectName("alarm-area")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        self._said.setObjectName("alarm-said")
        self._said.setWordWrap(True)
        self._said.setFont(text_font(BODY_PX + 1, QFont.Weight.DemiBold))
        self._save.setObjectName("alarm-save")
        self._undo.setObjectName("alarm-undo")
        buttons = QHBoxLayout()
        buttons.addWidget(self._save)
        buttons.addWidget(self._undo)
        buttons.addWidget(self._said, 1)
        layout = page_layout(self)
        layout.addWidget(page_title("Alerts"))
        layout.addWidget(area, 1)
        layout.addLayout(buttons)

    def _row(self, column: QVBoxLayout, key: str, label: str, field: QWidget, hint: str) -> None:
        row = FormRow(label, field, self.theme_source, hint)
        row.setMaximumWidth(TEXT_PX)
        self._rows[key] = row
        column.addWidget(row)

    def _connect(self) -> None:
        for field in (self._shelf, self._maintenance, self._positions):
            field.textChanged.connect(self._on_edit)
        self._zone.editTextChanged.connect(self._on_edit)
        self._shifts.edited.connect(self._on_edit)
        # Once the new row has its place.
        self._shifts.added.connect(lambda: QTimer.singleShot(0, self, self._show_end))
        self._save.clicked.connect(self.save)
        self._undo.clicked.connect(self._on_undo)
        self.bridge.catalogue_changed.connect(self._on_changed)

    def _show(self, settings: AlarmSettings) -> None:
        self._shelf.setText(text_from_seconds(settings.max_shelf_s))
        self._maintenance.setText(text_from_seconds(settings.max_maintenance_s))
        self._positions.setText(str(settings.operator_positions))
        self._zone.setEditText(settings.time_zone)
        self._shifts.show_shifts(settings.shifts)
        self._is_edited = False
        self._follow()

    def _typed(self) -> AlarmSettings | None:
        """Return what is typed; None where something is wrong with it."""
        if any(self._errors().values()):
            return None
        return AlarmSettings(
            length_from_text(self._shelf.text()),
            length_from_text(self._maintenance.text()),
            int(self._positions.text()),
            shifts_from_typed(self._shifts.typed),
            self._zone.currentText().strip(),
        )

    def _errors(self) -> dict[str, str]:
        return {
            "shelf": length_error(self._shelf.text(), LONGEST_SHELF_S),
            "maintenance": length_error(self._maintenance.text(), LONGEST_MAINTENANCE_S),
            "positions": positions_error(self._positions.text()),
            "zone": zone_error(self._zone.currentText().strip()),
            "shifts": shifts_error(self._shifts.typed),
        }

    def _follow(self) -> None:
        for key, sentence in self._errors().items():
            self._rows[key].set_error(sentence)
        self._rows["shifts"].set_hint(day_text(shifts_from_typed(self._shifts.typed)))
        typed = self._typed()
        self._save.setEnabled(typed is not None and typed != self._stored and not self._is_busy)
        self._undo.setEnabled(self._is_edited and not self._is_busy)

    def _on_edit(self) -> None:
        self._is_edited = True
        self._say("")
        self._follow()

    def _on_undo(self) -> None:
        self._show(self._stored)
        self._say("")

    def _show_end(self) -> None:
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _on_changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _say(self, sentence: str) -> None:
        self._said.setText(sentence)
        self._said.setAccessibleName(sentence)


def _line(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setMaximumWidth(220)
    return field
