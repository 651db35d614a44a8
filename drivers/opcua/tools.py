"""What OPC UA offers an engineer beside polling; see `drivers/workbench.py`."""

from drivers.opcua.browse import children
from drivers.opcua.certificates import own_certificate, server_certificate
from drivers.opcua.probe import test_steps
from drivers.workbench import Tools

OPCUA_TOOLS = Tools(
    browse=children,
    certificate=server_certificate,
    test=test_steps,
    own_certificate=own_certificate,
)
