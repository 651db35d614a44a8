"""OPC UA: addresses, decoding of status codes, and the driver over asyncua."""
