"""The stairs between the Qt floors and everything below: live feed, models for tables, commands, questions."""
