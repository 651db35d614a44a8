"""Modbus over every line: addresses, the plan of fewest reads, decoding, and read paths of our own.

The way of one poll: `driver` asks for the blocks of its plan (`blocks`) with requests made once (`requests`)
over the connection it shares with the other units of its gateway or serial line (`hub`, `connection`), and
turns the payloads into raw values (`decode`). What goes wrong becomes a sentence in `faults`.

    dialing ──→ wire           TCP, and TLS (`tls`): several requests under way, matched by number (`frames`)
            └─→ half_duplex    serial (`serial_port`), RTU over TCP, UDP: one request at a time (`framing`)

Beside the polling, over the same connections: `asking`, and on it `writing` and `identification`. pymodbus is
the other end in tests, what these paths are compared with, and what carries serial ports.
"""
