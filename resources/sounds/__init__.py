"""The horn's sounds, and how they were made."""
