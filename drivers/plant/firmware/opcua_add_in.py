"""Makes the nodes of an updatable device: name plate, AddIn `SoftwareUpdate`, lock (OPC 10000-100)."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from asyncua import ua

from drivers.plant.firmware.opcua_device import UpdatableDevice
from drivers.plant.firmware.opcua_nodes import Method, Nodes, Value, node_id, text

_V = ua.VariantType
_NEEDS_PREPARATION, _WILL_DISCONNECT = 16, 2
_STATES = {
    "Idle": (231, 1),
    "Preparing": (233, 2),
    "PreparedForUpdate": (235, 3),
    "Resuming": (237, 4),
    "Installation/Idle": (271, 1),
    "Installation/Installing": (273, 2),
    "Installation/Error": (275, 3),
    "NotWaitingForPowerCycle": (299, 1),
    "WaitingForPowerCycle": (301, 2),
    "NotWaitingForConfirm": (323, 1),
    "WaitingForConfirm": (325, 2),
}
_TRANSFER_STATES = {"Idle": (15815, 1), "ApplyWrite": (15821, 4), "Error": (15823, 5)}


class AddInBuilder:
    """Makes nodes below one device's object.

    Attributes:
        nodes: By path from that object, as in "SoftwareUpdate/Installation/Resume".
        device: What answers.
    """

    def __init__(self, make: Nodes, device: UpdatableDevice) -> None:
        self.nodes: dict[str, ua.NodeId] = {"": device.node}
        self._make = make
        self.device = device
        self._seen: dict[str, tuple[str, datetime]] = {}

    def build(self) -> None:
        """Make all of them."""
        device = self.device
        self._plate()
        self._object("SoftwareUpdate", 1)
        self._variable("SoftwareUpdate/UpdateStatus", lambda: text(device.told().detail))
        self._variable("SoftwareUpdate/VendorErrorCode", lambda: ua.Variant(device.error_code(), _V.Int32))
        self._loading()
        if device.offer.has_prepare:
            self._object("SoftwareUpdate/PrepareForUpdate", 213)
            self._state("SoftwareUpdate/PrepareForUpdate", device.preparation)
            self._method("SoftwareUpdate/PrepareForUpdate/Prepare", (), device.on_prepare)
            self._method("SoftwareUpdate/PrepareForUpdate/Abort", (), device.on_resume)
            self._method("SoftwareUpdate/PrepareForUpdate/Resume", (), device.on_resume)
        if not device.offer.is_direct:
            self._object("SoftwareUpdate/Installation", 249)
            self._state("SoftwareUpdate/Installation", device.installation)
            takes = (_V.String, _V.String, _V.String, _V.ByteString)
            self._method("SoftwareUpdate/Installation/InstallSoftwarePackage", takes, device.on_install)
            self._method("SoftwareUpdate/Installation/Resume", (), device.on_installation_resume)
        if not device.flash.habits.reboots_itself:
            self._object("SoftwareUpdate/PowerCycle", 285)
            self._state("SoftwareUpdate/PowerCycle", device.power)
        if device.offer.has_confirmation:
            self._confirmation()
        if device.offer.has_lock:
            self._object("Lock", 6388)
            self._variable("Lock/Locked", lambda: ua.Variant(device.lock_holder is not None, _V.Boolean))
            self._variable("Lock/LockingClient", lambda: ua.Variant(str(device.lock_holder or ""), _V.String))
            self._method("Lock/InitLock", (_V.String,), device.on_lock)
            self._method("Lock/ExitLock", (), device.on_unlock)

    # -- parts ------------------------------------------------------------------------------------

    def _plate(self) -> None:
        device = self.device
        flash = device.flash
        self._variable("ProductCode", lambda: _string(flash.plate(device.now).product), is_property=True)
        self._variable(
            "HardwareRevision", lambda: _string(flash.plate(device.now).hardware), is_property=True
        )
        self._variable("SerialNumber", lambda: _string(flash.serial(device.now)), is_property=True)
        self._variable("SoftwareRevision", lambda: _string(flash.version(device.now)), is_property=True)
        if device.offer.has_health:
            self._variable(
                "DeviceHealth", lambda: ua.Variant(int(not flash.is_healthy(device.now)), _V.Int32)
            )

    def _loading(self) -> None:
        device = self.device
        path, flash = "SoftwareUpdate/Loading", device.flash
        self._object(path, 153 if device.offer.is_direct else 171)
        self._variable(f"{path}/ErrorMessage", lambda: text(device.told().detail))
        if device.offer.write_block is not None:
            block = ua.Variant(device.offer.write_block, _V.UInt32)
            self._variable(f"{path}/WriteBlockSize", block, is_property=True)
        self._version(f"{path}/CurrentVersion", lambda: flash.version(device.now))
        needs = _NEEDS_PREPARATION if device.offer.has_prepare else 0
        behavior = ua.Variant(needs | _WILL_DISCONNECT, _V.UInt32)
        if device.offer.is_direct:
            self._variable(f"{path}/UpdateBehavior", behavior, is_property=True)
        else:
            self._version(f"{path}/PendingVersion", device.pending)
            if device.offer.has_hash:
                self._variable(f"{path}/PendingVersion/Hash", device.pending_hash, is_property=True)
            if device.offer.has_clear:
                self._method(f"{path}/PendingVersion/Clear", (), device.on_clear)

            async def on_behavior(maker: str, revision: str, patches: object) -> Sequence[ua.Variant]:
                return (behavior,)

            self._method(f"{path}/GetUpdateBehavior", (_V.String, _V.String, _V.String), on_behavior)
        transfer = f"{path}/FileTransfer"
        self._object(transfer, 15744, index=0)
        self._method(f"{transfer}/GenerateFileForWrite", (_V.Int32,), device.on_generate)
        self._method(f"{transfer}/CloseAndCommit", (_V.UInt32,), device.on_commit)
        if device.offer.check_s:
            self._object(f"{transfer}/State", 15803, index=0)
            self._state(f"{transfer}/State", device.transfer, _TRANSFER_STATES, index=0)
            device.transfer_state = self.nodes[f"{transfer}/State"]

    def _confirmation(self) -> None:
        device = self.device
        path = "SoftwareUpdate/Confirmation"
        self._object(path, 307)
        self._state(path, device.waiting)
        self._method(f"{path}/Confirm", (), device.on_confirm)
        zero = ua.Variant(0.0, _V.Double)
        self._variable(f"{path}/ConfirmationTimeout", zero, is_writable=True)
        timeout = self.nodes[f"{path}/ConfirmationTimeout"]
        device.read_confirm_ms = lambda: self._make.value(timeout)

    def _version(self, path: str, revision: Callable[[], str]) -> None:
        self._object(path, 212)
        self._variable(f"{path}/Manufacturer", text("Plant works"), is_property=True)
        self._variable(f"{path}/ManufacturerUri", _string("urn:plant-works"), is_property=True)
        self._variable(f"{path}/SoftwareRevision", lambda: _string(revision()), is_property=True)

    def _object(self, path: str, kind: int, index: int | None = None) -> None:
        type_id = node_id(kind, self._make.di if index is None else index)
        parent, node, name = self._place(path)
        if name in ("SoftwareUpdate", "Lock"):
            self.nodes[path] = self._make.add_in(parent, node, name, kind)
        else:
            self.nodes[path] = self._make.object(parent, node, name, type_id)

    def _variable(
        self,
        path: str,
        value: Value | ua.Variant,
        since: Callable[[], datetime | None] = lambda: None,
        *,
        is_property: bool = False,
        is_writable: bool = False,
    ) -> None:
        parent, node, name = self._place(path)
        self.nodes[path] = self._make.variable(
            parent, node, name, value, since, is_property=is_property, is_writable=is_writable
        )

    def _method(self, path: str, takes: tuple[ua.VariantType, ...], does: Method) -> None:
        parent, node, name = self._place(path)
        self.nodes[path] = self._make.method(parent, node, name, takes, does)

    def _state(
        self,
        path: str,
        name: Callable[[], str],
        states: dict[str, tuple[int, int]] = _STATES,
        index: int | None = None,
    ) -> None:
        def told() -> str:
            current = name()
            if self._seen.get(path, ("", None))[0] != current:
                self._seen[path] = (current, datetime.now(UTC))
            return current

        def state_id() -> ua.Variant:
            number, _ = states[told()]
            return ua.Variant(node_id(number, self._make.di if index is None else index), _V.NodeId)

        def since() -> datetime | None:
            return self._seen[path][1] if path in self._seen else None

        current = f"{path}/CurrentState"
        self._variable(current, lambda: text(told().rpartition("/")[2]), since)
        self._variable(f"{current}/Id", state_id, since, is_property=True)
        self._variable(
            f"{current}/Number", lambda: ua.Variant(states[told()][1], _V.UInt32), since, is_property=True
        )

    def _place(self, path: str) -> tuple[ua.NodeId, ua.NodeId, str]:
        parent, _, name = path.rpartition("/")
        device = self.device.node
        return self.nodes[parent], node_id(f"{device.Identifier}/{path}", device.NamespaceIndex), name


def _string(words: str) -> ua.Variant:
    return ua.Variant(words, _V.String)
