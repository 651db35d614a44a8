"""Profiles of products, one JSON file each, from their public register maps (`console/catalogue/profiles`)."""
