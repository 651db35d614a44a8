"""Modbus: addresses, the plan of fewest reads, decoding, and the driver over pymodbus."""
