"""The SQL of revision 0010, one file a subject. Shipped, like the revision itself: never edited later.

No message of these functions names a person or an e-mail address: the server writes refusals into its log.
"""
