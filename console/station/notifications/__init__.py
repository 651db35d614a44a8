"""Notifications off the console: e-mail and webhooks.

    database: queue ── dispatcher.py (one thread, asks the database) ──→ claims a message
                         └─ a thread for the channel, while something is on its way:
                            sending.py → smtp.py | webhook.py → errand.py (socket, TLS, time, steps)

Exactly one station sends a message: it claims the row for a minute and a half. Between "the server has taken
it" and "the database knows" lies a moment that no protocol closes: a station that dies exactly there lets the
message go out a second time, by another. Every attempt therefore carries the same `Message-ID` (mail, RFC
5322) or `Idempotency-Key` (webhook), by which a receiver can drop the second copy; many mail servers do.
"""
