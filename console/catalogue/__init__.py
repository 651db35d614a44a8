"""What engineers hand in: device documents (JSON, CSV), checked against drivers and metrics, faults named."""
