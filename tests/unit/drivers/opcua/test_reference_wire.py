import uuid

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from drivers.opcua.faults import FOREIGN
from drivers.opcua.reference_wire import BrowseAnswer, read_branches

_URIS = ("http://opcfoundation.org/UA/", "urn:a", "urn:b")
_names = st.text(max_size=6)
_nodes = st.builds(
    ua.NodeId, st.integers(0, 2**32 - 1) | st.text(min_size=1, max_size=6) | st.uuids(), st.integers(0, 300)
)
_references = st.builds(
    ua.ReferenceDescription,
    ReferenceTypeId=_nodes,
    NodeId=_nodes,
    BrowseName=st.builds(ua.QualifiedName, _names, st.integers(0, 9)),
    DisplayName=st.builds(ua.LocalizedText, st.none() | _names, st.none() | _names),
    NodeClass=st.sampled_from([ua.NodeClass.Object, ua.NodeClass.Variable]),
    TypeDefinition=_nodes,
)
_results = st.builds(
    ua.BrowseResult,
    ContinuationPoint=st.none() | st.binary(max_size=4),
    References=st.lists(_references, max_size=4),
)


def taken_apart(results: list[ua.BrowseResult]) -> BrowseAnswer:
    return read_branches(Buffer(struct_to_binary(ua.BrowseResponse(Results=results))), _URIS)


@given(st.lists(_results, max_size=3))
def test_references_are_what_the_library_encoded(results: list[ua.BrowseResult]) -> None:
    branches = taken_apart(results).branches
    assert [branch.point for branch in branches] == [result.ContinuationPoint or b"" for result in results]
    found = [reference for branch in branches for reference in branch.references]
    meant = [reference for result in results for reference in result.References]
    assert [(one.place, one.kind, one.browse_name, one.node_class) for one in found] == [
        (
            (one.NodeId.NamespaceIndex, one.NodeId.Identifier),
            (one.ReferenceTypeId.NamespaceIndex, one.ReferenceTypeId.Identifier),
            one.BrowseName.Name,
            one.NodeClass,
        )
        for one in meant
    ]
    assert [one.name for one in found] == [one.DisplayName.Text or one.BrowseName.Name for one in meant]


@given(st.lists(_results, min_size=1, max_size=2), st.data())
def test_an_answer_that_is_cut_off_is_refused_with_an_error_that_is_translated(results, data) -> None:
    body = struct_to_binary(ua.BrowseResponse(Results=results))
    cut = body[: data.draw(st.integers(0, len(body) - 5))]
    with pytest.raises(FOREIGN):
        read_branches(Buffer(cut), _URIS)


@given(st.binary(max_size=80))
def test_nonsense_ends_soon(body: bytes) -> None:
    head = struct_to_binary(ua.BrowseResponse())[:-8]
    try:
        answer = read_branches(Buffer(head + body), _URIS)
    except FOREIGN:
        return
    assert len(answer.branches) <= len(body)


@pytest.mark.parametrize(
    ("node", "place"),
    [
        (ua.ExpandedNodeId("a", 0, NamespaceUri="urn:b"), (2, "a")),
        (ua.ExpandedNodeId("a", 0, NamespaceUri="urn:elsewhere"), None),
        (ua.ExpandedNodeId("a", 1, ServerIndex=3), None),
        (ua.ExpandedNodeId(b"\x01\x02", 1), (1, b"\x01\x02")),
        (ua.ExpandedNodeId(uuid.UUID(int=7), 1), (1, uuid.UUID(int=7))),
    ],
)
def test_nodes_by_uri_are_found_and_those_on_other_servers_are_left_out(node, place) -> None:
    (branch,) = taken_apart([ua.BrowseResult(References=[ua.ReferenceDescription(NodeId=node)])]).branches
    assert branch.references[0].place == place
