"""Room for a connection to every device: most systems allow a process 1,024 open files unless it asks."""

import sys

_ENOUGH = 65_536


def allow_many_connections() -> int:
    """Raise this process's limit of open files as far as the system lets it, and return it.

    Windows has no such limit for sockets; 0 stands for that.
    """
    if sys.platform == "win32":
        return 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
