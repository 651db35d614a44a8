"""Alerts: the open list with what can be done about it, and the pages of what has been.

Pure: `alert_rows` (words, sort keys, filters), `consequence` (what a bulk order would do, and did). Qt:
`open_model` and `history_model` are the tables' models, `row_delegate` paints badges and tints,
`alert_details` stands beside the selected row, `open_page` and `history_page` are the tabs of `alerts_panel`.
"""
