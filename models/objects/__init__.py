"""Where images lie: a bucket that speaks S3, a web server, or a folder of this computer.

    opened_object(url, access) ─→ read(most) ─→ models.firmware.images.check_image
    store_object(folder, name, data, access) ─→ the URL it can be read from

A URL comes out of the database, so whoever can write there names it: it is believed nothing. It is taken
apart (`urls.py`), its host is resolved and judged before anything connects (`hosts.py`), and what answers is
limited in time and patience (`download.py`, `watch.py`). What may be reached beyond that is this computer's
own configuration (`access.py`). What comes out is still anybody's bytes: the signed manifest says which are
right.
"""
