"""Modbus TCP: addresses, the plan of fewest reads, decoding, and a cyclic read path of our own.

The way of one poll: `driver` asks for the blocks of its plan (`blocks`) with request frames made once
(`frames`) over the connection it shares with the other units of the gateway (`connection`, `wire`), and turns
the payloads into raw values (`decode`). What goes wrong becomes a sentence in `faults`. pymodbus is the other
end in every test, and what this path is compared with.
"""
