"""Curves of a device's metrics over time, shared by every panel that shows one.

`join` makes one curve of history and live (pure), `history_question` is what a worker thread asks the
database, `pen_curves` keeps the answers and says when a curve has changed.
"""
