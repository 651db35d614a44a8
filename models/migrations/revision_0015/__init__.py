"""The statements of revision 0015: shift handovers, signed by two persons."""
