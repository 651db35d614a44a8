"""Devices by the dozen: from a file, to a file, from a product's profile; shown before anything is stored."""
