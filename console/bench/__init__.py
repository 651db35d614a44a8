"""Benches of `main.py bench`: one file each, every figure against a baseline measured in the same run."""
