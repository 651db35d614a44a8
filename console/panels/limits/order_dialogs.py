"""Forms for several thresholds at once: out of service and back, and removal; consequence first."""

from collections.abc import Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from console.panels.limits.limit_rows import LimitRow
from console.panels.limits.lines_view import LinesView
from console.panels.limits.many_edits import Order, counted, remove_order, switch_order
from console.panels.wording import count_text
from console.widgets.form_dialog import FormDialog
from console.widgets.theme import ThemeSource

_SHOWN = 6


class OrderDialog(FormDialog):
    """A form that gives out an order.

    Attributes:
        pending: Said in the list until the order is confirmed.
        told: One sentence for afterwards.
    """

    pending = "Storing…"
    told = "Stored."

    def order(self) -> Order:
        """Return what is asked for now."""
        raise NotImplementedError


class SwitchDialog(OrderDialog):
    """Takes thresholds out of service with a reason ("permit"), or back into it."""

    def __init__(
        self, rows: Sequence[LimitRow], theme_source: ThemeSource, parent: QWidget, *, is_on: bool
    ) -> None:
        order = switch_order(rows, is_on=is_on)
        count = count_text(len(order.edits), "limit")
        if is_on:
            title = f"{count} will be judged again; what stands now alerts at once."
        else:
            title = f"{count} will not be judged any more, for nobody, until somebody enables it again."
            if order.ends:
                title += f" {count_text(order.ends, 'open alert')} can then be resolved by hand."
        verb = f"{'Enable' if is_on else 'Disable'} {count}"
        super().__init__("limits-switch", title, verb, theme_source, parent)
        self._rows, self._is_on = rows, is_on
        self.pending = "Enabling…" if is_on else "Disabling…"
        self.told = f"{count} {'in service again' if is_on else 'out of service now'}."
        self._reason = QLineEdit()
        self._reason.setObjectName("limits-reason")
        if not is_on:
            hint = "The permit or the work, and who knows about it; it is shown wherever the limit is."
            self.add_row("&Reason", self._reason, self._reason_error, hint)
        view = LinesView("limits-touched", "What this touches", min(_SHOWN, max(1, len(order.lines))))
        view.show_lines(order.lines)
        self.add_widget(view)
        if is_on:
            self.start_at_cancel()
        else:
            self._reason.setFocus()

    def order(self) -> Order:
        """Return what is asked for now."""
        return switch_order(self._rows, is_on=self._is_on, reason=self._reason.text().strip())

    def _reason_error(self) -> str:
        return "" if self._reason.text().strip() else "Say why: whoever meets it next will ask."


class RemoveDialog(OrderDialog):
    """Removes thresholds for good."""

    pending = "Removing…"

    def __init__(self, rows: Sequence[LimitRow], theme_source: ThemeSource, parent: QWidget) -> None:
        order = remove_order(rows)
        count = count_text(len(rows), "limit")
        title = f"{counted(order, 'removed')} Past alerts stay. To rest one for a while, disable it instead."
        super().__init__("limits-remove", title, f"Remove {count}", theme_source, parent)
        self._rows = rows
        self.told = f"{count} removed."
        view = LinesView("limits-touched", "What this touches", min(_SHOWN, len(order.lines)))
        view.show_lines(order.lines)
        self.add_widget(view)
        self.start_at_cancel()

    def order(self) -> Order:
        """Return what is asked for now."""
        return remove_order(self._rows)
