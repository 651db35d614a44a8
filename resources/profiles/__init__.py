"""Profiles of products, one JSON file each, from their public register maps (`catalogue/profiles.py`)."""
