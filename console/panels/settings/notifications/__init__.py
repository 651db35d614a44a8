"""Who is told off the console: channels, rules, and the messages that were sent. For administrators.

notifications_section.py   three tabs: channels_page · rules_page (both a setup_page) · messages_page
list_page.py               what all three are: a table, what can be done, and what came of it
*_dialog(s).py             forms; test_dialog.py sends a test and tells each step
words.py                   what tables and forms say; pure
"""
