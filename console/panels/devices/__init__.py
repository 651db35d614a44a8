"""The engineer's workbench: devices with how they do, and the form in which one is made or changed.

    devices_panel ── devices_list (devices_model · device_columns · device_rows)      left: which, worst first
        └─ device_editor ── general_form · widgets/spec_form       Connection      right: one, as a form
                        ├── tags_page (tags_model · live_preview)  Tags
                        ├── EDITOR_PARTS                           health, history, whatever else is about one
                        └── DEVICE_ACTIONS                         what can be done with it: test, browse …
    device_orders     saving, removing: commands on their way, and what came of them

It knows no protocol: forms come from settings types, actions say which tool they need.
"""
