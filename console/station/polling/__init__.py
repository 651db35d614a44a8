"""Step ①: asks devices for their values, each at its own time."""
