"""How a station that ends by itself tells whoever started it why. Numbers of sysexits.h."""

HUNG = 70
"""EX_SOFTWARE: it hung, and another start may go well."""

ALREADY_RUNNING = 75
"""EX_TEMPFAIL: another station works on the same data folder, and that is as good."""
