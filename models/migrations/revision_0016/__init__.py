"""The statements of revision 0016, one file a subject: notifications off the console.

alert_events ── trigger ──→ notification_inbox ── queue_notifications ──→ notification_items
             ── (delay and window are over) ──→ notification_deliveries ── claim ──→ a station sends
"""
