"""Devices, the engineer's workbench: what is configured, how it does, and what helps to get it right."""
