"""Writing one value to one writable tag of a stored device."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit

from console.bridge.device_tools import DeviceQuestion
from console.catalogue.typed_number import number_from_text, text_from_number
from console.panels.devices.desk import Desk
from console.panels.devices.write.write_words import (
    consequence,
    plausibility,
    raw_from_value,
    tag_label,
    unit_of,
    written_text,
)
from console.panels.wording import value_text
from console.widgets.confirm import Confirm
from console.widgets.form_dialog import FormDialog
from drivers.questions import PREVIEW, PreviewSubject, PreviewTag, PreviewValue, WriteSubject
from drivers.workbench import Tool
from models.records.device import Device, Tag

OPEN_AGAIN = "Close this and open it again, to see the device as it is stored now."
_AGAIN_MS = 1000
_ASKING = "Asking what it holds now…"


class WriteDialog(FormDialog):
    """Shows what the device holds, live; asks once more with the consequence; then says what it holds now."""

    def __init__(self, desk: Desk, device: Device) -> None:
        """Lay it out.

        Args:
            desk: The way to the station, and to the person's database.
            device: As stored, with at least one writable tag.
        """
        title = f"Write a value to {device.name}"
        super().__init__("device-write", title, "Write…", desk.themes, desk.parent)
        self.setWindowTitle("Write a value")
        self._desk = desk
        self._device = device
        self._tags: Sequence[Tag] = [tag for tag in device.tags if tag.is_writable]
        self._question: DeviceQuestion | None = None
        self._tag = QComboBox()
        self._tag.setObjectName("device-write-tag")
        for tag in self._tags:
            self._tag.addItem(tag_label(tag, desk.quantities))
        self._tag_row = self.add_row("&Tag", self._tag, hint="Asking what it holds now…")
        self._value = QLineEdit()
        self._value.setObjectName("device-write-value")
        self._value_row = self.add_row("New &value", self._value, self._check_value)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._look)
        self._tag.currentIndexChanged.connect(lambda _: self._on_tag())
        self.submitted.connect(self._confirm)
        self._on_tag()
        # The first tag is most often the one that is meant, and often the only one.
        self._value.setFocus(Qt.FocusReason.OtherFocusReason)

    def done(self, result: int) -> None:
        """Want no answer any more, and close. What was sent is sent."""
        self._again.stop()
        if self._question is not None:
            self._question.stop()
        super().done(result)

    @property
    def _chosen(self) -> Tag:
        return self._tags[self._tag.currentIndex()]

    def _on_tag(self) -> None:
        unit = unit_of(self._chosen, self._desk.quantities).strip()
        self._value_row.set_label(f"New &value in {unit}" if unit else "New &value")
        self._tag_row.set_hint(_ASKING)
        self._look()

    def _check_value(self) -> str:
        if not self._value.text().strip():
            return "Type the value to be written."
        try:
            value = number_from_text(self._value.text())
            raw_from_value(self._chosen, value)
        except ValueError as error:
            return str(error)
        return plausibility(self._chosen, value, self._desk.quantities)

    def _look(self) -> None:
        if self._question is not None:
            self._question.stop()
        tag = self._chosen
        self._question = self._desk.bridge.device_tools.ask(
            PREVIEW,
            self._device.driver,
            self._device.connection,
            PreviewSubject((PreviewTag(tag.address, tag.scale, tag.offset),)),
            on_done=self._on_held,
            on_failed=self._on_not_held,
            owner=self,
            hardware_id=self._device.device_id,
            is_repeated=True,
        )

    def _on_held(self, values: Sequence[PreviewValue]) -> None:
        self._question = None
        self._again.start()
        (held,) = values
        if held.value is None:
            self._tag_row.set_hint(f"What it holds now cannot be told: {held.detail}.")
            return
        self._tag_row.set_hint(f"Holds {self._shown(held.value)} now.")

    def _on_not_held(self, sentence: str) -> None:
        self._question = None
        self._again.start()
        self._tag_row.set_hint(sentence)

    def _shown(self, value: float) -> str:
        quantity = self._desk.quantities.find(self._chosen.metric)
        return value_text(quantity, value) if quantity else f"{value:g}"

    def _confirm(self) -> None:
        tag, value = self._chosen, number_from_text(self._value.text())
        raw = raw_from_value(tag, value)
        words = consequence(self._device, tag, value, raw, self._desk.quantities)
        unit = unit_of(tag, self._desk.quantities)
        question = Confirm(words, f"Write {text_from_number(value)}{unit}", parent=self)
        question.accepted.connect(lambda: self._send(tag, raw))
        question.open()

    def _send(self, tag: Tag, raw: float) -> None:
        stored = self._desk.bridge.catalogue.device(self._device.id)
        if stored is None or tag not in stored.tags:
            # By another scale, the same words would write another number.
            self.refuse(f"{self._device.name} was changed meanwhile; nothing was written. {OPEN_AGAIN}")
            return
        self.set_busy("Noting it in the audit trail, and writing…")
        # What is sent is sent: from here on there is nothing to be cancelled.
        self._cancel.setText("Close")
        self._desk.bridge.device_tools.ask(
            Tool.WRITE,
            self._device.driver,
            self._device.connection,
            WriteSubject(tag.address, raw),
            on_done=lambda answered: self._on_written(tag, answered),
            on_failed=self.refuse,
            owner=self,
            hardware_id=self._device.device_id,
        )

    def _on_written(self, tag: Tag, answered: str) -> None:
        self.report(written_text(tag, answered, self._desk.quantities))
        self._value.clear()
        # What it held before must not stand there as what it holds.
        self._tag_row.set_hint(_ASKING)
        self._look()
