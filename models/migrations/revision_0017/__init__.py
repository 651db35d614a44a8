"""Statements of revision 0017, one file a subject."""
