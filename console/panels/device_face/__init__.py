"""Device (L2): one device in full.

`device_facts` says how it is reached and what it is judged by (pure). `metric_card` shows one metric large
with its trend, `device_head` name, state and maintenance, `device_alerts` what is open (`alert_card` each),
`fact_tables` limits, connection and tags, `device_panel` puts them together.
"""
