"""Every SQL statement of the program, as functions of a connection that return records."""
