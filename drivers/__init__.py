"""Ground floor, left: how to reach a device.

One room a protocol (`modbus`, `opcua`), one for the simulated factory (`plant`). The contract that every
protocol keeps is `driver.py`; the only file that knows all protocols is `registry.py`. Nothing in here knows
a database, a window or a threshold.
"""
