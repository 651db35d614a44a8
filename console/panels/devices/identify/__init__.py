"""What a device tells of itself: maker, product, version."""
