"""The statements of revision 0013, one file a subject."""
