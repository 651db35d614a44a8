"""The site's own signals in the workbench: a list of them, and a form for each."""
