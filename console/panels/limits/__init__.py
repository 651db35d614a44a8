"""Limits: the thresholds of the plant, listed, edited one by one or many at once, and tried on the past.

Pure: `limit_rows` (columns, words, filters), `many_edits` (what an order for many would do, told first).
Qt: `limits_page` holds the list (`limits_list`) and the editor (`limit_editor`: form, and beside it the trend
with lines that can be dragged and the back-test). `back_test_runner` replays on a worker, the latest edit
only. The dialogs say what will be different before anything is written.
"""
