"""Statements of revision 0018, one file a subject: signals of the site, health of devices, their history."""
