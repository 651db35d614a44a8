"""What devices were before: who changed what and when, and the way back to any of it."""
