"""A station that is killed, or ends itself because it hangs, polls again within a fraction of a second.

Most of a start is loading the program. The keeper has loaded it, does nothing, and forks a station; when that
dies by a signal or hangs, it forks the next one. It has no threads, no connections and no files of its own,
so there is little that can happen to it; should it be killed, the kernel ends its station as well, and
whoever started the keeper starts another. Linux only.
"""

import ctypes
import gc
import os
import signal
import sys
import time

from console.station.exit_codes import HUNG

IS_POSSIBLE = sys.platform == "linux"

_PR_SET_PDEATHSIG = 1  # prctl(2)
_SETTLED_AFTER_S = 10.0
_QUICK_ENDS = 3
"""A station that never settles has a cause that another fork does not cure: then the keeper ends, too."""


def keep() -> int | None:
    """Fork a station, and the next one whenever it is killed or hangs.

    Call before any thread, event loop or log file exists. SIGTERM and SIGINT are handed on.

    Returns:
        None in the process of a station, which goes on from here; the exit code in the keeper's own, once it
        is over.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # What is loaded stays as it is, in memory that keeper and station share.
    gc.collect()
    gc.freeze()
    quick_ends = 0
    while True:
        began_s = time.monotonic()
        run = _one_run(libc)
        if run is None:
            return None
        code, is_told = run
        if is_told or (code >= 0 and code != HUNG):
            return max(code, 0)
        quick_ends = 1 if time.monotonic() - began_s >= _SETTLED_AFTER_S else quick_ends + 1
        what = f"was killed ({_name(-code)})" if code < 0 else f"ended with code {code}"
        if quick_ends >= _QUICK_ENDS:
            _say(f"The station {what}, {quick_ends} times in a row before it had settled.")
            return HUNG
        _say(f"The station {what}; starting it again.")


def _one_run(libc: ctypes.CDLL) -> tuple[int, bool] | None:
    """Run a station to its end; return its exit code (a signal's number below 0) and whether it was told to.

    Returns None in the station's own process.
    """
    keeper = os.getpid()
    told: list[int] = []
    numbers = (signal.SIGTERM, signal.SIGINT)
    # Blocked while there is no child to hand them to.
    signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(HUNG)  # It died before the kernel knew what to do then.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
        return None

    def hand_on(number: int, _frame: object) -> None:
        told.append(number)
        os.kill(child, number)

    before = {number: signal.signal(number, hand_on) for number in numbers}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
    try:
        _, status = os.waitpid(child, 0)
    finally:
        # From here on there is nobody to hand a signal to; one that comes now ends the keeper, as it should.
        for number, handler in before.items():
            signal.signal(number, handler)
    return os.waitstatus_to_exitcode(status), bool(told)


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
