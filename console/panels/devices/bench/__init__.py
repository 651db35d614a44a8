"""The decoder bench: raw registers, live, under every type and order at once.

The engineer types what the device's own display shows; what fits lights up, and one press makes a tag of it.
"""
