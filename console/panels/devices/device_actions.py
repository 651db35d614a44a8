"""What can be done with the device in the form, beside typing: each action says which tool it needs.

An action whose tool the protocol does not offer is not shown, so that no protocol need be known here. Who
makes another dialog adds one line to `DEVICE_ACTIONS`; a dialog works with a `Desk` and nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from console.panels.devices.bench.opening import open_bench
from console.panels.devices.browse.opening import open_browser
from console.panels.devices.connection_test_dialog import ConnectionTestDialog
from console.panels.devices.desk import Desk
from console.panels.devices.identify.identify_dialog import IdentifyDialog
from console.panels.devices.own_certificate_dialog import OwnCertificateDialog
from console.panels.devices.scan.opening import open_scan
from console.panels.devices.write.opening import open_write
from drivers.driver import DriverSpec
from drivers.questions import OWN_CERTIFICATE
from drivers.workbench import Tool

__all__ = ["DEVICE_ACTIONS", "Desk", "DeviceAction", "offered_by"]


@dataclass(frozen=True, slots=True)
class DeviceAction:
    """One button above the form.

    Attributes:
        name: For tests: the button is called "device-do-NAME".
        words: On the button.
        keys: Shortcut, empty where there is none. Not one with which lines of text are edited: under X11
            Ctrl+D, Ctrl+E, Ctrl+K, Ctrl+U. Where two have the same, the first that is offered is meant.
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


def _identify(desk: Desk) -> QWidget:
    dialog = IdentifyDialog(desk)
    dialog.open()
    return dialog


DEVICE_ACTIONS: tuple[DeviceAction, ...] = (
    DeviceAction(
        "test",
        "Test connection",
        "Ctrl+R",
        "",
        "Connects with what is typed, saved or not, and says step by step what worked.",
        _test,
    ),
    DeviceAction(
        "bench",
        "Decoder bench…",
        "Ctrl+B",
        Tool.REGISTERS,
        "Raw registers under every type and order; what the device's display shows finds the right one.",
        open_bench,
    ),
    DeviceAction(
        "browse",
        "Browse…",
        "Ctrl+B",
        Tool.BROWSE,
        "The server's nodes, to be dropped onto quantities.",
        open_browser,
    ),
    DeviceAction(
        "scan",
        "Scan…",
        "",
        Tool.SCAN,
        "Which units answer on the line, and which registers can be read.",
        open_scan,
    ),
    DeviceAction(
        "identify",
        "Identify",
        "",
        Tool.IDENTIFY,
        "What the device tells of itself: maker, product, version.",
        _identify,
    ),
    DeviceAction(
        "write",
        "Write…",
        "",
        Tool.WRITE,
        "Writes a value to a writable tag of the stored device, and reads it back.",
        open_write,
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
