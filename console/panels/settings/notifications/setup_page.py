"""A tab of what administrators set up: one form at a time, and the list read anew after each change."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from console.bridge.commands import Command
from console.panels.settings.notifications.list_page import Empty, ListPage
from console.panels.settings.notifications.questions import LoadSetup, Setup
from console.panels.settings.notifications.table_model import WordsModel
from console.panels.settings.page_parts import Advice
from console.panels.settings.section import Surroundings
from console.widgets.form_dialog import FormDialog

Row = TypeVar("Row")


class SetupPage(ListPage[Row]):
    """Subclasses say what is listed and open the forms."""

    def __init__(
        self,
        name: str,
        title: str,
        model: WordsModel[Row],
        widths: Sequence[int],
        empty: Empty,
        around: Surroundings,
        reload: Callable[[Setup], None],
    ) -> None:
        """Store what is needed; `reload` hears of everything that was read anew. The rest as in ListPage."""
        super().__init__(name, title, model, widths, 2, empty, around.theme_source)
        model.setParent(self)
        self._bridge = around.bridge
        self._reload = reload
        self._dialog: FormDialog | None = None

    def show_setup(self, setup: Setup, keep: int | None = None) -> None:
        """Show another state; choose the row of number `keep`."""
        raise NotImplementedError

    def _ask_removal(self, key: str, title: str, advice: str, command: Command[Any], done: str) -> None:
        """Ask whether something shall go; `done` is said once it has gone."""
        dialog = FormDialog(key, title, "Remove", self.theme_source, self)
        dialog.add_widget(Advice(advice, self.theme_source))
        dialog.start_at_cancel()

        def order() -> None:
            dialog.set_busy("Removing…")
            self._bridge.command(command, lambda _: self._confirm(dialog, done, None), dialog.refuse, self)

        dialog.submitted.connect(order)
        self._show(dialog)

    def _confirm(self, dialog: FormDialog, done: str, keep: int | None) -> None:
        """Close the form once what was read afterwards shows the change."""

        def show(setup: Setup) -> None:
            self._reload(setup)
            self.show_setup(setup, keep)
            if self._dialog is dialog:
                dialog.accept()
            self.say(done)

        def fail(sentence: str) -> None:
            if self._dialog is dialog:
                dialog.accept()
            self.say(f"{done} The list could not be read again: {sentence}")

        self._bridge.ask(LoadSetup(), show, fail, self)

    def _show(self, dialog: FormDialog) -> None:
        self._dialog = dialog
        dialog.finished.connect(self._on_closed)
        dialog.open()

    def _on_closed(self) -> None:
        self._dialog = None
        self.window().activateWindow()
        self.focus_table()
