"""Trends: up to eight pens over any time, history and live as one curve (see `console/panels/curves`).

Pure: `pens` (choosing and refusing), `statistics` (figures of a curve), `sheet` (rows of a file). Qt:
`pen_chooser` with `pen_list_model` stands beside the chart, `time_bar` above it, `figures_model` is the table
below it, `chart_saver` with `file_job` writes files, `trends_panel` puts them together.
"""
