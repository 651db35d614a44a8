"""Who is told off the console: channels, rules, and the messages that were sent. For administrators.

notifications_section.py   three tabs: channels_page · rules_page · messages_page (each on list_page)
*_dialog.py                forms; test_dialog.py sends a test and tells each step
*_words.py                 what tables and forms say; pure
"""
