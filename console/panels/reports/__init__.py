"""The Reports screen: alarm load, the ten worst with advice, availability, and the handover of shifts.

`reports_panel` holds the pages; each asks for itself when it is seen. What is drawn on the screen is drawn by
the same painters on paper (`report_document`, `report_pdf`), and what stands in tables goes into files by
`report_tables`. Nothing is computed here: `models.alarm_load` does.
"""
