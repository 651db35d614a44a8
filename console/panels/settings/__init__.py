"""Settings: who may sign in, which stations record, what was changed by whom, one's own account, the look.

`section` is the contract of a page, `sections` their order, `settings_panel` the list beside them.
Pure: `person_words`, `person_rows`, `audit_words`. Off the window's thread: `people_questions`,
`audit_questions`; what changes persons is in `console.bridge.people_commands`. Qt: the sections with their
models (`people_model`, `stations_model`, `audit_model`), forms (`person_dialogs`, `own_password`) and panes
of details.
"""
