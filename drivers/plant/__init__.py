"""The simulated factory: real Modbus TCP and OPC UA servers on loopback, with plausible signals and faults."""
