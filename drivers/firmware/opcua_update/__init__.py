"""Firmware by OPC UA Software Update (OPC 10000-100, clause 8): the AddIn `SoftwareUpdate` of a DI device.

`profile.py` is what differs from product to product, `way.py` the entry of the registry, `target.py` the
contract kept. `states.py` reads the AddIn's state machines, `look.py` makes a standing of them, and
`preparing.py` and `loading.py` are the orders.

Two kinds of loading. Cached: the package lies on the device until InstallSoftwarePackage. Direct: committing
the file is the installation, so `transfer` leaves the file open and `install` commits it; the
device has the package for as long as the session lives.
"""
