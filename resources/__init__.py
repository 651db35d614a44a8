"""Data that ships with the program: themes, icons, texts, settings of the demo. No logic beyond finding it."""
