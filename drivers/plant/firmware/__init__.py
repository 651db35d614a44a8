"""Devices of the plant that take new firmware: one pure model, answered for by the plant's servers.

`flash.py` is the device, `troubles.py` what can go wrong with it, `image.py` the files that it takes. The
model knows no protocol, and shares no line with what delivers firmware, so that a mistake on one side is not
repeated on the other.
"""
