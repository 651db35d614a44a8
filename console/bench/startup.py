"""How long from the start of the process to the window, and to the first live value of the demo plant."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from console.bench.figure import Bench, BenchSize, Figure

_MAIN = Path(__file__).resolve().parents[2] / "main.py"
_REPEATS = 5
_LIMIT_S = 120.0
_WINDOW_S, _LIVE_S, _RATIO = 1.0, 5.0, 2.5

_BARE = """
import time
import pyqtgraph as pg
from PySide6.QtCore import QTimer
app = pg.mkQApp()
plot = pg.PlotWidget()
plot.plot([1, 2, 3], [1, 3, 2])
plot.resize(1440, 900)
plot.show()
def painted():
    print(f"window {time.time():.3f}", flush=True)
    app.quit()
QTimer.singleShot(0, lambda: (plot.repaint(), painted()))
app.exec()
"""


def _run(size: BenchSize) -> list[Figure]:
    repeats = 1 if size.is_small else _REPEATS
    with tempfile.TemporaryDirectory(prefix="startup-") as folder:
        created = _demo(Path(folder))
        # In turns, so that whatever else the machine does meets both alike.
        pairs = [(_demo(Path(folder)), _bare()) for _ in range(repeats)]
    window = statistics.median(demo["window"] for demo, _ in pairs)
    live = statistics.median(demo["live"] for demo, _ in pairs)
    bare = statistics.median(bare["window"] for _, bare in pairs)
    is_quick = window <= _WINDOW_S and window <= _RATIO * bare
    return [
        Figure(
            "startup.window", window, "s", bare, window / bare, "≤ 1 s and ≤ 2.5 × bare pyqtgraph", is_quick
        ),
        Figure("startup.live", live, "s", None, None, "≤ 5 s, database there", live <= _LIVE_S),
        Figure(
            "startup.live_new",
            created["live"],
            "s",
            None,
            None,
            "≤ 5 s, database created on the way",
            created["live"] <= _LIVE_S,
        ),
    ]


def _demo(folder: Path) -> dict[str, float]:
    return _milestones([str(_MAIN), "demo", "--data", str(folder), "--until-live"])


def _bare() -> dict[str, float]:
    return _milestones(["-c", _BARE])


def _milestones(arguments: list[str]) -> dict[str, float]:
    """Run Python with these arguments; return the seconds from its start to each line "name Unix-seconds"."""
    environment = dict(os.environ)
    if sys.platform == "linux" and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    began = time.time()
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_LIMIT_S,
        check=True,
    )
    lines = (line.split() for line in done.stdout.splitlines())
    return {name: float(unix) - began for name, unix in lines}


BENCH = Bench(
    "startup", "process start to window and to the first live value, against a bare chart window", _run
)
