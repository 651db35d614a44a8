"""How loud asyncua may be: the one place that sets the levels of its loggers.

Whatever its client logs about a connection (a service fault as WARNING, a closed socket as ERROR, an error
message of the server as CRITICAL) also reaches us as an exception or a lost connection, is translated in
`faults` and logged once by whoever polls. The library's own lines would repeat that for every attempt.
Its server side, which the simulated factory uses, keeps its levels.
"""

import logging

# The last one calls a policy deprecated at every connection; the settings said so when it was chosen.
_CLIENT_LOGGERS = ("asyncua.client", "asyncua.uaprotocol", "asyncua.crypto.security_policies")


def quiet_library_logs() -> None:
    """Silence asyncua's client. A level that somebody set on purpose, to look into a fault, is kept."""
    for name in _CLIENT_LOGGERS:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL + 1)
