"""Alerts: what is open, what is set aside, what has been, and what can be done about it.

Pure: `alert_rows` (words, sort keys), `open_rows` and `open_filter` (the open ones, prepared for the list),
`set_aside` (the Shelved tab's rows), `consequence` (what an order would do, and did), `durations`,
`time_words`, `event_words`.

Orders: `alert_orders` and `maintenance_orders` go from the question to the sentence after, by way of
`comment_dialog`, `shelve_dialog` and `maintenance_dialog`; lists say which alerts, with the buttons, keys and
menu of an `action_bar`.

Lists: `open_model`, `aside_model`, and `history_model` and `journal_model` that a `pager` fills page by page.
`alert_details` stands beside the selected row: `guidance_view`, `fact_grid`, `trigger_trend`, `story_view`.
`open_page`, `shelved_page`, `history_page` and `journal_page` are tabs of `alerts_panel`, made when first
turned to (`lazy_tab`).
"""
