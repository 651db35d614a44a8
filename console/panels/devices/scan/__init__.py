"""Looking for what answers: units on a line, and registers of a unit; politely, beside the polling."""
