"""The dry run of an import: what a file would change, row by row, before anything is written."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QWidget

from console.bridge.bridge import Bridge
from console.catalogue.threshold_sheet import SheetPlan
from console.panels.limits.limit_questions import PlanImport
from console.panels.limits.lines_view import LinesView
from console.panels.limits.many_edits import Order
from console.panels.limits.order_dialogs import OrderDialog
from console.panels.wording import count_text, moment_from_unix
from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from models.records.device import Device

_LINES = 14
_WIDE_PX = 820


class ImportDialog(OrderDialog):
    """Reads the file on a worker; "Import" is possible once every row is in order and something changes."""

    pending = "Importing…"

    def __init__(
        self,
        path: Path,
        devices: Sequence[Device],
        bridge: Bridge,
        now: Callable[[], float],
        theme_source: ThemeSource,
        parent: QWidget,
    ) -> None:
        title = f"{path.name} is compared with what is stored; nothing is written before you say so."
        super().__init__("limits-import", title, "Import", theme_source, parent)
        self._path, self._devices, self._bridge, self._now = path, devices, bridge, now
        self._plan = SheetPlan()
        self._generation = 0
        self._summary = plain_label()
        self._summary.setObjectName("limits-import-summary")
        self._summary.setWordWrap(True)
        self._remove = QCheckBox("&Remove limits of these devices that the file does not name")
        self._remove.setObjectName("limits-import-remove")
        self._lines = LinesView("limits-import-lines", "What the file would change", _LINES)
        self._lines.setMinimumWidth(_WIDE_PX)
        for part in (self._summary, self._lines, self._remove):
            self.add_widget(part)
        self._remove.toggled.connect(self._read)
        self._go.setEnabled(False)
        self.start_at_cancel()
        self._read()

    @property
    def plan(self) -> SheetPlan:
        """What the file would change."""
        return self._plan

    def order(self) -> Order:
        """Return what is asked for now."""
        plan = self._plan
        self.told = f"Imported: {plan_text(plan)}."
        return Order(plan.edits, ())

    def refuse(self, sentence: str) -> None:
        """Say why it was not stored, and compare again: what is stored has changed."""
        super().refuse(sentence)
        self._read()

    def _read(self) -> None:
        self._generation += 1
        generation = self._generation
        self._summary.setText("Reading…")
        self._go.setEnabled(False)

        def take(answer: SheetPlan | str) -> None:
            if generation == self._generation:
                self._show(answer)

        def fail(sentence: str) -> None:
            if generation == self._generation:
                self._show(sentence)

        now = moment_from_unix(self._now())
        quantities = self._bridge.catalogue.quantities
        question = PlanImport(self._path, self._devices, now, self._remove.isChecked(), quantities)
        self._bridge.ask(question, take, fail, self)

    def _show(self, answer: SheetPlan | str) -> None:
        self._plan = SheetPlan() if isinstance(answer, str) else answer
        if isinstance(answer, str):
            self._summary.setText(answer)
            self._lines.show_lines([])
        elif answer.faults:
            self._summary.setText(
                f"{count_text(len(answer.faults), 'cell')} to mend; nothing can be imported before."
            )
            self._lines.show_lines([f"✕ {fault}" for fault in answer.faults])
        else:
            self._summary.setText(f"{plan_text(answer)}.".capitalize())
            self._lines.show_lines(plan_lines(answer) or ["The file says what is stored already."])
        count = len(self._plan.edits)
        self._go.setEnabled(bool(count) and not self._plan.faults and not self.is_busy)
        self._go.setText(f"Import {count_text(count, 'change')}" if count else "Import")


def plan_text(plan: SheetPlan) -> str:
    """Return "2 added, 12 changed, 1 removed, 400 unchanged"."""
    counts = (
        (len(plan.added), "added"),
        (len(plan.changed), "changed"),
        (len(plan.removed), "removed"),
        (plan.unchanged, "unchanged"),
    )
    return ", ".join(f"{count:,} {words}" for count, words in counts if count) or "nothing in it"


def plan_lines(plan: SheetPlan) -> list[str]:
    """Return one line a change: changed, added, removed."""
    changed = [f"{p.where} · {p.name}: {', '.join(map(str, p.changes))}" for p in plan.changed]
    added = [f"{p.where} · {p.name}: added" for p in plan.added]
    removed = [f"{p.where} · {p.name}: removed" for p in plan.removed]
    return [*changed, *added, *removed]
