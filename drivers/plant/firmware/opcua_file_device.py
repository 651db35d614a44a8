"""A device of the plant that takes its firmware as a plain file (OPC 10000-20), played by a Flash."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Callable, Sequence

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from drivers.plant.firmware.flash import Declined, Flash, FlashState, Silent
from drivers.plant.firmware.opcua_files import Files
from drivers.plant.firmware.opcua_nodes import Bad, Method, Nodes, Value, node_id
from drivers.plant.firmware.products import OPCUA_READY, OPCUA_STATES

_V = ua.VariantType
_WRITE_AND_ERASE = 6


class FileDevice:
    """One device, and its nodes below its object.

    Attributes:
        nodes: By path from that object, as in "Control/Install".
    """

    def __init__(
        self, make: Nodes, files: Files, node: ua.NodeId, flash: Flash, clock: Callable[[], float]
    ) -> None:
        self.flash = flash
        self.nodes: dict[str, ua.NodeId] = {"": node}
        self._make = make
        self._files = files
        self._clock = clock

    def build(self) -> None:
        """Make the nodes."""
        flash = self.flash
        self._variable("ProductCode", lambda: _string(flash.plate(self._clock()).product))
        self._variable("HardwareRevision", lambda: _string(flash.plate(self._clock()).hardware))
        self._variable("SerialNumber", lambda: _string(flash.serial(self._clock())))
        self._variable("SoftwareRevision", lambda: _string(flash.version(self._clock())))
        self._object("Firmware", node_id(ObjectIds.FileType))
        self._variable("Firmware/Size", lambda: ua.Variant(self._size(), _V.UInt64))
        self._method("Firmware/Open", (_V.Byte,), self.on_open)
        self._object("Control", None)
        self._variable("Control/State", lambda: ua.Variant(OPCUA_STATES.index(self._state()), _V.Int32))
        self._variable("Control/Detail", lambda: _string(self._alive(flash.detail)))
        self._variable("Control/PendingRevision", lambda: _string(self._alive(flash.pending)))
        self._variable(
            "Control/Health", lambda: ua.Variant(0 if flash.is_healthy(self._clock()) else 1, _V.Int32)
        )
        self._variable("Control/Command", ua.Variant(0, _V.UInt16), is_writable=True)
        self._method("Control/Install", (), self.on_install)
        self._method("Control/Confirm", (), self.on_confirm)
        self._method("Control/Abandon", (), self.on_abandon)

    async def on_open(self, mode: int) -> Sequence[ua.Variant]:
        """Answer Open."""
        if mode != _WRITE_AND_ERASE:
            raise Bad(StatusCodes.BadNotSupported)
        if any(opened.owner is self for opened in self._files.handles.values()):
            raise Bad(StatusCodes.BadNotWritable)
        if self._make.value(self.nodes["Control/Command"]) == OPCUA_READY:
            self.flash.prepare(self._clock())
        self.flash.begin(self._clock())
        opened = self._files.open(self.nodes["Firmware"], self, is_temporary=False)
        return (ua.Variant(opened.handle, _V.UInt32),)

    async def on_install(self) -> Sequence[ua.Variant]:
        """Answer Install."""
        self.flash.install(self._clock())
        return ()

    async def on_confirm(self) -> Sequence[ua.Variant]:
        """Answer Confirm."""
        self.flash.confirm(self._clock())
        return ()

    async def on_abandon(self) -> Sequence[ua.Variant]:
        """Answer Abandon."""
        self.flash.abandon(self._clock())
        return ()

    def on_write(self, who: str, offset: int, data: bytes) -> None:
        """Take bytes."""
        self.flash.write(self._clock(), who, offset, data)

    def on_closed(self) -> None:
        """Check what came."""
        self.flash.finish(self._clock())

    def on_dropped(self) -> None:
        """Forget what came: nobody closed the file."""
        try:
            if self._state() is FlashState.RECEIVING:
                self.flash.abandon(self._clock())
        except (Silent, Declined):
            pass

    def _alive(self, words: str) -> str:
        self._state()
        return words

    def _state(self) -> FlashState:
        return self.flash.state(self._clock())

    def _size(self) -> int:
        return self.flash.received(self._clock())

    def _object(self, path: str, kind: ua.NodeId | None) -> None:
        parent, node, name = self._place(path)
        self.nodes[path] = self._make.object(parent, node, name, kind)

    def _variable(self, path: str, value: Value | ua.Variant, *, is_writable: bool = False) -> None:
        parent, node, name = self._place(path)
        self.nodes[path] = self._make.variable(parent, node, name, value, is_writable=is_writable)

    def _method(self, path: str, takes: tuple[ua.VariantType, ...], does: Method) -> None:
        parent, node, name = self._place(path)
        self.nodes[path] = self._make.method(parent, node, name, takes, does)

    def _place(self, path: str) -> tuple[ua.NodeId, ua.NodeId, str]:
        parent, _, name = path.rpartition("/")
        device = self.nodes[""]
        return self.nodes[parent], node_id(f"{device.Identifier}/{path}", device.NamespaceIndex), name


def _string(words: str) -> ua.Variant:
    return ua.Variant(words, _V.String)
