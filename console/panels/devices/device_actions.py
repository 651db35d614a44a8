"""What can be done with the device in the form, beside typing: each action says which tool it needs.

An action whose tool the protocol does not offer is not shown, so that no protocol need be known here. Who
makes another dialog adds one line to `DEVICE_ACTIONS`; a dialog works with a `Desk` and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from console.panels.devices.connection_test_dialog import ConnectionTestDialog
from console.panels.devices.desk import Desk
from console.panels.devices.own_certificate_dialog import OwnCertificateDialog
from drivers.driver import DriverSpec
from drivers.questions import OWN_CERTIFICATE

__all__ = ["DEVICE_ACTIONS", "Desk", "DeviceAction", "offered_by"]


@dataclass(frozen=True, slots=True)
class DeviceAction:
    """One button above the form.

    Attributes:
        name: For tests: the button is called "device-do-NAME".
        words: On the button.
        keys: Shortcut, empty where there is none.
        needs: What the protocol must offer: a `drivers.workbench.Tool`, or `OWN_CERTIFICATE`; empty: nothing.
        tip: One sentence.
        open: Shows the dialog; returns it, to be found by tests.
    """

    name: str
    words: str
    keys: str
    needs: str
    tip: str
    open: Callable[[Desk], QWidget]


def _test(desk: Desk) -> QWidget:
    dialog = ConnectionTestDialog(desk)
    dialog.open()
    return dialog


def _own_certificate(desk: Desk) -> QWidget:
    dialog = OwnCertificateDialog(desk)
    dialog.open()
    return dialog


DEVICE_ACTIONS: tuple[DeviceAction, ...] = (
    DeviceAction(
        "test",
        "Test connection",
        "Ctrl+E",
        "",
        "Connects with what is typed, saved or not, and says step by step what worked.",
        _test,
    ),
    DeviceAction(
        OWN_CERTIFICATE,
        "This station's certificate…",
        "",
        OWN_CERTIFICATE,
        "What the device must trust before it lets this station in.",
        _own_certificate,
    ),
)


def offered_by(spec: DriverSpec | None) -> frozenset[str]:
    """Return what a protocol offers, as `DeviceAction.needs` names it; empty for one that is not known."""
    if spec is None or spec.tools is None:
        return frozenset({""})
    tools = spec.tools()
    own: Sequence[str] = (OWN_CERTIFICATE,) if tools.own_certificate is not None else ()
    return frozenset({"", *(tool.value for tool in tools.offered()), *own})
