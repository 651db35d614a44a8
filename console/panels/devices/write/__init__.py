"""Writing to a device: the consequence first, a note in the audit trail, the write, what it holds then."""
