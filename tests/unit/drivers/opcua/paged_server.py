"""What large servers do and the library's own server does not: pages of references, and folders without end.

`install` lets a server give continuation points and hold a folder of so many nodes, made up as they are asked
for, so that 100,000 of them cost nothing.
"""

from collections.abc import Callable, Sequence
from itertools import count

import pytest
from asyncua import Server, ua
from asyncua.server.address_space import AddressSpace, ViewService
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.ua_binary import struct_from_binary

INDEX = 2
FOLDER = ua.NodeId("Huge", INDEX)
_BROWSE_NEXT = ua.NodeId(ua.ObjectIds.BrowseNextRequest_Encoding_DefaultBinary)
_OBJECT, _VARIABLE = 1, 2


class HugeFolder(Sequence[ua.ReferenceDescription]):
    """References to nodes that exist as far as somebody looks."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: object) -> object:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(self.size))]
        return ua.ReferenceDescription(
            ReferenceTypeId=ua.NodeId(ua.ObjectIds.Organizes),
            NodeId=ua.ExpandedNodeId(f"Item{index}", INDEX),
            BrowseName=ua.QualifiedName(f"Item{index}", INDEX),
            DisplayName=ua.LocalizedText(f"Item {index}"),
            NodeClass=ua.NodeClass.Variable,
            TypeDefinition=ua.ExpandedNodeId(ua.ObjectIds.BaseDataVariableType),
        )


class PagedViews(ViewService):
    """Gives so many references at a time, and so many continuation points.

    Attributes:
        points: Those that are open.
        most_points: More are refused.
        is_obedient: Whether it sends no more references than it is asked for.
        calls: Browse and BrowseNext requests.
        nodes: Most nodes that were browsed in one request.
    """

    def __init__(self, aspace: AddressSpace, huge: HugeFolder, page: int) -> None:
        super().__init__(aspace)
        self.points: dict[bytes, tuple[Sequence[ua.ReferenceDescription], int]] = {}
        self.most_points = 3
        self.is_obedient = True
        self.calls = 0
        self.nodes = 0
        self._huge = huge
        self._page = page
        self._numbers = count(1)

    def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        self.calls += 1
        self.nodes = max(self.nodes, len(params.NodesToBrowse))
        asked = params.RequestedMaxReferencesPerNode if self.is_obedient else 0
        asked = asked or self._page
        return [self._first(desc, min(asked, self._page)) for desc in params.NodesToBrowse]

    def browse_next(self, params: ua.BrowseNextParameters) -> list[ua.BrowseResult]:
        self.calls += 1
        results = []
        for point in params.ContinuationPoints:
            kept = self.points.pop(point, None)
            if params.ReleaseContinuationPoints:
                results.append(ua.BrowseResult())
            elif kept is None:
                results.append(ua.BrowseResult(ua.StatusCode(ua.StatusCodes.BadContinuationPointInvalid)))
            else:
                results.append(self._part(*kept, self._page))
        return results

    def _first(self, desc: ua.BrowseDescription, most: int) -> ua.BrowseResult:
        if desc.NodeId == FOLDER:
            return self._part(self._huge if self._suits(desc) else (), 0, most)
        if str(desc.NodeId.Identifier).startswith("Item"):
            return ua.BrowseResult()
        result = self._browse(desc)
        return self._part(result.References, 0, most) if result.StatusCode.is_good() else result

    @staticmethod
    def _suits(desc: ua.BrowseDescription) -> bool:
        return desc.BrowseDirection == ua.BrowseDirection.Forward and desc.NodeClassMask & _VARIABLE != 0

    def _part(self, whole: Sequence[ua.ReferenceDescription], begin: int, most: int) -> ua.BrowseResult:
        result = ua.BrowseResult()
        end = begin + most
        if end < len(whole):
            if len(self.points) >= self.most_points:
                return ua.BrowseResult(ua.StatusCode(ua.StatusCodes.BadNoContinuationPoints))
            point = str(next(self._numbers)).encode()
            self.points[point] = (whole, end)
            result.ContinuationPoint = point
        result.References = list(whole[begin:end])
        return result


class HugeSpace(AddressSpace):
    """Attributes of nodes that are made up."""

    def read_attribute_value(self, nodeid: ua.NodeId, attr: ua.AttributeIds) -> ua.DataValue:
        if (nodeid, attr) == (FOLDER, ua.AttributeIds.NodeClass):
            return ua.DataValue(ua.Variant(_OBJECT, ua.VariantType.Int32))
        if nodeid.NamespaceIndex != INDEX or not str(nodeid.Identifier).startswith("Item"):
            return super().read_attribute_value(nodeid, attr)
        number = str(nodeid.Identifier).removeprefix("Item")
        made = {
            ua.AttributeIds.Value: lambda: ua.Variant(float(number), ua.VariantType.Double),
            ua.AttributeIds.DataType: lambda: ua.Variant(ua.NodeId(ua.ObjectIds.Double)),
            ua.AttributeIds.ValueRank: lambda: ua.Variant(-1, ua.VariantType.Int32),
            ua.AttributeIds.UserAccessLevel: lambda: ua.Variant(1, ua.VariantType.Byte),
            ua.AttributeIds.NodeClass: lambda: ua.Variant(_VARIABLE, ua.VariantType.Int32),
            ua.AttributeIds.Description: lambda: ua.Variant(ua.LocalizedText(f"place {number} in the rack")),
        }.get(attr)
        if made is None:
            return ua.DataValue(StatusCode=ua.StatusCode(ua.StatusCodes.BadAttributeIdInvalid))
        return ua.DataValue(made())


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., PagedViews]:
    """Return what makes a server page, before it is started or after."""
    process = UaProcessor._process_message

    async def with_browse_next(self, typeid, header, sequence, body) -> object:
        if typeid != _BROWSE_NEXT:
            return await process(self, typeid, header, sequence, body)
        params = struct_from_binary(ua.BrowseNextParameters, body)
        response = ua.BrowseNextResponse()
        response.Parameters.Results = self.iserver.view_service.browse_next(params)
        self.send_response(header.RequestHandle, sequence, response)
        return True

    monkeypatch.setattr(UaProcessor, "_process_message", with_browse_next)

    def make(server: Server, size: int = 0, page: int = 1000) -> PagedViews:
        inner = server.iserver
        inner.aspace.__class__ = HugeSpace
        inner.view_service = PagedViews(inner.aspace, HugeFolder(size), page)
        return inner.view_service

    return make
