"""Data that ships with the program: themes, icons, texts, the demo's settings. No logic beyond finding it."""
