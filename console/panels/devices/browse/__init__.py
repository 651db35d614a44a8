"""Browsing a server's address space: a lazy tree, a search, and nodes dropped onto quantities."""
