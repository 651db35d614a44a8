"""Files of updatable devices on an OPC UA server: handles that belong to a session and die with it."""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from drivers.plant.firmware.opcua_nodes import Bad, Nodes, node_id

_V = ua.VariantType
_caller: ContextVar[object] = ContextVar("caller", default=None)


class FileOwner(Protocol):
    """What takes the bytes."""

    def on_write(self, who: str, offset: int, data: bytes) -> None:
        """Take bytes. Raises Declined or Silent."""
        ...

    def on_closed(self) -> None:
        """Learn that the file was closed. Raises Declined or Silent."""
        ...

    def on_dropped(self) -> None:
        """Learn that the file went with its session."""
        ...


@dataclass(slots=True)
class OpenHandle:
    """A file that some session has open."""

    node: ua.NodeId
    handle: int
    session: object
    owner: FileOwner
    is_temporary: bool
    position: int = 0


@dataclass(slots=True)
class Files:
    """Every open file of one server, and the sessions that opened them."""

    nodes: Nodes
    handles: dict[int, OpenHandle] = field(default_factory=dict[int, OpenHandle])
    on_session_end: list[Any] = field(default_factory=list[Any])
    _last: int = 0

    def start(self, server: Server) -> None:
        """Answer the methods of FileType, and follow who calls them."""
        handle, position = (_V.UInt32,), (_V.UInt32, _V.UInt64)
        self.nodes.answer(node_id(ObjectIds.FileType_Write), (_V.UInt32, _V.ByteString), self.write)
        self.nodes.answer(node_id(ObjectIds.FileType_Close), handle, self.close)
        self.nodes.answer(node_id(ObjectIds.FileType_GetPosition), handle, self.get_position)
        self.nodes.answer(node_id(ObjectIds.FileType_SetPosition), position, self.set_position)
        create = server.iserver.create_session

        def followed(*args: Any, **kwargs: Any) -> Any:
            session = create(*args, **kwargs)
            call, close = session.call, session.close_session

            async def call_as_it(params: Any) -> Any:
                _caller.set(session.session_id)
                return await call(params)

            async def close_with_files(delete_subs: bool = True) -> None:  # noqa: FBT001 - asyncua's own
                self.end_session(session.session_id)
                await close(delete_subs)

            session.call, session.close_session = call_as_it, close_with_files
            return session

        server.iserver.create_session = followed  # pyright: ignore[reportAttributeAccessIssue]

    @staticmethod
    def caller() -> object:
        """Return the session whose method is being carried out."""
        return _caller.get()

    def open(self, node: ua.NodeId, owner: FileOwner, *, is_temporary: bool) -> OpenHandle:
        """Hand out a handle to the session that asks."""
        self._last += 1
        opened = OpenHandle(node, self._last, self.caller(), owner, is_temporary)
        self.handles[opened.handle] = opened
        if is_temporary:
            self.nodes.hide(node)
        return opened

    def take(self, handle: int) -> OpenHandle:
        """Return an open file of the session that asks. Raises Bad."""
        opened = self.handles.get(handle)
        if opened is None or opened.session is not self.caller():
            raise Bad(StatusCodes.BadInvalidArgument)
        return opened

    def drop(self, opened: OpenHandle) -> None:
        """Forget an open file."""
        self.handles.pop(opened.handle, None)
        if opened.is_temporary:
            self.nodes.forget(opened.node)

    def end_session(self, session: object) -> None:
        """Close what a session left open."""
        for opened in [found for found in self.handles.values() if found.session is session]:
            self.drop(opened)
            opened.owner.on_dropped()
        for told in self.on_session_end:
            told(session)

    async def write(self, owner: ua.NodeId, handle: int, data: bytes) -> Sequence[ua.Variant]:
        """Answer Write."""
        opened = self._of(owner, handle)
        opened.owner.on_write(str(opened.session), opened.position, data or b"")
        opened.position += len(data or b"")
        return ()

    async def close(self, owner: ua.NodeId, handle: int) -> Sequence[ua.Variant]:
        """Answer Close."""
        opened = self._of(owner, handle)
        self.drop(opened)
        opened.owner.on_closed()
        return ()

    async def get_position(self, owner: ua.NodeId, handle: int) -> Sequence[ua.Variant]:
        """Answer GetPosition."""
        return (ua.Variant(self._of(owner, handle).position, _V.UInt64),)

    async def set_position(self, owner: ua.NodeId, handle: int, to: int) -> Sequence[ua.Variant]:
        """Answer SetPosition."""
        self._of(owner, handle).position = to
        return ()

    def _of(self, owner: ua.NodeId, handle: int) -> OpenHandle:
        opened = self.take(handle)
        if opened.node != owner:
            raise Bad(StatusCodes.BadInvalidArgument)
        return opened
