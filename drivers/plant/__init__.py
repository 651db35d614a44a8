"""The simulated factory: real Modbus TCP and OPC UA servers on loopback, with plausible signals and faults.

kinds · wiring              what machines there are, how they are wired (data)
limits · watches · advice   when somebody must be told, and what they can do about it (data)
plan                        how many of which, where: ids, areas, gateways, units, nodes (pure)
signals · upsets            what every sensor measures at a moment, healthy or failing (pure)
faults · demo_faults        what can be made to go wrong, and what does in the demonstration
registers · hostile         one Modbus unit's image; replies that break the protocol on purpose
modbus_server · opcua_server   the servers; `opcua_server` alone imports asyncua, when it starts
addresses · control         ports that survive a restart; switching faults while it runs
document                    the import document of the whole plant
factory                     all of it, started and stopped
"""
