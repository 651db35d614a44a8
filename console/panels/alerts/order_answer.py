"""What comes back to a form: it may have been closed meanwhile, and the answer is told all the same."""

from collections.abc import Callable

from shiboken6 import isValid

from console.widgets.form_dialog import FormDialog


def close_form(dialog: FormDialog) -> None:
    """Close a form whose order was carried out; nothing where it is closed already."""
    if isValid(dialog) and dialog.isVisible():
        dialog.accept()


def refuse_in_form(dialog: FormDialog, sentence: str, say: Callable[[str], None]) -> None:
    """Say why an order was not carried out, in its form, or with `say` where that is closed already."""
    if isValid(dialog) and dialog.isVisible():
        dialog.refuse(sentence)
    else:
        say(sentence)
