"""How new firmware reaches a device: one contract, one file or room a way of delivery.

`target.py` is the contract on one screen, `registry.py` the list of ways. A way knows the device and nothing
of rollouts, databases or who asked for it; the station decides when it may act and asks the device itself
where an interrupted update stands.
"""
