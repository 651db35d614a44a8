"""Which devices are this station's: leases kept, gained and given back, and what other stations see."""
