"""The clock of a station's computer jumps to and fro, and that of its neighbour does not."""

import time
from pathlib import Path

from console.bench.faults_figures import at_most, told
from console.bench.faults_judgement import judged
from console.bench.faults_scene import Scene
from console.bench.faults_site import fault_site, wait_until
from console.bench.figure import Figure

_LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
_JUMPS_S = (3600.0, -7200.0, 86_400.0 * 400, 5.0, -5.0, -0.4)
_SKEW_MS = 1500.0
"""Of a busy computer; every jump but the smallest is larger."""
_BETWEEN_S = 2.0


def reason_not() -> str:
    """Return why a clock cannot be made to jump here; empty where it can."""
    return "" if _LIBRARY.exists() else "libfaketime is missing (apt install faketime)"


def run(scene: Scene) -> list[Figure]:
    """Let one of two stations believe in other times, up to a year away."""
    rounds = 1 if scene.is_small else 10
    with fault_site(scene, "clock") as site:
        file = scene.place("clock") / "offset"
        file.write_text("+0\n", encoding="ascii")
        variables = {
            "LD_PRELOAD": str(_LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            # The operating system's other clocks run on when somebody sets this one.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        site.add_station("A", variables=variables)
        site.add_station("B")
        wait_until(lambda: site.is_fair(site.stations), "a fair share")
        jumps = _JUMPS_S * rounds
        for jump_s in jumps[: 3 if scene.is_small else None]:
            fresh = file.with_suffix(".new")
            fresh.write_text(f"{jump_s:+f}\n", encoding="ascii")
            fresh.replace(file)
            site.stir()
            time.sleep(_BETWEEN_S if scene.is_small else 2 * _BETWEEN_S)
        verdict = judged("clock", site)
        return [
            told("clock", "jumps", len(jumps), "jumps"),
            *verdict,
            at_most("clock", "largest_skew", site.verdict().skew_ms, "ms", _SKEW_MS),
        ]
