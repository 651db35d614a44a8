"""Nodes of updatable devices in an asyncua server, made by hand: asyncua leaves optional ones out.

A variable's value is asked for when it is read, so that nobody has to keep nodes true to the device.
"""

# asyncua's generated structures annotate their fields with names that only exist at run time.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

import inspect
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from asyncua import ua
from asyncua.server.server import Server
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from drivers.plant.firmware.flash import Declined, Silent

DI_URI = "http://opcfoundation.org/UA/DI/"
_DEVICE_SET = 5001
_TYPES = {
    1: "SoftwareUpdateType",
    153: "DirectLoadingType",
    171: "CachedLoadingType",
    212: "SoftwareVersionType",
    213: "PrepareForUpdateStateMachineType",
    249: "InstallationStateMachineType",
    285: "PowerCycleStateMachineType",
    307: "ConfirmationStateMachineType",
    6388: "LockingServicesType",
}
_PROPERTY, _COMPONENT, _ADD_IN = ObjectIds.HasProperty, ObjectIds.HasComponent, ObjectIds.HasAddIn

Value = Callable[[], ua.Variant]
Method = Callable[..., Awaitable[Sequence[ua.Variant]]]


class Bad(Exception):
    """A method's answer that is a bad status code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Nodes:
    """Makes nodes in one server. Numbers them itself, in the namespace of the device."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.di = 0
        self.device_set = node_id(_DEVICE_SET, 0)

    async def start(self) -> None:
        """Make what all devices share: the namespace of DI, its types, and the DeviceSet."""
        self.di = await self._server.register_namespace(DI_URI)
        for number, name in _TYPES.items():
            item = self._item(
                node_id(ObjectIds.BaseObjectType), node_id(number, self.di), name, ObjectIds.HasSubtype
            )
            item.NodeClass, item.NodeAttributes = ua.NodeClass.ObjectType, ua.ObjectTypeAttributes()
            self._add(item)
        self.device_set = self.object(
            node_id(ObjectIds.ObjectsFolder),
            node_id(_DEVICE_SET, self.di),
            "DeviceSet",
            link=ObjectIds.Organizes,
        )

    def object(
        self,
        parent: ua.NodeId,
        node: ua.NodeId,
        name: str,
        kind: ua.NodeId | None = None,
        link: int = _COMPONENT,
    ) -> ua.NodeId:
        """Make an object of a type."""
        item = self._item(parent, node, name, link)
        item.NodeClass, item.NodeAttributes = ua.NodeClass.Object, ua.ObjectAttributes()
        item.NodeAttributes.EventNotifier = 0
        item.TypeDefinition = kind or node_id(ObjectIds.BaseObjectType)
        return self._add(item)

    def add_in(self, parent: ua.NodeId, node: ua.NodeId, name: str, number: int) -> ua.NodeId:
        """Make an AddIn of a type of DI."""
        return self.object(parent, node, name, node_id(number, self.di), _ADD_IN)

    def variable(
        self,
        parent: ua.NodeId,
        node: ua.NodeId,
        name: str,
        value: Value | ua.Variant,
        since: Callable[[], datetime | None] = lambda: None,
        *,
        is_property: bool = False,
        is_writable: bool = False,
    ) -> ua.NodeId:
        """Make a variable that shows a fixed value, or one that is asked for; it is away with its device."""
        item = self._item(parent, node, name, _PROPERTY if is_property else _COMPONENT)
        item.NodeClass, attributes = ua.NodeClass.Variable, ua.VariableAttributes()
        first = value if isinstance(value, ua.Variant) else value()
        attributes.Value = first
        attributes.DataType = node_id(first.VariantType.value)
        attributes.ValueRank = ua.ValueRank.OneDimension if first.is_array else ua.ValueRank.Scalar
        attributes.ArrayDimensions = None
        access = 3 if is_writable else 1
        attributes.AccessLevel = attributes.UserAccessLevel = access
        item.NodeAttributes = attributes
        item.TypeDefinition = node_id(
            ObjectIds.PropertyType if is_property else ObjectIds.BaseDataVariableType
        )
        self._add(item)
        if not isinstance(value, ua.Variant):
            self._server.iserver.set_attribute_value_callback(node, _answering(value, since))
        return node

    def method(
        self, parent: ua.NodeId, node: ua.NodeId, name: str, takes: tuple[ua.VariantType, ...], does: Method
    ) -> ua.NodeId:
        """Make a method. `does` is given the values of its arguments, checked against `takes`."""
        item = self._item(parent, node, name, _COMPONENT)
        item.NodeClass, item.NodeAttributes = ua.NodeClass.Method, ua.MethodAttributes()
        item.NodeAttributes.Executable = item.NodeAttributes.UserExecutable = True
        self._add(item)
        self.answer(node, takes, does)
        return node

    def answer(self, node: ua.NodeId, takes: tuple[ua.VariantType, ...], does: Method) -> None:
        """Have a method that exists do something. It is given its object's node first if it asks for it."""
        wants_owner = "owner" in inspect.signature(does).parameters

        async def called(owner: ua.NodeId, *arguments: ua.Variant) -> ua.StatusCode | Sequence[ua.Variant]:
            if len(arguments) < len(takes):
                return ua.StatusCode(ua.UInt32(StatusCodes.BadArgumentsMissing))
            if len(arguments) > len(takes):
                return ua.StatusCode(ua.UInt32(StatusCodes.BadTooManyArguments))
            told = [argument.VariantType for argument in arguments]
            if any(got not in (want, ua.VariantType.Null) for got, want in zip(told, takes, strict=True)):
                return ua.StatusCode(ua.UInt32(StatusCodes.BadTypeMismatch))
            values = [argument.Value for argument in arguments]
            try:
                return await (does(owner, *values) if wants_owner else does(*values))
            except Bad as bad:
                return ua.StatusCode(ua.UInt32(bad.code))
            except Declined:
                return ua.StatusCode(ua.UInt32(StatusCodes.BadInvalidState))
            except Silent:
                return ua.StatusCode(ua.UInt32(StatusCodes.BadNoCommunication))

        self._server.iserver.isession.add_method_callback(node, called)

    def value(self, node: ua.NodeId) -> float:
        """Return the number that a variable holds."""
        held = self._server.iserver.aspace.read_attribute_value(node, AttributeIds.Value)
        return float(held.Value.Value) if held.Value is not None else 0.0

    def hide(self, node: ua.NodeId) -> None:
        """Make a node that can be called but not browsed to, as temporary files are."""
        item = self._item(ua.NodeId(), node, "temporary", _COMPONENT)
        item.NodeClass, item.NodeAttributes = ua.NodeClass.Object, ua.ObjectAttributes()
        item.NodeAttributes.EventNotifier = 0
        item.TypeDefinition = node_id(ObjectIds.FileType)
        tuple(self._server.iserver.node_mgt_service.try_add_nodes([item], check=False))

    def forget(self, node: ua.NodeId) -> None:
        """Take a node away. Safe twice."""
        if node in self._server.iserver.aspace:
            del self._server.iserver.aspace[node]

    def link(self, parent: ua.NodeId, node: ua.NodeId, name: str) -> None:
        """Let a node that exists be found under another one, too."""
        reference = ua.ReferenceDescription()
        reference.ReferenceTypeId, reference.NodeId = node_id(ObjectIds.Organizes), node
        reference.NodeClass, reference.IsForward = ua.NodeClass.Object, True
        reference.BrowseName, reference.DisplayName = ua.QualifiedName(name, 1), ua.LocalizedText(name)
        reference.TypeDefinition = node_id(ObjectIds.BaseObjectType)
        self._server.iserver.aspace[parent].references.append(reference)

    def unlink(self, parent: ua.NodeId, node: ua.NodeId) -> None:
        """Let a node be no child of `parent` any more."""
        data = self._server.iserver.aspace[parent]
        data.references = [reference for reference in data.references if reference.NodeId != node]

    def _item(self, parent: ua.NodeId, node: ua.NodeId, name: str, link: int) -> ua.AddNodesItem:
        item = ua.AddNodesItem()
        item.ParentNodeId, item.RequestedNewNodeId = parent, node
        item.BrowseName, item.ReferenceTypeId = ua.QualifiedName(name, self.di), node_id(link)
        return item

    def _add(self, item: ua.AddNodesItem) -> ua.NodeId:
        item.NodeAttributes.DisplayName = ua.LocalizedText(item.BrowseName.Name)
        (result,) = self._server.iserver.node_mgt_service.add_nodes([item])
        result.StatusCode.check()
        return result.AddedNodeId


def node_id(identifier: int | str, index: int = 0) -> ua.NodeId:
    """Make a node id."""
    return ua.NodeId(identifier, index)


def text(words: str) -> ua.Variant:
    """Return a text as a server tells words to people."""
    return ua.Variant(ua.LocalizedText(words, "en"), ua.VariantType.LocalizedText)


def _answering(
    value: Value, since: Callable[[], datetime | None]
) -> Callable[[ua.NodeId, AttributeIds], ua.DataValue]:
    def asked(node: ua.NodeId, attribute: AttributeIds) -> ua.DataValue:
        now = datetime.now(UTC)
        try:
            told = value()
        except Silent:
            bad = ua.StatusCode(ua.UInt32(StatusCodes.BadNoCommunication))
            return ua.DataValue(ua.Variant(), bad, now, now)
        return ua.DataValue(told, ua.StatusCode(), since() or now, now)

    return asked
