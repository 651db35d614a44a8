import subprocess
import sys

from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.spec import OPCUA


def test_spec_loads_without_the_protocol_library() -> None:
    code = "import sys; import drivers.opcua.spec; sys.exit('asyncua' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_working_connection_takes_every_step(plant) -> None:
    await plant.start({"Heat": 21.5})
    settings = OpcuaSettings(endpoint=plant.endpoint)
    steps = await OPCUA.test(settings, [OPCUA.parse_address("nsu=urn:test:plant;s=Heat")])
    assert [step.name for step in steps] == [
        "Name resolved",
        "Port open",
        "Endpoint with this security found",
        "Session open",
        "Service level",
        "First node read",
    ]
    assert all(step.ok for step in steps)
    assert steps[-1].detail == "nsu=urn:test:plant;s=Heat = 21.5 (good)"


async def test_steps_end_with_the_first_that_failed(free_port: int) -> None:
    settings = OpcuaSettings(endpoint=f"opc.tcp://127.0.0.1:{free_port}/x")
    steps = await OPCUA.test(settings, [])
    assert [(step.name, step.ok) for step in steps] == [("Name resolved", True), ("Port open", False)]
    assert "refuses the connection" in steps[-1].detail


async def test_unknown_first_node_fails_the_last_step(plant) -> None:
    await plant.start({"Heat": 21.5})
    settings = OpcuaSettings(endpoint=plant.endpoint)
    steps = await OPCUA.test(settings, [OPCUA.parse_address("ns=2;s=Missing")])
    assert not steps[-1].ok
    assert "no node ns=2;s=Missing on the server" in steps[-1].detail


async def test_unknown_namespace_fails_the_last_step_naming_those_that_exist(plant) -> None:
    await plant.start({"Heat": 21.5})
    settings = OpcuaSettings(endpoint=plant.endpoint)
    steps = await OPCUA.test(settings, [OPCUA.parse_address("nsu=urn:nobody;s=Heat")])
    assert "no namespace urn:nobody on the server; it has" in steps[-1].detail
    assert "urn:test:plant" in steps[-1].detail
