"""Statements of revision 0019, one file a subject."""
