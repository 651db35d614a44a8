"""Every bench, in the order `main.py bench --help` shows them."""

from console.bench.alert_flood import BENCH as ALERT_FLOOD
from console.bench.alert_latency import BENCH as ALERT_LATENCY
from console.bench.alert_store import BENCH as ALERT_STORE
from console.bench.back_test import BENCH as BACK_TEST
from console.bench.faults import BENCH as FAULTS
from console.bench.figure import Bench
from console.bench.firmware import BENCH as FIRMWARE
from console.bench.frames import BENCH as FRAMES
from console.bench.gate import BENCH as GATE
from console.bench.history import BENCH as HISTORY
from console.bench.ingest import BENCH as INGEST
from console.bench.latency import BENCH as LATENCY
from console.bench.memory import BENCH as MEMORY
from console.bench.opcua import BENCH as OPCUA
from console.bench.overview import BENCH as OVERVIEW
from console.bench.poll import BENCH as POLL
from console.bench.restart import BENCH as RESTART
from console.bench.rls import BENCH as RLS
from console.bench.rollout import BENCH as ROLLOUT
from console.bench.spool import BENCH as SPOOL
from console.bench.spreadsheet import BENCH as SPREADSHEET
from console.bench.startup import BENCH as STARTUP

BENCHES: tuple[Bench, ...] = (
    POLL,
    OPCUA,
    INGEST,
    SPOOL,
    LATENCY,
    ALERT_LATENCY,
    ALERT_FLOOD,
    ALERT_STORE,
    HISTORY,
    BACK_TEST,
    OVERVIEW,
    RLS,
    FRAMES,
    STARTUP,
    RESTART,
    SPREADSHEET,
    MEMORY,
    FAULTS,
    FIRMWARE,
    ROLLOUT,
    GATE,
)
