"""The statements of revision 0014: what ISA-18.2 asks of an alarm beyond "raised, acknowledged, cleared"."""
