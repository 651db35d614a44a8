"""What keeps the database fast and bounded: partitions and rollups."""
